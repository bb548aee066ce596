// Drift of accounts in the store, through the API: what is summed there is what a history adds up to line by line.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Account } from '../../src/accounts/account.entity.js';
import { Balance } from '../../src/balances/balance.entity.js';
import { type Amount, formatAmount } from '../../src/common/amount.js';
import { parseInstant } from '../../src/common/clock.js';
import { Currencies } from '../../src/common/currency.js';
import { IdSource } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { DriftRepository } from '../../src/transactions/drift.repository.js';
import { newLine } from '../../src/transactions/line.js';
import {
  bodyOf,
  EVERYBODY,
  expectRefusal,
  type Json,
  keepLine,
  linkedAccount,
  openAccount,
  stateBalance,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { accountRows, enroll, sync } from '../feeds/linking.js';
import { faults, faulty, histories, type History, NOISY, toldBy } from './drift-histories.js';

const RUNS = { seed: seed(), numRuns: share({ test: 30, prove: 500 }) };
const HOUR_MS = 3_600_000;

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const driftOf = (account: { readonly id: string }): Promise<Json> =>
    bodyOf(app.get(`/v1/accounts/${account.id}/drift`));

  /** An account with the lines and balances of a history, past the API. */
  async function keep({ lines, balances }: History): Promise<Account> {
    const account = await linkedAccount(app);
    const ids = app.app.get(IdSource);
    const now = app.clock.now();
    const rows = lines.map((line): AccountTransaction => {
      const facts = { description: 'x', counterparty: null, category: null, type: null, externalId: null, raw: null };
      const amounts = { amount: line.amount as Amount, runningBalance: line.runningBalance as Amount | null };
      return newLine(account, { ...facts, ...line, ...amounts }, { id: ids.next('transaction'), source: 'feed', now });
    });
    const stated = balances.map(({ asOf, ledger }): Balance => ({
      id: ids.next('balance'),
      owner: account.owner,
      accountId: account.id,
      asOf: parseInstant(asOf),
      available: 0n as Amount,
      ledger: ledger as Amount,
      source: 'feed',
      createdAt: now,
      raw: null,
    }));
    await app.app.get(Database).transact(EVERYBODY, async (tx) => {
      await tx.insert(AccountTransaction, rows);
      await tx.insert(Balance, stated);
    });
    return account;
  }

  it('is judged by the sums of days and the balances that a history adds up to, faulty or not', async () => {
    const isTold = fc.asyncProperty(
      histories({ ...NOISY, stated: [0, 60, 100] }),
      fc.option(fc.record({ place: fc.nat(), kind: faults })),
      async (history, fault) => {
        const hasPosted = history.lines.some(({ status }) => status === 'posted');
        const known = fault === null || !hasPosted ? history : faulty(history, fault.place, fault.kind).history;
        const account = await keep(known);
        const told = await app.app
          .get(Database)
          .read(EVERYBODY, (reader) => app.app.get(DriftRepository, { strict: false }).told(reader, account.id));
        expect(told).toEqual(toldBy(known));
        if (known === history) expect(await driftOf(account)).toMatchObject({ state: 'agrees', off: null });
      },
    );
    await fc.assert(isTold, RUNS);
  });

  it('is shown with amounts of the currency, and cent by cent', async () => {
    const account = await openAccount(app, { currency: 'KWD' });
    expect(await driftOf(account)).toEqual({
      accountId: account.id,
      currency: 'KWD',
      state: 'unknown',
      agreedUntil: null,
      firstDayOff: null,
      off: null,
      offNow: null,
      opening: null,
      statedBalances: 0,
    });
    await keepLine(app, account, { date: '2026-11-03', amount: '-10.5' });
    await keepLine(app, account, { date: '2026-11-06', amount: '1.001' });
    await stateBalance(app, account, { ledger: '100', asOf: '2026-11-01T08:00:00Z' });
    await stateBalance(app, account, { ledger: '89.500', asOf: '2026-11-05T08:00:00Z' });
    await stateBalance(app, account, { available: '3', asOf: '2026-11-06T08:00:00Z' });
    await stateBalance(app, account, { ledger: '90.502', asOf: '2026-11-08T08:00:00Z' });
    expect(await driftOf(account)).toMatchObject({
      state: 'off',
      agreedUntil: '2026-11-05',
      firstDayOff: '2026-11-08',
      off: '0.001',
      offNow: '0.001',
      opening: '100.000',
      statedBalances: 3,
    });
  });

  it('sums beyond what a single amount may be', async () => {
    const account = await openAccount(app);
    const most = '9999999999999.99';
    for (const date of ['2026-11-03', '2026-11-03', '2026-11-04']) await keepLine(app, account, { date, amount: most });
    await stateBalance(app, account, { ledger: most, asOf: '2026-11-09T08:00:00Z' });
    expect(await driftOf(account)).toMatchObject({ state: 'unknown', opening: '-19999999999999.98' });
  });

  it('is of an account that the caller may see, and of a book account too little was stated', async () => {
    const anns = await openAccount(app, { owner: 'ann' });
    const bob = await app.keyFor({ scope: 'read', owner: 'bob' });
    expectRefusal(await app.get(`/v1/accounts/${anns.id}/drift`, { key: bob }), 404, 'account_not_found');
    const book = await openAccount(app, { kind: 'book' });
    expect(await driftOf(book)).toMatchObject({ state: 'unknown', statedBalances: 0 });
  });

  it('is none of accounts that a bank feeds for months, and is there once a line of theirs is lost', async () => {
    const enrollment = await enroll(app, { institutionId: 'pearl_trust' });
    const until = app.clock.now();
    for (const hours of [0, 7, 12, 24, 30, 72, 5, 168, 336, 24, 500, 48]) {
      app.clock.advance(hours * HOUR_MS);
      await sync(app, enrollment);
      for (const account of await accountRows(app, enrollment))
        expect(await driftOf(account), account.subtype ?? '').toMatchObject({
          state: 'agrees',
          off: null,
          offNow: null,
        });
    }
    const [account] = await accountRows(app, enrollment);
    const lost = await app.app.get(Database).transact(EVERYBODY, async (tx) => {
      const lines = await tx.rows(AccountTransaction).find({ where: { accountId: account!.id, status: 'posted' } });
      const line = lines.filter(({ date }) => date < until.slice(0, 10)).sort((a, b) => (a.date < b.date ? 1 : -1))[3]!;
      await tx.update(AccountTransaction, [{ key: { id: line.id }, set: { status: 'removed' } }]);
      return line;
    });
    const drift = await driftOf(account!);
    const amount = formatAmount(lost.amount, app.app.get(Currencies).exponentOf(lost.currency));
    expect(drift).toMatchObject({ state: 'off', off: amount, offNow: amount });
    expect(drift.firstDayOff >= lost.date).toBe(true);
  });
});
