// What is refused is not kept: once its cause is gone, the same request with the same key comes through.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IdempotencyKey } from '../../src/changes/idempotency-key.entity.js';
import { Database } from '../../src/database/database.js';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { enroll } from '../feeds/linking.js';
import { bodyOf, expectRefusal, keepLine, lineFor, openAccount, setAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type CallOptions, TestApp } from '../support/test-app.js';
import { newOnceKey, type Post, send, withOnceKey } from './posts.js';
import { everyRow, rowsOf } from './tables.js';

interface Case {
  readonly post: Post;
  readonly options?: CallOptions;
  readonly refused: readonly [status: number, code: string];
  /** Takes the cause away. */
  readonly mend: () => unknown;
  /** What the request looks like then, where its headers are what was wrong. */
  readonly mended?: CallOptions;
}

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  afterAll(() => app.stop());

  const failing = (): (() => void) =>
    app.app.get(Database).observe(async (_, { entity }) => {
      if (entity.name === 'accounts') throw new Error('the power fails here');
    });
  const bankIsDown = (): void => {
    fake.before = () => {
      throw new FeedUnavailable('down');
    };
  };
  const bankIsUp = (): void => void (fake.before = () => undefined);

  const cases: Readonly<Record<string, () => Promise<Case>>> = {
    'a closed account': async () => {
      const account = await openAccount(app);
      await bodyOf(app.post(`/v1/accounts/${account.id}/close`));
      return {
        post: { url: '/v1/transactions', body: lineFor(account) },
        refused: [409, 'account_closed'],
        mend: () => bodyOf(app.patch(`/v1/accounts/${account.id}`, { status: 'open' })),
      };
    },
    'an external id that is taken': async () => {
      const account = await openAccount(app);
      const body = lineFor(account, { externalId: 'x' });
      const { id } = await keepLine(app, account, { externalId: 'x' });
      return {
        post: { url: '/v1/transactions', body },
        refused: [409, 'external_id_taken'],
        mend: () => app.delete(`/v1/transactions/${id}`),
      };
    },
    'one bad row of an atomic bulk': async () => {
      const account = await openAccount(app);
      const { id } = await keepLine(app, account, { externalId: 'y' });
      const transactions = [lineFor(account), lineFor(account, { externalId: 'y' })];
      return {
        post: { url: '/v1/transactions/bulk', body: { mode: 'atomic', transactions } },
        refused: [422, 'bulk_refused'],
        mend: () => app.delete(`/v1/transactions/${id}`),
      };
    },
    'a book account that is not empty': async () => {
      const account = await openAccount(app, { kind: 'book' });
      await setAccount(app, account.id, { ledger: 1n as never });
      return {
        post: { url: `/v1/accounts/${account.id}/close` },
        refused: [409, 'account_not_empty'],
        mend: () => setAccount(app, account.id, { ledger: 0n as never }),
      };
    },
    'another version than the one that is meant': async () => {
      const account = await openAccount(app);
      return {
        post: { url: `/v1/accounts/${account.id}/close` },
        options: { headers: { 'if-match': '"7"' } },
        refused: [412, 'version_stale'],
        mend: () => undefined,
        mended: { headers: { 'if-match': '"1"' } },
      };
    },
    'a moment that lies ahead': async () => {
      const account = await openAccount(app);
      const asOf = new Date(Date.parse(app.clock.now()) + 60_000).toISOString();
      return {
        post: { url: `/v1/accounts/${account.id}/balances`, body: { ledger: '1', asOf } },
        refused: [422, 'balance_in_future'],
        mend: () => app.clock.advance(120_000),
      };
    },
    'a fault of our own': async () => {
      const mend = failing();
      const body = { kind: 'manual', name: 'Cash', currency: 'USD' };
      return { post: { url: '/v1/accounts', body }, refused: [500, 'internal_fault'], mend };
    },
    'a fault of our own after the bank was asked': async () => {
      const mend = failing();
      const body = { feed: 'fake', owner: 'faulty' };
      return { post: { url: '/v1/enrollments', body }, refused: [500, 'internal_fault'], mend };
    },
    'a bank that cannot be reached to enroll': async () => {
      bankIsDown();
      const body = { feed: 'fake', owner: 'enrolling' };
      return { post: { url: '/v1/enrollments', body }, refused: [502, 'feed_unavailable'], mend: bankIsUp };
    },
    'a bank that cannot be reached to sync': async () => {
      const { id } = await enroll(app, { feed: 'fake', owner: 'syncing' });
      bankIsDown();
      return { post: { url: `/v1/enrollments/${id}/sync` }, refused: [502, 'feed_unavailable'], mend: bankIsUp };
    },
    'an enrollment that was disconnected': async () => {
      const { id } = await enroll(app, { feed: 'fake', owner: 'leaving' });
      await bodyOf(app.delete(`/v1/enrollments/${id}`));
      return {
        post: { url: `/v1/enrollments/${id}/sync` },
        refused: [409, 'enrollment_disconnected'],
        mend: () => enroll(app, { feed: 'fake', owner: 'leaving' }),
      };
    },
    'a body that is none': async () => ({
      post: { url: '/v1/accounts', body: { kind: 'manual', name: 'Cash', currency: 'USD' } },
      options: { headers: { 'content-type': 'text/plain' } },
      refused: [415, 'media_type_unsupported'],
      mend: () => undefined,
      mended: {},
    }),
  };

  it.each(Object.entries(cases))('%s', async (_, prepare) => {
    const { post, options, refused, mend, mended = options } = await prepare();
    const onceKey = newOnceKey();
    const keys = async () => (await rowsOf(app, IdempotencyKey)).length;
    const [keysBefore, before] = [await keys(), await everyRow(app)];
    for (let times = 0; times < 2; times += 1) {
      const answer = await send(app, post, withOnceKey(onceKey, options));
      expectRefusal(
        answer,
        refused[0],
        refused[1],
        answer.body.errors?.map(({ pointer }: any) => pointer),
      );
      expect(answer.headers['idempotency-replayed']).toBeUndefined();
    }
    expect(await keys()).toBe(keysBefore);
    // What a bank refused is noted on the enrollment; else nothing has changed.
    if (!post.url.endsWith('/sync')) expect(await everyRow(app)).toBe(before);
    await mend();
    const answer = await send(app, post, withOnceKey(onceKey, mended));
    expect([answer.status < 300, answer.headers['idempotency-replayed']]).toEqual([true, undefined]);
    const again = await send(app, post, withOnceKey(onceKey, mended));
    expect([again.text, again.headers['idempotency-replayed']]).toEqual([answer.text, 'true']);
  });
});
