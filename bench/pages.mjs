// `npm run bench -- pages`: what reading costs, against the same reads with nothing around them.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { alternate } from './lib/alternate.mjs';
import { ask, shoot } from './lib/load.mjs';
import { SETTINGS, startPostgres } from './lib/postgres.mjs';
import { figure, median, publish, quotient } from './lib/report.mjs';
import { accountIdOf } from './lib/rows.mjs';
import { startPassbook, startPeer } from './lib/servers.mjs';
import { fillPostgres, fillSqlite, makeKey, makeSqlite, migrate } from './lib/stores.mjs';
import { DISTINCT_ON_QUERY, latestQuery, numbered, totalsQuery } from './peers/queries.mjs';

const PARTS = ['page', 'size', 'balances', 'totals', 'sqlite'];
const ACCOUNTS = 100;
const LIMIT = 50;
const DEEP = 450;
const RSS_MIB_MAX = 300;
const P95_MS_MAX = 50;
const AT = '2025-11-21T12:00:00.000Z';
const LATEST = '/v1/balances?limit=500';
const LATEST_AT = `${LATEST}&at=${AT}`;
const TOTALS = '/v1/transactions/totals?groupBy=category,month';
const PEERS = {
  bare: new URL('./peers/bare-postgres.mjs', import.meta.url),
  nest: new URL('./peers/nest-typeorm.mjs', import.meta.url),
  bareSqlite: new URL('./peers/bare-sqlite.mjs', import.meta.url),
};

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'few-rows': { type: 'string', default: '100000' },
    balances: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', multiple: true, default: PARTS },
    profile: { type: 'boolean', default: false },
  },
});
const size = {
  many: Number(options.rows),
  few: Number(options['few-rows']),
  balances: Number(options.balances),
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
  connections: Number(options.connections),
};
const unknown = options.only.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`--only takes ${PARTS.join(', ')}`);
  process.exit(2);
}
const wants = (/** @type {string} */ part) => options.only.includes(part);

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];
/** @type {import('./lib/servers.mjs').Server[]} */
const running = [];
/** @type {import('./lib/servers.mjs').Server[]} */
const ours = [];
let postgresVersion = 'none';

/** @param {Promise<import('./lib/servers.mjs').Server>} starting */
async function up(starting) {
  const server = await starting;
  running.push(server);
  if (server.name === 'passbook') ours.push(server);
  return server;
}

/** @param {string} url @param {string} [profile] */
function passbook(url, profile) {
  return up(startPassbook(url, makeKey(url, 'read'), options.profile && profile !== undefined ? { profile } : {}));
}

async function stopAll() {
  await Promise.all(running.splice(0).map((server) => server.stop()));
}

/**
 * The first page of every account, or of all of them at once, and pages further down: each by the server's own cursors.
 * @param {import('./lib/servers.mjs').Server} server @param {'one account' | 'all accounts'} reach
 */
async function pages(server, reach) {
  const lists =
    reach === 'one account'
      ? Array.from({ length: ACCOUNTS }, (_, number) => `accountId=${accountIdOf(number)}&`)
      : Array.from({ length: 20 }, () => '');
  const requests = [];
  let from = '';
  for (const list of lists) {
    const first = `/v1/transactions?${list}limit=${LIMIT}`;
    const { nextCursor } = await ask(server, `/v1/transactions?${list}limit=${DEEP}${from}`);
    assert.ok(nextCursor !== null, `an account needs more than ${DEEP} lines: give --rows more`);
    requests.push({ path: first }, { path: `${first}&cursor=${nextCursor}` });
    // Across all accounts one list is read on and on, so that its pages differ too.
    if (reach === 'all accounts') from = `&cursor=${nextCursor}`;
  }
  return requests;
}

