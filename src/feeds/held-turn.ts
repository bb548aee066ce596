// The turn to sync one enrollment, as this process has it: believed by others for a while, and renewed as long as the work goes on.
import { type Instant } from '../common/clock.js';
import { type Refusal } from '../common/domain-error.js';
import { type EnrollmentId } from '../common/ids.js';
import { SyncAlreadyRunning } from './feeds.errors.js';
import { LEASE_MS } from './sync-due.js';
import { type SyncCause } from './sync-turn.entity.js';

const RENEW_EVERY_MS = 20_000;

/** What a turn was when it was taken. */
export interface TakenTurn {
  readonly enrollmentId: EnrollmentId;
  readonly holder: string;
  readonly beganAt: Instant;
  readonly cause: SyncCause;
  /** Failures in a row before this sync. */
  readonly failures: number;
}

export class HeldTurn {
  private readonly ending = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** By a clock that nobody sets. */
  private renewedMs = performance.now();

  /** @param renew false where somebody else has the turn by now. */
  constructor(
    readonly taken: TakenTurn,
    private readonly renew: () => Promise<boolean>,
  ) {
    this.timer = setInterval(() => void this.keep(), RENEW_EVERY_MS).unref();
  }

  /** Aborted, with the refusal to be given as the reason, once the work has to stop. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** Asked between two steps of the work. @throws the refusal for which it has to stop */
  check(): void {
    this.signal.throwIfAborted();
  }

  stop(why: Refusal): void {
    this.ending.abort(why);
  }

  end(): void {
    clearInterval(this.timer);
  }

  /** A store that is down for a moment loses no turn; one that is down for longer than a turn is believed does. */
  private async keep(): Promise<void> {
    const askedMs = performance.now();
    try {
      if (await this.renew()) this.renewedMs = askedMs;
      else this.lose();
    } catch {
      if (performance.now() - this.renewedMs >= LEASE_MS) this.lose();
    }
  }

  /** Somebody else has it, or may have it by now. */
  private lose(): void {
    this.stop(new SyncAlreadyRunning(`Another process has taken the sync of ${this.taken.enrollmentId} over.`));
    this.end();
  }
}
