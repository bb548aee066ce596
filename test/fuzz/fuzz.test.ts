// Whatever is sent to whichever operation: no fault, no answer that the document does not describe, and a refusal changes nothing.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeTeller } from '../feeds/teller/fake-teller/server.js';
import { TELLER } from '../feeds/teller/webhook-sending.js';
import { OPERATIONS } from '../support/document.js';
import { ENGINES, makeStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { Fuzzer, type Tally } from './fuzzer.js';
import { sketch } from './sketches.js';

/** Each round has a store of its own, so that a failure is played again by its round alone. */
const ROUND = 500;
const ROUNDS = share({ test: 3, prove: 40 });
/** A share may miss a few operations by chance. */
const MISSED_MAX = share({ test: 5, prove: 0 });

describe.each(ENGINES)('on %s', (engine) => {
  const tally: Tally = new Map();
  let teller: FakeTeller;
  beforeAll(async () => {
    teller = await FakeTeller.start();
  });
  afterAll(() => teller.stop());

  it.each(Array.from({ length: ROUNDS }, (_, index) => index))(`round %i of ${ROUND} requests`, async (round) => {
    const store = await makeStore(engine, { ...TELLER, ...teller.variables() });
    const fuzzer = await Fuzzer.start(store, tally);
    try {
      const roundSeed = seed() + round;
      for (const [index, one] of fc.sample(sketch, { seed: roundSeed, numRuns: ROUND }).entries()) {
        await fuzzer.try(one, `TEST_SEED=${roundSeed} round 0, request ${index}`);
      }
    } finally {
      await fuzzer.stop();
      await store.dispose();
    }
  });

  it('every operation was reached, and succeeded', () => {
    const succeeded = [...tally].filter(([, statuses]) => [...statuses.keys()].some((status) => status < 300));
    const names = succeeded.map(([name]) => name);
    const missed = OPERATIONS.map(({ id }) => id).filter((id) => !names.includes(id));
    expect(missed.length, missed.join(', ')).toBeLessThanOrEqual(MISSED_MAX);
  });
});
