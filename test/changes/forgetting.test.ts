// Answers are kept as long as they are said to be, and then forgotten, little by little, while others are asked for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Forgetter } from '../../src/changes/forgetter.js';
import { IdempotencyKey } from '../../src/changes/idempotency-key.entity.js';
import { instantOf } from '../../src/common/clock.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { bodyOf, EVERYBODY, expectRefusal } from '../support/builders.js';
import { type Engine, ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { newOnceKey, withOnceKey } from './posts.js';
import { rowsOf } from './tables.js';

const HOUR_MS = 3_600_000;
const BATCH = 500;
const post = { kind: 'manual', name: 'Cash', currency: 'USD' };

async function old(app: TestApp, count: number): Promise<void> {
  const claimedAt = instantOf(Date.parse(app.clock.now()) - 1_000 * HOUR_MS);
  const rows = Array.from({ length: count }, (_, index): IdempotencyKey => {
    const id = `${newOnceKey()}-${index}`;
    return { id, operation: 'POST /x', fingerprint: 'f', claim: 'c', claimedAt, answer: '{}', sealed: false };
  });
  await app.app.get(Database).transact(EVERYBODY, (tx) => tx.insert(IdempotencyKey, rows));
}

describe.each(ENGINES.flatMap((engine) => [24, 48].map((hours): [Engine, number] => [engine, hours])))(
  'on %s, kept for %i hours',
  (engine, hours) => {
    let store: TestStore;
    let app: TestApp;
    beforeAll(async () => {
      store = await makeStore(engine, { IDEMPOTENCY_KEEP_HOURS: String(hours) });
      app = await TestApp.start(store);
    });
    afterAll(async () => {
      await app.stop();
      await store.dispose();
    });
    const forget = () => app.app.get(Forgetter).forgetOld();
    const kept = async () => (await rowsOf(app, IdempotencyKey)).length;

    it('an answer is kept to the last millisecond, and then the key is as good as new', async () => {
      const options = withOnceKey(newOnceKey());
      const first = await app.post('/v1/accounts', post, options);
      app.clock.advance(hours * HOUR_MS);
      expect(await forget()).toBe(0);
      expect((await app.post('/v1/accounts', post, options)).text).toBe(first.text);
      app.clock.advance(1);
      expect(await forget()).toBe(1);
      const anew = await bodyOf(app.post('/v1/accounts', post, options));
      expect(anew.id).not.toBe(first.body.id);
    });

    it('forgets in batches, and leaves what is young', async () => {
      await old(app, 2 * BATCH + 7);
      await bodyOf(app.post('/v1/accounts', post, withOnceKey(newOnceKey())));
      const before = await kept();
      const batches: number[] = [];
      const remove = app.app.get(Database).observe(async (_, { keys }) => void batches.push(keys.length));
      expect(await forget()).toBe(2 * BATCH + 7);
      remove();
      expect(batches).toEqual([BATCH, BATCH, 7]);
      expect(await kept()).toBe(before - 2 * BATCH - 7);
      expect(await forget()).toBe(0);
    });

    it('goes on while others are asked for, twins of what it forgets among them', async () => {
      const options = Array.from({ length: 5 }, () => withOnceKey(newOnceKey()));
      for (const one of options) await bodyOf(app.post('/v1/accounts', post, one));
      app.clock.advance(hours * HOUR_MS + 1);
      await old(app, BATCH);
      const before = (await bodyOf(app.get('/v1/accounts?limit=500'))).data.length;
      const twins = options.flatMap((one) => Array.from({ length: 8 }, () => app.post('/v1/accounts', post, one)));
      const [answers] = await Promise.all([Promise.all(twins), forget(), forget()]);
      // Each is either still known, or done anew, once; who finds it gone between two looks is told to look again.
      const refused = answers.filter(({ status }) => status !== 201);
      for (const answer of refused) expectRefusal(answer, 409, 'idempotency_in_progress');
      const ids = options.map(
        (_, index) => new Set(answers.slice(8 * index, 8 * index + 8).flatMap(({ body }) => body.id ?? [])),
      );
      const after = (await bodyOf(app.get('/v1/accounts?limit=500'))).data.length;
      for (const one of ids) expect(one.size).toBeLessThanOrEqual(2);
      expect(after - before).toBeLessThanOrEqual(options.length);
      expect(await forget()).toBe(0);
    });
  },
);

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  let apps: TestApp[];
  beforeAll(async () => {
    store = await makeStore('postgres');
    apps = [];
    const clock = new HeldClock();
    for (let count = 0; count < 2; count += 1)
      apps.push(await TestApp.start(store, clock, { ids: new UuidV7Source(clock) }));
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it('may both forget at once', async () => {
    await old(apps[0]!, 3 * BATCH);
    const forgotten = await Promise.all([...apps, ...apps].map((app) => app.app.get(Forgetter).forgetOld()));
    expect(forgotten.reduce((sum, count) => sum + count, 0)).toBe(3 * BATCH);
    expect(await rowsOf(apps[0]!, IdempotencyKey)).toEqual([]);
  });
});
