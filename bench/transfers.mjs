// `npm run bench -- transfers`: money moved over HTTP, sealed and chained, against the same transfer by SQL, one a transaction.
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { alternate } from './lib/alternate.mjs';
import { isPgbenchThere, PGBENCH_SCHEMA, transferByPgbench } from './lib/pgbench.mjs';
import { startPostgres, withClient } from './lib/postgres.mjs';
import { figure, median, publish, quotient, table } from './lib/report.mjs';
import { startPassbook, startPeer } from './lib/servers.mjs';
import { makeKey, makeSqlite, migrate } from './lib/stores.mjs';
import { isWrkThere, transferByWrk } from './lib/wrk.mjs';

const AIMS = { uniform: 3, hot: 8, sqlite: 3, lone: 2, p99Ms: 50 };
const CLIENTS = [8, 16, 32];
const CONNECTIONS = [64, 256];

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    profile: { type: 'boolean', default: false },
  },
});
const accounts = Number(values.accounts);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const wanted = (/** @type {string} */ name) => values.only === undefined || values.only.includes(name);

for (const [name, isThere] of [
  ['wrk', isWrkThere()],
  ['pgbench', isPgbenchThere()],
])
  if (!isThere) throw new Error(`This bench takes ${name}. On Debian: apt-get install wrk postgresql-contrib`);

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];

/** Accounts that may owe as much as they like to be asked for, since no refusal is measured. */
const ACCOUNTS = `
  INSERT INTO accounts (id, owner, kind, name, currency, status, type, overdraft_limit, version, created_at, updated_at)`;

/** One key asks for more than anybody's share, on purpose. */
const UNLIMITED = {
  RATE_LIMIT_KEY_PER_MINUTE: '0',
  RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
  MAX_REQUESTS_IN_FLIGHT: '1000',
};

/** @param {string} profile */
function how(profile) {
  return { variables: UNLIMITED, ...(values.profile ? { profile } : {}) };
}

/** @param {string} url */
async function fill(url) {
  await withClient(url, async (client) => {
    await client.query(`${ACCOUNTS}
      SELECT 'acc_' || lpad(to_hex(n), 32, '0'), 'default', 'book', 'Wallet', 'USD', 'open', 'other', 100000000000000, 1, now(), now()
      FROM generate_series(1, ${accounts}) n`);
    await client.query(PGBENCH_SCHEMA);
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  });
}

/** @param {string} path */
function fillSqlite(path) {
  const database = new Database(path);
  const insert = database.prepare(`${ACCOUNTS}
    VALUES (?, 'default', 'book', 'Wallet', 'USD', 'open', 'other', 100000000000000, 1, '2026-11-21T12:00:00.000Z', '2026-11-21T12:00:00.000Z')`);
  database.transaction(() => {
    for (let n = 1; n <= accounts; n++) insert.run(`acc_${n.toString(16).padStart(32, '0')}`);
  })();
  database.close();
}

/** @param {{ rate: number, p50: number, p99: number, cpuUs?: number }[]} runs */
function said(runs) {
  const of = (/** @type {'rate' | 'p50' | 'p99'} */ name) => figure(median(runs.map((run) => run[name])));
  const work = runs[0]?.cpuUs === undefined ? '' : `, ${figure(median(runs.map((run) => run.cpuUs ?? 0)))} µs`;
  return `${of('rate')}/s, p50 ${of('p50')} ms, p99 ${of('p99')} ms${work}`;
}

/** @param {{ rate: number }[]} runs */
const rates = (runs) => runs.map(({ rate }) => rate);

