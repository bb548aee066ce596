// When an enrollment is to be synced next, and which process does it now. Stays in its store: a store without the row syncs soon.
import { type Instant } from '../../common/clock.js';
import { type EnrollmentId } from '../../common/ids.js';
import { CountColumn, InstantColumn, Table, TextColumn } from '../../database/schema/entity.js';

/** Why a sync is due: the first one, the usual interval, a webhook, or a failed one to be tried again. */
export const SYNC_CAUSES = ['first', 'interval', 'webhook', 'retry'] as const;
export type SyncCause = (typeof SYNC_CAUSES)[number];

@Table('sync_turns', {
  indexes: [['due_at']],
  checks: {
    cause: "cause IN ('first', 'interval', 'webhook', 'retry')",
    holder: '(holder IS NULL) = (held_until IS NULL)',
  },
})
export class SyncTurn {
  @TextColumn({ key: true, references: 'enrollments' }) enrollmentId!: EnrollmentId;
  @InstantColumn() dueAt!: Instant;
  @TextColumn() cause!: SyncCause;
  /** Failures in a row. */
  @CountColumn() failures!: number;
  /** Who syncs it now, each time by another name, and until when that is believed without being renewed. */
  @TextColumn({ nullable: true }) holder!: string | null;
  @InstantColumn({ nullable: true }) heldUntil!: Instant | null;
  /** When the sync that runs, or ran last, began. */
  @InstantColumn({ nullable: true }) beganAt!: Instant | null;
}