/** The same rows from both, whatever their cursors look like. */
async function sameAnswers(a, b, pathsOfA, pathsOfB) {
  for (const [index, path] of pathsOfA.entries()) {
    const [mine, other] = [await ask(a, path), await ask(b, pathsOfB[index])];
    assert.deepEqual(other.data, mine.data, `${b.name} answers ${path} differently`);
    assert.equal(typeof other.nextCursor, typeof mine.nextCursor);
    assert.ok(mine.data.length > 0, `no rows at ${path}`);
  }
}

/** How much more the other's own process works for an answer. @param {import('./lib/load.mjs').Run[]} mine @param {import('./lib/load.mjs').Run[]} theirs */
function workOf(mine, theirs) {
  const [own, others] = [mine, theirs].map((runs) => runs.flatMap(({ cpuUs }) => cpuUs ?? []));
  return own.length === 0 || others.length === 0 ? {} : { work: quotient(others, own).ratio };
}

const rates = (/** @type {import('./lib/load.mjs').Run[]} */ runs) => runs.map(({ rate }) => rate);

/** @param {import('./lib/load.mjs').Run[]} runs */
function perSecond(runs) {
  const cpu = runs.flatMap(({ cpuUs }) => cpuUs ?? []);
  const own = cpu.length === 0 ? '' : `, ${figure(median(cpu))} µs`;
  return `${figure(median(rates(runs)))}/s, p95 ${figure(median(runs.map(({ p95 }) => p95)))} ms${own}`;
}

/** @param {string} what @param {string} with_ @param {import('./lib/load.mjs').Run[]} mine @param {import('./lib/load.mjs').Run[]} theirs @param {number} [least] */
function compareRates(what, with_, mine, theirs, least) {
  const compared = quotient(rates(mine), rates(theirs));
  lines.push({
    what,
    ours: perSecond(mine),
    theirs: `${with_}: ${perSecond(theirs)}`,
    ...compared,
    ...workOf(mine, theirs),
    ...(least === undefined ? {} : { aim: `≥ ${least}`, met: compared.ratio >= least }),
  });
}

/** @param {string} url @param {'one account' | 'all accounts'} reach */
async function measurePages(url, reach) {
  console.error(`pages of ${reach}`);
  const servers = [
    await passbook(url, `pages-${reach.replace(' ', '-')}`),
    await up(startPeer('bare Fastify + pg', PEERS.bare, url)),
    await up(startPeer('Nest + TypeORM repository', PEERS.nest, url)),
  ];
  const requests = [];
  for (const server of servers) requests.push(await pages(server, reach));
  const paths = requests.map((list) => list.slice(0, 8).map(({ path }) => path));
  for (const index of [1, 2]) await sameAnswers(servers[0], servers[index], paths[0], paths[index]);
  const { connections, seconds } = size;
  const contenders = servers.map((server, index) => () => shoot(server, requests[index], { connections, seconds }));
  const [mine, bare, nest] = await alternate(contenders, size.rounds);
  compareRates(`page of ${LIMIT}, ${reach}`, 'bare Fastify + pg', mine, bare, 0.6);
  compareRates(`page of ${LIMIT}, ${reach}`, 'Nest + TypeORM repository', mine, nest, 1.8);
  const p95 = median(mine.map((run) => run.p95));
  lines.push({
    what: `page of ${LIMIT}, ${reach}: p95 at ${connections} connections`,
    ours: `${figure(p95)} ms`,
    theirs: '',
    aim: `< ${P95_MS_MAX} ms`,
    met: p95 < P95_MS_MAX,
  });
  await stopAll();
}

