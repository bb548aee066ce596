// A request with several faults is refused for the first one, in the documented order, and what is refused changes nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyRow } from '../changes/tables.js';
import { openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { Bank, newId, type OpenedAccount } from './bank.js';

const NOBODY = `acc_${'f'.repeat(32)}`;
const LIMIT = '10000000000000.00';

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  const named: Record<string, string> = {};
  let taken: string;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
    const closed = await bank.account();
    await app.post(`/v1/accounts/${closed.id}/close`);
    const house = await bank.systemAccount('house', 'USD');
    const rich = await bank.account();
    await bank.pay(house.id, rich.id, LIMIT);
    const accounts: Record<string, OpenedAccount> = {
      poor: await bank.account('1.00'),
      other: await bank.account(),
      rich,
      house,
      treasury: await bank.treasury(),
      closed,
      manual: await openAccount(app),
      credits: await bank.account(undefined, { currency: 'XGC' }),
      euros: await bank.account(undefined, { currency: 'EUR' }),
    };
    for (const [name, { id }] of Object.entries(accounts)) named[name] = id;
    Object.assign(named, { nobody: NOBODY, NOBODY: 'NOBODY-9', poorByNumber: accounts['poor']!.accountNumber });
    taken = newId('trf');
    expect(await bank.move(accounts['poor']!, accounts['other']!, '0.10', { id: taken })).toMatchObject({
      status: 201,
    });
  });
  afterAll(() => app.stop());

  const pair =
    (from: string, to: string, amount: string, more: object = {}) =>
    () => ({
      from: named[from],
      to: named[to],
      amount,
      ...more,
    });
  const legs =
    (list: readonly (readonly [string, string])[], more: object = {}) =>
    () => ({
      legs: list.map(([account, amount]) => ({ account: named[account], amount })),
      ...more,
    });

  /** Each wants what its row is refused for, and has faults of rows further down as well. */
  const rows: readonly [number, string, string, () => object][] = [
    [409, 'transfer_id_taken', 'one account', () => ({ ...pair('poor', 'poor', '0')(), id: taken })],
    [409, 'transfer_id_taken', 'no account', () => ({ ...pair('nobody', 'other', '0.10')(), id: taken })],
    [409, 'transfer_id_taken', 'another amount', () => ({ ...pair('poor', 'other', '0.11')(), id: taken })],
    [409, 'transfer_id_taken', 'another memo', () => ({ ...pair('poor', 'other', '0.10')(), id: taken, memo: 'x' })],
    [422, 'accounts_must_differ', 'nobody to nobody', pair('nobody', 'nobody', '0')],
    [422, 'accounts_must_differ', 'closed to itself', pair('closed', 'closed', '0.001')],
    [422, 'accounts_must_differ', 'by id and by number', pair('poor', 'poorByNumber', '5')],
    [
      422,
      'accounts_must_differ',
      'legs',
      legs([
        ['poor', '1'],
        ['poor', '-2'],
      ]),
    ],
    [404, 'account_not_found', 'after a closed one', pair('closed', 'nobody', '0')],
    [404, 'account_not_found', 'no such number', pair('manual', 'NOBODY', '0')],
    [
      404,
      'account_not_found',
      'in a leg',
      legs([
        ['closed', '1'],
        ['manual', '2'],
        ['nobody', '0'],
      ]),
    ],
    [409, 'account_closed', 'and manual', pair('closed', 'manual', '0')],
    [409, 'account_closed', 'after a manual one', pair('manual', 'closed', '0', { currency: 'EUR' })],
    [
      409,
      'account_closed',
      'in a leg',
      legs([
        ['manual', '1'],
        ['euros', '2'],
        ['closed', '0'],
      ]),
    ],
    [422, 'account_not_book', 'and of another currency', pair('credits', 'manual', '0')],
    [
      422,
      'account_not_book',
      'in a leg',
      legs([
        ['manual', '1'],
        ['poor', '2'],
      ]),
    ],
    [422, 'currency_differs', 'between the two', pair('poor', 'euros', '0')],
    [422, 'currency_differs', 'from what is said', pair('poor', 'other', '0.001', { currency: 'EUR' })],
    [
      422,
      'currency_differs',
      'in a leg',
      legs(
        [
          ['poor', '0.001'],
          ['euros', '2'],
        ],
        { currency: 'USD' },
      ),
    ],
    [400, 'amount_invalid', 'more decimals than the currency has', pair('poor', 'other', '0.001')],
    [400, 'amount_invalid', 'credits have none', pair('credits', 'credits2', '0.5')],
    [400, 'amount_invalid', 'too large', pair('poor', 'other', '10000000000000.01')],
    [400, 'amount_invalid', '10^15', pair('poor', 'other', '1000000000000000')],
    [
      400,
      'amount_invalid',
      'after a leg of nothing',
      legs([
        ['poor', '0'],
        ['other', '1.001'],
      ]),
    ],
    [422, 'amount_not_positive', 'zero', pair('poor', 'other', '0.00')],
    [422, 'amount_not_positive', 'minus zero', pair('poor', 'other', '-0')],
    [422, 'amount_not_positive', 'negative', pair('poor', 'other', '-5.00')],
    [
      422,
      'amount_not_positive',
      'a leg of nothing, and unbalanced',
      legs([
        ['poor', '-5'],
        ['other', '0'],
      ]),
    ],
    [
      422,
      'legs_unbalanced',
      'and nobody could pay',
      legs([
        ['poor', '-5'],
        ['other', '4.99'],
      ]),
    ],
    [
      422,
      'legs_unbalanced',
      'zero over two currencies, and not in each',
      legs([
        ['poor', '-5'],
        ['euros', '5'],
      ]),
    ],
    [409, 'insufficient_funds', 'a cent more than there is', pair('poor', 'other', '0.91')],
    [409, 'insufficient_funds', 'and beyond the limit', pair('poor', 'rich', '5')],
    [
      409,
      'insufficient_funds',
      'a later leg',
      legs([
        ['treasury', '-1'],
        ['other', '1'],
        ['rich', '1'],
        ['poor', '-1'],
      ]),
    ],
    [409, 'limit_exceeded', 'a cent', pair('poor', 'rich', '0.01')],
    [409, 'limit_exceeded', 'of the house', pair('house', 'other', '0.01')],
  ];

  describe('a transfer', () => {
    beforeAll(async () => {
      named['credits2'] = (await bank.account(undefined, { currency: 'XGC' })).id;
    });

    it.each(rows)('%i %s: %s', async (status, code, _, body) => {
      const before = await everyRow(app);
      const answer = await app.post('/v1/transfers', body());
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(await everyRow(app)).toBe(before);
    });

    it('is refused so in bulk, too, and in a dry run', async () => {
      const before = await everyRow(app);
      const transfers = rows.map(([, , , body]) => body());
      const { body } = await app.post('/v1/transfers/bulk', { mode: 'independent', transfers });
      expect(
        body.data.map((row: { problem: { status: number; code: string } }) => [row.problem.status, row.problem.code]),
      ).toEqual(rows.map(([status, code]) => [status, code]));
      for (const [status, code, , of] of rows) {
        const dry = await app.post('/v1/transfers', { ...of(), dryRun: true });
        expect([dry.status, dry.body.code]).toEqual([status, code]);
      }
      expect(await everyRow(app)).toBe(before);
    });
  });

  describe('a hold', () => {
    const past = { expiresAt: '2020-01-01T00:00:00Z' };
    const held: readonly [number, string, string, () => object][] = [
      ...rows.filter(([, code, , body]) => 'from' in body() && !/taken|limit|insufficient/.test(code)),
      [422, 'amount_not_positive', 'and in the past', pair('poor', 'other', '0', past)],
      [422, 'hold_expires_in_past', 'and nobody could pay', pair('poor', 'other', '5', past)],
      [409, 'insufficient_funds', 'a cent more than there is', pair('poor', 'other', '0.91')],
    ];
    it.each(held)('%i %s: %s', async (status, code, _, body) => {
      const before = await everyRow(app);
      const answer = await app.post('/v1/holds', body());
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(await everyRow(app)).toBe(before);
    });

    it('that expires this very moment is refused, and one a millisecond later is not', async () => {
      const at = (ms: number) => ({ expiresAt: new Date(Date.parse(app.clock.now()) + ms).toISOString() });
      expect((await app.post('/v1/holds', pair('poor', 'other', '0.01', at(0))())).body.code).toBe(
        'hold_expires_in_past',
      );
      expect((await app.post('/v1/holds', pair('poor', 'other', '0.01', { ...at(1), dryRun: true })())).status).toBe(
        201,
      );
    });

    it('does not grow beyond the limit of all amounts, whoever holds', async () => {
      const [treasury, other] = [{ id: named['treasury']! }, { id: named['other']! }];
      const asked = { from: treasury.id, to: other.id, amount: LIMIT };
      const first = await app.post('/v1/holds', asked);
      expect(first.status).toBe(201);
      const second = await app.post('/v1/holds', { ...asked, amount: '0.01' });
      expect([second.status, second.body.code]).toEqual([409, 'limit_exceeded']);
      expect((await app.post(`/v1/holds/${first.body.id}/release`, {})).status).toBe(201);
    });
  });
});
