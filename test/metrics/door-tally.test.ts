// What the door counts of itself: whom it refused, and how often it tried again.
import { expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { StoreBusy } from '../../src/database/database.errors.js';
import { type Engine } from '../../src/database/engine.js';
import { openDatabase } from '../../src/database/standalone.js';
import { ENTITIES } from '../../src/entities.js';
import { EVERYBODY } from '../support/builders.js';
import { ENGINES, makeStore } from '../support/each-store.js';
import { Gate } from '../support/gate.js';

it.each(ENGINES)('counts who waited in vain on %s', async (engine) => {
  const store = await makeStore(engine, { DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0', DB_POOL_TIMEOUT: '1' });
  const { database, close } = await openDatabase(store.settings, ENTITIES, { serves: engine === 'sqlite' });
  const [reached, gate] = [new Gate(), new Gate()];
  const first = database.transact(EVERYBODY, async () => {
    reached.open();
    await gate.passed;
  });
  await reached.passed;
  await expect(database.transact(EVERYBODY, async () => undefined)).rejects.toBeInstanceOf(StoreBusy);
  gate.open();
  await first;
  expect(Object.fromEntries(database.tally.refusals)).toEqual({
    store_unavailable: 0,
    store_full: 0,
    store_busy: 1,
    query_too_slow: 0,
    outcome_unknown: 0,
  });
  await close();
  await store.dispose();
});

it('counts what failed for a passing reason and was repeated, and no bug', async () => {
  const passing = new Error('a deadlock');
  const failures: Error[] = [passing, passing];
  const engine = {
    dialect: 'sqlite',
    read: async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return 'read';
    },
    isPassing: (error: unknown) => error === passing,
    translate: (error: unknown) => error,
  } as unknown as Engine;
  const database = new Database(engine, () => undefined);
  expect(await database.read(EVERYBODY, async () => undefined)).toBe('read');
  expect(database.tally.retries).toBe(2);
  failures.push(new TypeError('a bug'));
  await expect(database.read(EVERYBODY, async () => undefined)).rejects.toBeInstanceOf(TypeError);
  expect([database.tally.retries, [...database.tally.refusals.values()].every((count) => count === 0)]).toEqual([
    2,
    true,
  ]);
});
