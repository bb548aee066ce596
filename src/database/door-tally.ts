// How often the door had to try again, and how often it refused.
import { DATABASE_REFUSALS } from './database.errors.js';

export class DoorTally {
  retries = 0;
  readonly refusals = new Map<string, number>(DATABASE_REFUSALS.map(({ code }) => [code, 0]));

  /** Counts what is tried again because it failed for a passing reason. */
  passing(isPassing: boolean): boolean {
    if (isPassing) this.retries++;
    return isPassing;
  }

  /** Counts an error that is a refusal of the store, and hands it on. */
  refused(error: unknown): unknown {
    const refusal = DATABASE_REFUSALS.find((type) => error instanceof type);
    if (refusal !== undefined) this.refusals.set(refusal.code, this.refusals.get(refusal.code)! + 1);
    return error;
  }
}
