// The tests of the API once more, with PostgreSQL behind PgBouncer in transaction mode: nothing may rest on a session.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';
import { NOTHING } from './tally.mjs';
import { runTests } from './tests.mjs';

const BINARIES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'];
/** They ask nothing through the shared PostgreSQL, or ask it themselves, past the service. */
const NOT_THE_API = [
  'cli',
  'common',
  'config',
  'crash',
  'database',
  'deploy',
  'golden',
  'metrics',
  'migrations',
  'shutdown',
  'support',
];

/** What `npm test` asks of it: reads, writes, races, pages and sums. */
export const POOLER_SHARE = ['accounts', 'balances', 'transactions'];

/** Every folder of tests but those that are none of the API: a new one is in. */
export function apiFolders() {
  return readdirSync(join(root, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_THE_API.includes(entry.name))
    .map(({ name }) => name);
}

/** @param {readonly string[]} folders of test/ @returns {Promise<import('./tally.mjs').Tally>} */
export async function runThroughPooler(folders) {
  if (!BINARIES.some((path) => existsSync(path))) {
    console.log('– the API behind PgBouncer: skipped, PgBouncer is not installed (apt-get install pgbouncer)');
    return { ...NOTHING, skipped: 1 };
  }
  console.log(`the API behind PgBouncer: ${folders.join(', ')}`);
  return runTests(
    folders.map((folder) => `test/${folder}/`),
    { env: { TEST_POOLER: 'transaction' } },
  );
}
