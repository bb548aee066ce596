// How many requests may be worked on at a time, by how long they take: what a machine can do in a quarter of a second no setting knows.
const PLACES_MIN = 16;
const SLOW_MS = 250;
/** Those that were let in together are slow together: they count once. */
const BETWEEN_CUTS_MS = 100;
const CUT = 0.9;
const GAIN = 0.1;

export class Pace {
  private limit: number;
  private cutAt = 0;

  constructor(private readonly max: number) {
    this.limit = max;
  }

  get places(): number {
    return Math.floor(this.limit);
  }

  /** A request has ended. That one was slow says something of the load only where there are many: some are slow by nature. */
  ended(tookMs: number, others: number): void {
    if (tookMs < SLOW_MS) {
      this.limit = Math.min(this.max, this.limit + GAIN);
      return;
    }
    const now = performance.now();
    if (others < this.limit / 2 || now - this.cutAt < BETWEEN_CUTS_MS) return;
    this.cutAt = now;
    this.limit = Math.max(Math.min(PLACES_MIN, this.max), this.limit * CUT);
  }
}
