// How the sync of an enrollment stands, as the API shows it: from what is stored alone, so that every process says the same.
import { type Account } from '../../accounts/account.entity.js';
import { epochMsOf, type Instant } from '../../common/clock.js';
import { type DaySpan } from '../../transactions/transactions.repository.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { type FeedPosition } from '../stored/feed-position.entity.js';
import { lastErrorView } from '../enrollments/last-error.js';
import { isDue, isHeld } from '../turns/sync-due.js';
import { type AccountSyncStatusView, type FirstSyncView, type SyncStatusView } from './sync-status.dto.js';
import { type SyncTurn } from '../turns/sync-turn.entity.js';

/** @param turn null where there is none yet, or none any more. */
export function syncStatusView(
  enrollment: Enrollment,
  turn: SyncTurn | null,
  accounts: readonly AccountSyncStatusView[],
  now: Instant,
): SyncStatusView {
  const { id, lastSyncedAt } = enrollment;
  const isRunning = turn !== null && isHeld(turn, now);
  return {
    enrollmentId: id,
    state: isRunning ? 'running' : stateOf(enrollment, turn, now),
    cause: turn?.cause ?? null,
    dueAt: turn?.dueAt ?? null,
    beganAt: turn?.beganAt ?? null,
    heldUntil: isRunning ? turn.heldUntil : null,
    failures: turn?.failures ?? 0,
    lastSyncedAt,
    lastError: lastErrorView(enrollment),
    accounts: [...accounts],
  };
}

/** @param isRunning whether its enrollment is being synced: else no rate can be given for a walk that is not over. */
export function accountSyncStatusView(
  account: Pick<Account, 'id' | 'status'>,
  position: FeedPosition,
  days: DaySpan | undefined,
  isRunning: boolean,
  now: Instant,
): AccountSyncStatusView {
  return {
    accountId: account.id,
    state: stateOfAccount(account, position),
    firstSync: firstSyncView(position, isRunning ? now : null),
    oldestDay: days?.oldest ?? null,
    newestDay: days?.newest ?? null,
    lastSyncedAt: position.lastSyncedAt,
    lastError: lastErrorView(position),
  };
}

function stateOf(enrollment: Enrollment, turn: SyncTurn | null, now: Instant): SyncStatusView['state'] {
  if (enrollment.status === 'disconnected') return 'disconnected';
  if (enrollment.lastErrorCode !== null) return 'failed';
  return turn === null || enrollment.lastSyncedAt === null || isDue(turn, now) ? 'waiting' : 'idle';
}

function stateOfAccount({ status }: Pick<Account, 'status'>, position: FeedPosition): AccountSyncStatusView['state'] {
  if (status === 'closed') return 'closed';
  if (position.lastErrorCode !== null) return 'failed';
  return position.walked ? 'following' : 'first_sync';
}

function firstSyncView(
  { walkBeganAt, walkEndedAt, walkLines }: FeedPosition,
  runsUntil: Instant | null,
): FirstSyncView {
  const until = walkEndedAt ?? runsUntil;
  const tookMs = walkBeganAt === null || until === null ? 0 : epochMsOf(until) - epochMsOf(walkBeganAt);
  return {
    beganAt: walkBeganAt,
    endedAt: walkEndedAt,
    lines: walkLines,
    linesPerSecond: tookMs > 0 ? Math.round((walkLines * 1_000) / tookMs) : null,
  };
}
