// How much is tried: a share in `npm test`, everything in `npm run prove`; and the seed by which a failure is played again.
import { randomInt } from 'node:crypto';

const isProof = process.env['PROVE'] === 'full';

/** The number of runs here and now. */
export function share(runs: { readonly test: number; readonly prove: number }): number {
  return isProof ? runs.prove : runs.test;
}

let chosen: number | undefined;

/** TEST_SEED when it is given, else fresh for this worker and printed once. */
export function seed(): number {
  if (chosen === undefined) {
    const given = process.env['TEST_SEED'];
    chosen = given === undefined || given === '' ? randomInt(2 ** 31) : Number(given);
    if (!Number.isSafeInteger(chosen)) throw new Error(`TEST_SEED must be a whole number, got "${given}"`);
    process.stderr.write(`seed ${chosen} (again with TEST_SEED=${chosen})\n`);
  }
  return chosen;
}
