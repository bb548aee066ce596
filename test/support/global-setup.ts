// Before all tests: one PostgreSQL for the whole run. After them it is stopped; if the run is killed, its watchdog sees to that.
import { dropLeftBehind } from './databases.js';
import { removeCopiedBinaries } from './postgres-binaries.js';
import { startPgBouncer } from './pgbouncer.js';
import { startPostgres } from './postgres.js';
import { SHARED_POOLER_VARIABLE, SHARED_POSTGRES_VARIABLE } from './shared-postgres.js';

const PARENT_POLL_MS = 500;
/** Of each database; two services whose writers stand still in the middle of a transaction take 40 each. Those that are free are shared all the same. */
const POOLER_CONNECTIONS = 80;

export async function setup(): Promise<() => Promise<void>> {
  endWithParent();
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    await dropLeftBehind(given);
    process.env[SHARED_POSTGRES_VARIABLE] = given;
    return async () => {};
  }
  // No test crashes this one; those that crash one start their own, which is durable.
  const postgres = await startPostgres({ config: { fsync: 'off' } });
  process.env[SHARED_POSTGRES_VARIABLE] = postgres.adminUrl;
  const isPooled = process.env['TEST_POOLER'] === 'transaction';
  const bouncer = isPooled ? await startPgBouncer(postgres.adminUrl, POOLER_CONNECTIONS) : undefined;
  if (bouncer !== undefined) process.env[SHARED_POOLER_VARIABLE] = bouncer.urlOf(postgres.adminUrl);
  return async () => {
    await bouncer?.stop();
    await postgres.dispose();
    removeCopiedBinaries();
  };
}

/** A run started by a script ends when the script was killed, instead of going on unseen. */
function endWithParent(): void {
  const parent = process.env['PASSBOOK_TEST_PARENT'];
  if (parent === undefined || parent !== String(process.ppid)) return;
  setInterval(() => {
    if (process.ppid !== Number(parent)) process.exit(1);
  }, PARENT_POLL_MS).unref();
}
