// `npm run bench -- metrics`: what a request pays for being watched, against the same service that nobody watches.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { alternate } from './lib/alternate.mjs';
import { shoot } from './lib/load.mjs';
import { SETTINGS, startPostgres } from './lib/postgres.mjs';
import { figure, median, publish, quotient } from './lib/report.mjs';
import { accountIdOf } from './lib/rows.mjs';
import { startPassbook } from './lib/servers.mjs';
import { fillPostgres, fillSqlite, makeKey, makeSqlite, migrate } from './lib/stores.mjs';

const PARTS = ['postgres', 'sqlite'];
const ACCOUNTS = 100;
const METRICS_MOST = 1.03;
/** Prometheus asks every 15 to 60 seconds. */
const SCRAPE_MS = 1_000;

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000' },
    // Many and short: what is looked for is less than what a machine changes by from one second to the next.
    rounds: { type: 'string', default: '24' },
    seconds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string', multiple: true, default: PARTS },
    watched: { type: 'string', multiple: true },
  },
});
const size = {
  rows: Number(options.rows),
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
  connections: Number(options.connections),
};

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];

/** Takes whatever it is sent: a collector and an ingest. */
const watcher = createServer((request, response) => {
  request.resume().once('end', () => response.end('{}'));
});
await new Promise((resolve) => watcher.listen(0, '127.0.0.1', () => resolve(undefined)));
const watcherHost = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (watcher.address()).port}`;

const OFF = { METRICS: 'false' };
/** @type {Record<string, { variables: Record<string, string>, isScraped?: boolean, most?: number }>} */
const WATCHED = {
  metrics: { variables: {}, most: METRICS_MOST },
  'metrics, scraped every second': { variables: {}, isScraped: true },
  'reports, and no fault': { variables: { ...OFF, SENTRY_DSN: `http://${'a'.repeat(32)}@${watcherHost}/7` } },
  'traces, every request': { variables: { ...OFF, OTEL_EXPORTER_OTLP_ENDPOINT: `http://${watcherHost}` } },
};

const chosen = options.watched ?? Object.keys(WATCHED);
if (options.only.some((part) => !PARTS.includes(part)) || chosen.some((name) => WATCHED[name] === undefined)) {
  console.error(`--only takes ${PARTS.join(', ')}; --watched takes "${Object.keys(WATCHED).join('", "')}"`);
  process.exit(2);
}

const accounts = Array.from({ length: ACCOUNTS }, (_, number) => accountIdOf(number));
const REQUESTS = {
  'an account': accounts.map((id) => ({ path: `/v1/accounts/${id}` })),
  'a line': accounts.map((accountId) => ({
    method: /** @type {const} */ ('POST'),
    path: '/v1/transactions',
    body: JSON.stringify({ accountId, date: '2026-11-21', amount: '-12', description: 'Weekly groceries' }),
  })),
};

/** @param {import('./lib/servers.mjs').Server} server @returns {() => void} ends it */
function scrape(server) {
  const timer = setInterval(() => {
    void fetch(`${server.url}/metrics`, { headers: server.headers }).then((answer) => answer.arrayBuffer());
  }, SCRAPE_MS);
  return () => clearInterval(timer);
}

/** @param {string} engine @param {() => Promise<string>} storeOf a store for one more server, which may be that of the others */
async function measure(engine, storeOf) {
  console.error(engine);
  const start = async (/** @type {Record<string, string>} */ variables) => {
    const url = await storeOf();
    return startPassbook(url, makeKey(url, 'admin'), { variables });
  };
  const off = await start(OFF);
  const watched = [];
  for (const name of chosen) watched.push({ name, ...WATCHED[name], server: await start(WATCHED[name].variables) });
  const how = { connections: size.connections, seconds: size.seconds };
  for (const [what, requests] of Object.entries(REQUESTS)) {
    for (const { name, most, server, isScraped = false } of watched) {
      const shootWatched = () => {
        const end = isScraped ? scrape(server) : () => undefined;
        return shoot(server, requests, how).finally(end);
      };
      // Each beside the one that nobody watches: what is looked for is less than what the machine changes by in a minute.
      const [ours, theirs] = await alternate([shootWatched, () => shoot(off, requests, how)], size.rounds);
      compare(`${engine}: ${what}, ${name}`, ours, theirs, most);
    }
  }
  for (const { name, server } of watched)
    lines.push({
      what: `${engine}: resident memory, highest, ${name}`,
      ours: `${figure(server.peakMib())} MiB`,
      theirs: `nobody watches: ${figure(off.peakMib())} MiB`,
    });
  for (const { server } of [{ server: off }, ...watched]) await server.stop();
}

/** How much more it takes when it is watched. By its own work: what is looked for is less than what rates vary by. */
function compare(what, ours, theirs, most) {
  const rate = (/** @type {import('./lib/load.mjs').Run} */ run) => run.rate;
  const cpuUs = (/** @type {import('./lib/load.mjs').Run} */ run) => run.cpuUs ?? 0;
  const said = (/** @type {import('./lib/load.mjs').Run[]} */ runs) =>
    `${figure(median(runs.map(rate)))}/s, ${figure(median(runs.map(cpuUs)))} µs`;
  const work = quotient(ours.map(cpuUs), theirs.map(cpuUs)).ratio;
  lines.push({
    what,
    ours: said(ours),
    theirs: `nobody watches: ${said(theirs)}`,
    ...quotient(theirs.map(rate), ours.map(rate)),
    work,
    ...(most === undefined ? {} : { aim: `own work ≤ ${most}`, met: work <= most }),
  });
}

if (options.only.includes('postgres')) {
  const postgres = await startPostgres();
  try {
    const url = await postgres.createDatabase('metrics');
    migrate(url);
    await fillPostgres(url, { accounts: ACCOUNTS, lines: size.rows, kind: 'manual' });
    await measure('PostgreSQL', async () => url);
  } finally {
    await postgres.dispose();
  }
}
if (options.only.includes('sqlite'))
  await measure('SQLite', async () => {
    const { path, url } = makeSqlite();
    await fillSqlite(path, { accounts: ACCOUNTS, lines: size.rows, kind: 'manual' });
    return url;
  });
watcher.close();
watcher.closeAllConnections();
publish('metrics', { ...SETTINGS, ...size }, lines);
