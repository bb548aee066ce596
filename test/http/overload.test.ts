// Ten times what can be answered: some are accepted, the rest is told when to come again, memory stays bounded, and afterwards all is well.
// How soon the answers come is measured by `npm run bench -- overload`.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServerProcess } from '../crash/server-process.js';
import { eachStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const GENERATOR = fileURLToPath(new URL('../support/open-loop.mjs', import.meta.url));
const TIMES = 10;
const OVERLOAD_SECONDS = share({ test: 4, prove: 60 });
const RECOVERY_MS = 1_000;
/** So many at a time are let in however slow the machine is. */
const ALWAYS_LET_IN = 16;
const GROWTH_MIB_MAX = 300;
/** By what a machine measures of itself while other tests run, ten times may be little. */
const RATE_MIN = 2_000;
/** On a slow machine it takes long until all connections are open and each has asked, which is no fault of theirs. */
const PATIENT = { HEADERS_TIMEOUT_MS: '120000', REQUEST_TIMEOUT_MS: '120000', KEEP_ALIVE_TIMEOUT_MS: '120000' };

interface Came {
  readonly asked: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly withoutRetryAfter: number;
}

function load(wanted: object): Promise<Came> {
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(wanted)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += String(text)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(JSON.parse(said) as Came));
  });
}

function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
}

eachStore((store) => {
  let server: ServerProcess;
  let requests: string[];
  beforeAll(async () => {
    const app = await TestApp.start(store);
    await app.stop();
    server = await ServerProcess.start({ ...store.environment, ...PATIENT }, app.key);
    const { body } = await server.client.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' });
    const line = { accountId: body.id, date: '2026-11-01', amount: '-1', description: 'Groceries' };
    for (let count = 0; count < 20; count++) await server.client.post('/v1/transactions', line);
    const wire = (method: string, path: string, sent = ''): string =>
      [
        `${method} ${path} HTTP/1.1`,
        'Host: passbook',
        `Authorization: Bearer ${app.key}`,
        ...(sent === '' ? [] : ['Content-Type: application/json', `Content-Length: ${sent.length}`]),
        '',
        sent,
      ].join('\r\n');
    const [page, account] = [wire('GET', '/v1/transactions?limit=20'), wire('GET', `/v1/accounts/${body.id}`)];
    requests = [page, account, page, account, wire('POST', '/v1/transactions', JSON.stringify(line))];
  });
  afterAll(async () => {
    await server.terminate();
  });

  it('takes ten times what it can answer', { timeout: 600_000 }, async () => {
    const { port } = server.client;
    const closed = { port, requests, rate: 0, connections: 32 };
    await load({ ...closed, seconds: 1 });
    const usual = await load({ ...closed, seconds: 2 });
    const sustainable = usual.asked / 2;

    const before = residentMib(server.pid);
    let most = before;
    const watching = setInterval(() => (most = Math.max(most, residentMib(server.pid))), 100);
    const livez = watchLivez(server);
    const rate = Math.max(sustainable * TIMES, RATE_MIN);
    const came = await load({ port, requests, rate, seconds: OVERLOAD_SECONDS, connections: 1_000 });
    clearInterval(watching);
    // A slow machine may come to accept none of one kind; and without refusals it was no test.
    const { 200: shown = 0, 201: written = 0, 503: refused = 0, ...others } = came.statuses;
    expect({ others, someAccepted: shown + written > 0, someRefused: refused > 0 }).toEqual({
      others: {},
      someAccepted: true,
      someRefused: true,
    });
    expect(came.withoutRetryAfter).toBe(0);
    expect(most - before).toBeLessThan(GROWTH_MIB_MAX);
    expect(await livez(), 'a server that has too much to do is alive').toEqual([]);

    await sleep(RECOVERY_MS);
    const after = await load({ ...closed, connections: ALWAYS_LET_IN, seconds: 2 });
    expect(Object.keys(after.statuses).sort()).toEqual(['200', '201']);
  });
});

/** Answers what it was told that was not 200. */
function watchLivez(server: ServerProcess): () => Promise<number[]> {
  const faults: number[] = [];
  let stopping = false;
  const watching = (async () => {
    while (!stopping) {
      const { status } = await server.client.get('/livez');
      if (status !== 200) faults.push(status);
      await sleep(50);
    }
  })();
  return async () => {
    stopping = true;
    await watching;
    return faults;
  };
}
