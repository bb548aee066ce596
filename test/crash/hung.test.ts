// PostgreSQL stands still: requests end with 503 in bounded time, later ones soon; readiness goes off; and once it moves again the server recovers
// by itself, with every acknowledged write there.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { share } from '../support/share.js';
import { Load } from './load.js';
import { expectWhole, moments, TEST_MS_MAX } from './rounds.js';
import { type Reply, ServerProcess } from './server-process.js';
import { type KillableStore, killableStore } from './stores.js';

const ROUNDS = share({ test: 1, prove: 10 });
const LOAD_MS = 500;
const POOL_WAIT_MS = 1_000;
const READY_CHECK_MS = 500;
/** What the driver grants a silent server beyond the statement's own limit, and how often it looks. */
const HUNG_MS = 300 + 5_000 + 1_000;
/** For a machine that is busy with other tests. */
const SLACK_MS = 4_000;

const SETTINGS = {
  DB_STATEMENT_TIMEOUT_MS: '300',
  DB_POOL_SIZE: '4',
  DB_MAX_OVERFLOW: '0',
  DB_POOL_TIMEOUT: String(POOL_WAIT_MS / 1_000),
  READY_CHECK_TIMEOUT_MS: String(READY_CHECK_MS),
};

let store: KillableStore;
beforeAll(async () => {
  store = await killableStore('postgres');
});
afterAll(() => store.dispose());

const statusesOf = (replies: readonly Reply[]): number[] => [...new Set(replies.map(({ status }) => status))];
const slowest = (replies: readonly Reply[]): number => Math.max(...replies.map(({ tookMs }) => tookMs));

it(`outlasts a PostgreSQL that stands still, ${ROUNDS} times`, { timeout: TEST_MS_MAX }, async () => {
  const random = moments();
  const server = await ServerProcess.start({ ...store.environment, ...SETTINGS }, store.key);
  const { client } = server;
  for (let round = 0; round < ROUNDS; round++) {
    const load = new Load(`h${round}`, [client]);
    await load.prepare();
    await load.start();
    await sleep(random() * LOAD_MS);
    store.postgres!.pause();

    const caught = await Promise.all(Array.from({ length: 30 }, () => client.get('/v1/accounts')));
    expect(statusesOf(caught)).toEqual([503]);
    expect(slowest(caught)).toBeLessThan(HUNG_MS + POOL_WAIT_MS + SLACK_MS);

    const later = await Promise.all(Array.from({ length: 30 }, () => client.get('/v1/accounts')));
    expect(statusesOf(later)).toEqual([503]);
    expect(slowest(later), 'no longer than one waits for a connection').toBeLessThan(POOL_WAIT_MS + SLACK_MS);
    const [ready, live] = await Promise.all([client.get('/readyz'), client.get('/livez')]);
    expect([ready.status, live.status]).toEqual([503, 200]);
    expect(ready.tookMs).toBeLessThan(READY_CHECK_MS + SLACK_MS);

    store.postgres!.resume();
    await server.ready();
    await load.acknowledged();
    await sleep(LOAD_MS);
    await load.stop();
    await expectWhole(store, load, client, round);
  }
  expect((await server.terminate()).code).toBe(0);
});
