// What comes in as path and query: every route answers nonsense with a refusal, never with a fault.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectRefusal, keepLine, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, pathOf, type Route, routesOf } from '../support/routes.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  let routes: Route[];
  let account: { id: string };
  beforeAll(async () => {
    app = await TestApp.start(store);
    routes = await routesOf(app);
    account = await openAccount(app);
    await keepLine(app, account);
  });
  afterAll(() => app.stop());

  const reading = (): Route[] => routes.filter(({ method, query }) => method === 'GET' && query.length > 0);

  it.each([
    'nothing=1',
    'constructor=1',
    '__proto__=1',
    'toString=1',
    'limit[]=1',
    '=1',
    'Limit=1',
    '%00=1',
    '%F0%9F%98%80=1',
  ])('a parameter that is not known (%s) is refused by every list', async (query) => {
    expect(reading().length).toBeGreaterThanOrEqual(6);
    for (const route of reading()) {
      const answer = await app.get(`${pathOf(route, account.id)}?${query}`);
      expect({ route: nameOf(route), status: answer.status, code: answer.body.code }).toEqual({
        route: nameOf(route),
        status: 400,
        code: 'request_invalid',
      });
      expect(answer.body.errors[0].pointer).toBe(`?${decodeURIComponent(query.split('=')[0]!)}`);
    }
  });

  it('a parameter is refused by every route that takes none, too, and passed over by probes', async () => {
    // A webhook is another's to shape: its address may have come with parameters.
    const others = routes.filter(({ query, path }) => query.length === 0 && !path.startsWith('/v1/webhooks/'));
    expect(others.length).toBeGreaterThanOrEqual(15);
    for (const route of others) {
      const answer = await app.call(route.method, `${pathOf(route)}?nothing=1&order=asc`);
      if (route.guarded) {
        expect({ route: nameOf(route), errors: answer.body.errors }).toMatchObject({
          route: nameOf(route),
          errors: [{ pointer: '?nothing' }, { pointer: '?order' }],
        });
        expectRefusal(answer, 400, 'request_invalid', ['?nothing', '?order']);
      } else expect({ route: nameOf(route), status: answer.status }).toEqual({ route: nameOf(route), status: 200 });
    }
  });

  it('a body is refused by every route that takes none, unless it says nothing', async () => {
    const bodiless = routes.filter(({ method, takesBody }) => method !== 'GET' && !takesBody);
    expect(bodiless.map(nameOf)).toEqual(
      expect.arrayContaining(['POST /v1/accounts/{id}/close', 'DELETE /v1/transactions/{id}']),
    );
    for (const route of bodiless) {
      for (const payload of ['{"a":1}', '[]', 'null', '"text"', '[{}]'])
        expectRefusal(await app.call(route.method, pathOf(route), { payload }), 400, 'request_invalid', ['']);
      for (const payload of ['{}', ''])
        expect((await app.call(route.method, pathOf(route), { payload })).status).toBe(404);
    }
  });

  it('every parameter that is given twice is refused, and named', async () => {
    for (const route of reading()) {
      for (const name of route.query) {
        const answer = await app.get(`${pathOf(route, account.id)}?${name}=1&${name}=1`);
        expectRefusal(answer, 400, 'request_invalid', [`?${name}`]);
      }
    }
  });

  const TEXTS = new Set([
    'category',
    'counterparty',
    'institutionId',
    'text',
    'feed',
    'objectId',
    'actor',
    'requestId',
    'systemRole',
  ]);

  it('every parameter of no form is refused, and named', async () => {
    for (const route of reading()) {
      for (const name of route.query) {
        for (const value of ['', '%00', '%0', '%20', '*', '[object Object]']) {
          if ((TEXTS.has(name) && /^[*[%]0?$|^\[/.test(value)) || name === 'cursor') continue;
          const answer = await app.get(
            `${pathOf(route, account.id)}?${name}=${encodeURI(value).replaceAll('%25', '%')}`,
          );
          expectRefusal(answer, 400, 'request_invalid', [`?${name}`]);
        }
      }
    }
  });

  it.each(['0', '501', '-1', '1.5', '1e2', '0x10', 'all', '99999999999999999999', ' 5', '٥'])(
    'limit=%s is refused',
    async (limit) => {
      for (const route of reading().filter(({ query }) => query.includes('limit'))) {
        expectRefusal(
          await app.get(`${pathOf(route, account.id)}?limit=${encodeURIComponent(limit)}`),
          400,
          'request_invalid',
          ['?limit'],
        );
      }
    },
  );

  it('a megabyte of query is refused', async () => {
    for (const route of reading()) {
      const answer = await app.get(`${pathOf(route, account.id)}?${route.query[0]}=${'x'.repeat(1_048_576)}`);
      expect(answer.status).toBe(400);
    }
  });

  it('bytes that are no text are taken as they stand, and find nothing', async () => {
    for (const broken of ['%ED%A0%80', '%zz', '%', '%C3']) {
      const answer = await app.get(`/v1/transactions?text=${broken}`);
      expect(answer).toMatchObject({ status: 200, body: { data: [], nextCursor: null } });
    }
  });

  it.each([
    '/v1/accounts/%zz',
    '/v1/accounts/%E0%A4',
    `/v1/accounts/${'a'.repeat(5_000)}`,
    `/v1/accounts/${'a'.repeat(101)}/transactions`,
  ])('a path that cannot be read is refused as a problem: %s', async (path) => {
    expectRefusal(await app.get(path), 400, 'request_invalid', ['']);
  });

  it('a route that is not there is a problem, too', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/nothing'],
      ['GET', '/v1'],
      ['GET', '/v1/Accounts'],
      ['GET', '/V1/accounts'],
      ['GET', '/v1//accounts'],
      ['GET', '/v1/accounts/../keys/x/y'],
    ] as const) {
      expectRefusal(await app.call(method, path), 404, 'route_unknown');
    }
  });
});
