// Turns: first come first served, one at a time, and never lost, whoever gives up waiting.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreBusy } from '../../src/database/database.errors.js';
import { Turns } from '../../src/database/turns.js';
import { seed, share } from '../support/share.js';

const LONG_MS = 10_000;

describe('turns', () => {
  it('come in the order in which they were asked for, one at a time', async () => {
    const turns = new Turns();
    const order: number[] = [];
    let inside = 0;
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        turns.take(async () => {
          expect(++inside).toBe(1);
          await sleep(index % 7 === 0 ? 1 : 0);
          order.push(index);
          inside--;
        }, LONG_MS),
      ),
    );
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('are not jumped by who comes while they are handed on', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const say = (word: string) => turns.take(async () => void order.push(word), LONG_MS);
    const first = turns.take(async () => {
      await sleep(5);
      order.push('first');
    }, LONG_MS);
    const second = say('second');
    await first;
    // The first has handed on, and the second has not begun yet.
    await Promise.all([second, say('third'), say('fourth')]);
    expect(order).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('go on after work that failed, at once or late', async () => {
    const turns = new Turns();
    const fails = [
      turns.take(() => Promise.reject(new Error('late')), LONG_MS),
      turns.take(() => {
        throw new Error('at once');
      }, LONG_MS),
    ];
    const good = turns.take(async () => 'good', LONG_MS);
    expect((await Promise.allSettled(fails)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await good).toBe('good');
  });

  it('are not taken by who gave up, and come to the one behind', async () => {
    const turns = new Turns();
    let ran = false;
    const holder = turns.take(() => sleep(60), LONG_MS);
    const impatient = turns.take(async () => void (ran = true), 20);
    const patient = turns.take(async () => 'patient', LONG_MS);
    await expect(impatient).rejects.toThrow(StoreBusy);
    await holder;
    expect(await patient).toBe('patient');
    expect(ran).toBe(false);
    expect(await turns.take(async () => 'free again', 1)).toBe('free again');
  });

  it('are never lost and never given twice when giving up and handing on fall together', async () => {
    const waits = fc.array(
      fc.record({ works: fc.integer({ min: 0, max: 4 }), waits: fc.integer({ min: 0, max: 6 }) }),
      { minLength: 2, maxLength: 25 },
    );
    const property = fc.asyncProperty(waits, async (waiters) => {
      const turns = new Turns();
      let inside = 0;
      const outcomes = await Promise.allSettled(
        waiters.map(({ works, waits: waitMs }) =>
          turns.take(async () => {
            expect(++inside).toBe(1);
            await sleep(works);
            inside--;
          }, waitMs),
        ),
      );
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreBusy);
      expect(outcomes[0]!.status).toBe('fulfilled');
      expect(await turns.take(async () => 'free', 0)).toBe('free');
    });
    await fc.assert(property, { numRuns: share({ test: 100, prove: 3_000 }), seed: seed() });
  });
});
