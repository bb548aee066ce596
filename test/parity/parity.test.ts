// The same history gives the same answers, byte for byte, on SQLite and PostgreSQL: random programs of API calls, run on both.
// A mismatch prints its seed and the shortest program that still shows it. TEST_SEED plays a run again; PARITY_PROGRAM names a file with a program as it was printed.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_PGBOUNCER, startPgBouncer } from '../support/pgbouncer.js';
import { seed, share } from '../support/share.js';
import { sharedPostgresUrl } from '../support/shared-postgres.js';
import { CALLS, program } from './calls.js';
import { type Mismatch, Pair, Reach } from './pair.js';
import { type Step } from './program.js';
import { shortest } from './shorter.js';
import { TOUR } from './tour.js';

const PROGRAMS = share({ test: 30, prove: 1_000 });
/** So many programs in a row share a pair of stores, over data that grows; after them so many have each a pair of their own. */
const TOGETHER = 10;
const ALONE = 2;
/** A shorter program is easier to read, not truer. */
const SHORTEN_MS_MAX = 180_000;
/** Fewer connections than the service's own pool has: transactions take turns on them. */
const POOL_SIZE = 3;
const AROUND = 1_000;
const TEST_MS_MAX = share({ test: 600_000, prove: 3 * 3_600_000 });

/** Programs in a row, on stores that are renewed now and then. */
class Run {
  readonly reach = new Reach();
  failed: readonly Step[] | undefined;
  private pair: Pair | undefined;
  /** What ran on this pair before. */
  private history: Step[] = [];
  private count = 0;

  async check(steps: readonly Step[]): Promise<void> {
    const place = this.count++ % (TOGETHER + ALONE);
    if (place === 0 || place >= TOGETHER) await this.end();
    this.pair ??= await Pair.start();
    const mismatch = await this.pair.run(steps, this.reach);
    this.history.push(...steps);
    if (mismatch === undefined) return;
    this.failed = (await runAlone(steps)) === undefined ? this.history : steps;
    throw new Error('the engines differ');
  }

  async end(): Promise<void> {
    await this.pair?.stop();
    this.pair = undefined;
    this.history = [];
  }
}

async function runAlone(steps: readonly Step[]): Promise<Mismatch | undefined> {
  const pair = await Pair.start();
  try {
    return await pair.run(steps);
  } finally {
    await pair.stop();
  }
}

function report(steps: readonly Step[], mismatch: Mismatch | undefined, hint: string): string {
  if (mismatch === undefined) return `${hint} Not again on fresh stores.\n${JSON.stringify(steps)}`;
  const { step, sent } = mismatch;
  const [sqlite, postgres] = aroundDifference(mismatch.sqlite, mismatch.postgres);
  const sides = `--- on sqlite\n${sqlite}\n--- on postgres\n${postgres}`;
  return `${hint}\nstep ${step}: ${sent}\n${sides}\n--- the program\n${JSON.stringify(steps)}`;
}

/** Long answers are shown where they begin to differ. */
function aroundDifference(a: string, b: string): [string, string] {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const shown = (text: string): string => {
    const from = Math.max(at - AROUND / 2, 0);
    return `${from > 0 ? '… ' : ''}${text.slice(from, from + AROUND)}${from + AROUND < text.length ? ' …' : ''}`;
  };
  return [shown(a), shown(b)];
}

async function expectAlike(pair: Pair, steps: readonly Step[], hint: string, reach?: Reach): Promise<void> {
  const mismatch = await pair.run(steps, reach);
  if (mismatch !== undefined) expect.fail(report(steps, mismatch, hint));
}

async function expectAlikeFrom(file: string): Promise<void> {
  const steps = JSON.parse(readFileSync(file, 'utf8')) as Step[];
  const mismatch = await runAlone(steps);
  if (mismatch !== undefined) expect.fail(report(steps, mismatch, file));
}

describe('both engines', () => {
  const given = process.env['PARITY_PROGRAM'] ?? '';

  if (given !== '') {
    it('answer the program given alike', () => expectAlikeFrom(given));
    return;
  }

  it(`answer ${PROGRAMS} random programs alike`, { timeout: TEST_MS_MAX }, async () => {
    const run = new Run();
    const property = fc.asyncProperty(program, (steps) => run.check(steps));
    const { failed, errorInstance } = await fc.check(property, { seed: seed(), numRuns: PROGRAMS, endOnFailure: true });
    await run.end();
    if (run.failed !== undefined) {
      const hint = `The engines differ (TEST_SEED=${seed()}).`;
      process.stderr.write(`${hint} Looking for a shorter program that shows it.\n`);
      const fails = async (steps: readonly Step[]): Promise<boolean> => (await runAlone(steps)) !== undefined;
      const steps = await shortest(run.failed, fails, Date.now() + SHORTEN_MS_MAX);
      expect.fail(report(steps, await runAlone(steps), hint));
    }
    if (failed) throw errorInstance;
    if (process.env['PARITY_REACH'] === 'yes') process.stderr.write(`${reachOf(run.reach)}\n`);
    expect([...run.reach.statuses.keys()].sort()).toEqual(Object.keys(CALLS).sort());
  });
});

describe('a tour of every route', () => {
  /** What the owner of a server may have chosen, and none of it may show. */
  const ODD_DEFAULTS = {
    TimeZone: 'America/St_Johns',
    DateStyle: 'German, DMY',
    extra_float_digits: '-2',
    default_transaction_isolation: 'serializable',
    standard_conforming_strings: 'off',
    bytea_output: 'escape',
    array_nulls: 'off',
    enable_hashagg: 'off',
    enable_seqscan: 'off',
    plan_cache_mode: 'force_generic_plan',
  };

  let pair: Pair;
  beforeAll(async () => {
    pair = await Pair.start();
  });
  afterAll(() => pair.stop());

  it('knows every operation of the OpenAPI document', () => {
    expect(Object.keys(CALLS).sort()).toEqual([...pair.operations].sort());
  });

  it('is answered alike, and every operation succeeds on it', { timeout: TEST_MS_MAX }, async () => {
    const reach = new Reach();
    await expectAlike(pair, TOUR, 'On the tour the engines differ.', reach);
    expect(pair.operations.filter((op) => !reach.succeeded(op))).toEqual([]);
  });

  it('is answered alike by a PostgreSQL whose defaults are odd', { timeout: TEST_MS_MAX }, async () => {
    const odd = await Pair.start({ postgresDefaults: ODD_DEFAULTS });
    try {
      await expectAlike(odd, TOUR, 'With odd defaults the engines differ.');
    } finally {
      await odd.stop();
    }
  });

  it.skipIf(NO_PGBOUNCER)(
    `is answered alike through PgBouncer in transaction mode${NO_PGBOUNCER === undefined ? '' : `: ${NO_PGBOUNCER}`}`,
    { timeout: TEST_MS_MAX },
    async () => {
      const bouncer = await startPgBouncer(sharedPostgresUrl(), POOL_SIZE);
      const pooled = await Pair.start({ bouncer });
      try {
        await expectAlike(pooled, TOUR, 'Through PgBouncer the engines differ.');
      } finally {
        await pooled.stop();
        await bouncer.stop();
      }
    },
  );
});

function reachOf({ statuses, codes }: Reach): string {
  const counts = (byWhat: ReadonlyMap<string | number, number>) =>
    [...byWhat].map(([what, count]) => `${what}×${count}`).join(' ');
  return [...[...statuses].map(([op, byStatus]) => `${op}: ${counts(byStatus)}`), counts(codes)].join('\n');
}