/** @param {string} manyUrl @param {string} fewUrl */
async function measureSize(manyUrl, fewUrl) {
  for (const reach of /** @type {const} */ (['one account', 'all accounts'])) {
    console.error(`cost by size, ${reach}`);
    const many = await passbook(manyUrl);
    const few = await passbook(fewUrl);
    const requests = [await pages(many, reach), await pages(few, reach)];
    const { connections, seconds } = size;
    const [manyRuns, fewRuns] = await alternate(
      [many, few].map((server, index) => () => shoot(server, requests[index], { connections, seconds })),
      size.rounds,
    );
    const compared = quotient(rates(fewRuns), rates(manyRuns));
    lines.push({
      what: `cost of a page at ${figure(size.many)} rows against ${figure(size.few)}, ${reach}`,
      ours: perSecond(manyRuns),
      theirs: `Passbook at ${figure(size.few)}: ${perSecond(fewRuns)}`,
      ...compared,
      ...workOf(fewRuns, manyRuns),
      aim: '≤ 1.2',
      met: compared.ratio <= 1.2,
    });
    await stopAll();
  }
}

/** @param {string} url */
async function measureBalances(url) {
  console.error('latest balances');
  const mine = await passbook(url, 'balances');
  const bare = await up(startPeer('bare Fastify + pg', PEERS.bare, url));
  await sameAnswers(mine, bare, [LATEST, LATEST_AT], [LATEST, LATEST_AT]);
  assert.equal((await ask(mine, LATEST)).data.length, ACCOUNTS);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  const many = `every account's latest balance over ${figure(size.balances)} snapshots`;
  for (const [what, path, at] of /** @type {const} */ ([
    [many, LATEST, []],
    [`the same at a moment (?at=)`, LATEST_AT, [AT]],
  ])) {
    const how = { connections: 8, seconds: size.seconds / 2 };
    const text = numbered(latestQuery({ at: at.length > 0, dialect: 'postgres' }));
    const [runs, bareRuns, sqlRuns] = await alternate(
      [
        () => shoot(mine, [{ path }], how),
        () => shoot(bare, [{ path }], how),
        () => drive(() => pool.query({ name: path, text, values: [...at] }), how),
      ],
      size.rounds,
    );
    compareRates(what, 'the SQL (LATERAL) served by bare Fastify + pg', runs, bareRuns);
    compareRates(what, 'the SQL (LATERAL) alone through pg', runs, sqlRuns);
    if (at.length > 0) continue;
    const [distinctRuns] = await alternate(
      [() => drive(() => pool.query({ name: 'distinct', text: DISTINCT_ON_QUERY }), { ...how, seconds: 1 })],
      1,
    );
    compareRates(what, 'the SQL (DISTINCT ON) alone through pg, one round', runs.slice(0, 1), distinctRuns);
  }
  await pool.end();
  await stopAll();
}

