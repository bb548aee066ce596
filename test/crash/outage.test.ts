// PostgreSQL is killed under a running server and comes back: requests end, with 503 and soon; the server recovers by itself; no acknowledged write is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Load } from './load.js';
import { expectWhole, moments, ROUNDS, TEST_MS_MAX } from './rounds.js';
import { ServerProcess } from './server-process.js';
import { type KillableStore, killableStore } from './stores.js';

const LOAD_MS_MAX = 700;
const OUTAGE_MS_MAX = 1_500;
const AFTERWARDS_MS = 300;
const PROBE_MS = 25;

let store: KillableStore;
beforeAll(async () => {
  store = await killableStore('postgres');
});
afterAll(() => store.dispose());

/** Asks /livez until `stop`; answers what was wrong with the answers. */
function watchLivez(server: ServerProcess): () => Promise<string[]> {
  const faults: string[] = [];
  let stopping = false;
  const watching = (async () => {
    while (!stopping) {
      const { status } = await server.client.get('/livez');
      if (status !== 200) faults.push(`livez answered ${status}`);
      await sleep(PROBE_MS);
    }
  })();
  return async () => {
    stopping = true;
    await watching;
    return faults;
  };
}

it(`recovers from a killed PostgreSQL and loses nothing, ${ROUNDS} times`, { timeout: TEST_MS_MAX }, async () => {
  const random = moments();
  const server = await ServerProcess.start(store.environment, store.key);
  for (let round = 0; round < ROUNDS; round++) {
    const load = new Load(`o${round}`, [server.client]);
    await load.prepare();
    const livez = watchLivez(server);
    await load.start();
    await sleep(random() * LOAD_MS_MAX);
    await store.postgres!.kill();
    await sleep(random() * OUTAGE_MS_MAX);
    const { status, body } = await server.client.get('/v1/accounts');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'store_unavailable' });
    expect((await server.client.get('/readyz')).status).toBe(503);
    await store.postgres!.start();
    await server.ready();
    await load.acknowledged();
    await sleep(AFTERWARDS_MS);
    await load.stop();
    expect(await livez()).toEqual([]);
    await expectWhole(store, load, server.client, round);
  }
  await server.kill();
});
