// A key that is bound to one owner sees nothing of others; one that is not narrows itself where it asks to.
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
  ownerOf,
  stateBalance,
  type Json,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, pathOf, type Route, routesOf } from '../support/routes.js';
import { TestApp } from '../support/test-app.js';

const LISTS = ['/v1/accounts', '/v1/balances', '/v1/transactions'];

eachStore((store) => {
  let app: TestApp;
  let routes: Route[];
  let bob: string;
  /** Of ann: an account, a line and a linked account with a bank's line. */
  let ids: Record<string, string>;
  const rows: Record<string, Json[]> = {};

  beforeAll(async () => {
    app = await TestApp.start(store);
    routes = await routesOf(app);
    bob = await app.keyFor({ owner: 'bob' });
    for (const owner of ['ann', 'bob', 'default']) {
      const account = await openAccount(app, { owner });
      const line = await keepLine(app, account, { category: owner });
      const balance = await stateBalance(app, account, { ledger: '1.00' });
      if (owner === 'ann') ids = { accounts: account.id, transactions: line.id };
      rows[owner] = [[account.id], [balance.id], [line.id]];
    }
    const linked = await linkedAccount(app, { owner: ownerOf('ann') });
    const line = await bankLine(app, linked);
    rows['ann']![0].push(linked.id);
    rows['ann']![2].push(line.id);
  });
  afterAll(() => app.stop());

  const seen = async (url: string, key = app.key): Promise<string[]> =>
    (await allPages(app, url, { key })).map(({ id }) => id as string).sort();
  const sorted = (index: number, ...owners: string[]): string[] =>
    owners.flatMap((owner) => rows[owner]![index] as string[]).sort();

  it.each(LISTS)('GET %s shows a bound key its own rows only', async (url) => {
    const index = LISTS.indexOf(url);
    expect(await seen(url, bob)).toEqual(sorted(index, 'bob'));
    expect(await seen(`${url}?owner=bob`, bob)).toEqual(sorted(index, 'bob'));
    expect(await seen(url)).toEqual(sorted(index, 'ann', 'bob', 'default'));
    expect(await seen(`${url}?owner=ann`)).toEqual(sorted(index, 'ann'));
    expect(await seen(`${url}?owner=default`)).toEqual(sorted(index, 'default'));
    expect(await seen(`${url}?owner=nobody`)).toEqual([]);
  });

  it('totals are those of the rows that the key sees', async () => {
    const count = async (url: string, key = app.key): Promise<number> =>
      (await bodyOf(app.get(url, { key }))).data[0]?.count ?? 0;
    expect(await count('/v1/transactions/totals', bob)).toBe(1);
    expect(await count('/v1/transactions/totals')).toBe(4);
    expect(await count('/v1/transactions/totals?owner=ann')).toBe(2);
    const categories = await bodyOf(app.get('/v1/transactions/totals?groupBy=category', { key: bob }));
    expect(categories.data.map((row: Json) => row.category)).toEqual(['bob']);
  });

  it('lets a bound key name no other owner, on any route that takes one', async () => {
    const key = await app.keyFor({ owner: 'bob', scope: 'admin' });
    const asking = routes.filter(({ query }) => query.includes('owner'));
    expect(asking.length).toBeGreaterThanOrEqual(5);
    for (const route of asking) {
      const path = pathOf(route, route.path.startsWith('/v1/accounts/{id}') ? ids['accounts'] : undefined);
      expectRefusal(await app.get(`${path}?owner=ann`, { key }), 403, 'owner_forbidden');
    }
    expectRefusal(
      await app.post('/v1/accounts', { kind: 'manual', name: 'x', currency: 'USD', owner: 'ann' }, { key: bob }),
      403,
      'owner_forbidden',
    );
  });

  it("does not find another owner's rows, on any route with an id, and changes none", async () => {
    const before = await everything(app);
    const mine = ['/v1/accounts/{id}', '/v1/transactions/{id}'];
    const found = routes.filter(({ path }) => mine.some((start) => path.startsWith(start)));
    expect(found.length).toBeGreaterThanOrEqual(10);
    const bodies: Record<string, unknown> = {
      'PATCH /v1/accounts/{id}': { name: 'x' },
      'POST /v1/accounts/{id}/balances': { ledger: '1' },
      'PATCH /v1/transactions/{id}': { notes: 'x' },
    };
    for (const route of found) {
      const noun = route.path.split('/')[2]!;
      const body = bodies[nameOf(route)];
      const answer = await app.call(route.method, pathOf(route, ids[noun]), { key: bob, body });
      expect(answer.status, nameOf(route)).toBe(404);
      const absent = await app.call(route.method, pathOf(route), { key: bob, body });
      expect(answer.text.replaceAll(ids[noun]!, ''), 'the same as of an id that nothing has').toBe(
        absent.text.replaceAll(/(acc|txn)_f{32}/g, ''),
      );
    }
    expect(await everything(app)).toBe(before);
  });

  it("does not find another owner's rows named in a body or a filter either", async () => {
    const before = await everything(app);
    const account = { id: ids['accounts']! };
    expectRefusal(await app.post('/v1/transactions', lineFor(account), { key: bob }), 404, 'account_not_found');
    expectRefusal(await app.get(`/v1/transactions?accountId=${account.id}`, { key: bob }), 404, 'account_not_found');
    expectRefusal(
      await app.get(`/v1/transactions?accountId=${account.id}&minAmount=1`, { key: bob }),
      404,
      'account_not_found',
    );
    expectRefusal(
      await app.get(`/v1/transactions/totals?accountId=${account.id}`, { key: bob }),
      404,
      'account_not_found',
    );
    expectRefusal(await app.get(`/v1/transactions?accountId=${account.id}&owner=bob`), 404, 'account_not_found');
    const bulk = await bodyOf(
      app.post('/v1/transactions/bulk', { mode: 'independent', transactions: [lineFor(account)] }, { key: bob }),
    );
    expect(bulk).toMatchObject({ succeeded: 0, data: [{ problem: { code: 'account_not_found' } }] });
    const gone = await bodyOf(
      app.post('/v1/transactions/bulk-delete', { mode: 'independent', ids: [ids['transactions']] }, { key: bob }),
    );
    expect(gone).toMatchObject({ succeeded: 0, data: [{ problem: { code: 'transaction_not_found' } }] });
    expect(await everything(app)).toBe(before);
  });

  it('gives what a bound key makes to its owner', async () => {
    const account = await openAccount(app, {}, { key: bob });
    expect(account.owner).toBe('bob');
    const line = await keepLine(app, account, {}, { key: bob });
    expect(
      (await app.get(`/v1/transactions/${line.id}`, { key: await app.keyFor({ owner: 'bob', scope: 'read' }) })).body,
    ).toEqual(line);
  });

  it('does not take a cursor of one owner for the list of another', async () => {
    await openAccount(app, { owner: 'ann' });
    const { nextCursor } = await bodyOf(app.get('/v1/accounts?owner=ann&limit=1'));
    expectRefusal(await app.get(`/v1/accounts?owner=bob&limit=1&cursor=${nextCursor}`), 400, 'cursor_invalid');
    expectRefusal(await app.get(`/v1/accounts?limit=1&cursor=${nextCursor}`), 400, 'cursor_invalid');
  });
});
