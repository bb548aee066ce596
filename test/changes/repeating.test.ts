// A request that is sent again with its Idempotency-Key: the first answer again, one effect, and what is another request and what is not.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Account } from '../../src/accounts/account.entity.js';
import { ApiKey } from '../../src/auth/api-key.entity.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { expectRefusal, lineFor, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { routesOf } from '../support/routes.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { done, newOnceKey, POSTS, POSTS_OF_WRITERS, send, withOnceKey } from './posts.js';
import { everyRow, rowsOf } from './tables.js';

const SAID = ['content-type', 'etag', 'location', 'link', 'cache-control'] as const;

/** What the caller of a repetition must find as the caller of the first found it. */
const said = ({ status, text, headers }: Answer) => ({
  status,
  text,
  headers: Object.fromEntries(SAID.map((name) => [name, headers[name]])),
});
const isReplayed = ({ headers }: Answer) => headers['idempotency-replayed'];

/** The same JSON, written otherwise: names the other way round, and room between everything. */
function otherwise(value: unknown): string {
  const turned = (part: unknown): unknown =>
    typeof part !== 'object' || part === null
      ? part
      : Array.isArray(part)
        ? part.map(turned)
        : Object.fromEntries(
            Object.entries(part)
              .reverse()
              .map(([name, inner]) => [name, turned(inner)]),
          );
  return JSON.stringify(turned(value), null, 3);
}

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  beforeEach(() => {
    fake.before = () => undefined;
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1'), fakeLine('l2')])];
  });
  afterAll(() => app.stop());

  it('every POST of the document that takes a key is tried here', async () => {
    const routes = (await routesOf(app)).filter(({ method, guarded }) => method === 'POST' && guarded);
    expect(Object.keys(POSTS).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each(Object.entries(POSTS))(
    '%s again: the same answer to the byte, and nothing is written',
    async (_, prepare) => {
      const post = await prepare(app);
      const onceKey = newOnceKey();
      const before = await everyRow(app);
      const first = await send(app, post, withOnceKey(onceKey));
      const after = await everyRow(app);
      expect([first.status < 300, after === before, isReplayed(first)]).toEqual([true, false, undefined]);
      app.clock.advance(60_000);
      for (let times = 0; times < 2; times += 1) {
        const again = await send(app, post, withOnceKey(onceKey));
        expect(said(again)).toEqual(said(first));
        expect(isReplayed(again)).toBe('true');
      }
      expect(await everyRow(app)).toBe(after);
    },
  );

  it.each(Object.entries(POSTS))('%s without a key is done as often as it is sent, or refused', async (_, prepare) => {
    const post = await prepare(app);
    expect((await send(app, post)).status).toBeLessThan(300);
    expect(isReplayed(await send(app, post))).toBeUndefined();
  });

  it.each(Object.entries(POSTS))(
    '%s in other words is a repetition; with another body it is refused',
    async (_, prepare) => {
      const post = await prepare(app);
      const onceKey = newOnceKey();
      await done(app, post, onceKey);
      const after = await everyRow(app);
      if (post.body !== undefined) {
        const again = await app.post(post.url, undefined, { ...withOnceKey(onceKey), payload: otherwise(post.body) });
        expect([again.status < 300, isReplayed(again)]).toEqual([true, 'true']);
        const other = await app.post(post.url, post.other, withOnceKey(onceKey));
        expectRefusal(other, 422, 'idempotency_key_reused');
        expect(isReplayed(other)).toBeUndefined();
      }
      const queried = await app.post(`${post.url}?x=1`, post.body, withOnceKey(onceKey));
      expect(queried.status).toBeGreaterThanOrEqual(400);
      expect(await everyRow(app)).toBe(after);
    },
  );

  it.each(POSTS_OF_WRITERS)('%s: keys of one owner share what they sent, and nobody else does', async (_, prepare) => {
    const [ann, annToo, bob] = [
      await app.keyFor({ owner: 'ann' }),
      await app.keyFor({ owner: 'ann', scope: 'admin' }),
      await app.keyFor({ owner: 'bob' }),
    ];
    const onceKey = newOnceKey();
    const post = await prepare(app, { key: ann });
    const first = await send(app, post, withOnceKey(onceKey, { key: ann }));
    const shared = await send(app, post, withOnceKey(onceKey, { key: annToo }));
    expect([said(shared), isReplayed(shared)]).toEqual([said(first), 'true']);
    const others = await prepare(app, { key: bob });
    const bobs = await send(app, others, withOnceKey(onceKey, { key: bob }));
    expect([bobs.status, isReplayed(bobs)]).toEqual([first.status, undefined]);
    // What Ann did is not Bob's to see by guessing her key.
    const guessed = await send(app, post, withOnceKey(newOnceKey(), { key: bob }));
    expect(isReplayed(guessed)).toBeUndefined();
  });

  it('keys that are bound to no owner share nothing, not even with a key whose owner is named like them', async () => {
    const [one, two] = [await app.keyFor({ scope: 'admin' }), await app.keyFor({ scope: 'admin' })];
    const [{ id }] = (await rowsOf(app, ApiKey)).slice(-1) as [ApiKey];
    const named = await app.keyFor({ owner: id });
    const onceKey = newOnceKey();
    const post = await POSTS['POST /v1/accounts']!(app);
    const answers = [];
    for (const key of [one, two, named, app.key]) answers.push(await send(app, post, withOnceKey(onceKey, { key })));
    expect(answers.map(isReplayed)).toEqual(Array(4).fill(undefined));
    expect(new Set(answers.map(({ body: { id: made } }) => made)).size).toBe(4);
  });

  it('the same key on another path, or for another thing, is another request', async () => {
    const onceKey = newOnceKey();
    const [a, b] = [await openAccount(app), await openAccount(app)];
    const before = (await rowsOf(app, Account)).length;
    const asked = [
      ['/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' }],
      ['/v1/transactions', lineFor(a)],
      ['/v1/transactions/bulk', { mode: 'atomic', transactions: [lineFor(a)] }],
      [`/v1/accounts/${a.id}/close`, undefined],
      [`/v1/accounts/${b.id}/close`, undefined],
    ] as const;
    for (const [url, body] of asked) {
      const answer = await app.post(url, body, withOnceKey(onceKey));
      expect([url, answer.status < 300, isReplayed(answer)]).toEqual([url, true, undefined]);
    }
    expect((await rowsOf(app, Account)).length).toBe(before + 1);
  });

  it.each([
    ['empty', ''],
    ['of 256 characters', 'k'.repeat(256)],
    ['with a NUL', 'a\u0000b'],
    ['with a space in it', 'a b'],
    ['with an emoji', '🔑'],
    ['with a letter beyond ASCII', 'clé'],
    ['with a line break', 'a\nb'],
  ])('a key that is %s is refused, and nothing is done', async (_, onceKey) => {
    const before = await everyRow(app);
    const post = await POSTS['POST /v1/accounts']!(app);
    const answer = await send(app, post, withOnceKey(onceKey));
    expectRefusal(answer, 400, 'idempotency_key_invalid');
    expect(await everyRow(app)).toBe(before);
  });

  it('two keys are refused, and the longest and oddest that may be are taken', async () => {
    const post = await POSTS['POST /v1/accounts']!(app);
    const payload = JSON.stringify(post.body);
    const both = await app.app.inject({
      method: 'POST',
      url: post.url,
      payload,
      headers: {
        authorization: `Bearer ${app.key}`,
        'content-type': 'application/json',
        'idempotency-key': ['one', 'two'],
      },
    });
    expect([both.statusCode, both.json<{ code: string }>().code]).toEqual([400, 'idempotency_key_invalid']);
    for (const onceKey of ['k'.repeat(255), '"quoted"', "';--", '__proto__', '%00', '~'.repeat(3)]) {
      const first = await send(app, post, withOnceKey(onceKey));
      expect([first.status, isReplayed(first)]).toEqual([201, undefined]);
      expect((await send(app, post, withOnceKey(onceKey))).text).toBe(first.text);
    }
  });

  it('other methods do not look at it: what they do may be done again anyway', async () => {
    const account = await openAccount(app);
    const onceKey = newOnceKey();
    const line = await done(app, { url: '/v1/transactions', body: lineFor(account) }, newOnceKey());
    for (const bad of [onceKey, 'no key\u0000', '']) {
      const options = { headers: { 'idempotency-key': bad } };
      const url = `/v1/accounts/${account.id}`;
      const answers = [
        await app.get(url, options),
        await app.patch(url, { name: 'One' }, options),
        await app.patch(url, { name: 'Two' }, options),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(answers.map(isReplayed)).toEqual([undefined, undefined, undefined]);
      expect(answers[2]!.body.name).toBe('Two');
    }
    const options = { headers: { 'idempotency-key': onceKey } };
    expect((await app.delete(`/v1/transactions/${line.id}`, options)).status).toBe(204);
    expect((await app.delete(`/v1/transactions/${line.id}`, options)).status).toBe(404);
  });

  it('an answer of a thousand rows is given again to the byte', async () => {
    const account = await openAccount(app);
    const transactions = Array.from({ length: 1_000 }, (_, index) =>
      index % 10 === 3
        ? { nonsense: '\u2028 "\\ 🏦' }
        : lineFor(account, { description: `Zeile ${index} "é" \u2028`, externalId: `x${index}` }),
    );
    const post = { url: '/v1/transactions/bulk', body: { mode: 'independent', transactions } };
    const onceKey = newOnceKey();
    const first = await send(app, post, withOnceKey(onceKey));
    expect(first.body).toMatchObject({ succeeded: 900, refused: 100 });
    const again = await send(app, post, withOnceKey(onceKey));
    expect([again.text === first.text, isReplayed(again)]).toEqual([true, 'true']);
  });
});
