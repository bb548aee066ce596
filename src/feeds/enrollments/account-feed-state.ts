// What a bank's word about one account makes of how it is followed, and whether the account is worth a question.
import { type Account } from '../../accounts/account.entity.js';
import { type Instant } from '../../common/clock.js';
import { type Refusal } from '../../common/domain-error.js';
import { type FeedAccount } from '../port/feed.port.js';
import { type FeedPosition } from '../stored/feed-position.entity.js';
import { FeedAccountClosed, FeedAccountUnknown, FeedAnswerInvalid } from '../port/feeds.errors.js';
import { storable } from './last-error.js';
import { DAY_MS, later } from '../turns/sync-due.js';

export type AccountFeedState = Pick<Account, 'status' | 'closedAt' | 'feedStatus' | 'feedStatusReason'>;

export const FOLLOWING: AccountFeedState = {
  status: 'open',
  closedAt: null,
  feedStatus: null,
  feedStatusReason: null,
};

/** What lasts until the bank says otherwise: it is looked once a day whether it does, and when it says that there is something new. */
const LASTING: ReadonlySet<string | null> = new Set([FeedAccountClosed.code, FeedAccountUnknown.code]);

export function isFollowing({ status, feedStatus }: Pick<Account, 'status' | 'feedStatus'>): boolean {
  return status === 'open' && feedStatus === null;
}

/** No refusal: the bank gave what it has. Undefined where the refusal says nothing about the account itself. */
export function stateOfAccountAfter(
  refusal: Refusal | undefined,
  account: AccountFeedState,
  now: Instant,
): Partial<AccountFeedState> | undefined {
  if (refusal === undefined) return FOLLOWING;
  if (refusal instanceof FeedAccountClosed) {
    const { reason } = refusal;
    return closed(account, reason === null ? null : storable(reason), now);
  }
  // What is closed is worth no other word.
  if (account.status === 'closed') return undefined;
  if (refusal instanceof FeedAccountUnknown) return { feedStatus: 'unknown', feedStatusReason: null };
  if (refusal instanceof FeedAnswerInvalid) return { feedStatus: 'unreadable', feedStatusReason: null };
  return undefined;
}

/** By how the bank lists it. Listed as open it is open again once the bank gives something for it, and for a consent just given at once. */
export function stateOfAccountListed(
  listed: FeedAccount['status'],
  account: AccountFeedState,
  isNewConsent: boolean,
  now: Instant,
): Partial<AccountFeedState> {
  if (listed === 'closed') return closed(account, account.feedStatusReason, now);
  return isNewConsent ? FOLLOWING : {};
}

/**
 * @param listed as the bank listed it just now: undefined where it did not, `odd` where it cannot be taken as it is listed
 * @param position how the bank took the last questions
 */
export function isWorthAsking(
  { status, feedStatus }: Pick<Account, 'status' | 'feedStatus'>,
  listed: FeedAccount['status'] | 'odd' | undefined,
  position: Pick<FeedPosition, 'lastErrorCode' | 'lastErrorAt'> | undefined,
  now: Instant,
): boolean {
  if (status === 'closed') return listed === 'open' && !wasRefusedToday(position, now);
  return feedStatus !== 'unknown' || listed !== undefined || !wasRefusedToday(position, now);
}

function wasRefusedToday(
  position: Pick<FeedPosition, 'lastErrorCode' | 'lastErrorAt'> | undefined,
  now: Instant,
): boolean {
  const { lastErrorCode = null, lastErrorAt = null } = position ?? {};
  return LASTING.has(lastErrorCode) && lastErrorAt !== null && lastErrorAt <= now && now < later(lastErrorAt, DAY_MS);
}

function closed({ closedAt }: AccountFeedState, feedStatusReason: string | null, now: Instant): AccountFeedState {
  return { status: 'closed', closedAt: closedAt ?? now, feedStatus: 'closed', feedStatusReason };
}
