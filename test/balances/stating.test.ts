// A balance stated by hand: kept as history, and every way in which it is refused.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  bodyOf,
  everything,
  expectRefusal,
  linkedAccount,
  openAccount,
  stateBalance,
  type Json,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const NOW = '2026-11-21T12:00:00.000Z';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const state = (account: { id: string }, body: unknown) => app.post(`/v1/accounts/${account.id}/balances`, body);
  const history = async (account: { id: string }): Promise<Json[]> =>
    (await bodyOf(app.get(`/v1/accounts/${account.id}/balances`))).data;

  it('is kept, shown and carried on the account', async () => {
    const account = await openAccount(app);
    const stated = await state(account, { available: '12.5', ledger: '-3', asOf: '2026-11-01T10:00:00.5+01:00' });
    expect(stated.status).toBe(201);
    expect(stated.body).toEqual({
      id: expect.stringMatching(/^bal_/),
      accountId: account.id,
      available: '12.50',
      ledger: '-3.00',
      held: null,
      currency: 'USD',
      asOf: '2026-11-01T09:00:00.500Z',
    });
    expect(await history(account)).toEqual([stated.body]);
    expect((await app.get(`/v1/accounts/${account.id}/balance`)).body).toEqual(stated.body);
    const { id: _, accountId: __, ...carried } = stated.body;
    expect(await bodyOf(app.get(`/v1/accounts/${account.id}`))).toEqual({ ...account, balance: carried, version: 2 });
  });

  it('is of now where no moment is named, and may know one amount only', async () => {
    const account = await openAccount(app, { currency: 'KWD' });
    expect((await state(account, { available: '1' })).body).toMatchObject({
      available: '1.000',
      ledger: null,
      asOf: NOW,
    });
  });

  it('said again is the same: no other row, no other id', async () => {
    const account = await openAccount(app);
    const request = { ledger: '5.00', asOf: '2026-11-01T00:00:00Z' };
    const first = await state(account, request);
    const again = await state(account, { ...request, ledger: '5', asOf: '2026-11-01T01:00:00.0009+01:00' });
    expect(again.text).toBe(first.text);
    expect(await history(account)).toHaveLength(1);
  });

  it.each([{ ledger: '5.01' }, { ledger: '5', available: '5' }, { available: '5' }])(
    'that differs (%j) of a moment that has one is refused, and the first stands',
    async (other) => {
      const account = await openAccount(app);
      const first = await stateBalance(app, account, { ledger: '5.00', asOf: '2026-11-01T00:00:00Z' });
      const before = await everything(app);
      expectRefusal(await state(account, { ...other, asOf: '2026-11-01T00:00:00Z' }), 409, 'balance_already_stated');
      expect(await everything(app)).toBe(before);
      expect(await history(account)).toEqual([first]);
    },
  );

  it('the latest moves only forward, whatever is stated of before', async () => {
    const account = await openAccount(app);
    const ledgerAfter = async (ledger: string, day: string): Promise<string> => {
      await stateBalance(app, account, { ledger, asOf: `2026-11-${day}T00:00:00Z` });
      return (await bodyOf(app.get(`/v1/accounts/${account.id}`))).balance.ledger;
    };
    expect(await ledgerAfter('1', '10')).toBe('1.00');
    expect(await ledgerAfter('2', '05')).toBe('1.00');
    expect(await ledgerAfter('3', '11')).toBe('3.00');
    expect(await ledgerAfter('4', '10').catch((error: Error) => error.message)).toContain('balance_already_stated');
    expect(await ledgerAfter('5', '01')).toBe('3.00');
    expect((await history(account)).map(({ ledger }) => ledger)).toEqual(['3.00', '1.00', '2.00', '5.00']);
    expect(await bodyOf(app.get(`/v1/accounts/${account.id}`))).toMatchObject({ version: 3 });
  });

  it.each<[string, number, string, readonly string[], unknown]>([
    ['an amount as a number', 400, 'request_invalid', ['/ledger'], { ledger: 5 }],
    ['an amount of null', 400, 'request_invalid', ['/available'], { available: null, ledger: '5' }],
    ['a day for a moment', 400, 'request_invalid', ['/asOf'], { ledger: '5', asOf: '2026-11-01' }],
    ['a currency', 400, 'request_invalid', ['/currency'], { ledger: '5', currency: 'USD' }],
    ['nothing', 400, 'balance_empty', [], {}],
    ['a moment alone', 400, 'balance_empty', [], { asOf: NOW }],
    ['a moment to come', 422, 'balance_in_future', ['/asOf'], { ledger: '5', asOf: '2026-11-21T12:00:00.001Z' }],
    ['too many decimals of the ledger', 400, 'amount_invalid', ['/ledger'], { ledger: '5.001' }],
    [
      'too many decimals of what is available',
      400,
      'amount_invalid',
      ['/available'],
      { available: '5.001', ledger: '5' },
    ],
    ['an amount beyond the limit', 400, 'amount_invalid', ['/ledger'], { ledger: '-10000000000000.01' }],
  ])('refuses %s and writes nothing', async (_, status, code, pointers, body) => {
    const account = await openAccount(app);
    const before = await everything(app);
    expectRefusal(await state(account, body), status, code, pointers);
    expect(await everything(app)).toBe(before);
    expect(await history(account)).toEqual([]);
  });

  it('refuses in the documented order: account, its kind, its closing, no amount, the future, the amount, another balance', async () => {
    const wrong = { asOf: '2027-01-01T00:00:00Z' };
    expectRefusal(await state({ id: `acc_${'f'.repeat(32)}` }, wrong), 404, 'account_not_found');
    expectRefusal(await state(await linkedAccount(app), wrong), 422, 'account_not_manual');
    const book = await openAccount(app, { kind: 'book' });
    await app.post(`/v1/accounts/${book.id}/close`);
    expectRefusal(await state(book, wrong), 422, 'account_not_manual');
    const account = await openAccount(app);
    await stateBalance(app, account, { ledger: '1' });
    await app.post(`/v1/accounts/${account.id}/close`);
    expectRefusal(await state(account, wrong), 409, 'account_closed');
    await app.patch(`/v1/accounts/${account.id}`, { status: 'open' });
    expectRefusal(await state(account, wrong), 400, 'balance_empty');
    expectRefusal(await state(account, { ...wrong, ledger: '5.001' }), 422, 'balance_in_future', ['/asOf']);
    expectRefusal(await state(account, { ledger: '5.001' }), 400, 'amount_invalid', ['/ledger']);
    expectRefusal(await state(account, { ledger: '5' }), 409, 'balance_already_stated');
  });
});
