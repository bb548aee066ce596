// The audit log: who changed what, by which request, from what to what; for admins alone, and without anything secret.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.entity.js';
import { IdempotencyKey } from '../../src/changes/idempotency-key.entity.js';
import { type AuditEntryView } from '../../src/history/history.dto.js';
import { newOnceKey, POSTS, send, withOnceKey } from '../changes/posts.js';
import { recorded, rowsOf } from '../changes/tables.js';
import {
  allPages,
  bodyOf,
  expectRefusal,
  type Json,
  keepLine,
  openAccount,
  stateBalance,
  withCursor,
} from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { nameOf, routesOf } from '../support/routes.js';
import { type CallOptions, TestApp } from '../support/test-app.js';
import { changingFeed, type Deed, DEEDS, RAW } from './deeds.js';
import { tables, toldOf } from './follower.js';

type Views = Map<string, Json>;

eachStore((store) => {
  let app: TestApp;
  let keyId: string;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [changingFeed()] });
    keyId = (await rowsOf(app, ApiKey))[0]!.id;
  });
  beforeEach(() => app.clock.advance(60_000));
  afterAll(() => app.stop());

  const entries = (query = '', options?: CallOptions): Promise<AuditEntryView[]> =>
    allPages(app, `/v1/audit?limit=500${query}`, options);
  const act = ({ method, url, body }: Deed, options: CallOptions = {}) =>
    app.call(method, url, { ...(body === undefined ? {} : { body }), ...options });

  /** Everything as GET shows it, also the lines that a bank took back, and the keys. */
  async function everything(): Promise<Views> {
    const views: Views = new Map(
      [...(await tables(app, { name: 'auditor' }))].filter(([name]) => !name.startsWith('line ')),
    );
    for (const line of await allPages(app, '/v1/transactions?limit=500&status=removed'))
      views.set(`transaction ${line.id}`, line);
    for (const { lastUsedAt: _lastUsedAt, ...key } of await allPages(app, '/v1/keys?limit=500'))
      views.set(`apiKey ${key.id}`, key);
    return views;
  }

  /** What became another between two looks, as the first and the last entry of each thing must say it. */
  function changesBetween(before: Views, after: Views): Map<string, { before: Json; after: Json }> {
    const names = [...new Set([...before.keys(), ...after.keys()])];
    const changed = names.filter((name) => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name)));
    return new Map(changed.map((name) => [name, { before: before.get(name) ?? null, after: after.get(name) ?? null }]));
  }

  /** The first `before` and the last `after` of each thing; what lies between must fit together. What only went to another owner looks alike. */
  function told(chronological: readonly AuditEntryView[]): Map<string, { before: Json; after: Json }> {
    const things = new Map<string, { before: Json; after: Json }>();
    for (const { object, objectId, before: was, after: is } of chronological) {
      const [before, after] = [was, is].map((view) => view && toldOf(object, view as Json));
      const name = `${object} ${objectId}`;
      const there = things.get(name);
      if (there !== undefined) expect({ name, before }).toEqual({ name, before: there.after });
      things.set(name, { before: there === undefined ? before : there.before, after });
    }
    for (const [name, { before, after }] of things) {
      const owners = chronological.filter(({ objectId }) => name.endsWith(objectId)).map(({ owner }) => owner);
      if (JSON.stringify(before) === JSON.stringify(after) && new Set(owners).size === 2) things.delete(name);
    }
    return things;
  }

  it('every route that changes something is tried here', async () => {
    // What a bank tells makes work due, and changes nothing that is recorded.
    const routes = (await routesOf(app)).filter(({ method, guarded }) => method !== 'GET' && guarded);
    expect(Object.keys(DEEDS).sort()).toEqual(routes.map(nameOf).sort());
  });

  it.each(Object.entries(DEEDS))('%s leaves who, by which request, and what it was and is', async (_, prepare) => {
    const deed = await prepare(app);
    const before = await everything();
    const requestId = newOnceKey();
    const answer = await act(deed, { headers: { 'x-request-id': requestId } });
    expect([answer.status < 300, answer.headers['x-request-id']]).toEqual([true, requestId]);
    const found = (await entries(`&requestId=${requestId}`)).reverse();
    expect(found.length).toBeGreaterThan(0);
    expect(told(found)).toEqual(changesBetween(before, await everything()));
    for (const entry of found) {
      expect(entry).toMatchObject({ actor: keyId, requestId, at: app.clock.now() });
      const kind = entry.before === null ? 'added' : entry.after === null ? 'removed' : 'modified';
      const isGone = (entry.after as Json)?.status === 'removed' || (entry.before as Json)?.status === 'removed';
      if (!isGone) expect(entry.change).toBe(kind);
    }
  });

  it('a request without an id of its own is found by the one that it was given', async () => {
    const answer = await app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' });
    const [entry] = await entries(`&requestId=${String(answer.headers['x-request-id'])}`);
    expect(entry).toMatchObject({ object: 'account', objectId: answer.body.id, change: 'added', after: answer.body });
  });

  it('what was refused, failed or repeated leaves nothing', async () => {
    const account = await openAccount(app);
    for (const prepare of Object.values(POSTS)) {
      const post = await prepare(app);
      const options = withOnceKey(newOnceKey());
      await bodyOf(send(app, post, options));
      const before = (await recorded(app)).length;
      await bodyOf(send(app, post, options));
      expect((await recorded(app)).length).toBe(before);
    }
    const before = (await recorded(app)).length;
    const refused = [
      await app.post('/v1/accounts', { kind: 'manual' }),
      await app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'XXX' }),
      await app.patch(`/v1/accounts/${account.id}`, { name: 'x' }, { headers: { 'if-match': '"9"' } }),
      await app.delete(`/v1/transactions/txn_${'0'.repeat(32)}`),
      await app.post('/v1/accounts', { kind: 'manual', name: 'a', currency: 'USD' }, { key: undefined }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 422, 412, 404, 401]);
    expect((await recorded(app)).length).toBe(before);
  });

  it('is for admins alone; one that is bound to an owner sees what is theirs', async () => {
    for (const owner of ['ann', 'bob']) await keepLine(app, await openAccount(app, { owner }));
    await bodyOf(app.post('/v1/keys', { name: 'nobody’s', scope: 'read' }));
    for (const scope of ['read', 'write'] as const)
      for (const owner of [undefined, 'ann']) {
        const key = await app.keyFor({ scope, ...(owner === undefined ? {} : { owner }) });
        expectRefusal(await app.get('/v1/audit', { key }), 403, 'scope_insufficient');
      }
    const key = await app.keyFor({ scope: 'admin', owner: 'ann' });
    const seen = await entries('', { key });
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map(({ owner }) => owner))).toEqual(new Set(['ann']));
    expect(seen).toEqual((await entries()).filter(({ owner }) => owner === 'ann'));
    expect(seen).toEqual(await entries('&owner=ann'));
    expect(await entries('&object=apiKey', { key })).toEqual([]);
    expectRefusal(await app.get('/v1/audit?owner=bob', { key }), 403, 'owner_forbidden');
    expectRefusal(await app.get('/v1/audit', { key: undefined }), 401, 'key_missing');
  });

  it('every filter, and every two of them, leave what they say', async () => {
    const account = await openAccount(app, { owner: 'ann' });
    app.clock.advance(60_000);
    const key = await app.keyFor({ scope: 'write' });
    const requestId = newOnceKey();
    await keepLine(app, account, {}, { key, headers: { 'x-request-id': requestId } });
    const moment = app.clock.now();
    app.clock.advance(60_000);
    await stateBalance(app, account, { ledger: '1' });
    const all = await entries();
    const [line] = all.filter((entry) => entry.requestId === requestId) as [AuditEntryView];
    type Filter = readonly [name: string, value: string, keeps: (entry: AuditEntryView) => boolean];
    const filters: readonly Filter[] = [
      ['object', 'account', ({ object }) => object === 'account'],
      ['object', 'apiKey', ({ object }) => object === 'apiKey'],
      ['objectId', account.id, ({ objectId }) => objectId === account.id],
      ['actor', line.actor, ({ actor }) => actor === line.actor],
      ['requestId', requestId, (entry) => entry.requestId === requestId],
      ['from', moment, ({ at }) => at >= moment],
      ['to', moment, ({ at }) => at <= moment],
      ['owner', 'ann', ({ owner }) => owner === 'ann'],
      ['actor', 'nobody', () => false],
    ];
    for (const [one, value, keeps] of filters)
      for (const [other, otherValue, alsoKeeps] of filters) {
        if (one >= other && !(one === other && value === otherValue)) continue;
        const query = new URLSearchParams({ [one]: value, [other]: otherValue });
        const expected = all.filter((entry) => keeps(entry) && alsoKeeps(entry));
        expect([query.toString(), await entries(`&${query.toString()}`)]).toEqual([query.toString(), expected]);
      }
    expect((await app.get('/v1/audit?object=nothing')).status).toBe(400);
    expect((await app.get('/v1/audit?from=yesterday')).status).toBe(400);
  });

  it('comes newest first, in pages of any size, and a cursor is good with its filters', async () => {
    const account = await openAccount(app, { owner: 'paged' });
    for (const notes of ['a', 'b', 'c']) await keepLine(app, account, { notes });
    const whole = await entries('&owner=paged');
    expect(whole.map(({ id }) => id)).toEqual(
      whole
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    for (const limit of [1, 2, 3, 4, 5])
      expect(await allPages(app, `/v1/audit?owner=paged&limit=${limit}`)).toEqual(whole);
    const { nextCursor } = await bodyOf(app.get('/v1/audit?owner=paged&limit=1'));
    for (const other of ['', '?owner=ann', '?owner=paged&object=account'])
      expectRefusal(
        await app.get(`/v1/audit${other}${other === '' ? '?' : '&'}cursor=${nextCursor}`),
        400,
        'cursor_invalid',
      );
  });

  it('holds no secret, and neither does the feed nor what is kept for repetitions', async () => {
    const onceKeys = Object.keys(POSTS).map(() => newOnceKey());
    const made: string[] = [app.key];
    for (const [index, prepare] of Object.values(POSTS).entries()) {
      const body = await bodyOf(send(app, await prepare(app), withOnceKey(onceKeys[index]!)));
      if (typeof body.key === 'string') made.push(body.key);
    }
    expect(made).toHaveLength(2);
    const hashes = (await rowsOf(app, ApiKey)).map(({ hash }) => hash);
    const secrets = [...made, ...made.map((key) => key.slice(4)), ...hashes, ...onceKeys, RAW];
    const kept = JSON.stringify(await rowsOf(app, IdempotencyKey));
    const changes = (await recorded(app)).map(({ valueBefore, valueAfter }) => `${valueBefore} ${valueAfter}`).join();
    const told = JSON.stringify([await entries(), await allChanges(app)]);
    // The lines and keys are there, so that what they hold beside would be, too.
    expect([changes.includes('transaction') || changes.includes('l1'), kept.includes('POST')]).toEqual([true, true]);
    for (const secret of secrets)
      for (const [where, text] of Object.entries({ kept, changes, told }))
        expect([where, secret, text.includes(secret)]).toEqual([where, secret, false]);
  });
});

async function allChanges(app: TestApp): Promise<Json[]> {
  const all: Json[] = [];
  for (let page: Json = { nextCursor: null, hasMore: true }; page.hasMore === true;) {
    page = await bodyOf(app.get(withCursor('/v1/changes?limit=500', page.nextCursor)));
    all.push(...page.data);
  }
  return all;
}
