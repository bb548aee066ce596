import { type Owner } from '../../common/owner.js';
import { ChoiceField, OwnerField, TextField } from '../../http/fields.js';
import { AnyObjectField } from '../../http/object-field.js';
import { PageQuery } from '../../http/page.dto.js';
import { Problem } from '../../http/problem.dto.js';
import { ENROLLMENT_STATUSES, type EnrollmentStatus } from '../stored/enrollment.entity.js';

export class EnrollRequest {
  @TextField({ about: 'Where the data comes from.', max: 50, example: 'sandbox' })
  feed!: string;

  @TextField({
    about: 'Which bank, where the consent does not say it. GET /v1/feeds lists them.',
    max: 100,
    optional: true,
    example: 'first_harbor',
  })
  institutionId?: string;

  @AnyObjectField({
    about:
      'The consent as the feed\'s own page handed it over: what Teller Connect gave to `onSuccess`, as it is, and beside it the `nonce` of GET /v1/config/teller where that gives one. The sandbox takes `{"user": "demo"}`, or nothing.',
    optional: true,
  })
  consent?: Record<string, unknown>;

  @OwnerField({
    about: "Whose accounts they will be. The key's own owner when left out, or `default`.",
    optional: true,
  })
  owner?: Owner;
}

export class ListEnrollmentsQuery extends PageQuery {
  @TextField({ about: 'Only enrollments of this feed.', max: 50, optional: true })
  feed?: string;

  @ChoiceField(ENROLLMENT_STATUSES, { about: 'Only enrollments of this status.', optional: true })
  status?: EnrollmentStatus;

  @OwnerField({ about: "Only this owner's enrollments.", optional: true })
  owner?: Owner;
}

export class FeedInstitutionView {
  /** @example first_harbor */
  id!: string;
  /** @example First Harbor Bank */
  name!: string;
}

export class FeedView {
  /** @example sandbox */
  name!: string;
  institutions!: FeedInstitutionView[];
  /** Why its institutions can't be listed just now. */
  problem?: Problem;
}

export class FeedList {
  data!: FeedView[];
  nextCursor!: string | null;
}

/** What went wrong the last time; null when nothing did. */
export class LastErrorView {
  /** @example feed_rate_limited */
  code!: string;
  detail!: string;
}

/** What the feed's own page takes to mend a consent: Teller Connect its `enrollmentId`. The token that is kept works again then. */
export class RepairView {
  /** @example teller */
  feed!: string;
  /** The consent's id at the feed. @example enr_o1234567890abcdef0000 */
  enrollmentId!: string;
  /** @example production */
  environment!: string;
  /** @example app_o1234567890abcdef0000 */
  applicationId!: string | null;
}

/** What can be done where no data comes in. */
export class WayOutView {
  /**
   * `repair`: the person signs in again by the feed's own page, opened for this consent. `unlock_then_repair`: and unlocks the sign-in at the bank
   * before. `enroll_again`: a new consent. `wait`: nothing. `mend_configuration`: for whoever runs this service.
   */
  action!: 'repair' | 'unlock_then_repair' | 'enroll_again' | 'wait' | 'mend_configuration';
  /** For the person. @example "Security Credit Union asks for a code: sign in again and enter it." */
  detail!: string;
  repair!: RepairView | null;
}

export class EnrollmentView {
  /** @example enr_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  owner!: string;
  /** @example sandbox */
  feed!: string;
  /** @example sandbox */
  environment!: string;
  institution!: FeedInstitutionView;
  /**
   * `connected`; `needs_login`: the bank wants the person to sign in again; `locked`: and to unlock the sign-in before; `disconnected`: the consent
   * has ended. What was stored stays readable always.
   */
  status!: EnrollmentStatus;
  /** Why it is not connected: the feed's word, `by_request`, or `superseded` where another consent has all its accounts. */
  statusReason!: string | null;
  /** What can be done about it; null where nothing needs to be. */
  wayOut!: WayOutView | null;
  /** When a sync last came through for all its accounts. */
  lastSyncedAt!: string | null;
  lastError!: LastErrorView | null;
  /** @example ["acc_0192f0c1a2b37c4d8e9f00112233445566"] */
  accountIds!: string[];
  createdAt!: string;
  updatedAt!: string;
  disconnectedAt!: string | null;
}

export class EnrollmentList {
  data!: EnrollmentView[];
  nextCursor!: string | null;
}

/** What a sync did for one account. */
export class AccountSyncView {
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /** `synced`, `closed` when the bank gives nothing for it any more, or `failed`. */
  outcome!: 'synced' | 'closed' | 'failed';
  /** Lines that are new. */
  inserted!: number;
  /** Lines that changed: posted, renamed, moved to another day … */
  updated!: number;
  /** Lines that the bank took back. */
  removed!: number;
  /** Why it failed. What was read before stays and is counted here, and the next sync goes on from there. */
  problem?: Problem;
}

export class SyncResultView {
  enrollment!: EnrollmentView;
  /** The accounts in the order in which the bank was asked about them; of what it has closed or does not know, once a day. One that limits its questions ends the list: the next sync begins with the others. */
  accounts!: AccountSyncView[];
}
