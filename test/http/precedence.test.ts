// A request that is wrong in every way hears of one thing after the other, in the order in which the document lists them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

interface Asked {
  url: string;
  method: 'POST' | 'PATCH';
  headers: Record<string, string>;
  payload: string;
}

/** What is put right next, once a code was heard. */
type Repairs = readonly (readonly [string, (asked: Asked) => void])[];

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const send = async ({ method, url, headers, payload }: Asked): Promise<string> => {
    const { status, body } = await app.call(method, url, { key: undefined, headers, payload });
    return status < 300 ? 'done' : body.code;
  };

  async function heard(asked: Asked, repairs: Repairs): Promise<string[]> {
    const codes = [await send(asked)];
    for (const [code, repair] of repairs) {
      expect(codes.at(-1)).toBe(code);
      repair(asked);
      codes.push(await send(asked));
    }
    return codes;
  }

  /** As the document lists them for the operation, and to the end. */
  async function expectInOrder(codes: readonly string[], path: string, method: string): Promise<void> {
    const { body } = await app.get('/openapi.json');
    const listed = body.paths[path][method]['x-refusals'] as string[];
    expect(codes).toEqual([...listed.filter((code) => codes.includes(code)), 'done']);
  }

  const authorize = (key: string) => (asked: Asked) => void (asked.headers['authorization'] = `Bearer ${key}`);
  const strangerToKeys = (readKey: string, writeKey: string): Repairs => [
    ['not_acceptable', ({ headers }) => delete headers['accept']],
    ['key_missing', (asked) => Object.assign(asked.headers, { authorization: 'Bearer a', 'x-api-key': 'b' })],
    ['key_ambiguous', ({ headers }) => delete headers['x-api-key']],
    ['key_unknown', authorize(readKey)],
    ['scope_insufficient', authorize(writeKey)],
  ];
  const body = (payload: string) => (asked: Asked) => void (asked.payload = payload);
  const stranger = (): Asked['headers'] => ({
    accept: 'text/html',
    'content-type': 'text/plain',
    'if-match': 'nonsense',
    'idempotency-key': 'a b',
  });
  const tooLarge = `"${'x'.repeat(2 ** 21)}`;

  it('of an edit', async () => {
    const account = await openAccount(app, { owner: 'ana', kind: 'manual' });
    const [readKey, writeKey] = [await app.keyFor({ owner: 'ana', scope: 'read' }), await app.keyFor({ owner: 'ana' })];
    const asked: Asked = {
      method: 'PATCH',
      url: `/v1/accounts/acc_${'f'.repeat(32)}`,
      headers: stranger(),
      payload: tooLarge,
    };
    const wrong = { overdraftLimit: '1.234' };
    await expectInOrder(
      await heard(asked, [
        ...strangerToKeys(readKey, writeKey),
        ['media_type_unsupported', ({ headers }) => (headers['content-type'] = 'application/json')],
        ['body_too_large', body('{')],
        ['body_unreadable', body('{"name": 5, "owner": "ben"}')],
        ['if_match_invalid', ({ headers }) => (headers['if-match'] = '"9"')],
        ['request_invalid', body(JSON.stringify({ ...wrong, owner: 'ben' }))],
        ['owner_forbidden', body(JSON.stringify(wrong))],
        ['account_not_found', (one) => (one.url = `/v1/accounts/${account.id}`)],
        ['version_stale', ({ headers }) => (headers['if-match'] = '"1"')],
        ['overdraft_not_book', body('{"name":"Safe"}')],
      ]),
      '/v1/accounts/{id}',
      'patch',
    );
  });

  it('of a repetition', async () => {
    const [readKey, writeKey] = [await app.keyFor({ owner: 'ana', scope: 'read' }), await app.keyFor({ owner: 'ana' })];
    const opening = { kind: 'manual', name: 'Cash', currency: 'USD' };
    const earlier = { method: 'POST' as const, url: '/v1/accounts', payload: JSON.stringify(opening) };
    const headers = {
      authorization: `Bearer ${writeKey}`,
      'content-type': 'application/json',
      'idempotency-key': 'one',
    };
    expect(await send({ ...earlier, headers })).toBe('done');
    const asked: Asked = { method: 'POST', url: '/v1/accounts', headers: stranger(), payload: tooLarge };
    await expectInOrder(
      await heard(asked, [
        ...strangerToKeys(readKey, writeKey),
        ['idempotency_key_invalid', (one) => (one.headers['idempotency-key'] = 'one')],
        ['media_type_unsupported', (one) => (one.headers['content-type'] = 'application/json')],
        ['body_too_large', body('{')],
        ['body_unreadable', body('{}')],
        ['request_invalid', body(JSON.stringify({ ...opening, owner: 'ben', currency: 'XYZ' }))],
        ['idempotency_key_reused', (one) => (one.headers['idempotency-key'] = 'two')],
        ['owner_forbidden', body(JSON.stringify({ ...opening, currency: 'XYZ' }))],
        ['currency_unknown', body(JSON.stringify({ ...opening, overdraftLimit: '1.234' }))],
        ['overdraft_not_book', body(JSON.stringify({ ...opening, kind: 'book', overdraftLimit: '1.234' }))],
        ['amount_invalid', body(JSON.stringify(opening))],
      ]),
      '/v1/accounts',
      'post',
    );
  });
});
