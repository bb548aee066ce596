// Several servers on one store: two work together on PostgreSQL, and a SQLite file has one at a time. And a server that is asked to end.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, ENGINES } from '../support/each-store.js';
import { share } from '../support/share.js';
import { Load } from './load.js';
import { expectWhole, moments, TEST_MS_MAX } from './rounds.js';
import { ServerProcess } from './server-process.js';
import { type KillableStore, killableStore } from './stores.js';

const LOAD_MS = 700;
const ROUNDS = share({ test: 1, prove: 30 });

function storeOf(engine: Engine): () => KillableStore {
  let store: KillableStore | undefined;
  beforeAll(async () => {
    store = await killableStore(engine);
  });
  afterAll(() => store?.dispose());
  return () => store!;
}

describe.each(ENGINES)('on %s', (engine) => {
  const there = storeOf(engine);

  it(`a server that is asked to end ends with 0 and loses nothing`, { timeout: TEST_MS_MAX }, async () => {
    const store = there();
    const random = moments();
    let server = await ServerProcess.start(store.environment, store.key);
    for (let round = 0; round < ROUNDS; round++) {
      const load = new Load(`s${round}`, [server.client]);
      await load.prepare();
      await load.start();
      await sleep(random() * LOAD_MS);
      const { code, stderr } = await server.terminate();
      await load.stop();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      server = await ServerProcess.start(store.environment, store.key);
      await expectWhole(store, load, server.client, round);
    }
    await server.kill();
  });
});

describe('two servers on one PostgreSQL', () => {
  const there = storeOf('postgres');

  it('share the load, and one takes it when the other is killed', { timeout: TEST_MS_MAX }, async () => {
    const store = there();
    const random = moments();
    const stays = await ServerProcess.start(store.environment, store.key);
    for (let round = 0; round < ROUNDS; round++) {
      const goes = await ServerProcess.start(store.environment, store.key);
      const load = new Load(`t${round}`, [stays.client, goes.client]);
      await load.prepare();
      await load.start();
      await sleep(LOAD_MS / 2 + random() * LOAD_MS);
      await goes.kill();
      await load.acknowledged();
      await sleep((random() * LOAD_MS) / 2);
      await load.stop();
      await expectWhole(store, load, stays.client, round);
    }
    await stays.kill();
  });
});

describe('a second server on one SQLite file', () => {
  const there = storeOf('sqlite');

  it('says so in one line and ends with 75', { timeout: TEST_MS_MAX }, async () => {
    const { environment, key } = there();
    const first = await ServerProcess.start(environment, key);
    const second = await ServerProcess.spawn(environment, key);
    const { code, stderr } = await second.end();
    expect({ code, lines: stderr.trimEnd().split('\n') }).toEqual({
      code: 75,
      lines: [expect.stringMatching(/^Another passbook process has \/.*passbook\.db\./)],
    });
    expect((await first.client.get('/readyz')).status).toBe(200);
    await first.kill();
    // Killed, the first leaves nothing behind that would keep another from starting.
    const third = await ServerProcess.start(environment, key);
    await third.kill();
  });
});