/** The same as `shoot`, for a function. @param {() => unknown} call @param {{ connections: number, seconds: number }} how */
async function drive(call, { connections, seconds }) {
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  /** @type {number[]} */
  const took = [];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        const asked = performance.now();
        await call();
        took.push(performance.now() - asked);
      }
    }),
  );
  took.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return { rate: took.length / ((performance.now() - started) / 1000), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** @param {() => Promise<unknown>} call milliseconds that one call takes */
async function timed(call) {
  const started = performance.now();
  await call();
  return performance.now() - started;
}

/** @param {string} what @param {string} with_ @param {number[]} mine @param {number[]} theirs */
function compareTimes(what, with_, mine, theirs) {
  lines.push({
    what,
    ours: `${figure(median(mine))} ms`,
    theirs: `${with_}: ${figure(median(theirs))} ms`,
    ...quotient(theirs, mine),
  });
}

/** @param {string} url */
async function measureTotals(url) {
  console.error('totals');
  const mine = await passbook(url, 'totals');
  const bare = await up(startPeer('bare Fastify + pg', PEERS.bare, url));
  assert.deepEqual(await ask(mine, TOTALS), await ask(bare, TOTALS));
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const [mineMs, bareMs, sqlMs] = await alternate(
    [
      () => timed(() => ask(mine, TOTALS)),
      () => timed(() => ask(bare, TOTALS)),
      () => timed(() => pool.query({ name: 'totals', text: totalsQuery('postgres') })),
    ],
    size.rounds * 2,
  );
  const what = `totals per category and month over ${figure(size.many)} lines`;
  compareTimes(what, 'the SQL served by bare Fastify + pg', mineMs, bareMs);
  compareTimes(what, 'the SQL alone through pg', mineMs, sqlMs);
  await pool.end();
  await stopAll();
}

async function measureSqlite() {
  console.error(`filling SQLite with ${figure(size.many)} lines`);
  const { path, url } = makeSqlite();
  const key = makeKey(url, 'read');
  await fillSqlite(path, { accounts: ACCOUNTS, lines: size.many, balances: size.balances });
  const mine = await up(startPassbook(url, key, options.profile ? { profile: 'sqlite' } : {}));
  const bare = await up(startPeer('bare Fastify + better-sqlite3', PEERS.bareSqlite, path));
  const { connections, seconds, rounds } = size;
  for (const reach of /** @type {const} */ (['one account', 'all accounts'])) {
    const requests = [await pages(mine, reach), await pages(bare, reach)];
    await sameAnswers(mine, bare, ...requests.map((list) => list.slice(0, 8).map((request) => request.path)));
    const [runs, bareRuns] = await alternate(
      [mine, bare].map((server, index) => () => shoot(server, requests[index], { connections, seconds })),
      rounds,
    );
    compareRates(`SQLite: page of ${LIMIT}, ${reach}`, 'bare Fastify + better-sqlite3', runs, bareRuns);
  }
  for (const [what, path] of /** @type {const} */ ([
    ['SQLite: latest balances', LATEST],
    ['SQLite: latest balances at a moment', LATEST_AT],
  ])) {
    await sameAnswers(mine, bare, [path], [path]);
    const [runs, bareRuns] = await alternate(
      [mine, bare].map((server) => () => shoot(server, [{ path }], { connections: 8, seconds: seconds / 2 })),
      rounds,
    );
    compareRates(what, 'the SQL served by bare Fastify + better-sqlite3', runs, bareRuns);
  }
  assert.deepEqual(await ask(mine, TOTALS), await ask(bare, TOTALS));
  const [mineMs, bareMs] = await alternate(
    [mine, bare].map((server) => () => timed(() => ask(server, TOTALS))),
    rounds,
  );
  compareTimes(
    `SQLite: totals per category and month over ${figure(size.many)} lines`,
    'the SQL served by bare Fastify + better-sqlite3',
    mineMs,
    bareMs,
  );
  await stopAll();
}

async function measurePostgres() {
  const postgres = await startPostgres();
  postgresVersion = postgres.version;
  try {
    const many = await postgres.createDatabase('many');
    migrate(many);
    console.error(`filling PostgreSQL with ${figure(size.many)} lines`);
    await fillPostgres(many, { accounts: ACCOUNTS, lines: size.many, balances: size.balances });
    if (wants('page'))
      for (const reach of /** @type {const} */ (['one account', 'all accounts'])) await measurePages(many, reach);
    if (wants('size')) {
      const few = await postgres.createDatabase('few');
      migrate(few);
      await fillPostgres(few, { accounts: ACCOUNTS, lines: size.few, balances: 0 });
      await measureSize(many, few);
    }
    if (wants('balances')) await measureBalances(many);
    if (wants('totals')) await measureTotals(many);
  } finally {
    await stopAll();
    await postgres.dispose();
  }
}

if (PARTS.some((part) => part !== 'sqlite' && wants(part))) await measurePostgres();
if (wants('sqlite')) await measureSqlite();
const peak = Math.max(...ours.map((server) => server.peakMib()));
lines.push({
  what: "the server's resident memory, highest",
  ours: `${figure(peak)} MiB`,
  theirs: '',
  aim: `< ${RSS_MIB_MAX} MiB`,
  met: peak < RSS_MIB_MAX,
});
publish('pages', { postgres: postgresVersion, ...SETTINGS, ...size }, lines);
