// When a sync is due, and whose it is: the rules, without a store and without a clock.
import { epochMsOf, type Instant, instantOf } from '../../common/clock.js';
import { type EnrollmentId } from '../../common/ids.js';
import { type SyncCause, type SyncTurn } from './sync-turn.entity.js';

/** For how long a turn is believed without being renewed: so long an enrollment waits whose process died. */
export const LEASE_MS = 60_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A moment further ahead than this is of a clock that has been set back since, and means nothing. */
export const AHEAD_MS_MAX = DAY_MS + HOUR_MS;
/** The same of a turn that is held. */
export const LEASE_AHEAD_MS_MAX = 2 * LEASE_MS;

/** When an enrollment is to be synced next, and why. */
export interface NextSync {
  readonly dueAt: Instant;
  readonly cause: SyncCause;
  readonly failures: number;
  /** The bank wants no question before. */
  readonly notBefore?: Instant | undefined;
}

export function later(moment: Instant, ms: number): Instant {
  return instantOf(epochMsOf(moment) + ms);
}

/** The turn of an enrollment that never had one. */
export function unsynced(enrollmentId: EnrollmentId, cause: SyncCause, dueAt: Instant): SyncTurn {
  return { enrollmentId, cause, dueAt, failures: 0, holder: null, heldUntil: null, beganAt: null };
}

/** Whether somebody has the turn. */
export function isHeld({ heldUntil }: Pick<SyncTurn, 'heldUntil'>, now: Instant): boolean {
  return heldUntil !== null && heldUntil > now && heldUntil <= later(now, LEASE_AHEAD_MS_MAX);
}

export function isDue({ dueAt }: Pick<SyncTurn, 'dueAt'>, now: Instant): boolean {
  return dueAt <= now || dueAt > later(now, AHEAD_MS_MAX);
}

/** The turn in a new hand. While it is held, a sync is due after `beganAt` only where one was asked for meanwhile. */
export function takenBy(turn: SyncTurn, holder: string, now: Instant): SyncTurn {
  const dueAt = turn.dueAt < now ? turn.dueAt : now;
  return { ...turn, dueAt, holder, heldUntil: later(now, LEASE_MS), beganAt: now };
}

/** A sync is asked for at `at`. What one that is under way has read may be older than what is asked for: it counts for the next. */
export function markedDue(turn: SyncTurn, cause: SyncCause, at: Instant): SyncTurn {
  if (turn.holder === null) {
    if (at >= turn.dueAt) return turn;
    return { ...turn, dueAt: at, cause: turn.cause === 'first' ? 'first' : cause };
  }
  const after = later(turn.beganAt!, 1);
  const asked = at > after ? at : after;
  if (wasMarked(turn) && asked >= turn.dueAt) return turn;
  return { ...turn, dueAt: asked, cause };
}

/** The turn given back, and the next sync as planned, or sooner where one was asked for meanwhile. */
export function givenBack(turn: SyncTurn, next: NextSync): SyncTurn {
  const isSooner = wasMarked(turn) && turn.dueAt < next.dueAt;
  const wanted = isSooner ? turn : next;
  const dueAt = next.notBefore !== undefined && next.notBefore > wanted.dueAt ? next.notBefore : wanted.dueAt;
  return { ...turn, dueAt, cause: wanted.cause, failures: next.failures, holder: null, heldUntil: null };
}

function wasMarked({ dueAt, beganAt }: SyncTurn): boolean {
  return beganAt !== null && dueAt > beganAt;
}
