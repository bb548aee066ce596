// `npm run bench -- first-sync`: what the first sync of an account costs, from a bank on this machine over TLS, against the same rows through the door.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alternate } from './lib/alternate.mjs';
import { environmentOf } from './lib/dist.mjs';
import { SETTINGS, startPostgres } from './lib/postgres.mjs';
import { figure, median, publish, quotient } from './lib/report.mjs';
import { profiled, startPassbook } from './lib/servers.mjs';
import { fillPostgres, fillSqlite, makeKey, makeSqlite, migrate } from './lib/stores.mjs';
import { tether, untether } from './lib/tether.mjs';
import { ACCOUNTS, BATCH, startWriter } from './lib/writers.mjs';

const PARTS = ['postgres', 'sqlite'];
const LEAST = 0.5;
const RSS_MIB_MAX = 300;
/** What Node takes by itself in a container of 512 MiB, as the service is deployed; on a big machine it collects no garbage before it must. */
const HEAP_MIB = 256;
const DOOR = new URL('./peers/ingest-door.mjs', import.meta.url);
const BANK = fileURLToPath(new URL('./peers/fake-teller.mjs', import.meta.url));
const TYPESCRIPT = new URL('./lib/typescript.mjs', import.meta.url).href;

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true, default: PARTS },
    profile: { type: 'boolean', default: false },
  },
});
/** `lines`: of each account that is synced for the first time, a whole number of thousands. */
const size = { lines: Number(options.lines), rounds: Number(options.rounds) };
const unknown = options.only.filter((part) => !PARTS.includes(part));
if (unknown.length > 0 || size.lines % BATCH !== 0) {
  console.error(`--only takes ${PARTS.join(', ')}; --lines a multiple of ${BATCH}`);
  process.exit(2);
}

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];

/** The fake bank: what a service needs to know to ask it, and consents to accounts of its own. */
async function startBank() {
  const child = fork(BANK, { execArgv: ['--import', TYPESCRIPT] });
  const pid = /** @type {number} */ (child.pid);
  tether({ pid });
  const next = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`the bank ended with ${code}`)));
    });
  const { variables } = await next();
  return {
    variables: /** @type {Record<string, string>} */ (variables),
    /** @param {number} from */
    async consent(from) {
      child.removeAllListeners('exit');
      const answer = next();
      child.send({ from, lines: size.lines });
      return (await answer).consent;
    },
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
      untether({ pid });
    },
  };
}

/** @param {import('./lib/servers.mjs').Server} server @param {string} path @param {object} [body] @returns {Promise<any>} */
async function post(server, path, body) {
  const headers = { ...server.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) ?? null });
  const text = await answer.text();
  assert.ok(answer.ok, `${path} answers ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/**
 * Two stores of one engine that grow alike: one by first syncs of new enrollments, the other by as many rows through the door.
 * @param {string} engine @param {string} synced @param {string} bare the stores' URLs
 */
async function measure(engine, synced, bare) {
  console.error(`into ${engine}`);
  const bank = await startBank();
  const variables = {
    ...bank.variables,
    ENCRYPTION_KEYS: `bench:${Buffer.alloc(32, 1).toString('base64')}`,
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
  };
  const profile = options.profile ? { profile: `first-sync-${engine}` } : {};
  const server = await startPassbook(synced, makeKey(synced, 'write'), { ...profile, variables });
  const door = await startWriter('the door', DOOR, environmentOf(bare), profiled(undefined));
  let [ours, theirs] = [0, 0];
  const sync = async () => {
    const { id } = await post(server, '/v1/enrollments', { feed: 'teller', consent: await bank.consent(ours) });
    ours += size.lines;
    const started = performance.now();
    const { accounts } = await post(server, `/v1/enrollments/${id}/sync`);
    const ms = performance.now() - started;
    assert.deepEqual(
      accounts.map((/** @type {any} */ { outcome, inserted }) => [outcome, inserted]),
      [['synced', size.lines]],
    );
    return (size.lines / ms) * 1000;
  };
  const write = async () => {
    const from = theirs;
    theirs += size.lines;
    return (size.lines / (await door.write(from, size.lines / BATCH))) * 1000;
  };
  const [mine, other] = await alternate([sync, write], size.rounds);
  const compared = quotient(mine, other);
  const what = `first sync of ${figure(size.lines)} lines into ${engine}`;
  lines.push({
    what,
    ours: `${figure(median(mine))} rows/s`,
    theirs: `the door alone, ${figure(BATCH)} a transaction: ${figure(median(other))} rows/s`,
    ...compared,
    aim: `≥ ${LEAST}`,
    met: compared.ratio >= LEAST,
  });
  const peak = server.peakMib();
  lines.push({
    what: `${what}: the server's resident memory, highest`,
    ours: `${figure(peak)} MiB`,
    theirs: '',
    aim: `< ${RSS_MIB_MAX} MiB`,
    met: peak < RSS_MIB_MAX,
  });
  await door.stop();
  await server.stop();
  await bank.stop();
}

/** @param {import('./lib/postgres.mjs').Postgres} postgres */
async function measurePostgres(postgres) {
  const [synced, bare] = [await postgres.createDatabase('synced'), await postgres.createDatabase('bare')];
  for (const url of [synced, bare]) migrate(url);
  await fillPostgres(bare, { accounts: ACCOUNTS });
  await measure('PostgreSQL', synced, bare);
}

async function measureSqlite() {
  const [synced, bare] = [makeSqlite(), makeSqlite()];
  await fillSqlite(bare.path, { accounts: ACCOUNTS });
  await measure('SQLite', synced.url, bare.url);
}

if (options.only.includes('sqlite')) await measureSqlite();
if (options.only.includes('postgres')) {
  const postgres = await startPostgres();
  try {
    await measurePostgres(postgres);
  } finally {
    await postgres.dispose();
  }
}
publish('first-sync', { ...SETTINGS, ...size }, lines);
