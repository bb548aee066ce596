// The whole service over generated histories of a bank that breaks off, limits, changes while it is read, and a store that crashes meanwhile:
// afterwards the live lines are the bank's, one to one, and what a person wrote stays where it was written.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { Database } from '../../src/database/database.js';
import { type Enrollment } from '../../src/feeds/stored/enrollment.entity.js';
import { type FeedLine } from '../../src/feeds/port/feed.port.js';
import { FeedRateLimited, FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { type AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { listedOn, MERCHANTS, type Real, START, twins } from './histories.js';
import { accountRows, enroll, factsOf, isLive, lineRows, sync, trySync } from './linking.js';

const DAY_MS = 86_400_000;
const SYNCS_MAX = 12;

/** One visit at the bank: how many days after the one before, what goes wrong at which question or write, and how much comes in a page. */
interface Visit {
  readonly after: number;
  readonly mishap: 'none' | 'breaks' | 'limits' | 'changes' | 'crashes';
  readonly at: number;
  readonly pageMax: number;
}

const visit: fc.Arbitrary<Visit> = fc.record({
  after: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 40 }) },
  ),
  mishap: fc.oneof(
    { weight: 2, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('breaks', 'limits', 'changes', 'crashes'),
  ),
  at: fc.integer({ min: 1, max: 12 }),
  pageMax: fc.constantFrom(1, 2, 3, 5, 500),
});

const history = fc.record({
  reals: fc.array(twins, { maxLength: 10 }).map((groups) => groups.flat()),
  visits: fc.array(visit, { minLength: 1, maxLength: SYNCS_MAX }),
});

/** As the bank lists it: newest first, and with everything that a bank may say. */
function linesOn(today: number, reals: readonly Real[]): FeedLine[] {
  return listedOn(today, reals)
    .map((it) =>
      fakeLine(it.externalId, {
        date: it.date,
        amount: it.amount as Amount,
        description: it.description,
        status: it.status,
        category: it.truth % 2 === 0 ? 'general' : null,
        counterparty: it.status === 'posted' ? `No. ${it.truth}` : null,
        raw: JSON.stringify([it.externalId, it.date, `${it.amount}`, it.status]),
      }),
    )
    .sort((a, b) => (a.date === b.date ? (a.externalId < b.externalId ? 1 : -1) : a.date < b.date ? 1 : -1));
}

const merchantOf = (row: AccountTransaction): number =>
  MERCHANTS.findIndex(({ pending, posted }) => row.description === pending || row.description === posted);

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, new HeldClock(), { feeds: [fake] });
  });
  afterAll(() => app.stop());

  let owners = 0;

  /** One bank with its history in two accounts, and one person who writes on lines. */
  class Run {
    private today = 0;
    private readonly written = new Map<string, AccountTransaction>();

    constructor(
      private readonly reals: readonly Real[],
      private readonly enrollment: { readonly id: string },
    ) {}

    static async begin(reals: readonly Real[]): Promise<Run> {
      app.clock.set(`${START}T12:00:00Z`);
      fake.accountsListed = [fakeAccount('a'), fakeAccount('b')];
      const run = new Run(reals, await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` }));
      fake.accountsListed.forEach((account, index) => (account.lines = () => linesOn(run.today, run.realsOf(index))));
      return run;
    }

    private realsOf(account: number): Real[] {
      return this.reals.filter((_, index) => index % 2 === account);
    }

    pass(days: number): void {
      this.today += days;
      app.clock.advance(days * DAY_MS);
    }

    async visit({ after, mishap, at, pageMax }: Visit): Promise<void> {
      this.pass(after);
      fake.pageMax = pageMax;
      fake.asked.length = 0;
      fake.before = ({ number }) => {
        if (number !== at) return;
        if (mishap === 'breaks') throw new FeedUnavailable('the connection broke');
        if (mishap === 'limits') throw new FeedRateLimited('too many questions', 1);
        if (mishap === 'changes') this.pass(1);
      };
      let writes = 0;
      const forget = app.app.get(Database).observe(async () => {
        writes += 1;
        if (mishap === 'crashes' && writes === at) throw new Error('the store crashed');
      });
      const { status, body } = await trySync(app, this.enrollment);
      forget();
      fake.before = () => undefined;
      expect([200, ...(mishap === 'crashes' ? [500] : []), 502, 503]).toContain(status);
      if (mishap === 'none') expect(body.enrollment.lastError).toBeNull();
      await this.judge(mishap === 'none');
      await this.write(at);
    }

    /** A visit at which nothing goes wrong. */
    async quietly(): Promise<void> {
      fake.pageMax = 500;
      await sync(app, this.enrollment);
      await this.judge(true);
      const again = await sync(app, this.enrollment);
      expect(again.accounts).toMatchObject(Array(2).fill({ inserted: 0, updated: 0, removed: 0 }));
    }

    private async judge(isComplete: boolean): Promise<void> {
      for (const [index, account] of (await accountRows(app, this.enrollment as Enrollment)).entries()) {
        const rows = await lineRows(app, account);
        const lines = linesOn(this.today, this.realsOf(index));
        if (isComplete) expect(factsOf(rows.filter(isLive).map(asTheBankSaid))).toEqual(factsOf(lines));
        for (const row of rows) this.judgeRow(row);
      }
    }

    /** What a person wrote stays; a row is handed on only once, when it posts, and never to another merchant. */
    private judgeRow(row: AccountTransaction): void {
      const was = this.written.get(row.id);
      if (was === undefined) return;
      expect([row.notes, row.category, row.categorySet]).toEqual([was.notes, was.category, true]);
      expect(merchantOf(row)).toBe(merchantOf(was));
      if (row.externalId === was.externalId) return;
      expect([was.status, row.pendingExternalId]).toEqual(['pending', was.externalId]);
      this.written.set(row.id, row);
    }

    private async write(which: number): Promise<void> {
      const [account] = await accountRows(app, this.enrollment);
      const rows = (await lineRows(app, account!)).filter(isLive);
      const row = rows[which % Math.max(rows.length, 1)];
      if (row === undefined) return;
      const own = { notes: `on ${row.externalId}`, category: 'mine' };
      await bodyOf(app.patch(`/v1/transactions/${row.id}`, own));
      this.written.set(row.id, { ...row, ...own, categorySet: true });
    }
  }

  it('our live lines are the bank’s, whatever went wrong before', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ reals, visits }) => {
        const run = await Run.begin(reals);
        for (const one of visits) await run.visit(one);
        await run.quietly();
      }),
      { numRuns: share({ test: 20, prove: 1_000 }), seed: seed() },
    );
  });

  it('our live lines are the bank’s after the last of its changes, too', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ reals, visits }) => {
        const run = await Run.begin(reals);
        for (const one of visits) await run.visit(one);
        run.pass(70);
        await run.quietly();
      }),
      { numRuns: share({ test: 5, prove: 200 }), seed: seed() },
    );
  });
});

/** A category that a person set is not the bank's; here it would be the one that stands for even numbers. */
function asTheBankSaid(row: AccountTransaction): AccountTransaction {
  if (!row.categorySet) return row;
  const truth = Number(/\d+/.exec(row.externalId!)![0]);
  return { ...row, category: truth % 2 === 0 ? 'general' : null };
}
