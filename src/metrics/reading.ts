// Something that costs a question to answer, asked for now and then however often it is wanted, and never waited for longer than may be.

/** How long an answer is good for, and how long somebody who wants a newer one waits for it. */
export interface Patience {
  readonly keepMs: number;
  readonly waitMs: number;
}

export class Reading<Value> {
  private last: { readonly value: Value; readonly atMs: number } | undefined;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly ask: () => Promise<Value>,
    private readonly patience: Patience,
  ) {}

  /** The newest answer there ever was. */
  get value(): Value | undefined {
    return this.last?.value;
  }

  get isFresh(): boolean {
    return this.last !== undefined && performance.now() - this.last.atMs < this.patience.keepMs;
  }

  /** In seconds; undefined where there is none. */
  get age(): number | undefined {
    return this.last === undefined ? undefined : (performance.now() - this.last.atMs) / 1_000;
  }

  /** Comes back with a good answer, or when the time is up. One question is under way at a time; one that fails is asked again by whoever comes next. */
  async refresh(): Promise<void> {
    if (this.isFresh) return;
    this.asking ??= this.renew();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.patience.waitMs)));
    await Promise.race([this.asking, late]);
    clearTimeout(timer);
  }

  private async renew(): Promise<void> {
    try {
      this.last = { value: await this.ask(), atMs: performance.now() };
    } catch {
      // Its age tells.
    } finally {
      this.asking = undefined;
    }
  }
}
