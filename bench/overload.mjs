// `npm run bench -- overload`: ten times what the service can answer, for a minute, and how it is before, meanwhile and afterwards.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from './lib/postgres.mjs';
import { figure, publish } from './lib/report.mjs';
import { startPassbook } from './lib/servers.mjs';
import { makeKey, makeSqlite, migrate } from './lib/stores.mjs';

const GENERATOR = fileURLToPath(new URL('../test/support/open-loop.mjs', import.meta.url));
const TIMES = 10;
const ACCEPTED_P99_MS = 1_000;
const RECOVERY_SECONDS = 5;
const LINES = 60;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, connections: { type: 'string', default: '1000' } },
});
const seconds = Number(values.seconds);
const connections = Number(values.connections);

/** @type {import('./lib/report.mjs').Line[]} */
const lines = [];

/** @param {object} wanted @returns {Promise<any>} */
function load(wanted) {
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(wanted)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(JSON.parse(said)));
  });
}

/** Two fifths pages, two fifths accounts, one fifth lines that are written. @param {string} url @param {Record<string, string>} headers */
async function mixedRequests(url, headers) {
  const post = async (/** @type {string} */ path, /** @type {object} */ body) => {
    const sent = { ...headers, 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers: sent, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return /** @type {Promise<any>} */ (answer.json());
  };
  const { id } = await post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' });
  const line = { accountId: id, date: '2026-11-01', amount: '-1.25', description: 'Groceries at the corner' };
  for (let count = 0; count < LINES; count++) await post('/v1/transactions', line);
  const wire = (/** @type {string} */ method, /** @type {string} */ path, body = '') =>
    [
      `${method} ${path} HTTP/1.1`,
      'Host: passbook',
      `Authorization: ${headers['authorization']}`,
      ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
      '',
      body,
    ].join('\r\n');
  const [page, account] = [wire('GET', '/v1/transactions?limit=20'), wire('GET', `/v1/accounts/${id}`)];
  return [page, account, page, account, wire('POST', '/v1/transactions', JSON.stringify(line))];
}

/** The first second from which on all was accepted, and soon. @param {{ accepted: number, refused: number, p99: number }[]} bySecond */
function recoveredAfter(bySecond) {
  const isWell = (/** @type {{ refused: number, p99: number }} */ { refused, p99 }) =>
    refused === 0 && p99 < ACCEPTED_P99_MS;
  const last = bySecond.findLastIndex((second) => !isWell(second));
  return last + 1;
}

/** @param {string} name @param {string} storeUrl */
async function measure(name, storeUrl) {
  migrate(storeUrl);
  const server = await startPassbook(storeUrl, makeKey(storeUrl, 'admin'));
  const port = Number(new URL(server.url).port);
  const requests = await mixedRequests(server.url, server.headers);
  const closed = { port, requests, rate: 0, connections: 32 };
  await load({ ...closed, seconds: 5 });
  const usual = await load({ ...closed, seconds: 10 });
  const sustainable = usual.asked / 10;
  const before = server.peakMib();
  const came = await load({ port, requests, rate: sustainable * TIMES, seconds, connections });
  const after = await load({ port, requests, rate: sustainable / 2, seconds: RECOVERY_SECONDS * 2, connections });
  await server.stop();
  const accepted = (came.statuses['200'] ?? 0) + (came.statuses['201'] ?? 0);
  const refused = came.statuses['503'] ?? 0;
  const recovered = recoveredAfter(after.bySecond);
  lines.push(
    {
      what: `${name}: answered a second`,
      ours: figure(accepted / seconds),
      theirs: `${figure(sustainable)} without overload`,
    },
    {
      what: `${name}: refused a second`,
      ours: figure(refused / seconds),
      theirs: `${figure(came.asked / seconds)} asked`,
    },
    {
      what: `${name}: accepted, p99`,
      ours: `${figure(came.p99)} ms`,
      theirs: `${figure(usual.p99)} ms without overload`,
      aim: `< ${ACCEPTED_P99_MS} ms`,
      met: came.p99 < ACCEPTED_P99_MS,
    },
    { what: `${name}: refused, p99`, ours: `${figure(came.refusedP99)} ms`, theirs: '' },
    {
      what: `${name}: neither answered nor refused, or without Retry-After`,
      ours: String(came.asked - accepted - refused + came.withoutRetryAfter),
      theirs: '',
      aim: '0',
      met: came.asked === accepted + refused && came.withoutRetryAfter === 0,
    },
    {
      what: `${name}: highest resident memory`,
      ours: `${figure(server.peakMib())} MiB`,
      theirs: `${figure(before)} MiB before`,
    },
    {
      what: `${name}: all accepted and soon again after`,
      ours: `${recovered} s`,
      theirs: '',
      aim: `< ${RECOVERY_SECONDS} s`,
      met: recovered < RECOVERY_SECONDS,
    },
  );
}

await measure('SQLite', makeSqlite().url);
const postgres = await startPostgres();
try {
  await measure('PostgreSQL', await postgres.createDatabase('overload'));
} finally {
  await postgres.dispose();
}
publish('overload', { times: TIMES, seconds, connections }, lines);