/** @param {import('./lib/postgres.mjs').Postgres} postgres @param {'uniform' | 'hot'} pick */
async function onPostgres(postgres, pick) {
  const [ours, theirs] = [
    await postgres.createDatabase(`ours_${pick}`),
    await postgres.createDatabase(`theirs_${pick}`),
  ];
  for (const url of [ours, theirs]) {
    migrate(url);
    await fill(url);
  }
  const server = await startPassbook(ours, makeKey(ours, 'write'), how(`transfers-${pick}`));
  const bySql = CLIENTS.map((clients) => async () => transferByPgbench(theirs, { pick, accounts, clients, seconds }));
  const byHttp = CONNECTIONS.map(
    (connections) => async () => transferByWrk(server, { pick, accounts, connections, seconds }),
  );
  const told = await alternate([...byHttp, ...bySql], rounds);
  const sql = told.slice(CONNECTIONS.length);
  const best = sql[0].map((_, round) =>
    sql.map((runs) => runs[round]).reduce((one, other) => (one.rate > other.rate ? one : other)),
  );
  for (const [index, connections] of CONNECTIONS.entries()) {
    const runs = told[index] ?? [];
    const { ratio, spread } = quotient(rates(runs), rates(best));
    const p99 = median(runs.map((run) => run.p99));
    lines.push({
      what: `PostgreSQL, ${pick === 'hot' ? 'one hot account' : `any of ${figure(accounts)} accounts`}, ${connections} connections`,
      ours: said(runs),
      theirs: `pgbench, the best of ${CLIENTS.join(', ')} clients: ${said(best)}`,
      ratio,
      spread,
      aim: `≥ ${AIMS[pick]}${connections === CONNECTIONS[0] ? `, p99 < ${AIMS.p99Ms} ms` : ''}`,
      met: ratio >= AIMS[pick] && (connections !== CONNECTIONS[0] || p99 < AIMS.p99Ms),
    });
  }
  if (pick === 'uniform') await lone(server, theirs);
  await server.stop();
}

/** @param {import('./lib/servers.mjs').Server} server @param {string} theirs */
async function lone(server, theirs) {
  const one = { pick: /** @type {const} */ ('uniform'), accounts, seconds };
  const [ours, sql] = await alternate(
    [
      async () => transferByWrk(server, { ...one, connections: 1 }),
      async () => transferByPgbench(theirs, { ...one, clients: 1 }),
    ],
    rounds,
  );
  const { ratio, spread } = quotient(
    ours.map(({ p50 }) => p50),
    sql.map(({ p50 }) => p50),
  );
  lines.push({
    what: 'PostgreSQL, one lone client: p50',
    ours: said(ours),
    theirs: `pgbench, one client: ${said(sql)}`,
    ratio,
    spread,
    aim: `≤ ${AIMS.lone}`,
    met: ratio <= AIMS.lone,
  });
}

async function onSqlite() {
  const [ours, theirs] = [makeSqlite(), makeSqlite()];
  const key = makeKey(ours.url, 'write');
  for (const { path } of [ours, theirs]) fillSqlite(path);
  const server = await startPassbook(ours.url, key, how('transfers-sqlite'));
  const peer = await startPeer('bare-sqlite', new URL('./peers/transfers-sqlite.mjs', import.meta.url), theirs.url);
  const load = { pick: /** @type {const} */ ('uniform'), accounts, connections: CONNECTIONS[0] ?? 64, seconds };
  const [mine, bare] = await alternate(
    [async () => transferByWrk(server, load), async () => transferByWrk(peer, load)],
    rounds,
  );
  const { ratio, spread } = quotient(rates(mine), rates(bare));
  lines.push({
    what: `SQLite, any of ${figure(accounts)} accounts, ${load.connections} connections`,
    ours: said(mine),
    theirs: `bare Fastify + better-sqlite3, a transaction for each request: ${said(bare)}`,
    ratio,
    spread,
    aim: `≥ ${AIMS.sqlite}`,
    met: ratio >= AIMS.sqlite,
  });
  await server.stop();
  await peer.stop();
}

const postgres = await startPostgres();
try {
  if (wanted('uniform')) await onPostgres(postgres, 'uniform');
  if (wanted('hot')) await onPostgres(postgres, 'hot');
  if (wanted('sqlite')) await onSqlite();
  publish('transfers', { accounts, rounds, seconds, postgres: postgres.version }, lines);
} catch (error) {
  if (lines.length > 0) console.log(table(lines));
  throw error;
} finally {
  await postgres.dispose();
}
