import { LastErrorView } from '../enrollments/enrollments.dto.js';
import { type SyncCause } from '../turns/sync-turn.entity.js';

/** The walk from the newest line of an account to its oldest. It goes on where it was, however often it is interrupted. */
export class FirstSyncView {
  beganAt!: string | null;
  /** Null while there is more to read. */
  endedAt!: string | null;
  /** How many lines it has brought so far. */
  lines!: number;
  /** On average since it began; null while nothing can be said. */
  linesPerSecond!: number | null;
}

export class AccountSyncStatusView {
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /**
   * `first_sync`: the history is still being read; `following`: it stands, and each sync brings what is new; `failed`: the last sync did not come
   * through for this account; `closed`: the bank gives nothing for it any more.
   */
  state!: 'first_sync' | 'following' | 'failed' | 'closed';
  firstSync!: FirstSyncView;
  /** Of the lines that stand here. @example 2024-11-04 */
  oldestDay!: string | null;
  /** @example 2026-11-21 */
  newestDay!: string | null;
  lastSyncedAt!: string | null;
  lastError!: LastErrorView | null;
}

/** How the sync of an enrollment stands, whichever process does it. */
export class SyncStatusView {
  /** @example enr_0192f0c1a2b37c4d8e9f00112233445566 */
  enrollmentId!: string;
  /**
   * `running`: a process syncs it now; `failed`: the last sync did not come through for all accounts, and it is tried again at `dueAt`; `waiting`: a
   * sync is due; `idle`: all came through, and the next sync is due at `dueAt`; `disconnected`: there is no next one.
   */
  state!: 'running' | 'failed' | 'waiting' | 'idle' | 'disconnected';
  /** Why the sync that runs, or else the next one, is due: `first`, `interval`, `webhook` or `retry`. */
  cause!: SyncCause | null;
  /** Of the sync that runs, or else of the next one. */
  dueAt!: string | null;
  /** When the sync that runs, or ran last, began. */
  beganAt!: string | null;
  /** Until when the process that syncs is believed to live; it renews this while it works. */
  heldUntil!: string | null;
  /** Syncs in a row that did not come through. */
  failures!: number;
  /** When a sync last came through for all its accounts. */
  lastSyncedAt!: string | null;
  lastError!: LastErrorView | null;
  accounts!: AccountSyncStatusView[];
}
