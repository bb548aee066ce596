// How a feed is asked: about an enrollment, and about one of its accounts.
import { type Account } from '../accounts/account.entity.js';
import { type Enrollment } from './enrollment.entity.js';
import { type AskedAccount, type FeedAccess, type FeedEnrollment } from './feed.port.js';

export function accessOf({
  environment,
  externalId,
}: Pick<FeedEnrollment | Enrollment, 'environment' | 'externalId'>): FeedAccess {
  return { environment, enrollmentExternalId: externalId, accessToken: null };
}

/** Of a linked account. */
export function askedOf({
  externalId,
  type,
  currency,
}: Pick<Account, 'externalId' | 'type' | 'currency'>): AskedAccount {
  return { externalId: externalId!, type: type === 'credit' ? 'credit' : 'depository', currency };
}
