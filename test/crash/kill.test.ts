// kill -9 of the server, of PostgreSQL and of both, at random moments under load: what was acknowledged stands, exactly once and just so; of the rest
// each write stands whole or not at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ENGINES } from '../support/each-store.js';
import { Load } from './load.js';
import { expectWhole, moments, ROUNDS, TEST_MS_MAX } from './rounds.js';
import { ServerProcess } from './server-process.js';
import { type KillableStore, killableStore } from './stores.js';

const LOAD_MS_MAX = 900;

describe.each(ENGINES)('on %s', (engine) => {
  let store: KillableStore;
  beforeAll(async () => {
    store = await killableStore(engine);
  });
  afterAll(() => store.dispose());

  const victims = engine === 'sqlite' ? (['server'] as const) : (['server', 'server and PostgreSQL'] as const);

  it.each(victims)(
    `what was acknowledged outlives the %s, ${ROUNDS} times`,
    { timeout: TEST_MS_MAX },
    async (victim) => {
      const random = moments();
      let server = await ServerProcess.start(store.environment, store.key);
      for (let round = 0; round < ROUNDS; round++) {
        const load = new Load(`k${victim.length}r${round}`, [server.client]);
        await load.prepare();
        await load.start();
        await sleep(random() * LOAD_MS_MAX);
        const isPostgresToo = victim === 'server and PostgreSQL';
        await Promise.all([server.kill(), isPostgresToo ? store.postgres!.kill() : undefined]);
        await load.stop();

        if (isPostgresToo) await store.postgres!.start();
        server = await ServerProcess.start(store.environment, store.key);
        await expectWhole(store, load, server.client, round);
      }
      await server.kill();
    },
  );
});
