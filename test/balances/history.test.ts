// What was known of balances: one account's history, and everybody's at a moment.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allPages,
  bodyOf,
  expectRefusal,
  openAccount,
  stateBalance,
  withCursor,
  type Json,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const moment = (day: number, hour = 0): string =>
  `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;

eachStore((store) => {
  let app: TestApp;
  let account: { id: string };
  let stated: Json[];
  beforeAll(async () => {
    app = await TestApp.start(store);
    account = await openAccount(app);
    stated = [];
    // Not in their order: history is in the order of the moments, not of the telling.
    for (const day of [3, 1, 7, 5, 2, 6, 4])
      stated.push(await stateBalance(app, account, { ledger: `${day}`, asOf: moment(day) }));
    stated.sort((a, b) => (a.asOf < b.asOf ? 1 : -1));
  });
  afterAll(() => app.stop());

  const url = () => `/v1/accounts/${account.id}/balances`;
  const at = (text: string) => app.get(`/v1/accounts/${account.id}/balance?at=${encodeURIComponent(text)}`);
  const ledgers = (rows: Json[]): string[] => rows.map(({ ledger }) => ledger);

  it('a history is told newest first, whole or in pages of any size', async () => {
    expect((await bodyOf(app.get(url()))).data).toEqual(stated);
    for (const limit of [1, 2, 3, 6, 7, 8, 500]) expect(await allPages(app, `${url()}?limit=${limit}`)).toEqual(stated);
    expect((await bodyOf(app.get(`${url()}?limit=7`))).nextCursor).toBeNull();
  });

  it.each([
    [`from=${moment(3)}`, 5],
    [`to=${moment(3)}`, 3],
    [`from=${moment(3)}&to=${moment(3)}`, 1],
    [`from=${moment(3, 1)}&to=${moment(3, 23)}`, 0],
    [`from=${moment(5)}&to=${moment(2)}`, 0],
    ['from=2026-11-03T01:00:00%2B01:00&to=2026-11-04T00:00Z', 2],
  ])('a history of %s has %i', async (query, count) => {
    const rows = await allPages(app, `${url()}?limit=2&${query}`);
    expect(rows).toHaveLength(count);
    const [, from = '', to = '9'] = /^(?:from=([^&]*))?&?(?:to=(.*))?$/.exec(query) ?? [];
    if (!query.includes('%'))
      expect(rows).toEqual(stated.filter(({ asOf }) => asOf >= (from || '') && asOf <= (to || '9')));
  });

  it('a page stays where it was while newer and older balances are stated', async () => {
    const own = await openAccount(app);
    for (const day of [2, 4, 6, 8]) await stateBalance(app, own, { ledger: `${day}`, asOf: moment(day) });
    const list = `/v1/accounts/${own.id}/balances?limit=2`;
    const first = await bodyOf(app.get(list));
    for (const day of [1, 3, 5, 7, 9]) await stateBalance(app, own, { ledger: `${day}`, asOf: moment(day) });
    const second = await bodyOf(app.get(withCursor(list, first.nextCursor)));
    expect([ledgers(first.data), ledgers(second.data)]).toEqual([
      ['8.00', '6.00'],
      ['5.00', '4.00'],
    ]);
  });

  it('a balance at a moment is the newest that is not after it', async () => {
    expectRefusal(await at('2026-10-31T23:59:59.999Z'), 404, 'balance_unknown');
    expect((await at(moment(1))).body).toMatchObject({ ledger: '1.00', asOf: moment(1) });
    expect((await at('2026-11-01T23:59:59.999Z')).body).toMatchObject({ ledger: '1.00' });
    expect((await at('2026-11-02T01:00:00+01:00')).body).toMatchObject({ ledger: '2.00' });
    expect((await at(moment(7))).body).toEqual(stated[0]);
    expect((await at('9999-12-31T23:59:59.999Z')).body).toEqual(stated[0]);
    expect((await at('0001-01-01T00:00:00Z')).status).toBe(404);
  });

  it('a balance that nobody stated is not known', async () => {
    const { id } = await openAccount(app);
    expectRefusal(await app.get(`/v1/accounts/${id}/balance`), 404, 'balance_unknown');
    expectRefusal(await app.get(`/v1/accounts/${id}/balance?at=${moment(5)}`), 404, 'balance_unknown');
    expect((await bodyOf(app.get(`/v1/accounts/${id}/balances`))).data).toEqual([]);
  });

  it('of an account that is not there nothing is known', async () => {
    for (const path of ['balance', `balance?at=${moment(1)}`, 'balances', 'balances?limit=1']) {
      expectRefusal(await app.get(`/v1/accounts/acc_${'f'.repeat(32)}/${path}`), 404, 'account_not_found');
    }
  });

  it('everybody’s balances are listed in the order of the accounts, now or at a moment, in pages of any size', async () => {
    const owner = 'balances';
    const key = await app.keyFor({ owner });
    const own = [];
    for (let index = 0; index < 5; index++)
      own.push(await openAccount(app, { owner, currency: index === 3 ? 'JPY' : 'USD' }));
    const [a, b, never, c, d] = own as [Json, Json, Json, Json, Json];
    await stateBalance(app, c, { ledger: '30', asOf: moment(1) });
    await stateBalance(app, a, { ledger: '10', asOf: moment(2) });
    await stateBalance(app, a, { ledger: '11', asOf: moment(4) });
    await stateBalance(app, b, { available: '20', asOf: moment(3) });
    await stateBalance(app, d, { ledger: '40', asOf: moment(9) });
    const listed = async (query: string): Promise<unknown[]> => {
      const rows = await allPages(app, `/v1/balances?${query}`, { key });
      expect(await allPages(app, `/v1/balances?owner=${owner}&${query}`)).toEqual(rows);
      return rows.map(({ accountId, available, ledger }) => [accountId, available, ledger]);
    };
    const now = [
      [a.id, null, '11.00'],
      [b.id, '20.00', null],
      [c.id, null, '30'],
      [d.id, null, '40.00'],
    ];
    for (const limit of [1, 2, 4, 500]) {
      expect(await listed(`limit=${limit}`)).toEqual(now);
      expect(await listed(`limit=${limit}&at=${moment(9)}`)).toEqual(now);
      expect(await listed(`limit=${limit}&at=${moment(3)}`)).toEqual([[a.id, null, '10.00'], now[1], now[2]]);
      expect(await listed(`limit=${limit}&at=${moment(1)}`)).toEqual([now[2]]);
      expect(await listed(`limit=${limit}&at=2026-10-31T00:00:00Z`)).toEqual([]);
    }
    expect(never.balance).toBeNull();
  });

  it('the balance of a new book account is zero, and its id is none', async () => {
    const book = await openAccount(app, { kind: 'book', currency: 'KWD' });
    const zero = {
      id: null,
      accountId: book.id,
      available: '0.000',
      ledger: '0.000',
      held: '0.000',
      currency: 'KWD',
      asOf: app.clock.now(),
    };
    expect(await bodyOf(app.get(`/v1/accounts/${book.id}/balance`))).toEqual(zero);
    expect(await allPages(app, '/v1/balances')).toContainEqual(zero);
  });
});
