// Fills an empty store with the sandbox bank, so that there is something to look at.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccountsService } from '../accounts/accounts.service.js';
import { Principal } from '../auth/principal.js';
import { type ApiKeyId, type EnrollmentId } from '../common/ids.js';
import { DEFAULT_OWNER } from '../common/owner.js';
import { EnrollmentsService } from '../feeds/enrollments.service.js';
import { SyncService } from '../feeds/sync.service.js';

const INSTITUTIONS = 3;

/** Links the first banks of the sandbox when there are no accounts. Answers what was done, in a line; undefined when there was nothing to do. */
export async function linkSandbox(app: NestFastifyApplication): Promise<string | undefined> {
  const developer = new Principal('key_development' as ApiKeyId, 'admin', DEFAULT_OWNER);
  const { data: accounts } = await app.get(AccountsService).list(developer, { limit: 1 });
  if (accounts.length > 0) return undefined;
  const enrollments = app.get(EnrollmentsService);
  const feeds = await enrollments.feedList();
  const institutions = feeds.data.find((feed) => feed.name === 'sandbox')?.institutions.slice(0, INSTITUTIONS) ?? [];
  const counts = { accounts: 0, lines: 0 };
  for (const { id: institutionId } of institutions) {
    const { id } = await enrollments.enroll(developer, { feed: 'sandbox', institutionId });
    const { accounts: synced } = await app.get(SyncService).sync(developer, id as EnrollmentId);
    counts.accounts += synced.length;
    counts.lines += synced.reduce((sum, account) => sum + account.inserted, 0);
  }
  return `linked ${institutions.map(({ name }) => name).join(', ')}: ${counts.accounts} accounts, ${counts.lines} lines`;
}
