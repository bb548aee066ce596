// When an enrollment is synced next, by how the last sync ended.
import { type Instant } from '../../common/clock.js';
import { type Refusal } from '../../common/domain-error.js';
import { type EnrollmentStatus } from '../stored/enrollment.entity.js';
import { DAY_MS, later, type NextSync } from '../turns/sync-due.js';

const RETRY_MS_MIN = 5 * 60_000;
const GO_ON_MS_MIN = 60_000;
/** Moments are spread by a fifth to both sides, so that what was enrolled together is not asked for together for ever. */
const SPREAD = 0.2;

export interface SyncEnd {
  readonly at: Instant;
  /** Of the enrollment, as the sync left it. */
  readonly status: EnrollmentStatus;
  /** Undefined: all came through. */
  readonly failure: Pick<Refusal, 'retryAfterSeconds'> | undefined;
  /** Whether something came through that the next sync need not ask for again. */
  readonly hasProgress: boolean;
  /** In a row, before this sync. */
  readonly failures: number;
}

/** @param chance from 0 to 1: another one for each enrollment and time. */
export function nextSync(end: SyncEnd, intervalMs: number, chance: number): NextSync {
  const { at, failure, failures } = end;
  const spread = 1 - SPREAD + 2 * SPREAD * chance;
  const inMs = (ms: number): Instant => later(at, Math.round(Math.min(ms, DAY_MS)));
  if (failure === undefined) return { dueAt: inMs(intervalMs * spread), cause: 'interval', failures: 0 };
  const waitMs = (failure.retryAfterSeconds ?? 0) * 1_000;
  const notBefore = waitMs === 0 ? undefined : inMs(waitMs);
  // Somebody has to act at the bank: once a day it is tried whether they did.
  if (end.status !== 'connected') return { dueAt: inMs(DAY_MS), cause: 'interval', failures: failures + 1, notBefore };
  // A bank that limits its questions and answered some of them is no failure: the rest is asked as soon as it may be.
  if (waitMs > 0 && end.hasProgress)
    return {
      dueAt: inMs(Math.max(waitMs, GO_ON_MS_MIN) * (1 + SPREAD * chance)),
      cause: 'retry',
      failures: 0,
      notBefore,
    };
  const backoffMs = Math.min(intervalMs, RETRY_MS_MIN * 2 ** Math.min(failures, 20)) * spread;
  return {
    dueAt: inMs(Math.max(backoffMs, waitMs * (1 + SPREAD * chance))),
    cause: 'retry',
    failures: failures + 1,
    notBefore,
  };
}
