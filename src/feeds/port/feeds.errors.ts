// What the feeds may refuse, in the order in which it is tried.
import { Refusal, type RefusalKind } from '../../common/domain-error.js';

/** No feed of that name is configured here. */
export class FeedUnknown extends Refusal {
  static readonly code: string = 'feed_unknown';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'No feed of that name is configured';
}

/** What is asked about a feed can't be answered: it is off here. */
export class FeedNotConfigured extends Refusal {
  static readonly code: string = 'feed_not_configured';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'This feed is not configured';
}

/** The feed does not offer that institution. */
export class InstitutionUnknown extends Refusal {
  static readonly code: string = 'institution_unknown';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The feed does not offer that institution';
}

/** There is no such enrollment for this caller. */
export class EnrollmentNotFound extends Refusal {
  static readonly code: string = 'enrollment_not_found';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such enrollment';
}

/** Only an account that a bank feeds can be asked about. */
export class AccountNotLinked extends Refusal {
  static readonly code: string = 'account_not_linked';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'No bank feeds the account';
}

/** A sync of this enrollment is under way; its result will be the newest. */
export class SyncAlreadyRunning extends Refusal {
  static readonly code: string = 'sync_already_running';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'A sync of this enrollment is already running';
}

/** This process is stopping. What was read so far stays, and the next sync goes on from there. */
export class SyncInterrupted extends Refusal {
  static readonly code: string = 'sync_interrupted';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string =
    'The sync was interrupted because the service is stopping; the next one goes on from there';
}

/** The consent has ended, here or at the bank. What was stored stays; the person must enroll again. */
export class EnrollmentDisconnected extends Refusal {
  static readonly code: string = 'enrollment_disconnected';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The enrollment is disconnected; what was stored stays readable';

  /** @param reason the feed's own word for why (`mfa_required`), where it gives one. */
  constructor(
    detail: string,
    readonly reason: string | null = null,
    options: { cause?: unknown } = {},
  ) {
    super(detail, options);
  }
}

/** The bank wants the person to sign in again. What was stored stays; once repaired, the next sync goes on. */
export class EnrollmentNeedsLogin extends Refusal {
  static readonly code: string = 'enrollment_needs_login';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The bank wants the person to sign in again';

  /** @param reason the feed's own word for why (`mfa_required`), where it gives one. */
  constructor(
    detail: string,
    readonly reason: string | null = null,
    options: { cause?: unknown } = {},
  ) {
    super(detail, options);
  }
}

/** The bank has locked the person out. They must unlock it there, and sign in again. */
export class EnrollmentLocked extends EnrollmentNeedsLogin {
  static override readonly code: string = 'enrollment_locked';
  static override readonly title: string = 'The bank has locked the person out';
}

/** The access token can't be opened: its key is not among this process's keys, or the row was altered. For the operator to mend. */
export class AccessTokenUnreadable extends Refusal {
  static readonly code: string = 'access_token_unreadable';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The access token that is kept for the bank cannot be opened';
}

/** The consent is not signed as this service demands, or not for a nonce that it gave. */
export class ConsentSignatureInvalid extends Refusal {
  static readonly code: string = 'consent_signature_invalid';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The consent is not signed as it must be';
}

/** A token of one environment of the feed in another one: a sandbox token in production, or the other way round. */
export class FeedEnvironmentMismatch extends Refusal {
  static readonly code: string = 'feed_environment_mismatch';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The access token is for another environment of the feed';
}

/** The feed refuses this service itself: its certificate is missing, expired or not the application's. For the operator to mend. */
export class FeedMisconfigured extends Refusal {
  static readonly code: string = 'feed_misconfigured';
  static readonly kind: RefusalKind = 'upstream';
  static readonly title: string = 'The feed refuses this service as it is configured';
}

/** The bank does not know an account that it listed before. */
export class FeedAccountUnknown extends Refusal {
  static readonly code: string = 'feed_account_unknown';
  static readonly kind: RefusalKind = 'upstream';
  static readonly title: string = 'The bank does not know this account';
}

/** The account is closed at the bank, which gives neither lines nor a balance for it any more. */
export class FeedAccountClosed extends Refusal {
  static readonly code: string = 'feed_account_closed';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The account is closed at the bank';

  /** @param reason the feed's own word for why (`inactive`), where it gives one. */
  constructor(
    detail: string,
    readonly reason: string | null = null,
    options: { cause?: unknown } = {},
  ) {
    super(detail, options);
  }
}

/** The bank wants fewer questions. Ask again after `retryAfterSeconds`. */
export class FeedRateLimited extends Refusal {
  static readonly code: string = 'feed_rate_limited';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The bank limits how often it may be asked';

  constructor(
    detail: string,
    override readonly retryAfterSeconds: number,
    options: { cause?: unknown } = {},
  ) {
    super(detail, options);
  }
}

/** The line that a cursor stood for is not listed any more: start over from the newest. */
export class FeedCursorGone extends Refusal {
  static readonly code: string = 'feed_cursor_gone';
  static readonly kind: RefusalKind = 'upstream';
  static readonly title: string = 'The bank no longer lists the line at which reading should go on';
}

/** The bank's answers changed each time while they were read, so that no two pages belong together. Nothing was written. */
export class FeedUnsteady extends Refusal {
  static readonly code: string = 'feed_unsteady';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The bank kept changing its lines while they were read; nothing was written';
}

/** What the feed answered can't be stored: an amount out of bounds, a day that does not exist … Nothing of it was written. */
export class FeedAnswerInvalid extends Refusal {
  static readonly code: string = 'feed_answer_invalid';
  static readonly kind: RefusalKind = 'upstream';
  static readonly title: string = 'The feed answered something that cannot be taken';
}

/** The bank or the feed can't be reached. Nothing was written. */
export class FeedUnavailable extends Refusal {
  static readonly code: string = 'feed_unavailable';
  static readonly kind: RefusalKind = 'upstream';
  static readonly title: string = 'The bank cannot be reached';
}

export const FEED_REFUSALS = [
  FeedUnknown,
  FeedNotConfigured,
  InstitutionUnknown,
  EnrollmentNotFound,
  AccountNotLinked,
  SyncAlreadyRunning,
  AccessTokenUnreadable,
  SyncInterrupted,
  ConsentSignatureInvalid,
  FeedEnvironmentMismatch,
  EnrollmentDisconnected,
  EnrollmentNeedsLogin,
  EnrollmentLocked,
  FeedMisconfigured,
  FeedAccountUnknown,
  FeedAccountClosed,
  FeedRateLimited,
  FeedCursorGone,
  FeedUnsteady,
  FeedAnswerInvalid,
  FeedUnavailable,
] as const;

/** Whether it says something about the bank or the enrollment, and not about this service. */
export function isOfFeed(error: unknown): error is Refusal {
  return FEED_REFUSALS.some((refusal) => error instanceof refusal);
}
