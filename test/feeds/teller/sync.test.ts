// A sync asks Teller page by page, goes on where it was refused, and asks later for a window with ten days of overlap.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { HeldClock, type TestApp } from '../../support/test-app.js';
import { trySync } from '../linking.js';
import { type BankAccount } from './fake-teller/account.js';
import { after, cuts, limitsRate, refuses } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';
import { Linked } from './linked.js';
import { startTellerApp } from './teller-app.js';

const HOUR_MS = 3_600_000;

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  const clock = new HeldClock();
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller, { clock });
  });
  afterEach(() => teller.faults.clear());
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  /** Lines over some years, a few each day. */
  function filled(count: number, name = 'Checking'): BankAccount {
    const account = teller.bank.open({ name });
    const newest = Date.parse('2026-11-20T00:00:00Z');
    account.fill(count, (index) => ({
      date: new Date(newest - Math.floor(index / 3) * 24 * HOUR_MS).toISOString().slice(0, 10),
      amount: `-${index + 1}.00`,
      description: `Line ${index}`,
    }));
    return account;
  }
  const statusOf = ({ enrollment }: Linked) => bodyOf(app.get(`/v1/enrollments/${enrollment.id}/sync`));
  const shown = ({ enrollment }: Linked) => bodyOf(app.get(`/v1/enrollments/${enrollment.id}`));

  it('walks the first time from the newest line to the oldest, each page after the last line of the one before', async () => {
    const account = filled(2_100);
    const linked = await Linked.to(app, teller, [account]);
    const asked = await linked.sync();
    await linked.expectAsTheBank(account);
    const walk = asked.filter(({ query }) => query['start_date'] === undefined);
    const counts = new Set(walk.map(({ query }) => Number(query['count'])));
    expect(counts.size).toBe(1);
    const [count] = counts as unknown as [number];
    const ids = account.list().map(({ id }) => id);
    expect(walk.map(({ query }) => query['from_id'])).toEqual(
      [undefined, ...ids.filter((_, index) => (index + 1) % count === 0)].slice(0, Math.ceil(ids.length / count)),
    );
    // Then the newest days again, and no other.
    const window = asked.slice(walk.length);
    expect(window.map(({ query }) => query['start_date'])).toEqual(['2026-11-10']);
    const again = await linked.sync();
    expect(again.map(({ query }) => query['start_date'])).toEqual(['2026-11-10']);
  });

  it('goes on after a rate limit in the middle with the page that was refused, and not before Teller wants it', async () => {
    const account = filled(2_100);
    const linked = await Linked.to(app, teller, [account]);
    let pages = 0;
    teller.faults.always(({ path }) => path.endsWith('/transactions') && (pages += 1) > 1, limitsRate('3600'));
    const { status, body } = await trySync(app, linked.enrollment);
    expect(status).toBe(200);
    expect(body.accounts).toMatchObject([{ outcome: 'failed', problem: { code: 'feed_rate_limited' } }]);
    const { inserted } = body.accounts[0];
    expect(inserted).toBeGreaterThan(0);
    expect(inserted).toBeLessThan(2_100);
    const stood = await statusOf(linked);
    expect(stood).toMatchObject({
      state: 'failed',
      cause: 'retry',
      failures: 0,
      lastError: { code: 'feed_rate_limited' },
    });
    expect(Date.parse(stood.dueAt) - Date.parse(clock.now())).toBeGreaterThanOrEqual(HOUR_MS);
    expect(stood.accounts).toMatchObject([{ state: 'failed', firstSync: { lines: inserted, endedAt: null } }]);
    teller.faults.clear();
    const [first] = await linked.sync();
    expect(first!.query['from_id']).toBe(account.list()[inserted - 1]!.id);
    await linked.expectAsTheBank(account);
  });

  it('brings every line where more come while it walks', async () => {
    const account = filled(1_200);
    const linked = await Linked.to(app, teller, [account]);
    teller.faults.times(
      3,
      'GET /transactions',
      after(() => account.post({ amount: '-1.00', description: 'Meanwhile' })),
    );
    await linked.sync();
    await linked.expectAsTheBank(account);
  });

  it('syncs the others where one account cannot be asked, and that one next time', async () => {
    const [bad, good] = [filled(5, 'Bad'), filled(5, 'Good')];
    const linked = await Linked.to(app, teller, [bad, good]);
    teller.faults.always(`GET /accounts/${bad.id}/`, refuses(502, 'enrollment.generic'));
    const { status, body } = await trySync(app, linked.enrollment);
    expect(status).toBe(200);
    expect(body.accounts.map(({ outcome }: { outcome: string }) => outcome).sort()).toEqual(['failed', 'synced']);
    expect(body.enrollment).toMatchObject({ status: 'connected', lastSyncedAt: null });
    await linked.expectAsTheBank(good);
    expect(await linked.rows(bad)).toEqual([]);
    teller.faults.clear();
    await linked.sync();
    await linked.expectAsTheBank(bad);
  });

  it('brings the same over connections that break in the middle of what they say', async () => {
    const account = filled(300);
    const linked = await Linked.to(app, teller, [account]);
    teller.faults.once('GET /accounts', cuts());
    teller.faults.once('GET /transactions', cuts(0.9));
    teller.faults.once('GET /balances', cuts(0));
    await linked.sync();
    await linked.expectAsTheBank(account);
  });

  it('ends where the bank wants the person in the middle, and goes on once they were there', async () => {
    const [one, two] = [filled(5, 'One'), filled(5, 'Two')];
    const linked = await Linked.to(app, teller, [one, two]);
    await linked.sync();
    one.post({ amount: '-1.00' });
    two.post({ amount: '-2.00' });
    linked.consent.disconnect('user_action.mfa_required', { stillListed: true });
    expectRefusal(await trySync(app, linked.enrollment), 409, 'enrollment_needs_login');
    expect(await shown(linked)).toMatchObject({
      status: 'needs_login',
      statusReason: 'user_action.mfa_required',
      lastError: { code: 'enrollment_needs_login' },
    });
    expect(await statusOf(linked)).toMatchObject({ state: 'failed', failures: 1 });
    linked.consent.repair();
    await linked.sync();
    expect(await shown(linked)).toMatchObject({ status: 'connected', statusReason: null, lastError: null });
    for (const account of [one, two]) await linked.expectAsTheBank(account);
  });

  it('closes what the bank has closed, keeps its lines, and opens it again with the bank', async () => {
    const [closing, other] = [filled(5, 'Closing'), filled(5, 'Other')];
    const linked = await Linked.to(app, teller, [closing, other]);
    await linked.sync();
    closing.close('closed');
    await linked.sync();
    expect(await linked.account(closing)).toMatchObject({ status: 'closed', closedAt: clock.now() });
    expect(await linked.rows(closing)).toHaveLength(5);
    expect((await statusOf(linked)).accounts).toContainEqual(expect.objectContaining({ state: 'closed' }));
    closing.reopen();
    closing.post({ amount: '-3.00' });
    await linked.sync();
    expect(await linked.account(closing)).toMatchObject({ status: 'open', closedAt: null });
    await linked.expectAsTheBank(closing);
  });

  it('an account that is closed between the list and the question is closed, and nothing failed', async () => {
    const [closing, other] = [filled(5, 'Closing'), filled(5, 'Other')];
    const linked = await Linked.to(app, teller, [closing, other]);
    teller.faults.once(
      `GET /accounts/${closing.id}/balances`,
      after(() => closing.close('closed')),
    );
    const { body } = await trySync(app, linked.enrollment);
    const outcomes = Object.fromEntries(
      body.accounts.map(({ accountId, outcome }: { accountId: string; outcome: string }) => [accountId, outcome]),
    );
    expect(outcomes[(await linked.account(closing)).id]).toBe('closed');
    expect(outcomes[(await linked.account(other)).id]).toBe('synced');
    expect(body.enrollment).toMatchObject({ lastError: null });
  });
});
