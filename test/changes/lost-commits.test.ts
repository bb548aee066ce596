// The connection is lost while a keyed request commits: because its deed is done once whatever happens, the caller is told what happened.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLAIM_STALE_MS } from '../../src/changes/once.js';
import { Database } from '../../src/database/database.js';
import { type WriteVerb } from '../../src/database/transaction.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { expectRefusal, openAccount } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { Proxy } from '../support/proxy.js';
import { TestApp } from '../support/test-app.js';
import { readSettings } from '../../src/config/settings.js';
import { newOnceKey, POSTS, send, withOnceKey } from './posts.js';
import { counts } from './tables.js';

/** As the driver sends it: `READ COMMITTED` holds the same word. */
const COMMIT = 'COMMIT\0';
const OUTSIDE = ['POST /v1/enrollments', 'POST /v1/enrollments/{id}/sync', 'POST /v1/accounts/{id}/refresh'];

describe('on postgres', () => {
  let store: TestStore;
  let proxy: Proxy;
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
    store = await makeStore('postgres');
    const target = store.settings.store as { host: string; port: number };
    proxy = await Proxy.to({ host: target.host, port: target.port });
    const environment = { ...store.environment, DATABASE_URL: proxy.urlOf(store.environment['DATABASE_URL']!) };
    app = await TestApp.start({ ...store, environment, settings: readSettings(environment) }, undefined, {
      feeds: [fake],
    });
  });
  beforeEach(() => proxy.refuse(false));
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await store.dispose();
  });

  /** Does something just before the commit of the next transaction that writes so to the keys. */
  function beforeCommit(of: WriteVerb, then: () => void): void {
    const forget = app.app.get(Database).observe(async (_, { entity, verb }) => {
      if (entity.name !== 'idempotency_keys' || verb !== of) return;
      forget();
      then();
    });
  }

  const growth = (before: Record<string, number>, after: Record<string, number>) =>
    Object.fromEntries(Object.entries(after).map(([table, count]) => [table, count - before[table]!]));

  const moments = Object.entries(POSTS).flatMap(([name, prepare]) =>
    (OUTSIDE.includes(name) ? (['insert', 'update'] as const) : (['insert'] as const)).flatMap((verb) =>
      (['cutBefore', 'cutAfter'] as const).map((lose) => [name, verb, lose, prepare] as const),
    ),
  );

  it.each(moments)('%s, %s of its key, %s: the answer is the true one, and there is one effect', async (...of) => {
    const [name, verb, lose, prepare] = of;
    const options = withOnceKey(newOnceKey());
    const undisturbed = await prepare(app);
    const start = await counts(app);
    await send(app, undisturbed, withOnceKey(newOnceKey()));
    const one = growth(start, await counts(app));

    const post = await prepare(app);
    const before = await counts(app);
    beforeCommit(verb, () => proxy[lose](COMMIT));
    const isAsked = OUTSIDE.includes(name) && verb === 'update' && lose === 'cutBefore';
    // What the bank said is not kept: only the sender can ask it again.
    if (isAsked) expectRefusal(await send(app, post, options), 503, 'outcome_unknown');
    const first = await send(app, post, options);
    expect([first.status < 300, first.headers['idempotency-replayed']]).toEqual([true, undefined]);
    const effect = growth(before, await counts(app));
    for (const [table, count] of Object.entries(effect)) expect([table, count <= one[table]!]).toEqual([table, true]);
    expect(effect['idempotency_keys']).toBe(1);
    const again = await send(app, post, options);
    expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
  });

  it.each(['cutBefore', 'cutAfter'] as const)(
    'a store that stays away (%s) leaves the outcome unknown, and the key finds it out later',
    async (lose) => {
      const post = { url: '/v1/accounts', body: { kind: 'manual', name: lose, currency: 'USD' } };
      const options = withOnceKey(newOnceKey());
      const before = await counts(app);
      beforeCommit('insert', () => {
        proxy[lose](COMMIT);
        proxy.refuse(true);
      });
      const lost = await send(app, post, options);
      expectRefusal(lost, 503, 'outcome_unknown');
      expect(Number(lost.headers['retry-after'])).toBeGreaterThan(0);
      proxy.refuse(false);
      const again = await send(app, post, options);
      const isThere = lose === 'cutAfter';
      expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, isThere ? 'true' : undefined]);
      expect(growth(before, await counts(app))).toMatchObject({ accounts: 1, idempotency_keys: 1 });
    },
    60_000,
  );

  it('a store that stays away after the bank was asked leaves the claim until it is stale', async () => {
    const post = { url: '/v1/enrollments', body: { feed: 'fake', owner: 'away' } };
    const options = withOnceKey(newOnceKey());
    const before = await counts(app);
    beforeCommit('update', () => {
      proxy.cutBefore(COMMIT);
      proxy.refuse(true);
    });
    expectRefusal(await send(app, post, options), 503, 'outcome_unknown');
    proxy.refuse(false);
    app.clock.advance(CLAIM_STALE_MS);
    expect(await send(app, post, options)).toMatchObject({ status: 201 });
    expect(growth(before, await counts(app))).toMatchObject({ enrollments: 1, idempotency_keys: 1 });
  }, 60_000);

  it('without a key nobody guesses: the outcome is unknown, and it is not said that one should send again', async () => {
    const account = await openAccount(app);
    proxy.cutAfter(COMMIT);
    const answer = await app.post(`/v1/accounts/${account.id}/balances`, { ledger: '1' });
    expectRefusal(answer, 503, 'outcome_unknown');
    expect(answer.headers['retry-after']).toBeUndefined();
  });
});
