import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 100;
/** Compilers and caches take their time. */
const WARM_ROUNDS = 2;

/**
 * One after the other, round for round, so that a machine that gets busy is so for all of them. The first two only warm up.
 * @template T @param {readonly (() => Promise<T>)[]} contenders @param {number} rounds @returns {Promise<T[][]>} of each, its rounds
 */
export async function alternate(contenders, rounds) {
  /** @type {T[][]} */
  const told = contenders.map(() => []);
  for (let round = 1 - WARM_ROUNDS; round <= rounds; round++) {
    for (const [index, contend] of contenders.entries()) {
      const result = await contend();
      if (round > 0) told[index]?.push(result);
      await sleep(PAUSE_MS);
    }
    process.stderr.write(round <= 0 ? ' warm' : ` ${round}/${rounds}`);
  }
  process.stderr.write('\n');
  return told;
}
