// A key that was revoked in one process is refused in every other a second later. Nobody tells them: each looks again by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/common/clock.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { ServerProcess } from '../crash/server-process.js';
import { bodyOf } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { HeldClock, TestApp } from '../support/test-app.js';

const SECOND_MS = 1_000;
/** Several services make keys in one store. */
const OWN_IDS = { ids: new UuidV7Source(new SystemClock()) };
const ROUNDS = share({ test: 4, prove: 40 });

let store: TestStore;
beforeAll(async () => {
  store = await makeStore('postgres');
});
afterAll(() => store.dispose());

interface Place {
  /** The status of a harmless request with this key. */
  ask(key: string): Promise<number>;
  create(): Promise<{ id: string; key: string }>;
  revoke(id: string): Promise<void>;
}

/** Asks with the key all the while, as a client does that must be cut off; answers when it was last sent with success. */
function askAll(place: Place, key: string): () => Promise<number> {
  let stopping = false;
  let lastTaken = 0;
  const ask = async (): Promise<void> => {
    while (!stopping) {
      const sent = performance.now();
      if ((await place.ask(key)) === 200) lastTaken = Math.max(lastTaken, sent);
    }
  };
  const asking = Promise.all([ask(), ask()]);
  return async () => {
    stopping = true;
    await asking;
    return lastTaken;
  };
}

async function revokeHereAskThere(here: Place, there: Place): Promise<void> {
  const { id, key } = await here.create();
  expect(await there.ask(key), 'a key that was made elsewhere is taken').toBe(200);
  const stop = askAll(there, key);
  await sleep(Math.random() * SECOND_MS);
  await here.revoke(id);
  const revoked = performance.now();
  expect(await here.ask(key), 'at once where it was revoked').toBe(401);
  await sleep(revoked + SECOND_MS - performance.now());
  expect(await there.ask(key), 'a second later elsewhere').toBe(401);
  expect((await stop()) - revoked).toBeLessThan(SECOND_MS);
}

describe('two services on one store', () => {
  let apps: TestApp[];
  beforeAll(async () => {
    apps = [];
    for (let number = 0; number < 2; number++) apps.push(await TestApp.start(store, new HeldClock(), OWN_IDS));
  });
  afterAll(() => Promise.all(apps.map((app) => app.stop())));

  const place = (number: number): Place => ({
    ask: async (key) => (await apps[number]!.get('/v1/accounts?limit=1', { key })).status,
    create: () => bodyOf(apps[number]!.post('/v1/keys', { name: 'goes', scope: 'read' })),
    revoke: async (id) => void (await bodyOf(apps[number]!.delete(`/v1/keys/${id}`))),
  });

  it('refuse it a second after the other revoked it', async () => {
    for (let round = 0; round < ROUNDS; round++) await revokeHereAskThere(place(round % 2), place((round + 1) % 2));
  });
});

describe('two processes on one store', () => {
  let servers: ServerProcess[];
  beforeAll(async () => {
    const app = await TestApp.start(store, new HeldClock(), OWN_IDS);
    await app.stop();
    servers = [];
    for (let number = 0; number < 2; number++) servers.push(await ServerProcess.start(store.environment, app.key));
  });
  afterAll(() => Promise.all(servers.map((server) => server.terminate())));

  const place = (number: number): Place => {
    const { client } = servers[number]!;
    return {
      ask: async (key) => {
        const other = client.as(key);
        const { status } = await other.get('/v1/accounts?limit=1');
        other.close();
        return status;
      },
      create: async () => (await client.post('/v1/keys', { name: 'goes', scope: 'read' })).body,
      revoke: async (id) => void (await client.delete(`/v1/keys/${id}`)),
    };
  };

  it('refuse it a second after the other revoked it', async () => {
    for (let round = 0; round < ROUNDS; round++) await revokeHereAskThere(place(round % 2), place((round + 1) % 2));
  });
});
