// Two syncs at once: the second is refused, in whichever process it is asked for. Where one was taken for dead and comes back, its older answer never
// overwrites the newer, and nothing comes twice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { parseCivilDate } from '../../src/common/civil-date.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { askedOf } from '../../src/feeds/port/feed-access.js';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { LEASE_MS } from '../../src/feeds/turns/sync-due.js';
import { SandboxFeed } from '../../src/feeds/sandbox/sandbox.feed.js';
import { bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { type Answer, HeldClock, TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { Hold } from './hold.js';
import { accountRows, brought, enroll, everyLine, factsOf, isLive, lineRows, sync, trySync } from './linking.js';

const HOUR_MS = 3_600_000;

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  afterAll(() => app.stop());

  it('refuses a second sync of an enrollment while one is under way, and no other', async () => {
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
    const [enrollment, other] = [
      await enroll(app, { feed: 'fake', owner: 'ada' }),
      await enroll(app, { feed: 'fake', owner: 'bob' }),
    ];
    let isFirst = true;
    const hold = new Hold(fake, ({ method }) => {
      const holds = isFirst && method === 'balance';
      if (holds) isFirst = false;
      return holds;
    });
    const first = trySync(app, enrollment);
    await hold.asked;
    expectRefusal(await trySync(app, enrollment), 409, 'sync_already_running');
    expect((await trySync(app, other)).status).toBe(200);
    hold.letGo();
    expect((await first).body.accounts).toMatchObject([{ outcome: 'synced', inserted: 1 }]);
    expect((await trySync(app, enrollment)).body.accounts).toMatchObject([{ outcome: 'synced', inserted: 0 }]);
  });

  it('lets the next sync begin after one that failed', async () => {
    const enrollment = await enroll(app, { feed: 'fake', owner: 'cyd' });
    fake.before = () => {
      throw new FeedUnavailable('down');
    };
    for (let times = 0; times < 2; times += 1) expectRefusal(await trySync(app, enrollment), 502, 'feed_unavailable');
    fake.before = () => undefined;
    expect((await trySync(app, enrollment)).status).toBe(200);
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
    for (const feed of feeds)
      apps.push(await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) }));
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it('never write an older answer over a newer one', async () => {
    const [slow, quick] = apps as [TestApp, TestApp];
    const [slowFeed, quickFeed] = feeds as [FakeFeed, FakeFeed];
    const pending = fakeLine('p1', { status: 'pending', amount: -500n as Amount, raw: '{"old":true}' });
    const posted = fakeLine('r1', { amount: -500n as Amount, raw: '{"new":true}' });
    const fresh = fakeLine('p2', { date: parseCivilDate('2026-11-21'), amount: -7n as Amount });
    const [older, newer] = [[pending], [fresh, posted]];
    let slowSees = older;
    quickFeed.accountsListed = [fakeAccount('a', () => older)];
    slowFeed.accountsListed = [fakeAccount('a', () => slowSees)];
    const enrollment = await enroll(quick, { feed: 'fake' });
    await sync(quick, enrollment);
    const [account] = await accountRows(quick, enrollment);
    const [row] = await lineRows(quick, account!);
    await bodyOf(quick.patch(`/v1/transactions/${row!.id}`, { notes: 'mine' }));

    // The slow one has its answer, and only then the bank moves on and the quick one is told.
    const hold = new Hold(slowFeed, ({ method, number }) => method === 'page' && number === 3);
    slowFeed.asked.length = 0;
    const syncing = trySync(slow, enrollment);
    await hold.asked;
    // So long that it is taken for dead.
    clock.advance(LEASE_MS);
    quickFeed.accountsListed = [fakeAccount('a', () => newer)];
    await sync(quick, enrollment);
    // Held with the older answer; asked once more, it is told the newer.
    const askedBefore = slowFeed.asked.length;
    hold.letGo();
    slowFeed.before = ({ number }) => {
      if (number > askedBefore) slowSees = newer;
    };
    expectRefusal(await syncing, 409, 'sync_already_running');
    const rows = await lineRows(quick, account!);
    expect(factsOf(rows.filter(isLive))).toEqual(factsOf(newer));
    expect(rows).toHaveLength(2);
    expect(rows.find(({ id }) => id === row!.id)).toMatchObject({
      externalId: 'r1',
      pendingExternalId: 'p1',
      notes: 'mine',
    });
  });

  it('bring the same as one when both are asked to, through the whole history and the weeks after', async () => {
    const [one, two] = apps as [TestApp, TestApp];
    const bank = new SandboxFeed(store.settings.sandboxSeed, clock);
    const enrollment = await enroll(one, { institutionId: 'sakura_bank', owner: 'both' });
    const alone = await enroll(one, { institutionId: 'sakura_bank', owner: 'alone' });
    const access = {
      environment: 'sandbox',
      enrollmentExternalId: 'enr_sakura_bank.demo.2026-11-21',
      accessToken: null,
    };
    for (const hours of [0, 9, 24, 24, 48, 72, 30, 168]) {
      clock.advance(hours * HOUR_MS);
      const answers = await Promise.all([trySync(one, enrollment), trySync(two, enrollment)]);
      const [came, ...refused] = answers.sort((a, b) => a.status - b.status);
      expect(came).toMatchObject({ status: 200, body: { enrollment: { lastError: null } } });
      for (const answer of refused) if (answer.status !== 200) expectRefusal(answer, 409, 'sync_already_running');
      for (const account of await accountRows(one, enrollment)) {
        const lines = await everyLine(bank, access, askedOf(account));
        expect(factsOf((await lineRows(one, account)).filter(isLive))).toEqual(factsOf(lines));
      }
      await sync(one, alone);
    }
    expect(await brought(one, enrollment)).toEqual(await brought(one, alone));
  });

  it('open an account once that both find at the bank at once', async () => {
    for (const feed of feeds) feed.accountsListed = [];
    const enrollment = await enroll(apps[0]!, { feed: 'fake', owner: 'opening' });
    const holds = feeds.map((feed) => {
      feed.accountsListed = [fakeAccount('new', () => [fakeLine('l1')])];
      return new Hold(feed, ({ method }) => method === 'accounts');
    });
    const syncing: Promise<Answer>[] = [];
    for (const [index, app] of apps.entries()) {
      syncing.push(trySync(app, enrollment));
      await holds[index]!.asked;
      clock.advance(LEASE_MS);
    }
    for (const hold of holds) hold.letGo();
    expect((await Promise.all(syncing)).map(({ status }) => status)).toEqual([409, 200]);
    expect(await accountRows(apps[0]!, enrollment)).toHaveLength(1);
    const [account] = await accountRows(apps[0]!, enrollment);
    expect(await lineRows(apps[0]!, account!)).toHaveLength(1);
  });
});
