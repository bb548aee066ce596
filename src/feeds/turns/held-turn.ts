// The turn to sync one enrollment, as this process has it: believed by others for a while, and renewed as long as the work goes on.
import { type Refusal } from '../../common/domain-error.js';
import { SyncAlreadyRunning } from '../port/feeds.errors.js';
import { LEASE_MS } from './sync-due.js';
import { type SyncTurn } from './sync-turn.entity.js';

const RENEW_EVERY_MS = 20_000;

export class HeldTurn {
  private readonly ending = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** By a clock that nobody sets. */
  private renewedMs = performance.now();
  private lost = false;

  /**
   * @param before the turn as it was when it was taken.
   * @param holder the name under which it is held now.
   * @param renew false where somebody else has the turn by now.
   * @param ended told once it is given back or lost.
   */
  constructor(
    readonly before: SyncTurn,
    readonly holder: string,
    private readonly renew: () => Promise<boolean>,
    private readonly ended: (turn: HeldTurn) => void,
  ) {
    this.timer = setInterval(() => void this.keep(), RENEW_EVERY_MS).unref();
  }

  get enrollmentId(): SyncTurn['enrollmentId'] {
    return this.before.enrollmentId;
  }

  /** Whether somebody else has it, or may have it by now: nothing is to be written any more. */
  get isLost(): boolean {
    return this.lost;
  }

  /** Whether the work is to stop: it is lost, or the process ends. */
  get isOver(): boolean {
    return this.ending.signal.aborted;
  }

  /** Asked between two steps of the work. @throws the refusal for which it is to stop */
  check(): void {
    this.ending.signal.throwIfAborted();
  }

  stop(why: Refusal): void {
    this.ending.abort(why);
  }

  end(): void {
    clearInterval(this.timer);
    this.ended(this);
  }

  /** A store that is down for a moment loses no turn; one that is down for longer than a turn is believed does. */
  async keep(): Promise<void> {
    const askedMs = performance.now();
    try {
      if (await this.renew()) this.renewedMs = askedMs;
      else this.lose();
    } catch {
      if (performance.now() - this.renewedMs >= LEASE_MS) this.lose();
    }
  }

  /** Somebody has taken it over. */
  lose(): void {
    this.lost = true;
    this.stop(new SyncAlreadyRunning(`Another process has taken the sync of ${this.enrollmentId} over.`));
    this.end();
  }
}
