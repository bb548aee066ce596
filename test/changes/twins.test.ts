// The same request many times at once: one effect and equal answers, however many processes take it and however few connections they have.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../src/common/ids.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { type Answer, HeldClock, TestApp } from '../support/test-app.js';
import { newOnceKey, POSTS, type Post, send, withOnceKey } from './posts.js';
import { counts } from './tables.js';

const TWINS = 50;

function listing(feed: FakeFeed): FakeFeed {
  feed.accountsListed = [fakeAccount('a', () => [fakeLine('l1'), fakeLine('l2')])];
  return feed;
}

/** Sends the request to each app in turn, all at once. */
function sendTwins(apps: readonly TestApp[], post: Post, onceKey: string): Promise<Answer[]> {
  const twins = Array.from({ length: TWINS }, (_, index) => apps[index % apps.length]!);
  return Promise.all(twins.map((app) => send(app, post, withOnceKey(onceKey, { key: apps[0]!.key }))));
}

/** That all were answered alike, and that one of them was the first. */
function expectOneDeed(answers: readonly Answer[]): void {
  const kinds = new Set(answers.map(({ status, text }) => `${status} ${text}`));
  expect([...kinds]).toHaveLength(1);
  expect(answers[0]!.status).toBeLessThan(300);
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(TWINS - 1);
}

/** What one deed adds to the tables is what all the twins add. */
async function expectOneEffect(apps: readonly TestApp[], prepare: (typeof POSTS)[string]): Promise<void> {
  const [app] = apps as [TestApp];
  const growth = async (deed: (post: Post) => Promise<unknown>) => {
    const post = await prepare(app);
    const before = await counts(app);
    await deed(post);
    const after = await counts(app);
    return Object.fromEntries(Object.entries(after).map(([table, count]) => [table, count - before[table]!]));
  };
  const one = await growth((post) => send(app, post, withOnceKey(newOnceKey())));
  const many = await growth(async (post) => expectOneDeed(await sendTwins(apps, post, newOnceKey())));
  // To enroll a second time writes fewer rows than the first time.
  for (const [table, count] of Object.entries(many)) expect([table, count <= one[table]!]).toEqual([table, true]);
  expect(many['idempotency_keys']).toBe(1);
}

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [listing(new FakeFeed())] });
  });
  afterAll(() => app.stop());

  it.each(Object.entries(POSTS))(`%s ${TWINS} times at once`, (_, prepare) => expectOneEffect([app], prepare));

  it(`${TWINS} twins of which each first one is refused are all refused, and none waits for ever`, async () => {
    const body = { kind: 'manual', name: 'Cash', currency: 'XXX' };
    const answers = await sendTwins([app], { url: '/v1/accounts', body }, newOnceKey());
    expect(new Set(answers.map(({ status, body: { code } }) => `${status} ${code}`))).toEqual(
      new Set(['422 currency_unknown']),
    );
  });

  it('twins of many requests at once keep to their own', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `Account ${index}`);
    const keys = names.map(() => newOnceKey());
    const asked = Array.from({ length: 10 }, () => names.map((name, index) => [name, keys[index]!] as const)).flat();
    const answers = await Promise.all(
      asked.map(([name, onceKey]) =>
        app.post('/v1/accounts', { kind: 'manual', name, currency: 'USD' }, withOnceKey(onceKey)),
      ),
    );
    const ids = new Map<string, Set<string>>();
    for (const { body } of answers) ids.set(body.name, (ids.get(body.name) ?? new Set()).add(body.id));
    expect([...ids].map(([name, made]) => [name, made.size])).toEqual(names.map((name) => [name, 1]));
  });
});

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  let apps: TestApp[];
  const clock = new HeldClock();

  async function start(extra: Readonly<Record<string, string>>): Promise<void> {
    store = await makeStore('postgres', extra);
    apps = [];
    const feed = listing(new FakeFeed());
    for (let count = 0; count < 2; count += 1)
      apps.push(await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) }));
  }
  async function stop(): Promise<void> {
    for (const app of apps) await app.stop();
    await store.dispose();
  }

  describe.each([
    ['with their usual connections', {}],
    ['with two connections each', { DB_POOL_SIZE: '2', DB_MAX_OVERFLOW: '0' }],
    ['with one connection each', { DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0' }],
  ])('%s', (_, extra) => {
    beforeAll(() => start(extra));
    afterAll(stop);
    beforeEach(() => clock.advance(1_000));

    it.each(Object.entries(POSTS))(`%s ${TWINS} times at once, half of them at each`, (_name, prepare) =>
      expectOneEffect(apps, prepare),
    );
  });
});
