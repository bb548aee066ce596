// Many lines at once: all or none, or each by itself with its outcome named.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allPages,
  bankLine,
  bodyOf,
  everything,
  expectRefusal,
  keepLine,
  lineFor,
  linkedAccount,
  openAccount,
  type Json,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const NOTHING = `txn_${'f'.repeat(32)}`;

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const create = (mode: string, transactions: unknown) => app.post('/v1/transactions/bulk', { mode, transactions });
  const remove = (mode: string, ids: unknown) => app.post('/v1/transactions/bulk-delete', { mode, ids });
  const linesOf = (account: { id: string }) =>
    allPages(app, `/v1/accounts/${account.id}/transactions?limit=500&order=asc`);
  const outcomes = (body: Json): unknown[] => body.data.map((row: Json) => row.problem?.code ?? row.outcome);

  it.each(['atomic', 'independent'])(
    'writes good rows, %s, and names each in the order of the request',
    async (mode) => {
      const [a, b] = [await openAccount(app), await openAccount(app, { currency: 'JPY' })];
      const rows = [
        lineFor(a, { date: '2026-11-03' }),
        lineFor(b, { amount: '7' }),
        lineFor(a, { date: '2026-11-02', externalId: 'x' }),
      ];
      const answer = await create(mode, rows);
      expect(answer).toMatchObject({ status: 200, body: { succeeded: 3, refused: 0 } });
      expect(
        answer.body.data.map((row: Json) => [
          row.index,
          row.outcome,
          row.transaction.accountId,
          row.transaction.amount,
        ]),
      ).toEqual([
        [0, 'created', a.id, '-1.00'],
        [1, 'created', b.id, '7'],
        [2, 'created', a.id, '-1.00'],
      ]);
      expect(await linesOf(a)).toEqual([answer.body.data[2].transaction, answer.body.data[0].transaction]);
      expect(await linesOf(b)).toEqual([answer.body.data[1].transaction]);
    },
  );

  /** One row of each kind that is refused, around two that are good. */
  async function mixedRows(): Promise<{ rows: unknown[]; good: { id: string } }> {
    const good = await openAccount(app);
    const closed = await openAccount(app);
    await keepLine(app, good, { externalId: 'stored' });
    await app.post(`/v1/accounts/${closed.id}/close`);
    const rows = [
      lineFor(good, { externalId: 'new' }),
      lineFor({ id: `acc_${'f'.repeat(32)}` }),
      lineFor(await linkedAccount(app)),
      lineFor(closed),
      lineFor(good, { currency: 'EUR' }),
      lineFor(good, { amount: '1.234' }),
      lineFor(good, { externalId: 'stored' }),
      lineFor(good, { externalId: 'new' }),
      { ...lineFor(good), amount: 5, date: 'x', 'a/b': 1 },
      null,
      'x',
      [lineFor(good)],
      {},
      lineFor(good, { externalId: null }),
    ];
    return { rows, good };
  }

  it('writes the good rows among bad ones when each stands by itself', async () => {
    const { rows, good } = await mixedRows();
    const { body, status } = await create('independent', rows);
    expect(status).toBe(200);
    expect(outcomes(body)).toEqual([
      'created',
      'account_not_found',
      'account_not_manual',
      'account_closed',
      'currency_differs',
      'amount_invalid',
      'external_id_taken',
      'external_id_taken',
      'request_invalid',
      'request_invalid',
      'request_invalid',
      'request_invalid',
      'request_invalid',
      'created',
    ]);
    expect(body).toMatchObject({ succeeded: 2, refused: 12 });
    expect(body.data.map((row: Json) => row.index)).toEqual(rows.map((_, index) => index));
    const pointers = (index: number): string[] =>
      body.data[index].problem.errors.map((fault: Json) => fault.pointer).sort();
    expect(pointers(4)).toEqual(['/transactions/4/currency']);
    expect(pointers(5)).toEqual(['/transactions/5/amount']);
    expect(pointers(8)).toEqual(['/transactions/8/amount', '/transactions/8/a~1b', '/transactions/8/date'].sort());
    expect(pointers(9)).toEqual(['/transactions/9']);
    expect((await linesOf(good)).map(({ externalId }) => externalId)).toEqual(['stored', 'new', null]);
  });

  it('writes nothing when all stand together and one is bad, and says of each what is wrong', async () => {
    const { rows } = await mixedRows();
    const before = await everything(app);
    const answer = await create('atomic', rows);
    expectRefusal(answer, 422, 'bulk_refused', [
      ...[1, 2, 3, 6, 7, 9, 10, 11].map((index) => `/transactions/${index}`),
      '/transactions/4/currency',
      '/transactions/5/amount',
      ...['amount', 'a~1b', 'date'].map((name) => `/transactions/8/${name}`),
      ...['accountId', 'amount', 'date', 'description'].map((name) => `/transactions/12/${name}`),
    ]);
    expect(answer.body.detail).toMatch(/^12 rows were refused/);
    expect(await everything(app)).toBe(before);
  });

  it.each([
    ['no mode', '/mode', { transactions: [{}] }],
    ['a mode that is none', '/mode', { mode: 'both', transactions: [{}] }],
    ['no rows', '/transactions', { mode: 'atomic' }],
    ['a list of none', '/transactions', { mode: 'atomic', transactions: [] }],
    ['rows in an object', '/transactions', { mode: 'atomic', transactions: { 0: {} } }],
    ['1,001 rows', '/transactions', { mode: 'independent', transactions: Array(1_001).fill({}) }],
  ])('refuses %s', async (_, pointer, body) => {
    const before = await everything(app);
    expectRefusal(await app.post('/v1/transactions/bulk', body), 400, 'request_invalid', [pointer]);
    expect(await everything(app)).toBe(before);
  });

  it.each(['atomic', 'independent'])('writes and deletes 1,000 rows, %s', async (mode) => {
    const account = await openAccount(app);
    const rows = Array.from({ length: 1_000 }, (_, index) => lineFor(account, { externalId: `row ${index}` }));
    const written = await bodyOf(create(mode, rows));
    expect(written).toMatchObject({ succeeded: 1_000, refused: 0 });
    expect(await linesOf(account)).toEqual(written.data.map((row: Json) => row.transaction));
    const ids = written.data.map((row: Json) => row.transaction.id);
    expect(await bodyOf(remove(mode, ids))).toMatchObject({ succeeded: 1_000, refused: 0 });
    expect(await linesOf(account)).toEqual([]);
  });

  it('deletes the good rows among bad ones when each stands by itself', async () => {
    const account = await openAccount(app);
    const closed = await openAccount(app);
    const [a, b, kept] = [await keepLine(app, account), await keepLine(app, account), await keepLine(app, closed)];
    const bank = await bankLine(app, await linkedAccount(app));
    await app.post(`/v1/accounts/${closed.id}/close`);
    const { body } = await remove('independent', [a.id, NOTHING, bank.id, kept.id, a.id, b.id]);
    expect(outcomes(body)).toEqual([
      'deleted',
      'transaction_not_found',
      'account_not_manual',
      'account_closed',
      'transaction_not_found',
      'deleted',
    ]);
    expect(body).toMatchObject({
      succeeded: 2,
      refused: 4,
      data: [{ index: 0, id: a.id }, {}, {}, {}, {}, { index: 5, id: b.id }],
    });
    expect(await linesOf(account)).toEqual([]);
    expect(await linesOf(closed)).toEqual([kept]);
  });

  it('deletes nothing when all stand together and one is bad', async () => {
    const account = await openAccount(app);
    const [a, b] = [await keepLine(app, account), await keepLine(app, account)];
    const before = await everything(app);
    expectRefusal(await remove('atomic', [a.id, b.id, NOTHING]), 422, 'bulk_refused', ['/ids/2']);
    expectRefusal(await remove('atomic', [a.id, b.id, a.id]), 422, 'bulk_refused', ['/ids/2']);
    expect((await remove('atomic', [NOTHING])).body.detail).toMatch(/^1 row was refused/);
    expect(await everything(app)).toBe(before);
    expect(await bodyOf(remove('atomic', [a.id, b.id]))).toMatchObject({ succeeded: 2 });
  });

  it.each([
    ['no ids', { mode: 'atomic' }],
    ['a list of none', { mode: 'atomic', ids: [] }],
    ['ids of another noun', { mode: 'atomic', ids: [`acc_${'f'.repeat(32)}`] }],
    ['numbers', { mode: 'atomic', ids: [1] }],
    ['one id', { mode: 'atomic', ids: NOTHING }],
    ['1,001 ids', { mode: 'atomic', ids: Array(1_001).fill(NOTHING) }],
  ])('refuses to delete %s', async (_, body) => {
    expectRefusal(await app.post('/v1/transactions/bulk-delete', body), 400, 'request_invalid', ['/ids']);
  });
});
