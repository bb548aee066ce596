// What a token alone says: where it came without the rest of a consent.
import { type Secret } from '../../config/secret.js';
import { type FeedAccount } from '../port/feed.port.js';

/** As Teller Connect would have handed it over, but for the person, whom only Teller Connect knows. Undefined where it reaches no account. */
export function consentOfToken(
  token: Secret,
  [account]: readonly FeedAccount[],
): Readonly<Record<string, unknown>> | undefined {
  if (account === undefined) return undefined;
  const { enrollment_id: id } = JSON.parse(account.raw) as { readonly enrollment_id: unknown };
  return { accessToken: token.reveal(), enrollment: { id, institution: { name: account.institution.name } } };
}
