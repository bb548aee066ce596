// Any interleaving of what a bank does, what people do, syncs, webhooks, faults and deaths of processes: in the end our lines are the bank's, and what
// was read since its last change is so at any moment before.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { moments } from '../../crash/rounds.js';
import { type Engine, ENGINES } from '../../support/each-store.js';
import { seed, share } from '../../support/share.js';
import { history, type History } from './histories.js';
import { HistoryRun, type Reach } from './histories-run.js';
import { HistoryWorld } from './histories-world.js';

const HISTORIES = share({ test: 12, prove: 1_000 });
/** A store that grows takes ever longer to look through. */
const HISTORIES_A_WORLD = 20;
/** A shorter history is easier to read, not truer. */
const SHORTEN_MS_MAX = 180_000;
const HANGS_MS = 300_000;
const TEST_MS_MAX = share({ test: 600_000, prove: 3 * 3_600_000 });
const GIVEN = process.env['TELLER_HISTORY'] ?? '';

/** In which order due syncs are begun: a history comes to pass again as it did. */
let dice = moments();

/** Histories in a row, in worlds that are renewed now and then. */
class Worlds {
  readonly reach: Reach = { deaths: 0, faults: 0, takenOver: 0, refused: 0, announced: 0 };
  private world: HistoryWorld | undefined;
  private count = 0;
  private failed: { readonly untilMs: number; shortest: History } | undefined;

  constructor(private readonly engine: Engine) {}

  async check(one: History): Promise<void> {
    // What was looked at for long enough is let be: so the search for a shorter one ends.
    if (this.failed !== undefined && Date.now() > this.failed.untilMs) return;
    this.world ??= await HistoryWorld.make(this.engine);
    dice = moments();
    try {
      await toItsEnd(new HistoryRun(this.world, one, this.reach).play());
      if (++this.count % HISTORIES_A_WORLD === 0) await this.end();
    } catch (error) {
      this.failed = { untilMs: Date.now() + SHORTEN_MS_MAX, ...this.failed, shortest: one };
      await this.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    const { world } = this;
    this.world = undefined;
    await world?.end();
  }

  /** What is to be known of a failure. */
  async report(): Promise<void> {
    await this.end();
    if (this.failed === undefined) return;
    const file = 'TELLER_HISTORY=<file with it>';
    process.stderr.write(`On ${this.engine} (TEST_SEED=${seed()}); again with ${file}:\n`);
    process.stderr.write(`${JSON.stringify(this.failed.shortest)}\n`);
  }
}

/** One that hangs is to be known by its program. */
async function toItsEnd(playing: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const hangs = sleep(HANGS_MS, undefined, { signal: waiting.signal }).then(() => {
    throw new Error('The history comes to no end.');
  });
  try {
    await Promise.race([playing, hangs]);
  } finally {
    hangs.catch(() => undefined);
    waiting.abort();
  }
}

describe.each(ENGINES)('on %s', (engine) => {
  const worlds = new Worlds(engine);
  beforeAll(() => {
    vi.spyOn(Math, 'random').mockImplementation(() => dice());
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await worlds.report();
  });

  if (GIVEN !== '') {
    it('the history given ends well', { timeout: TEST_MS_MAX }, () =>
      worlds.check(JSON.parse(readFileSync(GIVEN, 'utf8')) as History),
    );
    return;
  }

  it(`in ${HISTORIES} histories our lines are the bank’s`, { timeout: TEST_MS_MAX }, async () => {
    const property = fc.asyncProperty(history, (one) => worlds.check(one));
    await fc.assert(property, { seed: seed(), numRuns: HISTORIES });
    expect(Math.min(worlds.reach.deaths, worlds.reach.faults, worlds.reach.announced)).toBeGreaterThan(0);
  });
});
