// One person's consent at one institution, through a feed.
import { type Instant } from '../../common/clock.js';
import { type EnrollmentId } from '../../common/ids.js';
import { type Owner } from '../../common/owner.js';
import { InstantColumn, Table, TextColumn } from '../../database/schema/entity.js';

/**
 * `needs_login`: the person must sign in again at the bank; `locked`: must unlock the bank's own sign-in first. Both can be repaired, and are tried
 * again now and then. `disconnected`: the consent has ended, and only another one helps.
 */
export const ENROLLMENT_STATUSES = ['connected', 'needs_login', 'locked', 'disconnected'] as const;
export type EnrollmentStatus = (typeof ENROLLMENT_STATUSES)[number];

@Table('enrollments', {
  recorded: { as: 'enrollment', followed: true },
  indexes: [['owner', 'id'], ['external_id']],
  unique: [['owner', 'feed', 'environment', 'external_id']],
  checks: {
    status: "status IN ('connected', 'needs_login', 'locked', 'disconnected')",
    disconnected_at: "(status = 'disconnected') = (disconnected_at IS NOT NULL)",
  },
})
export class Enrollment {
  @TextColumn({ key: true }) id!: EnrollmentId;
  @TextColumn() owner!: Owner;
  @TextColumn() feed!: string;
  @TextColumn() environment!: string;
  /** The consent's id at the feed. */
  @TextColumn() externalId!: string;
  /** The person's id at the feed. */
  @TextColumn({ nullable: true }) userExternalId!: string | null;
  /** Sealed under an encryption key; null where the feed gives none, and after a disconnect. */
  @TextColumn({ nullable: true, unrecorded: true }) accessToken!: string | null;
  @TextColumn() institutionId!: string;
  @TextColumn() institutionName!: string;
  @TextColumn() status!: EnrollmentStatus;
  /** Why it is not connected, in the feed's word, or `by_request`. */
  @TextColumn({ nullable: true }) statusReason!: string | null;
  /** When a sync last came through for all its accounts. */
  @InstantColumn({ nullable: true }) lastSyncedAt!: Instant | null;
  @TextColumn({ nullable: true }) lastErrorCode!: string | null;
  @TextColumn({ nullable: true }) lastErrorDetail!: string | null;
  @InstantColumn() createdAt!: Instant;
  @InstantColumn() updatedAt!: Instant;
  @InstantColumn({ nullable: true }) disconnectedAt!: Instant | null;
}
