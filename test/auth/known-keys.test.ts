// What is remembered of keys, and for how long: with a clock that is held and a store that answers when it is told to.
import { expect, it } from 'vitest';
import { FRESH_MS, KnownKeys, type ValidKey } from '../../src/auth/known-keys.js';
import { type ApiKeyId } from '../../src/common/ids.js';

const VALID: ValidKey = {
  holder: { keyId: 'key_1' as ApiKeyId, scope: 'read', owner: undefined },
  expiresAt: null,
};

function setUp() {
  const held = { now: 1_000_000, lookups: 0, answers: [] as ((key: ValidKey | undefined) => void)[] };
  const known = new KnownKeys(
    () => {
      held.lookups++;
      return new Promise((resolve) => held.answers.push(resolve));
    },
    () => held.now,
  );
  const answer = (key: ValidKey | undefined): void => held.answers.shift()!(key);
  return { held, known, answer };
}

it('looks a key up once, however many ask at the same time and soon after', async () => {
  const { held, known, answer } = setUp();
  const asked = [known.find('a'), known.find('a'), known.find('a')];
  answer(VALID);
  expect(await Promise.all(asked)).toEqual([VALID, VALID, VALID]);
  held.now += FRESH_MS - 1;
  expect(await known.find('a')).toBe(VALID);
  expect(held.lookups).toBe(1);
});

it('counts from the start of a lookup, however long it took: less than a second', async () => {
  const { held, known, answer } = setUp();
  const first = known.find('a');
  held.now += FRESH_MS - 1;
  answer(VALID);
  expect(await first).toBe(VALID);
  held.now += 1;
  const again = known.find('a');
  answer(undefined);
  expect(await again).toBeUndefined();
  expect(FRESH_MS).toBeLessThan(1_000);
});

it('does not wait for a lookup that began too long ago: it may have seen an older store', async () => {
  const { held, known, answer } = setUp();
  const slow = known.find('a');
  held.now += FRESH_MS;
  const later = known.find('a');
  expect(held.lookups).toBe(2);
  answer(VALID);
  answer(undefined);
  expect(await slow).toBe(VALID);
  expect(await later).toBeUndefined();
  expect(await known.find('a'), 'what is remembered is the newer finding').toBeUndefined();
  expect(held.lookups).toBe(2);
});

it('remembers that there is no such key, for no longer', async () => {
  const { held, known, answer } = setUp();
  const first = known.find('a');
  answer(undefined);
  expect(await first).toBeUndefined();
  expect(await known.find('a')).toBeUndefined();
  expect(held.lookups).toBe(1);
  held.now += FRESH_MS;
  const again = known.find('a');
  answer(VALID);
  expect(await again).toBe(VALID);
});

it('keeps nothing of a lookup that was under way when the key was changed', async () => {
  const { held, known, answer } = setUp();
  const first = known.find('a');
  known.forget('a');
  answer(VALID);
  await first;
  const again = known.find('a');
  answer(undefined);
  expect(await again).toBeUndefined();
  expect(held.lookups).toBe(2);
});

it('asks again after a lookup that failed', async () => {
  let lookups = 0;
  const known = new KnownKeys(() => {
    lookups++;
    return lookups === 1 ? Promise.reject(new Error('the store is down')) : Promise.resolve(VALID);
  });
  await expect(known.find('a')).rejects.toThrow('down');
  expect(await known.find('a')).toBe(VALID);
});

it('does not grow with the number of keys that somebody makes up, and they push out no valid one', async () => {
  const known = new KnownKeys((hash) => Promise.resolve(hash === 'good' ? VALID : undefined));
  await known.find('good');
  for (let number = 0; number < 25_000; number++) await known.find(`bad ${number}`);
  expect(known.wasValid('good')).toBe(true);
  expect(sizeOf(known)).toBeLessThanOrEqual(10_001);
});

function sizeOf(known: KnownKeys): number {
  return Object.values(known).reduce<number>((sum, part) => sum + (part instanceof Map ? part.size : 0), 0);
}
