// What a person can do about an enrollment that does not bring data, in words of their own.
import { type Enrollment } from '../stored/enrollment.entity.js';
import { BY_REQUEST, SUPERSEDED } from './enrollment-state.js';
import { type WayOutView } from './enrollments.dto.js';
import {
  AccessTokenUnreadable,
  FeedEnvironmentMismatch,
  FeedMisconfigured,
  FeedUnknown,
  InstitutionUnknown,
} from '../port/feeds.errors.js';
import { TELLER_FEED } from '../port/feed-names.js';

type Stood = Pick<
  Enrollment,
  'feed' | 'environment' | 'externalId' | 'status' | 'statusReason' | 'institutionName' | 'lastErrorCode'
>;

/** By the feeds' words for why a person must sign in again. The feed that knows others is told of in general. */
const SIGN_IN: Readonly<Record<string, string>> = {
  credentials_invalid: 'does not take the user name and password any more: sign in again with those of today.',
  account_locked: 'has locked the sign-in: unlock it there, then sign in again.',
  enrollment_inactive: 'calls the sign-in inactive: sign in again, and ask the bank where that does not help.',
  token_refused: 'does not know the consent any more: it must be given again.',
  'user_action.captcha_required': 'wants to see a person: sign in once on its own pages, then sign in again here.',
  'user_action.contact_information_required':
    'wants contact details confirmed: sign in on its own pages and confirm them, then sign in again here.',
  'user_action.insufficient_permissions':
    'does not let this sign-in see the accounts: have it permitted there, or sign in again as somebody who may.',
  'user_action.mfa_required': 'asks for a code: sign in again and enter it.',
  'user_action.web_login_required':
    'has something to say first: sign in on its own pages and do what they ask, then sign in again here.',
};

/** A token that is not known any more is not mended by signing in. */
const TOKEN_REFUSED = 'token_refused';

/** Whoever runs the service must mend these; the person at the bank cannot. */
const FOR_THE_OPERATOR: ReadonlySet<string> = new Set(
  [AccessTokenUnreadable, FeedEnvironmentMismatch, FeedMisconfigured, FeedUnknown, InstitutionUnknown].map(
    ({ code }) => code,
  ),
);

/**
 * Null where there is nothing to do: it brings data, or another consent does in its place.
 * @param applicationId as the feed's own page wants to know it
 */
export function wayOutOf(enrollment: Stood, applicationId: string | null): WayOutView | null {
  const { status, statusReason } = enrollment;
  if (status === 'connected') return wayOutOfError(enrollment.lastErrorCode);
  if (status === 'disconnected') return statusReason === SUPERSEDED ? null : enrollAgain(enrollment);
  const repair = repairOf(enrollment, applicationId);
  const detail = `${enrollment.institutionName} ${sentenceFor(enrollment)}`;
  if (repair === null || statusReason === TOKEN_REFUSED) return { action: 'enroll_again', detail, repair: null };
  return { action: status === 'locked' ? 'unlock_then_repair' : 'repair', detail, repair };
}

function wayOutOfError(code: string | null): WayOutView | null {
  if (code === null) return null;
  if (FOR_THE_OPERATOR.has(code))
    return {
      action: 'mend_configuration',
      detail:
        'Whoever runs this service must mend how it is configured for the feed: the last error says what is wrong.',
      repair: null,
    };
  return { action: 'wait', detail: 'Nothing is to be done: the next sync asks again.', repair: null };
}

function enrollAgain({ statusReason, institutionName }: Stood): WayOutView {
  const why =
    statusReason === BY_REQUEST ? 'It was disconnected on request.' : `The consent at ${institutionName} has ended.`;
  const detail = `${why} Once it is given again, the accounts and their lines go on where they were.`;
  return { action: 'enroll_again', detail, repair: null };
}

function sentenceFor({ status, statusReason }: Stood): string {
  const known = SIGN_IN[statusReason ?? ''];
  return known ?? (status === 'locked' ? SIGN_IN['account_locked']! : 'wants the person to sign in again.');
}

/** Teller's page takes the id of a consent that is to be mended: its token then works again. */
function repairOf({ feed, environment, externalId }: Stood, applicationId: string | null): WayOutView['repair'] {
  return feed === TELLER_FEED ? { feed, enrollmentId: externalId, environment, applicationId } : null;
}
