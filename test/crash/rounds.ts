// What the crash tests share: moments that follow from the seed, and the questions asked after every crash.
import { expect } from 'vitest';
import { seed, share } from '../support/share.js';
import { freeTurns } from './free-turns.js';
import { type Load } from './load.js';
import { faultsIn } from './look.js';
import { type Client } from './server-process.js';
import { type KillableStore } from './stores.js';

export const ROUNDS = share({ test: 2, prove: 60 });
export const TEST_MS_MAX = 3 * 3_600_000;

/** Numbers from 0 up to 1, the same ones for the same seed. */
export function moments(): () => number {
  let state = seed() >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** That the store holds what was acknowledged and nothing by halves. @param client of a server that runs on the store again */
export async function expectWhole(store: KillableStore, load: Load, client: Client, round: number): Promise<void> {
  await freeTurns(store);
  expect({ round, seed: seed(), faults: await faultsIn(store.settings) }).toEqual({ round, seed: seed(), faults: [] });
  expect({ round, seed: seed(), faults: await load.judge(client) }).toEqual({ round, seed: seed(), faults: [] });
  expect({ round, seed: seed(), faults: await faultsIn(store.settings) }).toEqual({ round, seed: seed(), faults: [] });
}
