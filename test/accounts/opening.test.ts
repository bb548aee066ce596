// Opening an account, and every way in which that is refused.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everything, expectRefusal, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  it('opens a manual account with all that is said of it, and shows it so', async () => {
    const request = {
      kind: 'manual',
      name: 'Household cash 💶',
      currency: 'EUR',
      owner: 'ann@example.org',
      type: 'cash',
      subtype: 'purse',
      institution: { id: 'first_harbor', name: 'First Harbor Bank' },
      lastFour: '4711',
    };
    const opened = await app.post('/v1/accounts', request);
    expect(opened.status).toBe(201);
    expect(opened.body).toEqual({
      ...request,
      id: expect.stringMatching(/^acc_[0-9a-f]{32}$/),
      status: 'open',
      feed: null,
      enrollmentId: null,
      feedState: null,
      accountNumber: null,
      systemRole: null,
      overdraftLimit: null,
      balance: null,
      version: 1,
      createdAt: app.clock.now(),
      updatedAt: app.clock.now(),
      closedAt: null,
    });
    const shown = await app.get(`/v1/accounts/${opened.body.id}`);
    expect(shown.status).toBe(200);
    expect(shown.text).toBe(opened.text);
  });

  it('fills in what is left out', async () => {
    expect(await openAccount(app)).toMatchObject({
      owner: 'default',
      status: 'open',
      type: 'other',
      subtype: null,
      institution: null,
      lastFour: null,
    });
  });

  it.each([
    ['JPY', '0', '1000000000000000', '1000000000000000'],
    ['USD', '0.00', '12.3', '12.30'],
    ['KWD', '0.000', '12', '12.000'],
    ['CLF', '0.0000', '0.0001', '0.0001'],
    ['XGC', '0', '5', '5'],
    ['XGM', '0.0000', '5.5', '5.5000'],
  ])(
    'opens a book account in %s that holds %s, with a limit in its own decimals',
    async (currency, zero, limit, shown) => {
      const opened = await openAccount(app, { kind: 'book', currency, overdraftLimit: limit });
      expect(opened).toMatchObject({
        kind: 'book',
        overdraftLimit: shown,
        balance: { available: zero, ledger: zero, currency, asOf: app.clock.now() },
      });
      expect((await app.get(`/v1/accounts/${opened.id}`)).body).toEqual(opened);
      expect(await openAccount(app, { kind: 'book', currency })).toMatchObject({ overdraftLimit: zero });
    },
  );

  const book = { kind: 'book', name: 'Vault', currency: 'USD' };
  const manual = { kind: 'manual', name: 'Cash', currency: 'USD' };

  it.each<[string, number, string, readonly string[], unknown]>([
    ['nothing at all', 400, 'request_invalid', ['/currency', '/kind', '/name'], {}],
    ['a linked account', 400, 'request_invalid', ['/kind'], { ...manual, kind: 'linked' }],
    ['a name of nothing', 400, 'request_invalid', ['/name'], { ...manual, name: '' }],
    ['a blank name', 400, 'request_invalid', ['/name'], { ...manual, name: ' \t' }],
    ['a name of null', 400, 'request_invalid', ['/name'], { ...manual, name: null }],
    ['a name that is too long', 400, 'request_invalid', ['/name'], { ...manual, name: 'x'.repeat(201) }],
    ['a name with NUL', 400, 'request_invalid', ['/name'], { ...manual, name: 'a\u0000b' }],
    ['a name with half a pair', 400, 'request_invalid', ['/name'], { ...manual, name: '\ud800' }],
    ['a currency of no form', 400, 'request_invalid', ['/currency'], { ...manual, currency: 'usd' }],
    ['an owner of no form', 400, 'request_invalid', ['/owner'], { ...manual, owner: '' }],
    ['a type that is none', 400, 'request_invalid', ['/type'], { ...manual, type: 'savings' }],
    [
      'an institution without a name',
      400,
      'request_invalid',
      ['/institution/name'],
      { ...manual, institution: { id: 'a' } },
    ],
    ['an institution in words', 400, 'request_invalid', ['/institution'], { ...manual, institution: 'a' }],
    ['an institution of null', 400, 'request_invalid', ['/institution'], { ...manual, institution: null }],
    [
      'a list of institutions',
      400,
      'request_invalid',
      ['/institution'],
      { ...manual, institution: [{ id: 'a', name: 'b' }] },
    ],
    [
      'an unknown field of the institution',
      400,
      'request_invalid',
      ['/institution/a~1b~0c'],
      { ...manual, institution: { id: 'a', name: 'b', 'a/b~c': 1 } },
    ],
    ['five last digits', 400, 'request_invalid', ['/lastFour'], { ...manual, lastFour: '12345' }],
    ['unknown fields', 400, 'request_invalid', ['/balance', '/id'], { ...manual, id: 'acc_1', balance: '5' }],
    ['a limit as a number', 400, 'request_invalid', ['/overdraftLimit'], { ...book, overdraftLimit: 5 }],
    ['a limit of no form', 400, 'request_invalid', ['/overdraftLimit'], { ...book, overdraftLimit: '1e3' }],
    ['an unknown currency', 422, 'currency_unknown', [], { ...manual, currency: 'ZZZ' }],
    ['a limit of a manual account', 422, 'overdraft_not_book', [], { ...manual, overdraftLimit: '5.00' }],
    ['a limit in too many decimals', 400, 'amount_invalid', ['/overdraftLimit'], { ...book, overdraftLimit: '5.001' }],
    [
      'a limit in decimals that the currency lacks',
      400,
      'amount_invalid',
      ['/overdraftLimit'],
      { ...book, currency: 'JPY', overdraftLimit: '5.0' },
    ],
    [
      'a limit beyond the limit',
      400,
      'amount_invalid',
      ['/overdraftLimit'],
      { ...book, overdraftLimit: '10000000000000.01' },
    ],
    ['a limit below zero', 400, 'amount_invalid', ['/overdraftLimit'], { ...book, overdraftLimit: '-5' }],
  ])('refuses %s and writes nothing', async (_, status, code, pointers, body) => {
    const before = await everything(app);
    expectRefusal(await app.post('/v1/accounts', body), status, code, pointers);
    expect(await everything(app)).toBe(before);
  });

  it('refuses in the documented order: owner, currency, kind, amount', async () => {
    const key = await app.keyFor({ owner: 'ann' });
    const wrong = { kind: 'manual', name: 'x', currency: 'ZZZ', overdraftLimit: '5.001', owner: 'bob' };
    expectRefusal(await app.post('/v1/accounts', wrong, { key }), 403, 'owner_forbidden');
    expectRefusal(await app.post('/v1/accounts', { ...wrong, owner: 'ann' }, { key }), 422, 'currency_unknown');
    expectRefusal(
      await app.post('/v1/accounts', { ...wrong, owner: 'ann', currency: 'USD' }, { key }),
      422,
      'overdraft_not_book',
    );
    const book = { ...wrong, owner: 'ann', currency: 'USD', kind: 'book' };
    expectRefusal(await app.post('/v1/accounts', book, { key }), 400, 'amount_invalid', ['/overdraftLimit']);
  });

  it.each([
    `acc_${'f'.repeat(32)}`,
    'acc_1',
    'txn_00000000000000000000000000000001',
    '%00',
    '%F0%9F%98%80',
    'constructor',
  ])('does not find %s', async (id) => {
    expectRefusal(await app.get(`/v1/accounts/${id}`), 404, 'account_not_found');
  });
});
