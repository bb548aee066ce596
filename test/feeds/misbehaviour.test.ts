// Banks that misbehave: each fault is named, is that account's alone, leaves nothing half written, and is forgotten once it is mended.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate, addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { Database } from '../../src/database/database.js';
import {
  EnrollmentDisconnected,
  FeedAccountClosed,
  FeedCursorGone,
  FeedRateLimited,
  FeedUnavailable,
} from '../../src/feeds/port/feeds.errors.js';
import { type EnrollmentView } from '../../src/feeds/enrollments/enrollments.dto.js';
import { allPages, bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { FakeFeed, fakeLine, type Question } from './fake-feed.js';
import { accountRows, enroll, factsOf, lineRows, sync, trySync, wholeTables } from './linking.js';
import { TwoAccounts } from './two-accounts.js';

const DAY_MS = 86_400_000;
const TODAY = parseCivilDate('2026-11-21');
const NUL = '\u0000';

eachStore((store) => {
  let app: TestApp;
  let two: TwoAccounts;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
    two = new TwoAccounts(app, fake);
  });
  afterAll(() => app.stop());

  it('keeps a bank’s words without what a store cannot hold', async () => {
    const enrollment = await two.linked(true);
    fake.before = () => {
      throw new FeedUnavailable(`the ${NUL}line \ud83d is dead`);
    };
    expect((await trySync(app, enrollment)).status).toBe(502);
    expect((await two.shown(enrollment)).lastError).toEqual({
      code: 'feed_unavailable',
      detail: 'the line \ufffd is dead',
    });
  });

  it('hands on how long a bank that was asked too often wants to be left alone', async () => {
    const enrollment = await two.linked(true);
    fake.before = () => {
      throw new FeedRateLimited('too many questions', 17);
    };
    const limited = await trySync(app, enrollment);
    expectRefusal(limited, 503, 'feed_rate_limited');
    expect(limited.headers['retry-after']).toBe('17');
  });

  it('counts what stands of a sync that failed after it', async () => {
    const enrollment = await two.linked(false);
    fake.pageMax = 2;
    fake.before = ({ accountId, request }) => {
      if (accountId === 'a' && request?.before === 'a3') throw new FeedUnavailable('down');
    };
    const { body } = await trySync(app, enrollment);
    expect(body.accounts[0]).toMatchObject({ outcome: 'failed', inserted: 4, updated: 0, removed: 0 });
    const [a] = await accountRows(app, enrollment);
    expect(await lineRows(app, a!)).toHaveLength(4);
  });

  describe('a consent that ends', () => {
    it('is marked with the bank’s reason as soon as a sync finds out; what was read before stays', async () => {
      const enrollment = await two.linked(false);
      fake.before = ({ accountId, method }) => {
        if (accountId === 'b' && method === 'page')
          throw new EnrollmentDisconnected('it has ended', `mfa${NUL}_required`);
      };
      expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
      expect(await two.shown(enrollment)).toMatchObject({
        status: 'disconnected',
        statusReason: 'mfa_required',
        disconnectedAt: app.clock.now(),
        lastSyncedAt: null,
        lastError: { code: 'enrollment_disconnected' },
      });
      const [a, b] = await accountRows(app, enrollment);
      expect([(await lineRows(app, a!)).length, (await lineRows(app, b!)).length]).toEqual([5, 0]);
      fake.asked.length = 0;
      expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
      expect(fake.asked).toEqual([]);
      fake.before = () => undefined;
      const again = await enroll(app, { feed: 'fake', owner: enrollment.owner });
      expect(again).toMatchObject({ id: enrollment.id, status: 'connected', statusReason: null, lastError: null });
      await sync(app, again);
      expect(await lineRows(app, b!)).toHaveLength(5);
    });

    it('must be mended after some days at the bank that wants it, and a new one goes on with the accounts', async () => {
      const enrollment = await enroll(app, { institutionId: 'old_mill', owner: two.newOwner() });
      await sync(app, enrollment);
      const counted = async () =>
        (await bodyOf(app.get(`/v1/transactions/totals?owner=${enrollment.owner}`))).data[0].count;
      const before = await counted();
      app.clock.advance(4 * DAY_MS);
      await sync(app, enrollment);
      app.clock.advance(DAY_MS);
      expectRefusal(await trySync(app, enrollment), 409, 'enrollment_needs_login');
      expect(await two.shown(enrollment)).toMatchObject({
        status: 'needs_login',
        statusReason: 'credentials_invalid',
        wayOut: { action: 'enroll_again', repair: null },
        disconnectedAt: null,
      });
      expect(await counted()).toBeGreaterThanOrEqual(before);
      const renewed = await enroll(app, { institutionId: 'old_mill', owner: enrollment.owner });
      expect(renewed.accountIds).toEqual(enrollment.accountIds);
      await sync(app, renewed);
      expect(await allPages(app, `/v1/accounts?owner=${enrollment.owner}`)).toHaveLength(2);
    });
  });

  it('closes an account of which the bank gives nothing any more, and opens it again when it does', async () => {
    const enrollment = await two.linked(true);
    const [a] = fake.accountsListed;
    const open = a!.facts;
    const refuse = ({ accountId }: Question) => {
      if (accountId === 'a') throw new FeedAccountClosed('it is closed');
    };
    fake.before = refuse;
    const closing = await sync(app, enrollment);
    expect(closing.accounts.map(({ outcome }) => outcome).sort()).toEqual(['closed', 'synced']);
    expect(closing.enrollment.lastError).toBeNull();
    a!.facts = { ...open, status: 'closed' };
    const before = await accountRows(app, enrollment);
    expect(before[0]).toMatchObject({ status: 'closed', closedAt: app.clock.now(), version: 3 });
    expect((await sync(app, enrollment)).accounts).toHaveLength(1);
    expect(await accountRows(app, enrollment)).toEqual(before);
    a!.facts = open;
    fake.before = () => undefined;
    app.clock.advance(DAY_MS);
    expect((await sync(app, enrollment)).accounts).toHaveLength(2);
    expect((await accountRows(app, enrollment))[0]).toMatchObject({ status: 'open', closedAt: null });
    expect(await lineRows(app, before[0]!)).toHaveLength(5);
  });

  it('leaves an account that the bank does not list any more as it is', async () => {
    const enrollment = await two.linked(true);
    fake.accountsListed = fake.accountsListed.slice(1);
    const { body } = await trySync(app, enrollment);
    expect(body.accounts).toMatchObject([
      { outcome: 'failed', problem: { code: 'feed_account_unknown' } },
      { outcome: 'synced' },
    ]);
    const [a] = await accountRows(app, enrollment);
    expect(a!.status).toBe('open');
    expect(await lineRows(app, a!)).toHaveLength(5);
  });

  describe('pages', () => {
    const unsteady = (detail: string, enrollment: EnrollmentView, mend: () => void) =>
      two.expectOnlyAFails(enrollment, 'feed_unsteady', detail, mend);

    it.each([false, true])('that lead in a circle are not followed for ever (synced before: %s)', async (isSynced) => {
      const enrollment = await two.linked(isSynced);
      fake.pageMax = 2;
      fake.before = ({ accountId, request }) => {
        if (accountId === 'a' && request?.before === 'a3') Object.assign(request, { before: undefined });
      };
      // What was walked before it was noticed is kept, and is right.
      if (!isSynced) await trySync(app, enrollment);
      await unsteady('', enrollment, () => {
        fake.before = () => undefined;
        fake.pageMax = 500;
      });
    });

    it('whose cursors are gone again and again are given up', async () => {
      const enrollment = await two.linked(false);
      fake.pageMax = 2;
      fake.before = ({ accountId, request }) => {
        if (accountId === 'a' && request?.before !== undefined) throw new FeedCursorGone('gone');
      };
      await trySync(app, enrollment);
      await unsteady('lead back', enrollment, () => (fake.before = () => undefined));
    });

    it('may be empty and not the last', async () => {
      const enrollment = await two.linked(false);
      const all = fake.accountsListed[0]!.lines();
      fake.accountsListed[0]!.lines = () => all;
      const page = fake.page.bind(fake);
      fake.page = async (access, account, request) => {
        if (account.externalId !== 'a' || request.before === 'nothing')
          return page(access, account, { ...request, before: undefined });
        return { lines: [], next: 'nothing' };
      };
      await sync(app, enrollment);
      fake.page = page;
      const [a] = await accountRows(app, enrollment);
      expect(factsOf(await lineRows(app, a!))).toEqual(factsOf(all));
    });
  });

  it.each([
    ['in the first sync', false],
    ['later', true],
  ])('goes on reading after a line dated far ahead came %s', async (_, isSynced) => {
    const enrollment = await two.linked(isSynced);
    const [a] = fake.accountsListed;
    const known = a!.lines();
    const ahead = fakeLine('ahead', { date: '2199-12-31' as CivilDate });
    a!.lines = () => [ahead, ...known];
    await sync(app, enrollment);
    for (let days = 1; days <= 3; days += 1) {
      app.clock.advance(DAY_MS);
      const fresh = fakeLine(`fresh${days}`, { date: addDays(TODAY, days), amount: BigInt(days) as Amount });
      const listed = [ahead, fresh, ...a!.lines().slice(1)];
      a!.lines = () => listed;
      await sync(app, enrollment);
      const [row] = await accountRows(app, enrollment);
      expect(factsOf(await lineRows(app, row!))).toEqual(factsOf(listed));
    }
  });

  it('writes neither lines nor the place to go on from when the store crashes in between', async () => {
    const enrollment = await two.linked(false);
    fake.pageMax = 2;
    let breaksAt = 4;
    fake.before = ({ number }) => {
      if (number >= breaksAt) throw new FeedUnavailable('down');
    };
    // One page of the first account is in; the next is asked for and answered, and the store fails at each of its writes in turn.
    fake.asked.length = 0;
    await trySync(app, enrollment);
    const before = await wholeTables(app);
    for (const table of ['transactions', 'feed_positions']) {
      let hits = 0;
      const forget = app.app.get(Database).observe(async (_, { entity }) => {
        if (entity.name === table && (hits += 1) === 1) throw new Error('the store crashed');
      });
      breaksAt = 4;
      fake.asked.length = 0;
      expectRefusal(await trySync(app, enrollment), 500, 'internal_fault');
      forget();
      expect(fake.asked.at(-1)).toMatchObject({ method: 'page', accountId: 'a', request: { before: 'a1' } });
      expect(await wholeTables(app)).toBe(before);
    }
    fake.before = () => undefined;
    await sync(app, enrollment);
    for (const [index, account] of (await accountRows(app, enrollment)).entries())
      expect(factsOf(await lineRows(app, account))).toEqual(factsOf(fake.accountsListed[index]!.lines()));
  });
});
