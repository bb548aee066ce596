// What `passbook dev` links banks with: on whose behalf, and the first sync of what was not synced yet.
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Principal } from '../auth/principal.js';
import { Refusal } from '../common/domain-error.js';
import { type ApiKeyId, type EnrollmentId } from '../common/ids.js';
import { DEFAULT_OWNER } from '../common/owner.js';
import { EnrollmentsService } from '../feeds/enrollments/enrollments.service.js';
import { SyncService } from '../feeds/sync/sync.service.js';

/** Bound to nobody: a store with anybody's accounts is not empty. */
export const DEVELOPER = new Principal(
  { keyId: 'key_development' as ApiKeyId, scope: 'admin', owner: undefined },
  { name: 'passbook dev', requestId: null },
);

/** Syncs the enrollments of a feed that never were. Answers what was done, in a line; undefined when there was nothing to do. */
export async function syncUnread(app: NestFastifyApplication, feed: string): Promise<string | undefined> {
  const { data: linked } = await app
    .get(EnrollmentsService)
    .list(DEVELOPER, { feed, status: 'connected', owner: DEFAULT_OWNER });
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

/** A bank that refuses is no reason not to serve. */
async function syncOrNothing(syncs: SyncService, id: EnrollmentId): Promise<readonly { inserted: number }[]> {
  try {
    return (await syncs.sync(DEVELOPER, id)).accounts;
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}
