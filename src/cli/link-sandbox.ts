// Fills an empty store with the sandbox bank, so that there is something to look at.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccountsService } from '../accounts/accounts.service.js';
import { EnrollmentsService } from '../feeds/enrollments/enrollments.service.js';
import { SANDBOX_FEED } from '../feeds/sandbox/sandbox.feed.js';
import { DEVELOPER, syncUnread } from './linked-banks.js';

const INSTITUTIONS = 3;

/**
 * Links the first banks of the sandbox when there are no accounts, and syncs those that never were: an earlier start may have been ended in
 * between. Answers what was done, in a line; undefined when there was nothing to do.
 */
export async function linkSandbox(app: NestFastifyApplication): Promise<string | undefined> {
  const { data: accounts } = await app.get(AccountsService).list(DEVELOPER, { limit: 1 });
  if (accounts.length === 0) await enrollFirst(app.get(EnrollmentsService));
  return syncUnread(app, SANDBOX_FEED);
}

async function enrollFirst(enrollments: EnrollmentsService): Promise<void> {
  const { data } = await enrollments.feedList();
  const institutions = data.find((feed) => feed.name === SANDBOX_FEED)?.institutions.slice(0, INSTITUTIONS) ?? [];
  for (const { id: institutionId } of institutions)
    await enrollments.enroll(DEVELOPER, { feed: SANDBOX_FEED, institutionId });
}
