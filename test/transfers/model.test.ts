// Random programs are answered as the oracle of the rules answers them, and leave the books that it foretells.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { audit } from './audit.js';
import { Bank } from './bank.js';
import { format } from './oracle-state.js';
import { programs, type Step } from './programs.js';
import { World } from './world.js';

/** How often each sort of deed is done at least: a share may miss one by chance. */
const DONE_MIN = share({ test: 0, prove: 60 });
const PROGRAMS = share({ test: 40, prove: 2_000 });

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  let keys: Map<string | undefined, string>;
  /** Refusals and successes that were met, to show that programs reach them. */
  const met = new Map<string, number>();
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
    keys = new Map([[undefined, app.key]]);
    for (const owner of ['ada', 'bob']) keys.set(owner, await app.keyFor({ owner }));
  });
  afterAll(() => app.stop());

  /** The service lets go of what has expired when it is next asked about it. */
  async function touchExpired(world: World): Promise<void> {
    for (const { name, status } of world.oracle.books.holds.values()) {
      if (status !== 'expired') continue;
      const [, told] = await world.both({ deed: { do: 'release', hold: name }, by: undefined, dryRun: false });
      expect(told).toEqual({ status: 409, body: 'hold_not_active' });
    }
  }

  async function take(world: World, step: Step): Promise<void> {
    if (step.is === 'wait') {
      world.oracle.advance(step.ms);
      return app.clock.advance(step.ms);
    }
    if (step.is === 'edit') {
      await touchExpired(world);
      const name = [...world.oracle.books.accounts.keys()][step.account]!;
      const [expected, told] = await world.edit(name, step.to);
      return expect(told).toEqual(expected);
    }
    const again = step.is === 'resend' ? world.asked[step.of % world.asked.length]! : world.requestOf(step);
    const [expected, told] = await world.both(again);
    expect({ asked: again, told }).toEqual({ asked: again, told: expected });
    const code = typeof told.body === 'string' ? told.body : `${again.deed.do} done`;
    met.set(code, (met.get(code) ?? 0) + 1);
  }

  it(`${PROGRAMS} programs`, async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (steps) => {
        const world = await World.open(app, bank, keys);
        for (const step of steps) await take(world, step);
        world.oracle.edit('mint', 'open');
        await touchExpired(world);
        for (const { name, ledger, held, currency } of world.oracle.books.accounts.values()) {
          if (name === 'manual') continue;
          const { balance } = (await app.get(`/v1/accounts/${world.idOf(name)}`)).body;
          const expected = { ledger, held, available: ledger - held };
          for (const [what, amount] of Object.entries(expected))
            expect([name, what, balance[what]]).toEqual([name, what, format(amount, currency)]);
        }
        for (const { name, status } of world.oracle.books.holds.values())
          expect((await app.get(`/v1/holds/${world.idOf(name)}`)).body.status).toBe(status);
      }),
      { numRuns: PROGRAMS, seed: seed() },
    );
    const { faults, entries } = await audit(store.settings);
    expect(faults).toEqual([]);
    expect(entries.length).toBeGreaterThan(PROGRAMS * 2);
    // Programs reach what they are about.
    for (const deed of ['transfer', 'bulk', 'hold', 'capture', 'release', 'reverse'])
      expect([deed, met.get(`${deed} done`) ?? 0]).toEqual([deed, expect.toSatisfy((times) => times >= DONE_MIN)]);
    expect(met.size).toBeGreaterThan(12);
  });
});
