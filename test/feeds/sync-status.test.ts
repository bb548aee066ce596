// How a sync stands is seen while it goes on, and the same by every process: while it waits, runs, fails and follows.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { FeedAccountClosed, FeedRateLimited, FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { bodyOf, expectRefusal, type Json } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { Hold } from './hold.js';
import { enroll, sync, trySync } from './linking.js';

const TODAY = parseCivilDate('2026-11-21');
const history = (name: string, days: number) =>
  Array.from({ length: days }, (_, day) => fakeLine(`${name}${day}`, { date: addDays(TODAY, -day) }));

const status = (app: TestApp, id: string): Promise<Json> => bodyOf(app.get(`/v1/enrollments/${id}/sync`));

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  let owners = 0;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  beforeEach(() => {
    fake.before = () => undefined;
    fake.pageMax = 10;
    fake.asked.length = 0;
    const [a, b] = [history('a', 35), history('b', 5)];
    fake.accountsListed = [fakeAccount('a', () => a), fakeAccount('b', () => b)];
  });
  afterAll(() => app.stop());

  const enrolled = async (): Promise<string> =>
    (await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` })).id;
  const firstPages = () => fake.asked.filter(({ method, request }) => method === 'page' && request?.from === undefined);

  it('waits, with nothing read, until the first sync begins', async () => {
    const id = await enrolled();
    const stood = await status(app, id);
    expect(stood).toMatchObject({ enrollmentId: id, state: 'waiting', cause: 'first', failures: 0, heldUntil: null });
    expect(stood.accounts).toHaveLength(2);
    for (const account of stood.accounts)
      expect(account).toMatchObject({
        state: 'first_sync',
        firstSync: { beganAt: null, endedAt: null, lines: 0, linesPerSecond: null },
        oldestDay: null,
        newestDay: null,
        lastSyncedAt: null,
        lastError: null,
      });
  });

  it('shows the first sync while it goes on, page by page, and then that it follows', async () => {
    const id = await enrolled();
    const beganAt = app.clock.now();
    const seen: Json[] = [];
    fake.before = async ({ method, accountId, request }) => {
      if (method !== 'page' || accountId !== 'a' || request?.from !== undefined) return;
      app.clock.advance(500);
      seen.push(await status(app, id));
    };
    await sync(app, { id });
    expect(seen.map(({ state, accounts }) => [state, accounts[0].state, accounts[0].firstSync.lines])).toEqual([
      ['running', 'first_sync', 0],
      ['running', 'first_sync', 10],
      ['running', 'first_sync', 20],
      ['running', 'first_sync', 30],
    ]);
    expect(seen[2].accounts[0]).toMatchObject({
      firstSync: { beganAt, endedAt: null, linesPerSecond: Math.round(20 / 1.5) },
      oldestDay: addDays(TODAY, -19),
      newestDay: TODAY,
      lastSyncedAt: null,
    });
    const after = await status(app, id);
    expect(after).toMatchObject({ state: 'idle', cause: 'interval', heldUntil: null, lastSyncedAt: app.clock.now() });
    expect(after.accounts[0]).toMatchObject({
      state: 'following',
      firstSync: { beganAt, endedAt: app.clock.now(), lines: 35, linesPerSecond: Math.round(35 / 2) },
      oldestDay: addDays(TODAY, -34),
      lastSyncedAt: app.clock.now(),
    });
  });

  it('shows where a first sync stopped, and the next one goes on there', async () => {
    const id = await enrolled();
    fake.before = ({ method, accountId, request }) => {
      if (method === 'page' && accountId === 'a' && request?.before === 'a19') throw new FeedUnavailable('broken');
    };
    expect((await trySync(app, { id })).status).toBe(200);
    const stopped = await status(app, id);
    expect(stopped).toMatchObject({ state: 'failed', cause: 'retry', lastError: { code: 'feed_unavailable' } });
    expect(stopped.accounts).toMatchObject([
      {
        state: 'failed',
        firstSync: { lines: 20, endedAt: null, linesPerSecond: null },
        lastError: { detail: 'broken' },
      },
      { state: 'following', firstSync: { lines: 5 } },
    ]);
    fake.before = () => undefined;
    fake.asked.length = 0;
    await sync(app, { id });
    expect(firstPages().map(({ accountId, request }) => [accountId, request?.before])).toEqual([
      ['a', 'a19'],
      ['a', 'a29'],
    ]);
    expect((await status(app, id)).accounts[0]).toMatchObject({ state: 'following', firstSync: { lines: 35 } });
  });

  it('names what the bank limits and what it has closed', async () => {
    const id = await enrolled();
    fake.before = ({ method, accountId }) => {
      if (method === 'balance' && accountId === 'a') throw new FeedAccountClosed('closed');
      if (method === 'balance' && accountId === 'b') throw new FeedRateLimited('slowly', 600);
    };
    await trySync(app, { id });
    const stood = await status(app, id);
    expect(stood.accounts).toMatchObject([
      { state: 'closed' },
      { state: 'failed', lastError: { code: 'feed_rate_limited' } },
    ]);
    expect(Date.parse(stood.dueAt) - Date.parse(app.clock.now())).toBeGreaterThanOrEqual(600_000);
  });

  it('is only shown to whom the enrollment is', async () => {
    const id = await enrolled();
    const key = await app.keyFor({ owner: 'somebody else', scope: 'read' });
    expectRefusal(await app.get(`/v1/enrollments/${id}/sync`, { key }), 404, 'enrollment_not_found');
  });
});

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  const clock = new HeldClock();
  const fake = new FakeFeed();
  let apps: TestApp[];
  beforeAll(async () => {
    store = await makeStore('postgres');
    apps = [];
    for (let nth = 0; nth < 2; nth += 1)
      apps.push(await TestApp.start(store, clock, { feeds: [fake], ids: new UuidV7Source(clock) }));
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it('say the same of a sync that one of them does', async () => {
    const a = history('a', 3);
    fake.accountsListed = [fakeAccount('a', () => a)];
    const { id } = await enroll(apps[0]!, { feed: 'fake' });
    const hold = new Hold(fake, ({ method, request }) => method === 'page' && request?.from !== undefined);
    const syncing = trySync(apps[0]!, { id });
    await hold.asked;
    const [here, there] = [await status(apps[0]!, id), await status(apps[1]!, id)];
    expect(here).toEqual(there);
    expect(there).toMatchObject({ state: 'running', beganAt: clock.now(), accounts: [{ firstSync: { lines: 3 } }] });
    expectRefusal(await trySync(apps[1]!, { id }), 409, 'sync_already_running');
    hold.letGo();
    expect((await syncing).status).toBe(200);
    expect(await status(apps[1]!, id)).toMatchObject({ state: 'idle' });
  });
});
