// No request has half an effect: random programs in which random writes fail, whatever the route was about to write after them.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { program } from '../parity/calls.js';
import { Player } from '../parity/player.js';
import { type Step } from '../parity/program.js';
import { ENGINES, makeStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { Look } from './look.js';
import { TEST_MS_MAX } from './rounds.js';

const PROGRAMS = share({ test: 6, prove: 400 });
/** Its transactions stand each by itself, as what an interrupted sync has read so far. */
const IN_PARTS = ['Sync_sync', 'Refresh_account'];
const WRITES_MAX = 5;
/** A store that grows takes ever longer to compare. */
const PROGRAMS_A_STORE = 3;

/** Fails the n-th write from now on, inside of its transaction. */
class Saboteur {
  private left = 0;

  constructor(database: Database) {
    database.observe(async () => {
      if (this.left > 0 && --this.left === 0) throw new Error('the power fails here');
    });
  }

  failIn(writes: number): void {
    this.left = writes;
  }
}

describe.each(ENGINES)('on %s', (engine) => {
  let player: Player;
  let look: Look;
  let saboteur: Saboteur;
  let programs = 0;
  const found = { whole: 0, undone: 0 };

  async function begin(): Promise<void> {
    const store = await makeStore(engine);
    player = await Player.start(store);
    look = await Look.at(store.settings);
    saboteur = new Saboteur(player.app.app.get(Database));
  }
  async function end(): Promise<void> {
    expect(await look.faults()).toEqual([]);
    await look.close();
    await player.stop();
  }
  beforeAll(begin);
  afterAll(end);

  /** Plays the step with its n-th write failing, and then again with none, so that the program goes on. */
  async function playAndUndo(step: Step, failAt: number): Promise<void> {
    if ('op' in step && player.operations.get(step.op)?.method !== 'GET') {
      const before = await look.everything();
      saboteur.failIn(failAt);
      const [page] = await player.play(step);
      saboteur.failIn(0);
      const after = await look.everything();
      if (page!.answer.status !== 500) {
        found.whole += after === before ? 0 : 1;
        return;
      }
      found.undone += 1;
      const asked = `${step.op} failed at write ${failAt}`;
      expect(`${asked}: ${JSON.stringify(await look.faults())}`).toBe(`${asked}: []`);
      if (!IN_PARTS.includes(step.op)) expect(`${asked}\n${after}`).toBe(`${asked}\n${before}`);
    }
    await player.play(step);
  }

  it(`in ${PROGRAMS} random programs a request that fails has changed nothing`, { timeout: TEST_MS_MAX }, async () => {
    const failures = fc.array(fc.integer({ min: 1, max: WRITES_MAX }), { minLength: 60, maxLength: 60 });
    const property = fc.asyncProperty(program, failures, async (steps, failAts) => {
      if (programs++ % PROGRAMS_A_STORE === PROGRAMS_A_STORE - 1) {
        await end();
        await begin();
      }
      player.forget();
      for (const [index, step] of steps.entries()) await playAndUndo(step, failAts[index % failAts.length]!);
    });
    await fc.assert(property, { seed: seed(), numRuns: PROGRAMS, endOnFailure: true });
    expect(found.undone).toBeGreaterThan(PROGRAMS);
    expect(found.whole).toBeGreaterThan(0);
  });
});
