// How long this process has been at what arrived together, without looking up. What it takes up late in a long turn has waited as long, on a
// connection where nothing counts it: so a service that works without pauses, as over SQLite, is overloaded with nothing in flight.
const LOOK_MS = 20;
const TURN_MS_MAX = 300;
/** A few requests may take long, or the machine may stand still: that is no overload, and neither are retries that all come at once. */
const CROWD = 100;

export class LoopTurn {
  private began = performance.now();
  private taken = 0;
  private readonly timer = setInterval(() => {
    this.began = performance.now();
    this.taken = 0;
  }, LOOK_MS).unref();

  /** Whether one more would make a long turn longer. */
  get isOver(): boolean {
    return this.taken >= CROWD && performance.now() - this.began > TURN_MS_MAX;
  }

  take(): void {
    this.taken++;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
