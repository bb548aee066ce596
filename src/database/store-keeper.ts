// Opens the store and keeps trying: a database that is down at start means "not ready", not a crash and never another store.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine } from './engine.js';
import { StoreInUse } from './sqlite/server-lock.js';

const PAUSE_MS_MIN = 200;
const PAUSE_MS_MAX = 5_000;
/** A server that neither answers nor refuses holds up neither the start of the process nor its end for longer. */
const PATIENCE_MS = 2_000;

export class StoreKeeper {
  private readonly closing = new AbortController();
  private opening: Promise<void> | undefined;
  private opened = false;
  /** Why the store is not open yet; for the probes. */
  lastError: unknown;

  constructor(
    private readonly engine: Engine,
    private readonly tell: (message: string) => void,
  ) {}

  get isOpen(): boolean {
    return this.opened;
  }

  /**
   * Comes back when the store is open, or has refused, or makes one wait; then it goes on trying in the background.
   * @throws StoreInUse at once: a store that another server has is a mistake to be seen, and nothing to wait for
   */
  async start(): Promise<void> {
    let tried = (): void => undefined;
    const firstTry = new Promise<void>((resolve) => (tried = resolve));
    this.opening = this.keepTrying(tried);
    await Promise.race([firstTry, sleep(PATIENCE_MS, undefined, { ref: false })]);
    if (this.lastError instanceof StoreInUse) throw this.lastError;
    if (!this.opened) this.tell(`The store is not open yet${whyNot(this.lastError)}. Trying again.`);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.opened = false;
    await Promise.race([this.opening, sleep(PATIENCE_MS, undefined, { ref: false })]);
    await this.engine.close();
  }

  private async keepTrying(tried: () => void): Promise<void> {
    const { signal } = this.closing;
    for (let pause = PAUSE_MS_MIN; !signal.aborted; pause = Math.min(pause * 2, PAUSE_MS_MAX)) {
      const isOpen = await this.attempt();
      if (isOpen && pause > PAUSE_MS_MIN) this.tell('The store is open.');
      tried();
      if (isOpen || this.lastError instanceof StoreInUse) return;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  private async attempt(): Promise<boolean> {
    try {
      await this.engine.open();
      // Closed meanwhile, by somebody who did not wait for this.
      if (this.closing.signal.aborted) await this.engine.close();
      else this.opened = true;
      this.lastError = undefined;
      return true;
    } catch (error) {
      this.lastError = this.engine.translate(error);
      return false;
    }
  }
}

/** For the log: with what the driver said, which refusals keep from clients. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `: ${error.message} (${cause.message})`
    : `: ${error.message}`;
}
