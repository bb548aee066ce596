// How a feed is asked: about an enrollment, and about one of its accounts.
import { type Account } from '../../accounts/account.entity.js';
import { type AskedAccount, type FeedAccess, type FeedEnrollment } from './feed.port.js';

/** Of an enrollment as the feed gave it. */
export function accessOf({
  environment,
  externalId,
  accessToken,
}: Pick<FeedEnrollment, 'environment' | 'externalId' | 'accessToken'>): FeedAccess {
  return { environment, enrollmentExternalId: externalId, accessToken };
}

/** Of a linked account. */
export function askedOf({
  externalId,
  type,
  currency,
}: Pick<Account, 'externalId' | 'type' | 'currency'>): AskedAccount {
  return { externalId: externalId!, type: type === 'credit' ? 'credit' : 'depository', currency };
}
