// `npm run bench -- ingest`: what writing many lines costs, against the same inserts with nothing around them.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { environmentOf } from './lib/dist.mjs';
import { alternate } from './lib/alternate.mjs';
import { SETTINGS, startPostgres, withClient } from './lib/postgres.mjs';
import { figure, median, publish, quotient } from './lib/report.mjs';
import { accountIdOf, lineAt } from './lib/rows.mjs';
import { profiled, startPassbook } from './lib/servers.mjs';
import { fillPostgres, fillSqlite, makeKey, makeSqlite, migrate } from './lib/stores.mjs';
import { ACCOUNTS, BATCH, startWriter } from './lib/writers.mjs';

const PARTS = ['postgres', 'sqlite', 'http'];
const LEAST = 0.7;
const RSS_MIB_MAX = 300;
const PEERS = {
  door: new URL('./peers/ingest-door.mjs', import.meta.url),
  postgres: new URL('./peers/ingest-postgres.mjs', import.meta.url),
  sqlite: new URL('./peers/ingest-sqlite.mjs', import.meta.url),
};

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '0' },
    batches: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '12' },
    only: { type: 'string', multiple: true, default: PARTS },
    profile: { type: 'boolean', default: false },
  },
});
/** `rows`: how many the table has already; `batches`: of a thousand rows, each side in each round. */
const size = { rows: Number(options.rows), batches: Number(options.batches), rounds: Number(options.rounds) };
const unknown = options.only.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`--only takes ${PARTS.join(', ')}`);
  process.exit(2);
}
const wants = (/** @type {string} */ part) => options.only.includes(part);

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];
let written = size.rows;

/** Both write into the same table, turn by turn, so that it and its indexes have grown alike for both. */
async function compare(what, with_, ours, theirs) {
  const rowsARound = size.batches * BATCH;
  const turn = (/** @type {import('./lib/writers.mjs').Writer} */ writer) => async () => {
    const from = written;
    written += rowsARound;
    return (rowsARound / (await writer.write(from, size.batches))) * 1000;
  };
  const [mine, other] = await alternate([turn(ours), turn(theirs)], size.rounds);
  const compared = quotient(mine, other);
  const perSecond = (/** @type {number[]} */ rates) => `${figure(median(rates))} rows/s`;
  lines.push({
    what,
    ours: perSecond(mine),
    theirs: `${with_}: ${perSecond(other)}`,
    ...compared,
    aim: `≥ ${LEAST}`,
    met: compared.ratio >= LEAST,
  });
  memory(`${what}: resident memory, highest`, ours.peakMib());
}

/** @param {string} what @param {number} peak */
function memory(what, peak) {
  lines.push({
    what,
    ours: `${figure(peak)} MiB`,
    theirs: '',
    aim: `< ${RSS_MIB_MAX} MiB`,
    met: peak < RSS_MIB_MAX,
  });
}

const profile = (/** @type {string} */ name) => profiled(options.profile ? name : undefined);

/** @param {import('./lib/postgres.mjs').Postgres} postgres */
async function measurePostgres(postgres) {
  console.error('into PostgreSQL');
  const url = await postgres.createDatabase('ingest');
  migrate(url);
  await fillPostgres(url, { accounts: ACCOUNTS, lines: size.rows });
  const ours = await startWriter('the door', PEERS.door, environmentOf(url), profile('ingest-postgres'));
  const theirs = await startWriter('bare pg', PEERS.postgres, { ...process.env, STORE_URL: url });
  const what = `lines into PostgreSQL, ${figure(BATCH)} a transaction`;
  await compare(what, 'bare pg, UNNEST', ours, theirs);
  const { rows } = await withClient(url, (client) => client.query('SELECT COUNT(*)::int AS count FROM transactions'));
  assert.equal(rows[0].count, written);
  await ours.stop();
  await theirs.stop();
}

async function measureSqlite() {
  console.error('into SQLite');
  written = size.rows;
  const { path, url } = makeSqlite();
  await fillSqlite(path, { accounts: ACCOUNTS, lines: size.rows });
  const ours = await startWriter('the door', PEERS.door, environmentOf(url), profile('ingest-sqlite'));
  const theirs = await startWriter('bare better-sqlite3', PEERS.sqlite, { ...process.env, STORE_URL: path });
  await compare(`lines into SQLite, ${figure(BATCH)} a transaction`, 'bare better-sqlite3, prepared', ours, theirs);
  await ours.stop();
  await theirs.stop();
  const database = new Database(path, { readonly: true });
  assert.deepEqual(database.prepare('SELECT COUNT(*) AS count FROM transactions').get(), { count: written });
  database.close();
}

/** What a caller of the API gets: nothing to compare it with, since it also judges each row and answers with it. @param {string} engine @param {string} url */
async function measureHttp(engine, url) {
  console.error(`over HTTP into ${engine}`);
  const server = await startPassbook(url, makeKey(url, 'write'), options.profile ? { profile: `bulk-${engine}` } : {});
  let from = 0;
  const turn = async () => {
    const bodies = Array.from({ length: size.batches }, () =>
      JSON.stringify({ mode: 'atomic', transactions: asked((from += BATCH)) }),
    );
    const started = performance.now();
    for (const body of bodies) {
      const headers = { ...server.headers, 'content-type': 'application/json' };
      const answer = await fetch(`${server.url}/v1/transactions/bulk`, { method: 'POST', headers, body });
      const { succeeded } = await answer.json();
      assert.equal(succeeded, BATCH);
    }
    return ((size.batches * BATCH) / (performance.now() - started)) * 1000;
  };
  const [rates] = await alternate([turn], Math.ceil(size.rounds / 2));
  lines.push({
    what: `POST /v1/transactions/bulk of ${figure(BATCH)} lines into ${engine}, one request after the other`,
    ours: `${figure(median(rates))} rows/s`,
    theirs: '',
  });
  memory(`POST /v1/transactions/bulk into ${engine}: resident memory, highest`, server.peakMib());
  await server.stop();
}

/** Lines as a caller states them, all on one account. @param {number} from */
function asked(from) {
  return Array.from({ length: BATCH }, (_, index) => {
    const { date, description, counterparty, category, externalId, amount } = lineAt(from + index, {
      accounts: ACCOUNTS,
      of: 4_000_000,
    });
    return {
      accountId: accountIdOf(0),
      date,
      amount: `${amount / 100n}.${String(amount < 0n ? -amount % 100n : amount % 100n).padStart(2, '0')}`,
      description,
      counterparty,
      category,
      externalId,
    };
  });
}

async function measureHttpOnBoth(postgres) {
  const url = await postgres.createDatabase('bulk');
  migrate(url);
  await fillPostgres(url, { accounts: 1, kind: 'manual' });
  await measureHttp('PostgreSQL', url);
  const sqlite = makeSqlite();
  await fillSqlite(sqlite.path, { accounts: 1, kind: 'manual' });
  await measureHttp('SQLite', sqlite.url);
}

const postgres = await startPostgres();
try {
  if (wants('postgres')) await measurePostgres(postgres);
  if (wants('sqlite')) await measureSqlite();
  if (wants('http')) await measureHttpOnBoth(postgres);
} finally {
  await postgres.dispose();
}
publish('ingest', { postgres: postgres.version, ...SETTINGS, ...size }, lines);
