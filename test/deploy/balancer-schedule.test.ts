// What servers do by themselves, while two of them do it on one store: a sync that is due is done by one, and what is swept away is swept once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UuidV7Source } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { SyncSchedule } from '../../src/feeds/sync/sync-schedule.js';
import { WebhookReceipt } from '../../src/feeds/webhooks/webhook-receipt.entity.js';
import { WebhookSweeper } from '../../src/feeds/webhooks/webhook-sweeper.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { enroll } from '../feeds/linking.js';
import { EVERYBODY } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { HeldClock, TestApp } from '../support/test-app.js';

const ENROLLMENTS = 5;
const ROUNDS = share({ test: 6, prove: 200 });
const HOUR_MS = 3_600_000;
const RECEIPTS = 1_200;

const clock = new HeldClock();
const feed = new FakeFeed();
let store: TestStore;
let apps: TestApp[];

beforeAll(async () => {
  store = await makeStore('postgres');
  apps = [];
  for (let count = 0; count < 2; count += 1)
    apps.push(await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) }));
});
afterAll(async () => {
  for (const app of apps) await app.stop();
  await store.dispose();
});

it(`syncs that are due are done once, whoever looks, ${ROUNDS} times`, async () => {
  feed.accountsListed = [fakeAccount('a', () => [fakeLine('l1')])];
  for (let index = 0; index < ENROLLMENTS; index += 1)
    await enroll(apps[0]!, { feed: 'fake', owner: `owner-${index}`, consent: { user: `user-${index}` } });
  const schedules = apps.map(({ app }) => app.get(SyncSchedule));
  const shares = new Set<number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    // Past the longest interval: every one is due again.
    clock.advance(24 * HOUR_MS);
    feed.asked.length = 0;
    for (let begun = -1; begun !== 0;) {
      const each = await Promise.all(schedules.map((schedule) => schedule.tick()));
      await Promise.all(schedules.map((schedule) => schedule.settled()));
      for (const [index, count] of each.entries()) if (count > 0) shares.add(index);
      begun = each.reduce((sum, count) => sum + count);
    }
    expect(feed.asked.filter(({ method }) => method === 'accounts')).toHaveLength(ENROLLMENTS);
  }
  // Else nobody was in anybody's way.
  expect(shares.size).toBe(2);
});

it('receipts of webhooks that both sweep away at once are each swept once', async () => {
  const { app } = apps[0]!;
  const receivedAt = clock.now();
  const receipts = Array.from({ length: RECEIPTS }, (_, index) => ({
    id: String(index),
    feed: 'fake',
    type: 'transactions.processed',
    receivedAt,
  }));
  await app.get(Database).transact(EVERYBODY, (tx) => tx.insert(WebhookReceipt, receipts));
  clock.advance(2 * HOUR_MS);
  const sweepers = [...apps, ...apps].map((one) => one.app.get(WebhookSweeper));
  const swept = await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
  expect(swept.reduce((sum, count) => sum + count)).toBe(RECEIPTS);
  const [left] = await app
    .get(Database)
    .read(EVERYBODY, (reader) =>
      reader.query(sql`SELECT COUNT(*) AS n FROM webhook_receipts w WHERE ${ownerless('a test')}`, { n: 'number' }),
    );
  expect(left).toEqual({ n: 0 });
});
