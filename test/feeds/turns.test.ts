// The turn to sync an enrollment: one at a time, whoever syncs; kept while the work goes on, and taken over from whoever died.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Instant } from '../../src/common/clock.js';
import { type EnrollmentId } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { HeldTurn } from '../../src/feeds/turns/held-turn.js';
import { unsynced } from '../../src/feeds/turns/sync-due.js';
import { type SyncCause, SyncTurn } from '../../src/feeds/turns/sync-turn.entity.js';
import { SyncTurns } from '../../src/feeds/turns/sync-turns.js';
import { bodyOf, EVERYBODY, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type HeldClock, TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { Hold } from './hold.js';
import { enroll, sync, trySync } from './linking.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

eachStore((store) => {
  let app: TestApp;
  let clock: HeldClock;
  let turns: SyncTurns;
  const fake = new FakeFeed();
  let owners = 0;
  beforeAll(async () => {
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
    app = await TestApp.start(store, undefined, { feeds: [fake] });
    clock = app.clock;
    turns = app.app.get(SyncTurns);
  });
  afterAll(() => app.stop());

  const enrolled = async () => (await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` })).id as EnrollmentId;
  const transact = <Result>(work: (tx: Parameters<typeof turns.release>[0]) => Promise<Result>): Promise<Result> =>
    app.app.get(Database).transact(EVERYBODY, work);
  const rowOf = async (enrollmentId: EnrollmentId) =>
    (await app.app.get(Database).read(EVERYBODY, (reader) => reader.rows(SyncTurn).findOne({ enrollmentId })))!;
  const mark = (id: EnrollmentId, cause: SyncCause, at: Instant) => transact((tx) => turns.markDue(tx, id, cause, at));
  const next = () => ({ dueAt: inMs(12 * HOUR_MS), cause: 'interval', failures: 0 }) as const;
  const inMs = (ms: number): Instant => new Date(Date.parse(clock.now()) + ms).toISOString() as Instant;

  it('is one at a time, and due again only when it is', async () => {
    const id = await enrolled();
    const turn = (await turns.take(id, 'any'))!;
    expect(await rowOf(id)).toMatchObject({ holder: turn.holder, heldUntil: inMs(MINUTE_MS), beganAt: clock.now() });
    expect(await turns.take(id, 'any')).toBeUndefined();
    expectRefusal(await trySync(app, { id }), 409, 'sync_already_running');
    expect(await transact((tx) => turns.release(tx, turn, next()))).toBe(true);
    expect(await rowOf(id)).toMatchObject({ ...next(), holder: null, heldUntil: null });
    expect(await turns.take(id, 'due')).toBeUndefined();
    expect((await trySync(app, { id })).status).toBe(200);
  });

  it('of many that ask at once is had by one', async () => {
    const id = await enrolled();
    const taken = await Promise.all(Array.from({ length: 8 }, () => turns.take(id, 'any')));
    const [turn, ...others] = taken.filter((one) => one !== undefined);
    expect(others).toEqual([]);
    await turns.giveUp(turn!);
  });

  it('that is asked for while it is held comes again', async () => {
    const id = await enrolled();
    const turn = (await turns.take(id, 'any'))!;
    const asked = clock.now();
    clock.advance(HOUR_MS);
    await mark(id, 'webhook', asked);
    await transact((tx) => turns.release(tx, turn, next()));
    expect(await rowOf(id)).toMatchObject({ cause: 'webhook', holder: null });
    const again = await turns.take(id, 'due');
    expect(again).toBeDefined();
    await transact((tx) => turns.release(tx, again!, next()));
    expect(await turns.take(id, 'due')).toBeUndefined();
  });

  it('is renewed while the work goes on', async () => {
    const id = await enrolled();
    const turn = (await turns.take(id, 'any'))!;
    for (let times = 0; times < 3; times += 1) {
      clock.advance(50_000);
      await turn.keep();
      expect(await turns.take(id, 'any')).toBeUndefined();
    }
    await turns.giveUp(turn);
  });

  it('of a process that died is taken over, and what comes back from the dead writes nothing', async () => {
    const id = await enrolled();
    const dead = (await turns.take(id, 'due')) ?? (await turns.take(id, 'any'))!;
    clock.advance(MINUTE_MS);
    const heir = (await turns.take(id, 'due'))!;
    expect(heir.holder).not.toBe(dead.holder);
    expect(dead.isOver).toBe(false);
    await dead.keep();
    expect(dead.isLost).toBe(true);
    expect(() => dead.check()).toThrow('taken');
    expect(await transact((tx) => turns.release(tx, dead, { ...next(), failures: 7 }))).toBe(false);
    await turns.giveUp(dead);
    expect(await rowOf(id)).toMatchObject({ holder: heir.holder, failures: 0 });
    await turns.giveUp(heir);
  });

  it('lost in the middle of a sync: it is said so, and how the sync ended is not kept', async () => {
    const id = await enrolled();
    const hold = new Hold(fake, ({ method }) => method === 'page');
    const syncing = trySync(app, { id });
    await hold.asked;
    clock.advance(MINUTE_MS);
    const heir = (await turns.take(id, 'any'))!;
    fake.before = () => undefined;
    hold.letGo();
    expectRefusal(await syncing, 409, 'sync_already_running');
    expect(await rowOf(id)).toMatchObject({ holder: heir.holder });
    expect(await bodyOf(app.get(`/v1/enrollments/${id}`))).toMatchObject({ lastSyncedAt: null, lastError: null });
    await turns.giveUp(heir);
    await sync(app, { id });
  });

  it('is given back whatever a sync ends with', async () => {
    const id = await enrolled();
    fake.before = () => {
      throw new FeedUnavailable('down');
    };
    expectRefusal(await trySync(app, { id }), 502, 'feed_unavailable');
    expect(await rowOf(id)).toMatchObject({ holder: null, cause: 'retry', failures: 1 });
    fake.before = () => undefined;
    const mend = app.app.get(Database).observe(async (_, { entity }) => {
      if (entity.name === 'feed_positions') throw new Error('a fault of ours');
    });
    expect((await trySync(app, { id })).status).toBe(500);
    expect(await rowOf(id)).toMatchObject({ holder: null, cause: 'retry', failures: 2 });
    mend();
    await sync(app, { id });
    expect(await rowOf(id)).toMatchObject({ failures: 0, cause: 'interval' });
  });

  it('of an enrollment that ends is gone, and comes with the next consent', async () => {
    const id = await enrolled();
    await bodyOf(app.delete(`/v1/enrollments/${id}`));
    expectRefusal(await trySync(app, { id }), 409, 'enrollment_disconnected');
  });
});

it('is given up by whoever could not renew it for as long as others believe it', async () => {
  vi.useFakeTimers();
  try {
    let isDown = false;
    const renew = async (): Promise<boolean> => {
      if (isDown) throw new Error('the store is down');
      return true;
    };
    const before = unsynced('enr_1' as EnrollmentId, 'first', '2026-11-21T12:00:00.000Z' as Instant);
    const ended: HeldTurn[] = [];
    const turn = new HeldTurn(before, 'a', renew, (one) => ended.push(one));
    const outages = [20_000, 40_000, 20_000, 60_000];
    for (const [index, ms] of outages.entries()) {
      expect(turn.isOver).toBe(false);
      isDown = index % 2 === 1;
      await vi.advanceTimersByTimeAsync(ms);
    }
    expect(turn.isLost).toBe(true);
    expect(ended).toEqual([turn]);
  } finally {
    vi.useRealTimers();
  }
});
