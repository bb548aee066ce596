// A cursor is good for the list and the filters that gave it, and for nothing else; what callers make up is refused alike on both engines.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal, type Json, keepLine, openAccount, stateBalance } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, pathOf, type Route, routesOf } from '../support/routes.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

eachStore((store) => {
  let app: TestApp;
  let lists: { route: Route; url: string; cursor: string }[];
  beforeAll(async () => {
    app = await TestApp.start(store);
    const [account] = [
      await openAccount(app, { name: 'a' }),
      await openAccount(app, { name: 'b' }),
      await openAccount(app, { name: 'c' }),
    ];
    for (const day of ['01', '02', '03']) {
      await keepLine(app, account, { date: `2026-11-${day}` });
      await stateBalance(app, account, { ledger: '1', asOf: `2026-11-${day}T00:00:00Z` });
    }
    await stateBalance(app, (await bodyOf(app.get('/v1/accounts'))).data[1], { ledger: '1' });
    await app.keyFor({});
    const book = await moveMoney();
    lists = [];
    for (const route of (await routesOf(app)).filter(({ query }) => query.includes('cursor'))) {
      const { id } = route.path.endsWith('statement') ? book : account;
      const url = `${pathOf(route, id)}?limit=1`;
      const { nextCursor } = await bodyOf(app.get(url));
      // Enrollments begin elsewhere; made-up cursors are tried on their list all the same.
      if (nextCursor !== null || route.path.includes('enrollments'))
        lists.push({ route, url, cursor: nextCursor ?? '' });
    }
  });
  afterAll(() => app.stop());

  /** Twice, and twice held, on the book account that it gives. */
  async function moveMoney(): Promise<Json> {
    const book = { kind: 'book', overdraftLimit: '10' };
    const [payer, payee] = [await openAccount(app, book), await openAccount(app, book)];
    for (const path of ['/v1/transfers', '/v1/transfers', '/v1/holds', '/v1/holds'])
      await bodyOf(app.post(path, { from: payer.id, to: payee.id, amount: '1' }));
    return payer;
  }

  const given = () => lists.filter(({ cursor }) => cursor !== '');

  it('is given by every list that has more', () => {
    expect(
      given()
        .map(({ route }) => nameOf(route))
        .sort(),
    ).toEqual([
      'GET /v1/accounts',
      'GET /v1/accounts/{id}/balances',
      'GET /v1/accounts/{id}/statement',
      'GET /v1/accounts/{id}/transactions',
      'GET /v1/audit',
      'GET /v1/balances',
      'GET /v1/changes',
      'GET /v1/holds',
      'GET /v1/keys',
      'GET /v1/transactions',
      'GET /v1/transfers',
    ]);
  });

  it('of one list is not taken by another', async () => {
    // The lines of one account are the list of all lines with a filter: the filter tells them apart.
    for (const { url } of given()) {
      for (const other of given().filter((one) => one.url !== url)) {
        expectRefusal(await app.get(`${url}&cursor=${other.cursor}`), 400, 'cursor_invalid');
      }
    }
  });

  const FILTERS: Record<string, string> = {
    object: 'account',
    objectId: 'x',
    actor: 'x',
    requestId: 'x',
    accountId: `acc_${'f'.repeat(32)}`,
    accountNumber: 'NC-AAAA-AAAA',
    systemRole: 'house',
    at: '2026-11-21T00:00:00Z',
    category: 'x',
    counterparty: 'x',
    currency: 'USD',
    enrollmentId: `enr_${'f'.repeat(32)}`,
    feed: 'sandbox',
    from: '2026-11-01',
    institutionId: 'x',
    kind: 'manual',
    maxAmount: '5',
    minAmount: '-5',
    order: 'asc',
    owner: 'default',
    text: 'x',
    to: '2026-11-30',
  };

  /** What a status is differs. */
  const STATUSES: Record<string, string> = { transactions: 'posted', holds: 'active', accounts: 'open' };
  /** What says how much of a list is shown, and how. */
  const SHOWING = ['limit', 'cursor', 'format'];

  it('is not taken with any other filter or order, but with any limit', async () => {
    for (const { route, url, cursor } of given()) {
      for (const name of route.query.filter((one) => !SHOWING.includes(one))) {
        const isMoment = /balances$|audit$|transfers$/.test(route.path) && ['from', 'to'].includes(name);
        const value =
          name === 'status'
            ? STATUSES[route.path.split('/').at(-1)!]!
            : isMoment
              ? '2026-11-01T00:00:00Z'
              : FILTERS[name]!;
        expectRefusal(await app.get(`${url}&cursor=${cursor}&${name}=${value}`), 400, 'cursor_invalid');
      }
      expect((await app.get(`${url.replace('limit=1', 'limit=500')}&cursor=${cursor}`)).status).toBe(200);
    }
  });

  it('that was written with a filter is not taken without it', async () => {
    const { nextCursor } = await bodyOf(app.get('/v1/transactions?limit=1&from=2026-11-02'));
    expectRefusal(await app.get(`/v1/transactions?limit=1&cursor=${nextCursor}`), 400, 'cursor_invalid');
    expect((await app.get(`/v1/transactions?limit=1&from=2026-11-02&cursor=${nextCursor}`)).status).toBe(200);
  });

  it.each<[string, string]>([
    ['nonsense', 'nonsense'],
    ['no base64', '%21%22%C2%A7'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['null', encoded(null)],
    ['a number', encoded(5)],
    ['an object', encoded({ 0: 'a', 1: 'b', length: 2 })],
    ['nothing in it', encoded([])],
    ['lists in lists', encoded([['a'], ['b']])],
    ['numbers', encoded([1, 2, 3])],
    ['nulls', encoded([null, null, null])],
    ['the right length and a wrong digest', encoded(['AAAAAAAA', '2026-11-01', `txn_${'0'.repeat(32)}`])],
  ])('of %s is refused by every list', async (_, cursor) => {
    for (const { url } of lists) expectRefusal(await app.get(`${url}&cursor=${cursor}`), 400, 'cursor_invalid');
  });

  it('that was cut, stretched or written in another way is refused by every list', async () => {
    for (const { url, cursor } of given()) {
      const parts = Buffer.from(cursor, 'base64url').toString();
      const others = [
        cursor.slice(0, -1),
        cursor.slice(1),
        cursor.slice(0, 8),
        `${cursor}=`,
        `${cursor}A`,
        `${cursor}!`,
        `!${cursor}`,
        cursor.repeat(2),
        cursor.padEnd(500, 'A'),
        Buffer.from(parts.replace(',', ', ')).toString('base64url'),
        Buffer.from(parts.replace(']', ',"x"]')).toString('base64url'),
        encoded([parts]),
      ];
      for (const other of others.filter(({ length }) => length <= 500))
        expectRefusal(await app.get(`${url}&cursor=${encodeURIComponent(other)}`), 400, 'cursor_invalid');
    }
  });

  it('that another owner was given is refused, and that of the same owner is not, whoever asks', async () => {
    const ana = await app.keyFor({ owner: 'default', scope: 'admin' });
    const ben = await app.keyFor({ owner: 'ben', scope: 'admin' });
    for (const { route, url } of given().filter((one) => !/\{id\}|keys/.test(one.route.path))) {
      const { nextCursor } = await bodyOf(app.get(url, { key: ana }));
      const next = `${url}&cursor=${nextCursor}`;
      expectRefusal(await app.get(next, { key: ben }), 400, 'cursor_invalid');
      expectRefusal(await app.get(next), 400, 'cursor_invalid');
      expect((await app.get(next, { key: ana })).status).toBe(200);
      if (route.query.includes('owner')) expect((await app.get(`${next}&owner=default`)).status).toBe(200);
    }
  });

  it('that is longer than any is refused as a parameter', async () => {
    for (const { url } of lists)
      expectRefusal(await app.get(`${url}&cursor=${'a'.repeat(501)}`), 400, 'request_invalid', ['?cursor']);
  });

  it('that is well-formed but holds what its list has no place for is refused', async () => {
    const wrong = [
      '',
      'x',
      'infinity',
      '-infinity',
      'now',
      '2024-02-30',
      '2026-02-30',
      '2026-13-01T00:00:00.000Z',
      '0000-00-00',
      '\u0000',
      '\ud800',
      "'",
      'x'.repeat(100),
      'null',
      '-5',
      '5.5',
      '1e3',
      '9'.repeat(40),
    ];
    for (const { url, cursor } of given()) {
      const [digest, ...position] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
      for (const part of wrong) {
        for (let index = 0; index < position.length; index++) {
          const forged = encoded([digest, ...position.with(index, part)]);
          expectRefusal(await app.get(`${url}&cursor=${forged}`), 400, 'cursor_invalid');
        }
      }
      for (const length of [position.slice(1), [...position, ...position]]) {
        expectRefusal(await app.get(`${url}&cursor=${encoded([digest, ...length])}`), 400, 'cursor_invalid');
      }
    }
  });

  it('is never answered by a fault, whatever it holds', async () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('2026-11-01', '9999-12-31', `txn_${'0'.repeat(32)}`, '2026-11-01T00:00:00.000Z'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.oneof({ weight: 9, arbitrary: part }, { weight: 1, arbitrary: fc.jsonValue() }), { maxLength: 3 }),
        async (which, parts) => {
          const { url, cursor } = given()[which % given().length]!;
          const [digest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
          const forged = encoded([digest, ...parts]);
          expect([200, 400]).toContain((await app.get(`${url}&cursor=${forged}`)).status);
        },
      ),
      { seed: seed(), numRuns: share({ test: 200, prove: 10_000 }) },
    );
  });
});
