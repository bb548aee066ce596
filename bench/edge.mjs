// `npm run bench -- edge`: what a request pays for keys, checks, limits, headers, log, idempotency and the record of changes, against the same
// deeds with nothing around them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { alternate } from './lib/alternate.mjs';
import { ask, shoot } from './lib/load.mjs';
import { SETTINGS, startPostgres } from './lib/postgres.mjs';
import { figure, median, publish, quotient } from './lib/report.mjs';
import { accountIdOf, lineAt } from './lib/rows.mjs';
import { startPassbook, startPeer } from './lib/servers.mjs';
import { fillPostgres, fillSqlite, makeKey, makeSqlite, migrate } from './lib/stores.mjs';
import { timeChecks } from './peers/bulk-checks.mjs';

const PARTS = ['postgres', 'sqlite', 'checks'];
const ACCOUNTS = 100;
const READS_MOST = 1.35;
const WRITES_MOST = 1.6;
const BARE = new URL('./peers/edge-bare.mjs', import.meta.url);

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', multiple: true, default: PARTS },
    profile: { type: 'boolean', default: false },
  },
});
const size = {
  rows: Number(options.rows),
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
  connections: Number(options.connections),
};
const unknown = options.only.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`--only takes ${PARTS.join(', ')}`);
  process.exit(2);
}

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];

const accounts = Array.from({ length: ACCOUNTS }, (_, number) => accountIdOf(number));
const READS = {
  'an account': accounts.map((id) => ({ path: `/v1/accounts/${id}` })),
  'a page of 50 lines': accounts.map((id) => ({ path: `/v1/transactions?accountId=${id}&limit=50` })),
};

/** @param {string} accountId */
function lineOf(accountId) {
  return { accountId, date: '2026-11-21', amount: '-12', description: 'Weekly groceries', category: 'groceries' };
}

const posts = accounts.map((id) => ({
  method: /** @type {const} */ ('POST'),
  path: '/v1/transactions',
  body: JSON.stringify(lineOf(id)),
}));
const keyed = posts.map((post) => ({
  ...post,
  setupRequest: (/** @type {{ headers?: Record<string, string> }} */ request) => ({
    ...request,
    headers: { ...request.headers, 'idempotency-key': randomUUID() },
  }),
}));
const WRITES = { 'a line, without an Idempotency-Key': posts, 'a line, with an Idempotency-Key': keyed };

/** How much more the whole service takes for an answer than the bare deed. */
async function compare(engine, what, service, bare, requests, bareRequests, most) {
  const how = { connections: size.connections, seconds: size.seconds };
  const [ours, theirs] = await alternate(
    [() => shoot(service, requests, how), () => shoot(bare, bareRequests, how)],
    size.rounds,
  );
  const rate = (/** @type {import('./lib/load.mjs').Run} */ run) => run.rate;
  const cost = quotient(theirs.map(rate), ours.map(rate));
  const said = (/** @type {import('./lib/load.mjs').Run[]} */ runs) =>
    `${figure(median(runs.map(rate)))}/s, p95 ${figure(median(runs.map(({ p95 }) => p95)))} ms, ${figure(median(runs.map(({ cpuUs }) => cpuUs ?? 0)))} µs`;
  lines.push({
    what: `${engine}: ${what}`,
    ours: said(ours),
    theirs: `bare: ${said(theirs)}`,
    ...cost,
    work: quotient(
      ours.map(({ cpuUs }) => cpuUs ?? 0),
      theirs.map(({ cpuUs }) => cpuUs ?? 0),
    ).ratio,
    aim: `≤ ${most}`,
    met: cost.ratio <= most,
  });
}

/** @param {string} engine @param {[string, string]} urls each its own store where two servers may not share one */
async function measure(engine, [url, bareUrl]) {
  console.error(engine);
  const service = await startPassbook(url, makeKey(url, 'write'), options.profile ? { profile: `edge-${engine}` } : {});
  const bare = await startPeer('bare deeds', BARE, bareUrl);
  const [path] = READS['an account'].map((request) => request.path);
  assert.deepEqual(await ask(service, path), await ask(bare, path));
  for (const [what, requests] of Object.entries(READS))
    await compare(engine, what, service, bare, requests, requests, READS_MOST);
  for (const [what, requests] of Object.entries(WRITES))
    await compare(engine, what, service, bare, requests, posts, WRITES_MOST);
  await service.stop();
  await bare.stop();
}

async function measureChecks() {
  console.error('checks');
  const rows = Array.from({ length: 1_000 }, (_, number) => {
    const { description, counterparty, externalId } = lineAt(number, { accounts: ACCOUNTS, of: 1_000 });
    return { ...lineOf(accountIdOf(number % ACCOUNTS)), description, counterparty, externalId };
  });
  for (const { what, ms } of await timeChecks(rows, size.rounds))
    lines.push({ what: `checking a bulk of 1,000 rows: ${what}`, ours: `${figure(ms)} ms`, theirs: '' });
}

if (options.only.includes('postgres')) {
  const postgres = await startPostgres();
  try {
    const url = await postgres.createDatabase('edge');
    migrate(url);
    await fillPostgres(url, { accounts: ACCOUNTS, lines: size.rows, kind: 'manual' });
    await measure('PostgreSQL', [url, url]);
  } finally {
    await postgres.dispose();
  }
}
if (options.only.includes('sqlite')) {
  const stores = [makeSqlite(), makeSqlite()];
  for (const { path } of stores) await fillSqlite(path, { accounts: ACCOUNTS, lines: size.rows, kind: 'manual' });
  await measure('SQLite', /** @type {[string, string]} */ (stores.map(({ url }) => url)));
}
if (options.only.includes('checks')) await measureChecks();
publish('edge', { ...SETTINGS, ...size }, lines);
