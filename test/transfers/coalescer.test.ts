// What comes together stands together, and nobody waits for company.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Coalescer } from '../../src/transfers/coalescer.js';

/** Batches as they were run, each by `work`. */
function coalescing(work: (batch: readonly number[]) => Promise<void> = async () => undefined) {
  const batches: number[][] = [];
  const coalescer = new Coalescer<number>(
    async (batch) => {
      batches.push([...batch]);
      await work(batch);
    },
    (weight) => weight,
    100,
  );
  return { coalescer, batches };
}

async function untilQuiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

it('whoever comes alone begins at once', () => {
  const { coalescer, batches } = coalescing();
  coalescer.add(1);
  expect(batches).toEqual([[1]]);
});

it('what comes while a batch is under way goes together in the next one, in its order', async () => {
  let end = (): void => undefined;
  const { coalescer, batches } = coalescing(([first]) =>
    first === 1 ? new Promise((resolve) => (end = resolve)) : Promise.resolve(),
  );
  for (const weight of [1, 2, 3, 4]) coalescer.add(weight);
  end();
  await untilQuiet();
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

it('what a batch that kept the thread to itself left in the sockets goes together, too', async () => {
  const { coalescer, batches } = coalescing(async ([first]) => {
    // Each is read in the loop's next turn, one after the other.
    if (first === 1) for (const weight of [2, 3, 4, 5]) setImmediate(() => coalescer.add(weight));
  });
  coalescer.add(1);
  await untilQuiet();
  expect(batches).toEqual([[1], [2, 3, 4, 5]]);
});

it('a batch is filled to its weight; what is heavier than all goes alone', async () => {
  const { coalescer, batches } = coalescing();
  for (const weight of [1, 60, 40, 1, 500, 2]) coalescer.add(weight);
  await untilQuiet();
  expect(batches).toEqual([[1], [60, 40], [1], [500], [2]]);
});
