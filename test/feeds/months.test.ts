// Time passes at the sandbox bank: after each sync the live lines are the bank's, and what a person wrote on a line stays on it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_OWNER } from '../../src/common/owner.js';
import { type Account } from '../../src/accounts/account.entity.js';
import { askedOf } from '../../src/feeds/port/feed-access.js';
import { type FeedAccess, type FeedLine } from '../../src/feeds/port/feed.port.js';
import { SandboxFeed } from '../../src/feeds/sandbox/sandbox.feed.js';
import { type AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { allPages, bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { accountRows, enroll, everyLine, factsOf, isLive, lineRows, sync, wholeTables } from './linking.js';

const HOUR_MS = 3_600_000;
/** Hours from one sync to the next: four months, and in a proof a year and a half. */
const WAITS = [1, 7, 12, 24, 24, 30, 48, 72, 5, 96, 24, 24, 168, 336, 24, 36, 500, 24, 60, 700, 24, 48, 400];
const ROUNDS = share({ test: 1, prove: 4 });
const INSTITUTION = ['pearl_trust', 'harbor_bank'][share({ test: 0, prove: 1 })]!;

eachStore((store) => {
  let app: TestApp;
  let bank: SandboxFeed;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new SandboxFeed(store.settings.sandboxSeed, app.clock);
  });
  afterAll(() => app.stop());

  /** Writes on every pending line, and on one of the posted ones. */
  async function annotate(rows: readonly AccountTransaction[]): Promise<void> {
    const pending = rows.filter((row) => row.status === 'pending');
    const posted = rows.filter((row) => row.status === 'posted' && row.notes === null);
    for (const row of [...pending.filter(({ notes }) => notes === null), ...posted.slice(0, 1)]) {
      const own = { notes: `on ${row.externalId}`, category: `mine ${row.externalId}` };
      await bodyOf(app.patch(`/v1/transactions/${row.id}`, own));
    }
  }

  const fates = { reissued: 0, removed: 0, changedAmount: 0, keptNotes: 0 };

  function expectCarriedOver(before: readonly AccountTransaction[], after: readonly AccountTransaction[]): void {
    const now = new Map(after.map((row) => [row.id, row]));
    for (const was of before) {
      const is = now.get(was.id)!;
      expect([is.notes, is.categorySet ? is.category : null]).toEqual([
        was.notes,
        was.categorySet ? was.category : null,
      ]);
      if (was.notes !== null) fates.keptNotes += 1;
      if (is.externalId !== was.externalId) {
        expect([was.status, is.status, is.pendingExternalId]).toEqual(['pending', 'posted', was.externalId]);
        fates.reissued += 1;
      }
      if (is.status === 'removed' && was.status !== 'removed') fates.removed += 1;
      if (is.amount !== was.amount) fates.changedAmount += 1;
    }
  }

  /** Categories that a person set are not the bank's any more; all else is. */
  function expectBankFacts(rows: readonly AccountTransaction[], lines: readonly FeedLine[]): void {
    const own = new Set(rows.filter((row) => row.categorySet).map((row) => row.externalId));
    const without = <Line extends { externalId: string | null; category: string | null }>(line: Line): Line =>
      own.has(line.externalId) ? { ...line, category: null } : line;
    expect(factsOf(rows.filter(isLive).map(without))).toEqual(factsOf(lines.map(without)));
  }

  async function expectSameAsTheBank(access: FeedAccess, account: Account): Promise<AccountTransaction[]> {
    const said = askedOf(account);
    const [rows, lines] = [await lineRows(app, account), await everyLine(bank, access, said)];
    expectBankFacts(rows, lines);
    const { available, ledger } = await bank.balance(access, said);
    expect([account.balanceAvailable, account.balanceLedger, account.balanceAsOf]).toEqual([
      available,
      ledger,
      app.clock.now(),
    ]);
    const posted = lines.filter((line) => line.status === 'posted');
    const sum = rows.filter((row) => row.status === 'posted').reduce((total, row) => total + row.amount, 0n);
    expect(posted.at(-1)!.runningBalance! - posted.at(-1)!.amount + sum).toBe(ledger);
    return rows;
  }

  it('keeps lines, notes and categories over months of pending, posted, changed and withdrawn lines', async () => {
    const enrollment = await enroll(app, { institutionId: INSTITUTION });
    const { externalId, environment } = await bank.enroll({
      owner: DEFAULT_OWNER,
      institutionId: INSTITUTION,
      consent: {},
    });
    const access = { environment, enrollmentExternalId: externalId, accessToken: null };
    await sync(app, enrollment);
    let syncs = 1;
    const known = new Map<string, AccountTransaction[]>();
    for (const wait of Array.from({ length: ROUNDS }, () => WAITS).flat()) {
      for (const account of await accountRows(app, enrollment)) {
        await annotate((await lineRows(app, account)).filter(isLive));
        known.set(account.id, await lineRows(app, account));
      }
      app.clock.advance(wait * HOUR_MS);
      await sync(app, enrollment);
      syncs += 1;
      for (const account of await accountRows(app, enrollment)) {
        expectCarriedOver(known.get(account.id)!, await expectSameAsTheBank(access, account));
      }
    }
    expect(Math.min(...Object.values(fates))).toBeGreaterThan(0);
    const [account] = await accountRows(app, enrollment);
    expect(await allPages(app, `/v1/accounts/${account!.id}/balances`)).toHaveLength(syncs);
    await expectHidden(enrollment);
    const before = await wholeTables(app);
    await sync(app, enrollment);
    expect(await wholeTables(app)).toBe(before);
  });

  /** Removed lines are kept, shown where they are asked for, and counted nowhere. */
  async function expectHidden(enrollment: { readonly id: string }): Promise<void> {
    let removed = 0;
    for (const account of await accountRows(app, enrollment)) {
      const rows = await lineRows(app, account);
      const list = (query: string) => allPages(app, `/v1/accounts/${account.id}/transactions?limit=500${query}`);
      const ids = (lines: readonly { id: string }[]) => lines.map(({ id }) => id).sort();
      expect(ids(await list(''))).toEqual(ids(rows.filter(isLive)));
      expect(ids(await list('&status=removed'))).toEqual(ids(rows.filter((row) => !isLive(row))));
      const { data } = await bodyOf(app.get(`/v1/transactions/totals?accountId=${account.id}`));
      expect(data[0].count).toBe(rows.filter(isLive).length);
      removed += rows.filter((row) => !isLive(row)).length;
    }
    expect(removed).toBeGreaterThan(0);
  }
});
