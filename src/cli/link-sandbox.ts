// Fills an empty store with the sandbox bank, so that there is something to look at.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccountsService } from '../accounts/accounts.service.js';
import { Principal } from '../auth/principal.js';
import { Refusal } from '../common/domain-error.js';
import { type ApiKeyId, type EnrollmentId } from '../common/ids.js';
import { DEFAULT_OWNER } from '../common/owner.js';
import { EnrollmentsService } from '../feeds/enrollments.service.js';
import { SANDBOX_FEED } from '../feeds/sandbox/sandbox.feed.js';
import { SyncService } from '../feeds/sync.service.js';

const INSTITUTIONS = 3;
/** Bound to nobody: a store with anybody's accounts is not empty. */
const DEVELOPER = new Principal(
  { keyId: 'key_development' as ApiKeyId, scope: 'admin', owner: undefined },
  { name: 'passbook dev', requestId: null },
);

/**
 * Links the first banks of the sandbox when there are no accounts, and syncs those that never were: an earlier start may have been ended in
 * between. Answers what was done, in a line; undefined when there was nothing to do.
 */
export async function linkSandbox(app: NestFastifyApplication): Promise<string | undefined> {
  const enrollments = app.get(EnrollmentsService);
  const { data: accounts } = await app.get(AccountsService).list(DEVELOPER, { limit: 1 });
  if (accounts.length === 0) await enrollFirst(enrollments);
  const { data: linked } = await enrollments.list(DEVELOPER, {
    feed: SANDBOX_FEED,
    status: 'connected',
    owner: DEFAULT_OWNER,
  });
  const unread = linked.filter(({ lastSyncedAt }) => lastSyncedAt === null);
  if (unread.length === 0) return undefined;
  const counts = { accounts: 0, lines: 0 };
  for (const { id } of unread) {
    const synced = await syncOrNothing(app.get(SyncService), id as EnrollmentId);
    counts.accounts += synced.length;
    counts.lines += synced.reduce((sum, account) => sum + account.inserted, 0);
  }
  const names = unread.map(({ institution }) => institution.name).join(', ');
  return `linked ${names}: ${counts.accounts} accounts, ${counts.lines} lines`;
}

async function enrollFirst(enrollments: EnrollmentsService): Promise<void> {
  const { data } = await enrollments.feedList();
  const institutions = data.find((feed) => feed.name === SANDBOX_FEED)?.institutions.slice(0, INSTITUTIONS) ?? [];
  for (const { id: institutionId } of institutions)
    await enrollments.enroll(DEVELOPER, { feed: SANDBOX_FEED, institutionId });
}

/** A bank that refuses is no reason not to serve. */
async function syncOrNothing(syncs: SyncService, id: EnrollmentId): Promise<readonly { inserted: number }[]> {
  try {
    return (await syncs.sync(DEVELOPER, id)).accounts;
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}
