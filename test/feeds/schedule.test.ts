// The service syncs by itself: what is due, once, in turn, and nothing else.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clock } from '../../src/common/clock.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { Settings } from '../../src/config/settings.js';
import { Database } from '../../src/database/database.js';
import { FeedUnavailable, EnrollmentNeedsLogin } from '../../src/feeds/port/feeds.errors.js';
import { EnrollmentsRepository } from '../../src/feeds/stored/enrollments.repository.js';
import { SyncSchedule } from '../../src/feeds/sync/sync-schedule.js';
import { SyncService } from '../../src/feeds/sync/sync.service.js';
import { SyncTurn } from '../../src/feeds/turns/sync-turn.entity.js';
import { SyncTurns } from '../../src/feeds/turns/sync-turns.js';
import { SyncTurnsRepository } from '../../src/feeds/turns/sync-turns.repository.js';
import { bodyOf, EVERYBODY } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { Hold } from './hold.js';
import { enroll, sync } from './linking.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const status = (app: TestApp, id: string) => bodyOf(app.get(`/v1/enrollments/${id}/sync`));
const syncsAsked = (fake: FakeFeed): number => fake.asked.filter(({ method }) => method === 'accounts').length;

/** All that is due is synced; answers how many syncs that were. */
async function run(app: TestApp): Promise<number> {
  const schedule = app.app.get(SyncSchedule);
  let begun = 0;
  for (let last = 1; last > 0; begun += last) {
    last = await schedule.tick();
    await schedule.settled();
  }
  return begun;
}

