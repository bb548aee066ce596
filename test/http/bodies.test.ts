// What comes in as a body: every route that takes one answers nonsense with a refusal, never with a fault, and writes nothing.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everything, expectRefusal, keepLine, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, pathOf, type Route, routesOf } from '../support/routes.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const MIB = 1_048_576;
const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const listed = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

eachStore((store) => {
  let app: TestApp;
  let routes: Route[];
  let there: Record<string, string>;
  beforeAll(async () => {
    app = await TestApp.start(store);
    // What is signed is read later: of that there is a test of its own.
    routes = (await routesOf(app)).filter(({ takesBody, guarded }) => takesBody && guarded);
    const account = await openAccount(app);
    there = { accounts: account.id, transactions: (await keepLine(app, account)).id };
  });
  afterAll(() => app.stop());

  const send = (route: Route, payload: string, type = 'application/json') =>
    app.call(route.method, pathOf(route, there[route.path.split('/')[2]!]), {
      payload,
      headers: { 'content-type': type },
    });

  const withField = (name: string, json: string): string => `{${JSON.stringify(name)}:${json}}`;

  it.each<[string, number, string, string]>([
    ['no JSON', 400, 'body_unreadable', '{'],
    ['two values', 400, 'body_unreadable', '{}{}'],
    ['JSON with a comment', 400, 'body_unreadable', '{/* */}'],
    ['a prototype', 400, 'body_unreadable', '{"__proto__":{"scope":"admin"}}'],
    ['a prototype in disguise', 400, 'body_unreadable', '{"\\u005f_proto__":{"scope":"admin"}}'],
    ['a prototype deep inside', 400, 'body_unreadable', '{"a":[{"b":{"__proto__":null}}]}'],
    ["a constructor's prototype", 400, 'body_unreadable', '{"constructor":{"prototype":{"scope":"admin"}}}'],
    ['nothing', 400, 'request_invalid', ''],
    ['a list', 400, 'request_invalid', '[]'],
    ['a list of an object', 400, 'request_invalid', '[{}]'],
    ['null', 400, 'request_invalid', 'null'],
    ['a string', 400, 'request_invalid', '"{}"'],
    ['a number', 400, 'request_invalid', '0'],
    ['false', 400, 'request_invalid', 'false'],
    ['an unknown field', 400, 'request_invalid', '{"nothing":1}'],
    ['a constructor', 400, 'request_invalid', '{"constructor":1}'],
    ['names that every object has', 400, 'request_invalid', '{"toString":1,"hasOwnProperty":null,"valueOf":{}}'],
    ['such a name deep inside', 400, 'request_invalid', '{"name":{"a":[{"constructor":{}}]}}'],
    ['a name with NUL', 400, 'request_invalid', '{"a\\u0000":1}'],
    ['a name with half a pair', 400, 'request_invalid', '{"\\ud800":1}'],
    ['an empty name', 400, 'request_invalid', '{"":1}'],
    ['objects 21 deep', 400, 'request_invalid', nested(21)],
    ['objects 5,000 deep', 400, 'request_invalid', nested(5_000)],
    ['objects 100,000 deep', 400, 'request_invalid', nested(100_000)],
    ['lists 100,000 deep', 400, 'request_invalid', withField('name', listed(100_000))],
    ['a string of nearly a megabyte', 400, 'request_invalid', withField('name', JSON.stringify('x'.repeat(MIB - 100)))],
    ['a list of half a million', 400, 'request_invalid', withField('name', `[${Array(400_000).fill('1').join()}]`)],
    [
      'many fields',
      400,
      'request_invalid',
      JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`f${index}`, index]))),
    ],
    ['more than a megabyte', 413, 'body_too_large', withField('name', JSON.stringify('x'.repeat(MIB)))],
  ])('%s is answered %i %s by every route', async (_, status, code, payload) => {
    const before = await everything(app);
    expect(routes.length).toBeGreaterThanOrEqual(8);
    for (const route of routes) {
      const answer = await send(route, payload);
      expect({ route: nameOf(route), status: answer.status, code: answer.body?.code }).toEqual({
        route: nameOf(route),
        status,
        code,
      });
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    }
    expect(await everything(app)).toBe(before);
  });

  it('refuses a body that is nothing but names or entries before it looks at each of them', async () => {
    const names = JSON.stringify(Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`f${index}`, 1])));
    const entries = withField('name', `[${Array(200_000).fill('[]').join()}]`);
    for (const [payload, detail] of [
      [names, 'must not have more than 100 fields'],
      [entries, 'must not have more than 1000 entries'],
    ] as const) {
      const answer = await app.call('POST', '/v1/accounts', { payload });
      expect(answer.status).toBe(400);
      expect((answer.body as { errors: unknown }).errors).toEqual([expect.objectContaining({ detail })]);
      expect(answer.text.length).toBeLessThan(1_000);
    }
  });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/json',
    'application/xml',
    'application/json-patch+json',
    'application/vnd.api+json',
    'nonsense',
    '',
  ])('a body of type %j is refused, also where it would be good', async (type) => {
    const before = await everything(app);
    const body = type.includes('form-url')
      ? 'kind=manual&name=x&currency=USD'
      : '{"kind":"manual","name":"x","currency":"USD"}';
    for (const route of routes) expectRefusal(await send(route, body, type), 415, 'media_type_unsupported');
    expect(await everything(app)).toBe(before);
  });

  it('names the charset or not, in any case', async () => {
    const route = routes.find((one) => nameOf(one) === 'POST /v1/accounts')!;
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
      expect((await send(route, '{"kind":"manual","name":"x","currency":"USD"}', type)).status).toBe(201);
    }
  });

  it('says of every field at once what is wrong with it', async () => {
    const wrong = {
      accountId: 'x',
      date: '2023-02-29',
      amount: 5,
      currency: 'usd',
      description: '',
      status: 'removed',
      more: 1,
    };
    const answer = await app.post('/v1/transactions', wrong);
    expectRefusal(answer, 400, 'request_invalid', [
      '/accountId',
      '/amount',
      '/currency',
      '/date',
      '/description',
      '/more',
      '/status',
    ]);
    expect(answer.body.errors).toContainEqual({
      pointer: '/amount',
      detail: 'must be a decimal string like "-12.34", not a number',
    });
  });

  describe('whatever is sent', () => {
    const NAMES = [
      'accountId',
      'amount',
      'asOf',
      'available',
      'category',
      'constructor',
      'counterparty',
      'currency',
      'date',
      'description',
      'expiresAt',
      'externalId',
      'ids',
      'institution',
      'kind',
      'lastFour',
      'ledger',
      'mode',
      'name',
      'notes',
      'overdraftLimit',
      'owner',
      'scope',
      'status',
      'subtype',
      'transactions',
      'type',
      '__proto__',
    ];
    const TEXTS = [
      '',
      ' ',
      'manual',
      'book',
      'USD',
      'JPY',
      'XGC',
      '1',
      '-0',
      '1.001',
      '1e3',
      'open',
      'closed',
      'posted',
      'atomic',
      'independent',
      'read',
      '2026-11-01',
      '2023-02-29',
      '\u0000',
      '\ud800',
      'NaN',
    ];
    const leaf = fc.oneof(
      fc.constantFrom(...TEXTS),
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom(null, 0, -1, 1e308, true),
    );
    const object = fc.dictionary(
      fc.constantFrom(...NAMES),
      fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) }),
      { maxKeys: 8 },
    );
    const body = fc.oneof(
      object,
      fc.record({
        mode: fc.constantFrom('atomic', 'independent'),
        transactions: fc.array(fc.oneof(object, leaf), { maxLength: 4 }),
      }),
    );

    it('is never answered by a fault', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), body, async (which, sent) => {
          const tried = routes.filter(({ path }) => !path.includes('enrollments'));
          const route = tried[which % tried.length]!;
          const id = route.path.startsWith('/v1/accounts/{id}') ? there['accounts'] : there['transactions'];
          const answer = await app.call(route.method, pathOf(route, id), { body: sent });
          if (answer.status >= 500) throw new Error(`${nameOf(route)}: ${answer.text}`);
          if (answer.status >= 400) expect(answer.body.code).toMatch(/^[a-z_]+$/);
        }),
        { seed: seed(), numRuns: share({ test: 400, prove: 20_000 }) },
      );
    });
  });
});
