// Enrolls at Teller with a token that somebody has at hand, where else a person would go through Teller Connect.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Refusal } from '../common/domain-error.js';
import { DEFAULT_OWNER } from '../common/owner.js';
import { type TellerSettings } from '../config/feed-settings.js';
import { type Secret } from '../config/secret.js';
import { EnrollmentsService } from '../feeds/enrollments/enrollments.service.js';
import { FeedRegistry } from '../feeds/port/feed-registry.js';
import { consentOfToken } from '../feeds/teller/teller-token.js';
import { TELLER_FEED } from '../feeds/port/feed-names.js';
import { DEVELOPER, syncUnread } from './linked-banks.js';

/**
 * Enrolls where nothing of Teller is connected yet, and syncs what never was. Answers what was done, in a line, also where Teller refuses: that is
 * no reason not to serve. Undefined when there was nothing to do.
 */
export async function linkTeller(
  app: NestFastifyApplication,
  { environment }: TellerSettings,
  accessToken: Secret,
): Promise<string | undefined> {
  const enrollments = app.get(EnrollmentsService);
  try {
    const { data: connected } = await enrollments.list(DEVELOPER, {
      feed: TELLER_FEED,
      status: 'connected',
      owner: DEFAULT_OWNER,
    });
    if (connected.length === 0) {
      const access = { environment, enrollmentExternalId: '', accessToken };
      const { accounts } = await app.get(FeedRegistry).named(TELLER_FEED).accounts(access);
      const consent = consentOfToken(accessToken, accounts);
      if (consent === undefined) return 'the token reaches no accounts';
      await enrollments.enroll(DEVELOPER, { feed: TELLER_FEED, consent });
    }
    return await syncUnread(app, TELLER_FEED);
  } catch (error) {
    if (error instanceof Refusal) return `not linked: ${error.message}`;
    throw error;
  }
}