eachStore((store) => {
  let app: TestApp;
  let clock: HeldClock;
  const fake = new FakeFeed();
  let owners = 0;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
    clock = app.clock;
  });
  const made: string[] = [];
  beforeEach(async () => {
    fake.before = () => undefined;
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
    // What other tests left is none of this one's.
    for (const id of made.splice(0)) await bodyOf(app.delete(`/v1/enrollments/${id}`));
    clock.advance(DAY_MS);
    await run(app);
    fake.asked.length = 0;
  });
  afterAll(() => app.stop());

  const enrolled = async (): Promise<string> => {
    const { id } = await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` });
    made.push(id);
    return id;
  };

  it('leaves a new enrollment to whoever made it for ten seconds, then does its first sync as the service', async () => {
    const id = await enrolled();
    clock.advance(9_999);
    expect(await run(app)).toBe(0);
    expect(await status(app, id)).toMatchObject({ state: 'waiting', cause: 'first' });
    clock.advance(1);
    expect(await run(app)).toBe(1);
    expect(await status(app, id)).toMatchObject({ state: 'idle', cause: 'interval', lastSyncedAt: clock.now() });
    const { data } = await bodyOf(app.get(`/v1/audit?object=transaction&owner=owner${owners}`));
    expect(data.map(({ actor }: { actor: string }) => actor)).toEqual(['passbook']);
  });

  it('syncs when it is due and not before, and a sync by hand counts', async () => {
    const id = await enrolled();
    await sync(app, { id });
    const { dueAt } = await status(app, id);
    clock.set(new Date(Date.parse(dueAt) - 1).toISOString());
    fake.asked.length = 0;
    expect(await run(app)).toBe(0);
    clock.advance(1);
    expect(await run(app)).toBe(1);
    expect(await run(app)).toBe(0);
    expect(syncsAsked(fake)).toBe(1);
    expect(await status(app, id)).toMatchObject({ state: 'idle', failures: 0 });
  });

  it('syncs each once after a long sleep, however late it is', async () => {
    const ids = [await enrolled(), await enrolled(), await enrolled()];
    clock.advance(60 * DAY_MS);
    await run(app);
    clock.advance(1_000);
    expect(await run(app)).toBe(0);
    for (const id of ids) expect(await status(app, id)).toMatchObject({ state: 'idle' });
  });

  it('tries again what failed, later each time, and says why', async () => {
    const id = await enrolled();
    clock.advance(10_000);
    fake.before = () => {
      throw new FeedUnavailable('down');
    };
    const waits: number[] = [];
    for (let times = 1; times <= 4; times += 1) {
      expect(await run(app)).toBe(1);
      const stood = await status(app, id);
      expect(stood).toMatchObject({
        state: 'failed',
        cause: 'retry',
        failures: times,
        lastError: { code: 'feed_unavailable' },
      });
      waits.push((Date.parse(stood.dueAt) - Date.parse(clock.now())) / MINUTE_MS);
      clock.set(stood.dueAt);
    }
    for (const [index, minutes] of waits.entries()) {
      expect(minutes).toBeGreaterThanOrEqual(5 * 2 ** index * 0.8 - 0.001);
      expect(minutes).toBeLessThanOrEqual(5 * 2 ** index * 1.2 + 0.001);
    }
    fake.before = () => undefined;
    expect(await run(app)).toBe(1);
    expect(await status(app, id)).toMatchObject({ state: 'idle', failures: 0, lastError: null });
  });

  it('asks once a day where a person has to sign in, and finds out when they did', async () => {
    const id = await enrolled();
    clock.advance(10_000);
    fake.before = () => {
      throw new EnrollmentNeedsLogin('sign in', 'user_action.mfa_required');
    };
    for (let day = 0; day < 2; day += 1) {
      expect(await run(app)).toBe(1);
      expect(await bodyOf(app.get(`/v1/enrollments/${id}`))).toMatchObject({ status: 'needs_login' });
      clock.advance(DAY_MS - 1);
      expect(await run(app)).toBe(0);
      clock.advance(1);
    }
    fake.before = () => undefined;
    expect(await run(app)).toBe(1);
    expect(await bodyOf(app.get(`/v1/enrollments/${id}`))).toMatchObject({ status: 'connected', lastError: null });
  });

  it('leaves an enrollment alone that has ended, and forgets its turn', async () => {
    const id = await enrolled();
    await bodyOf(app.delete(`/v1/enrollments/${id}`));
    clock.advance(DAY_MS);
    fake.asked.length = 0;
    expect(await run(app)).toBe(0);
    expect(syncsAsked(fake)).toBe(0);
    expect(await status(app, id)).toMatchObject({ state: 'disconnected', dueAt: null });
    // The same consent again.
    await enroll(app, { feed: 'fake', owner: `owner${owners}` });
    clock.advance(10_000);
    expect(await run(app)).toBe(1);
  });

  it('runs as many at a time as it may, and takes the others as soon as one is through', async () => {
    const { concurrency } = store.settings.sync;
    const ids: string[] = [];
    for (let times = 0; times < concurrency + 2; times += 1) ids.push(await enrolled());
    clock.advance(10_000);
    const hold = new Hold(fake, ({ method }) => method === 'balance');
    const schedule = app.app.get(SyncSchedule);
    expect(await schedule.tick()).toBe(concurrency);
    expect(await schedule.tick()).toBe(0);
    const running = (await Promise.all(ids.map((id) => status(app, id)))).filter(({ state }) => state === 'running');
    expect(running).toHaveLength(concurrency);
    hold.letGo();
    await schedule.settled();
    expect(await run(app)).toBe(2);
    for (const id of ids) expect(await status(app, id)).toMatchObject({ state: 'idle' });
  });

  it('gives a turn to enrollments of a store that has come without', async () => {
    const [synced, unsynced] = [await enrolled(), await enrolled()];
    await sync(app, { id: synced });
    await app.app.get(Database).transact(EVERYBODY, async (tx) => {
      const rows = await tx.rows(SyncTurn).find();
      await tx.delete(
        SyncTurn,
        rows.map(({ enrollmentId }) => ({ enrollmentId })),
      );
    });
    expect(await status(app, unsynced)).toMatchObject({ state: 'waiting', dueAt: null });
    clock.advance(5 * MINUTE_MS);
    await run(app);
    expect(await status(app, unsynced)).toMatchObject({ state: 'idle', lastSyncedAt: clock.now() });
    expect(await status(app, synced)).toMatchObject({ state: 'idle', cause: 'interval' });
    expect((await status(app, synced)).lastSyncedAt).not.toBe(clock.now());
  });

  it('goes on when the clock is set back by years', async () => {
    const id = await enrolled();
    await sync(app, { id });
    const then = clock.now();
    clock.set('2020-01-01T00:00:00Z');
    expect(await run(app)).toBeGreaterThan(0);
    expect(await status(app, id)).toMatchObject({ state: 'idle', lastSyncedAt: clock.now() });
    clock.set(then);
  });
});

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  const clock = new HeldClock();
  const feeds = [new FakeFeed(), new FakeFeed()];
  let apps: TestApp[];
  beforeAll(async () => {
    store = await makeStore('postgres');
    apps = [];
    for (const feed of feeds) {
      feed.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
      apps.push(await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) }));
    }
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it('sync each enrollment once for each time that it is due', async () => {
    const ids: string[] = [];
    for (let times = 0; times < 20; times += 1)
      ids.push((await enroll(apps[0]!, { feed: 'fake', owner: `owner${times}` })).id);
    for (let round = 1; round <= 2; round += 1) {
      for (const feed of feeds) feed.asked.length = 0;
      clock.advance(DAY_MS);
      const begun = await Promise.all(apps.map((app) => run(app)));
      expect(begun[0]! + begun[1]!).toBe(ids.length);
      expect(syncsAsked(feeds[0]!) + syncsAsked(feeds[1]!)).toBe(ids.length);
    }
    for (const id of ids) expect(await status(apps[1]!, id)).toMatchObject({ state: 'idle', failures: 0 });
  });
});

describe('while the store cannot be asked', () => {
  it('it looks ever more seldom, says so once, and goes on when it can', async () => {
    vi.useFakeTimers();
    const warned = vi.fn();
    let looks = 0;
    let isDown = true;
    const read = async (): Promise<unknown> => {
      looks += 1;
      if (isDown) throw new Error('down');
      return { misplaced: [], turnless: [], length: 0, map: () => [] };
    };
    const database = { read, transact: async () => undefined } as unknown as Database;
    const settings = { sync: { schedule: true, intervalHours: 12, concurrency: 4 } } as unknown as Settings;
    const schedule = new SyncSchedule(
      database,
      { giveBackLeft: async () => undefined } as SyncTurns,
      {} as SyncTurnsRepository,
      {} as EnrollmentsRepository,
      {} as SyncService,
      new HeldClock() as Clock,
      settings,
    );
    Object.assign(schedule, { log: { warn: warned } });
    try {
      schedule.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
      // By a look every five seconds there would be 120.
      expect(looks).toBeGreaterThan(5);
      expect(looks).toBeLessThan(40);
      expect(warned).toHaveBeenCalledTimes(1);
      isDown = false;
      await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
      const before = looks;
      await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
      expect(looks - before).toBeGreaterThan(12);
      schedule.onModuleDestroy();
      const stopped = looks;
      await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
      expect(looks).toBe(stopped);
    } finally {
      vi.useRealTimers();
    }
  });
});
