// Lines kept by hand: written, edited and deleted one by one, and every way in which that is refused.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  bankLine,
  bodyOf,
  everything,
  expectRefusal,
  keepLine,
  lineFor,
  linkedAccount,
  openAccount,
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

  const post = (body: unknown) => app.post('/v1/transactions', body);
  const edit = (line: { id: string }, body: unknown) => app.patch(`/v1/transactions/${line.id}`, body);

  it('writes a line with all that is said of it, and shows it so', async () => {
    const account = await openAccount(app, { currency: 'EUR' });
    const request = {
      accountId: account.id,
      date: '2024-02-29',
      amount: '-1234.5',
      currency: 'EUR',
      description: 'Miete 🏠',
      counterparty: 'Hausverwaltung',
      category: 'rent',
      notes: '',
      status: 'pending',
      externalId: 'x/1',
    };
    const written = await post(request);
    expect(written.status).toBe(201);
    expect(written.body).toEqual({
      ...request,
      id: expect.stringMatching(/^txn_[0-9a-f]{32}$/),
      amount: '-1234.50',
      type: null,
      runningBalance: null,
      transferId: null,
      source: 'manual',
      version: 1,
      createdAt: app.clock.now(),
      updatedAt: app.clock.now(),
    });
    expect((await app.get(`/v1/transactions/${written.body.id}`)).text).toBe(written.text);
    expect((await app.get(`/v1/accounts/${account.id}/transactions`)).body.data).toEqual([written.body]);
  });

  it('takes null for what is not known', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account, { counterparty: null, category: null, notes: null, externalId: null });
    expect(line).toMatchObject({ counterparty: null, category: null, notes: null, externalId: null, status: 'posted' });
  });

  it.each([
    ['JPY', '1000000000000000', '1000000000000000'],
    ['USD', '-0.1', '-0.10'],
    ['USD', '-0', '0.00'],
    ['KWD', '10000000000.001', '10000000000.001'],
    ['CLF', '1', '1.0000'],
    ['XGC', '-7', '-7'],
    ['XGM', '0.0001', '0.0001'],
  ])('keeps an amount in %s: %s', async (currency, given, shown) => {
    const account = await openAccount(app, { currency });
    expect((await keepLine(app, account, { amount: given })).amount).toBe(shown);
  });

  const manyDigits = '9'.repeat(26);

  it.each<[string, number, string, readonly string[], Record<string, unknown>]>([
    ['no account', 400, 'request_invalid', ['/accountId'], { accountId: undefined }],
    ['an account that is no id', 400, 'request_invalid', ['/accountId'], { accountId: 'acc_1' }],
    ['a day that does not exist', 400, 'request_invalid', ['/date'], { date: '2023-02-29' }],
    ['a moment for a day', 400, 'request_invalid', ['/date'], { date: '2026-11-01T00:00:00Z' }],
    ['an amount as a number', 400, 'request_invalid', ['/amount'], { amount: 1.5 }],
    ['an amount of null', 400, 'request_invalid', ['/amount'], { amount: null }],
    ['an amount with an exponent', 400, 'request_invalid', ['/amount'], { amount: '1e3' }],
    ['an amount with a plus', 400, 'request_invalid', ['/amount'], { amount: '+1' }],
    ['an amount of other digits', 400, 'request_invalid', ['/amount'], { amount: '١' }],
    ['an amount of 26 digits', 400, 'request_invalid', ['/amount'], { amount: manyDigits }],
    ['a description of nothing', 400, 'request_invalid', ['/description'], { description: '' }],
    ['a long description', 400, 'request_invalid', ['/description'], { description: 'x'.repeat(1_001) }],
    ['long notes', 400, 'request_invalid', ['/notes'], { notes: 'x'.repeat(10_001) }],
    ['NUL in the notes', 400, 'request_invalid', ['/notes'], { notes: '\u0000' }],
    ['half a pair in the category', 400, 'request_invalid', ['/category'], { category: '\udfff' }],
    ['a status of banks', 400, 'request_invalid', ['/status'], { status: 'removed' }],
    ['an empty external id', 400, 'request_invalid', ['/externalId'], { externalId: '' }],
    [
      'what it may not say',
      400,
      'request_invalid',
      ['/runningBalance', '/source'],
      { source: 'feed', runningBalance: '1' },
    ],
    ['another currency', 422, 'currency_differs', ['/currency'], { currency: 'EUR' }],
    ['too many decimals', 400, 'amount_invalid', ['/amount'], { amount: '1.234' }],
    ['too many decimals, although zeros', 400, 'amount_invalid', ['/amount'], { amount: '1.000' }],
    ['an amount beyond the limit', 400, 'amount_invalid', ['/amount'], { amount: '10000000000000.01' }],
    ['an amount below it', 400, 'amount_invalid', ['/amount'], { amount: '-10000000000000.01' }],
  ])('refuses %s and writes nothing', async (_, status, code, pointers, fields) => {
    const account = await openAccount(app);
    const before = await everything(app);
    expectRefusal(await post(lineFor(account, fields)), status, code, pointers);
    expect(await everything(app)).toBe(before);
  });

  it('refuses in the documented order: account, its kind, its closing, currency, amount, external id', async () => {
    const wrong = { currency: 'EUR', amount: '1.234', externalId: 'taken' };
    expectRefusal(await post(lineFor({ id: `acc_${'f'.repeat(32)}` }, wrong)), 404, 'account_not_found');
    expectRefusal(await post(lineFor(await linkedAccount(app), wrong)), 422, 'account_not_manual');
    const book = await openAccount(app, { kind: 'book' });
    await app.post(`/v1/accounts/${book.id}/close`);
    expectRefusal(await post(lineFor(book, wrong)), 422, 'account_not_manual');
    const account = await openAccount(app);
    await keepLine(app, account, { externalId: 'taken' });
    await app.post(`/v1/accounts/${account.id}/close`);
    expectRefusal(await post(lineFor(account, wrong)), 409, 'account_closed');
    await app.patch(`/v1/accounts/${account.id}`, { status: 'open' });
    expectRefusal(await post(lineFor(account, wrong)), 422, 'currency_differs', ['/currency']);
    expectRefusal(await post(lineFor(account, { ...wrong, currency: 'USD' })), 400, 'amount_invalid', ['/amount']);
    const before = await everything(app);
    expectRefusal(await post(lineFor(account, { externalId: 'taken' })), 409, 'external_id_taken');
    expect(await everything(app)).toBe(before);
  });

  it('takes an external id once an account, to the letter', async () => {
    const [a, b] = [await openAccount(app), await openAccount(app)];
    await keepLine(app, a, { externalId: 'x' });
    await keepLine(app, b, { externalId: 'x' });
    await keepLine(app, a, { externalId: 'X' });
    await keepLine(app, a, { externalId: 'x ' });
    await keepLine(app, a, { externalId: 'e\u0301' });
    await keepLine(app, a, { externalId: 'é' });
    expectRefusal(await post(lineFor(a, { externalId: 'x' })), 409, 'external_id_taken');
  });

  it('gives an external id free with the line that had it', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account, { externalId: 'x' });
    expect((await app.delete(`/v1/transactions/${line.id}`)).status).toBe(204);
    await keepLine(app, account, { externalId: 'x' });
  });

  it('edits what is named, counts the edit and leaves the rest', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account, { counterparty: 'Shop', category: 'food', externalId: 'x' });
    app.clock.advance(1_000);
    const wanted = {
      date: '2026-11-02',
      amount: '-5',
      description: 'Bread',
      counterparty: null,
      category: 'bakery',
      notes: 'fresh',
      status: 'pending',
    };
    const edited = await edit(line, wanted);
    expect(edited.body).toEqual({ ...line, ...wanted, amount: '-5.00', version: 2, updatedAt: app.clock.now() });
    expect((await app.get(`/v1/transactions/${line.id}`)).body).toEqual(edited.body);
  });

  it('finds an edited line by its new words only', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account, { description: 'Alpha', counterparty: 'Beta', notes: 'Gamma' });
    await edit(line, { description: 'Delta', counterparty: 'Epsilon', notes: null });
    const found = async (query: string): Promise<number> =>
      (await bodyOf(app.get(`/v1/accounts/${account.id}/transactions?${query}`))).data.length;
    for (const gone of ['text=alpha', 'text=beta', 'text=gamma', 'counterparty=beta'])
      expect(await found(gone)).toBe(0);
    for (const there of ['text=DELTA', 'text=epsilon', 'counterparty=EPSI']) expect(await found(there)).toBe(1);
  });

  it('counts no edit where nothing becomes another', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account, { category: 'food' });
    app.clock.advance(1_000);
    for (const same of [
      {},
      { amount: '-1.00' },
      { category: 'food' },
      { counterparty: null },
      { date: '2026-11-01', status: 'posted' },
    ]) {
      expect((await edit(line, same)).body).toEqual(line);
    }
  });

  it("sets category and notes of a bank's line, and edits nothing else of it", async () => {
    const account = await linkedAccount(app);
    const { id } = await bankLine(app, account);
    expect((await edit({ id }, { category: 'food', notes: 'Lunch' })).body).toMatchObject({
      category: 'food',
      notes: 'Lunch',
      version: 2,
      amount: '-1.00',
    });
    expect((await edit({ id }, { category: null, notes: null })).body).toMatchObject({
      category: null,
      notes: null,
      version: 3,
    });
    const before = await everything(app);
    for (const fact of [
      { amount: '1' },
      { date: '2026-11-02' },
      { description: 'x' },
      { counterparty: null },
      { status: 'pending' },
      { category: 'x', status: 'posted' },
    ]) {
      expectRefusal(await edit({ id }, fact), 422, 'bank_fact_not_editable');
    }
    expectRefusal(await app.delete(`/v1/transactions/${id}`), 422, 'account_not_manual');
    expect(await everything(app)).toBe(before);
  });

  it('sets category and notes of a line on a closed account', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    await app.post(`/v1/accounts/${account.id}/close`);
    expect((await edit(line, { category: 'food', notes: 'x' })).body).toMatchObject({ category: 'food', notes: 'x' });
  });

  it('refuses edits in the documented order', async () => {
    const wrong = { amount: '1.234' };
    expectRefusal(await edit({ id: NOTHING }, wrong), 404, 'transaction_not_found');
    const linked = await linkedAccount(app);
    expectRefusal(await edit(await bankLine(app, linked), wrong), 422, 'bank_fact_not_editable');
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    await app.post(`/v1/accounts/${account.id}/close`);
    expectRefusal(await edit(line, wrong), 409, 'account_closed');
    await app.patch(`/v1/accounts/${account.id}`, { status: 'open' });
    const before = await everything(app);
    expectRefusal(await edit(line, wrong), 400, 'amount_invalid', ['/amount']);
    for (const [pointer, body] of Object.entries({
      '/date': { date: '2026-11-31' },
      '/amount': { amount: 1 },
      '/description': { description: null },
      '/externalId': { externalId: 'y' },
      '/accountId': { accountId: account.id },
    })) {
      expectRefusal(await edit(line, body), 400, 'request_invalid', [pointer]);
    }
    expect(await everything(app)).toBe(before);
  });

  it('deletes a line for good', async () => {
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    const deleted = await app.delete(`/v1/transactions/${line.id}`);
    expect(deleted).toMatchObject({ status: 204, text: '' });
    for (const answer of [
      await app.get(`/v1/transactions/${line.id}`),
      await app.delete(`/v1/transactions/${line.id}`),
      await edit(line, { notes: 'x' }),
    ]) {
      expectRefusal(answer, 404, 'transaction_not_found');
    }
    expect((await app.get(`/v1/accounts/${account.id}/transactions`)).body.data).toEqual([]);
  });

  it('refuses to delete in the documented order', async () => {
    expectRefusal(await app.delete(`/v1/transactions/${NOTHING}`), 404, 'transaction_not_found');
    expectRefusal(await app.delete('/v1/transactions/x'), 404, 'transaction_not_found');
    const account = await openAccount(app);
    const line = await keepLine(app, account);
    await app.post(`/v1/accounts/${account.id}/close`);
    expectRefusal(await app.delete(`/v1/transactions/${line.id}`), 409, 'account_closed');
  });
});
