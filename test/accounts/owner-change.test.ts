// An account that changes hands takes everything along that is on it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allPages,
  bodyOf,
  everything,
  expectRefusal,
  keepLine,
  openAccount,
  stateBalance,
  type Json,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  let ann: string;
  let bob: string;
  beforeAll(async () => {
    app = await TestApp.start(store);
    ann = await app.keyFor({ owner: 'ann' });
    bob = await app.keyFor({ owner: 'bob' });
  });
  afterAll(() => app.stop());

  /** What a key sees of accounts, lines and balances. */
  async function seenBy(key: string): Promise<{ accounts: Json[]; lines: Json[]; balances: Json[]; count: number }> {
    const totals = await bodyOf(app.get('/v1/transactions/totals', { key }));
    return {
      accounts: await allPages(app, '/v1/accounts', { key }),
      lines: await allPages(app, '/v1/transactions', { key }),
      balances: await allPages(app, '/v1/balances', { key }),
      count: totals.data[0]?.count ?? 0,
    };
  }

  it('hands over all its lines and balances, and leaves nothing behind', async () => {
    const account = await openAccount(app, { owner: 'ann' });
    const kept = await openAccount(app, { owner: 'ann', name: 'Stays' });
    const line = await keepLine(app, account, { date: '2026-11-03', externalId: 'x1' });
    const stays = await keepLine(app, kept, { date: '2026-11-02', externalId: 'x1' });
    await stateBalance(app, account, { ledger: '5.00', asOf: '2026-11-01T00:00:00Z' });
    const latest = await stateBalance(app, account, { ledger: '6.00', asOf: '2026-11-02T00:00:00Z' });
    expect(await seenBy(ann)).toMatchObject({ lines: [line, stays], balances: [latest], count: 2 });
    expect(await seenBy(bob)).toEqual({ accounts: [], lines: [], balances: [], count: 0 });

    const given = await bodyOf(app.patch(`/v1/accounts/${account.id}`, { owner: 'bob' }));
    expect(given).toMatchObject({ owner: 'bob', version: 4 });
    expect(await seenBy(bob)).toEqual({ accounts: [given], lines: [line], balances: [latest], count: 1 });
    expect(await seenBy(ann)).toEqual({ accounts: [kept], lines: [stays], balances: [], count: 1 });
    expect((await app.get(`/v1/accounts/${account.id}/balances`, { key: bob })).body.data).toHaveLength(2);
    expect((await app.get(`/v1/balances?at=2026-11-01T12:00:00Z`, { key: bob })).body.data).toMatchObject([
      { ledger: '5.00' },
    ]);
    expectRefusal(await app.get(`/v1/accounts/${account.id}/balances`, { key: ann }), 404, 'account_not_found');
    expectRefusal(await app.get(`/v1/transactions/${line.id}`, { key: ann }), 404, 'transaction_not_found');
  });

  it('lets the new owner keep lines at once, with external ids that are taken still taken', async () => {
    const account = await openAccount(app, { owner: 'ann' });
    await keepLine(app, account, { externalId: 'x1' });
    await app.patch(`/v1/accounts/${account.id}`, { owner: 'bob' });
    await keepLine(app, account, { externalId: 'x2' }, { key: bob });
    expectRefusal(
      await app.post(
        '/v1/transactions',
        { accountId: account.id, date: '2026-11-01', amount: '1', description: 'x', externalId: 'x1' },
        { key: bob },
      ),
      409,
      'external_id_taken',
    );
  });

  it('is refused to a key that is bound to one owner', async () => {
    const account = await openAccount(app, { owner: 'ann' });
    const before = await everything(app);
    expectRefusal(
      await app.patch(`/v1/accounts/${account.id}`, { owner: 'bob' }, { key: ann }),
      403,
      'owner_forbidden',
    );
    expectRefusal(
      await app.patch(`/v1/accounts/${account.id}`, { owner: 'bob' }, { key: bob }),
      404,
      'account_not_found',
    );
    expect(await everything(app)).toBe(before);
  });
});
