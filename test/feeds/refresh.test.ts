// One account asked about now: what the bank says is stored and answered, and the enrollment's own syncs stay due when they were.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { addDays, parseCivilDate } from '../../src/common/civil-date.js';
import {
  EnrollmentNeedsLogin,
  FeedAccountClosed,
  FeedRateLimited,
  FeedUnavailable,
} from '../../src/feeds/port/feeds.errors.js';
import { bodyOf, expectRefusal, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, type CallOptions, TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { Hold } from './hold.js';
import { accountRows, enroll, factsOf, isLive, lineRows, sync, trySync } from './linking.js';

const TODAY = parseCivilDate('2026-11-21');
const history = (days: number) =>
  Array.from({ length: days }, (_, day) => fakeLine(`l${day}`, { date: addDays(TODAY, -day) }));

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  let lines = history(25);
  let owners = 0;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  beforeEach(() => {
    fake.before = () => undefined;
    fake.pageMax = 10;
    lines = history(25);
    fake.accountsListed = [fakeAccount('a', () => lines), fakeAccount('b', () => [fakeLine('other')])];
  });
  afterAll(() => app.stop());

  async function linked(isSynced = true): Promise<{ id: string; enrollmentId: string; owner: string }> {
    const owner = `owner${(owners += 1)}`;
    const enrollment = await enroll(app, { feed: 'fake', owner });
    if (isSynced) await sync(app, enrollment);
    const [account] = await accountRows(app, enrollment);
    fake.asked.length = 0;
    return { id: account!.id, enrollmentId: enrollment.id, owner };
  }
  const refresh = (id: string, query = '', options?: CallOptions): Promise<Answer> =>
    app.post(`/v1/accounts/${id}/refresh${query}`, undefined, options);
  const syncOf = (enrollmentId: string) => bodyOf(app.get(`/v1/enrollments/${enrollmentId}/sync`));

  it('brings the balance and the lines of one account, in the words of the API, and asks about no other', async () => {
    const { id, enrollmentId } = await linked();
    const before = await syncOf(enrollmentId);
    app.clock.advance(60_000);
    fake.accountsListed[0]!.balance = { available: 77_00n as Amount, ledger: 88_00n as Amount, raw: '{}' };
    lines = [fakeLine('new', { date: TODAY, amount: -12_34n as Amount, status: 'pending' }), ...lines.slice(1)];
    const body = await bodyOf(refresh(id));
    expect(body.account).toEqual(await bodyOf(app.get(`/v1/accounts/${id}`)));
    expect(body.balance).toEqual(await bodyOf(app.get(`/v1/accounts/${id}/balance`)));
    expect(body.balance).toMatchObject({ available: '77.00', ledger: '88.00', asOf: app.clock.now() });
    expect(body).toMatchObject({ inserted: 1, updated: 0, removed: 1 });
    expect(body.transactions).toEqual((await bodyOf(app.get(`/v1/transactions?accountId=${id}&limit=10`))).data);
    expect(body.transactions[0]).toMatchObject({ externalId: 'new', amount: '-12.34', status: 'pending' });
    expect(new Set(fake.asked.map(({ accountId }) => accountId))).toEqual(new Set(['a']));
    // What the enrollment's own syncs go by has not moved.
    expect(await syncOf(enrollmentId)).toMatchObject({
      state: 'idle',
      dueAt: before.dueAt,
      lastSyncedAt: before.lastSyncedAt,
      cause: before.cause,
    });
  });

  it('answers with as many of the newest lines as are wanted', async () => {
    const { id } = await linked();
    expect((await bodyOf(refresh(id, '?limit=1'))).transactions.map(externalId)).toEqual(['l0']);
    expect((await bodyOf(refresh(id, '?limit=100'))).transactions).toHaveLength(25);
    for (const limit of ['0', '101', 'x'])
      expectRefusal(await refresh(id, `?limit=${limit}`), 400, 'request_invalid', ['?limit']);
  });

  it('of an account whose history was never read brings the newest page, and the first sync the rest', async () => {
    const { id, enrollmentId } = await linked(false);
    const body = await bodyOf(refresh(id));
    expect(body.transactions.map(externalId)).toEqual(lines.slice(0, 10).map(externalId));
    expect((await syncOf(enrollmentId)).accounts[0]).toMatchObject({
      state: 'first_sync',
      firstSync: { endedAt: null },
    });
    const brought = await lineRows(app, { id: body.account.id });
    expect(brought.length).toBeLessThan(25);
    await sync(app, { id: enrollmentId });
    expect(factsOf(await lineRows(app, { id: body.account.id }))).toEqual(factsOf(lines));
  });

  it('in the middle of a first sync brings what is new since, and the walk goes on where it was', async () => {
    const { id, enrollmentId } = await linked(false);
    fake.before = ({ method, request }) => {
      if (method === 'page' && request?.before === 'l19') throw new FeedUnavailable('broken');
    };
    await trySync(app, { id: enrollmentId });
    lines = [fakeLine('new', { date: addDays(TODAY, 0) }), ...lines];
    const body = await bodyOf(refresh(id));
    expect(body.transactions.map(externalId)).toContain('new');
    fake.before = () => undefined;
    fake.asked.length = 0;
    await sync(app, { id: enrollmentId });
    const walked = fake.asked.filter(({ accountId, request }) => accountId === 'a' && request?.from === undefined);
    expect(walked.flatMap(({ request }) => (request === undefined ? [] : [request.before]))).toEqual(['l19']);
    expect(factsOf((await lineRows(app, { id: body.account.id })).filter(isLive))).toEqual(factsOf(lines));
  });

  it('refuses by name what cannot be asked about', async () => {
    expectRefusal(await refresh(`acc_${'f'.repeat(32)}`), 404, 'account_not_found');
    const manual = await openAccount(app);
    expectRefusal(await refresh(manual.id), 422, 'account_not_linked');
    const { id, enrollmentId } = await linked();
    const stranger = await app.keyFor({ owner: 'somebody else' });
    expectRefusal(await refresh(id, '', { key: stranger }), 404, 'account_not_found');
    const reader = await app.keyFor({ scope: 'read' });
    expectRefusal(await refresh(id, '', { key: reader }), 403, 'scope_insufficient');
    await bodyOf(app.delete(`/v1/enrollments/${enrollmentId}`));
    expectRefusal(await refresh(id), 409, 'enrollment_disconnected');
    expect(fake.asked.map(({ method }) => method)).toEqual(['disconnect']);
  });

  it('is refused while a sync runs, and a sync while it runs', async () => {
    const { id, enrollmentId } = await linked();
    const hold = new Hold(fake, ({ method }) => method === 'balance');
    const refreshing = refresh(id);
    await hold.asked;
    expectRefusal(await refresh(id), 409, 'sync_already_running');
    expectRefusal(await trySync(app, { id: enrollmentId }), 409, 'sync_already_running');
    hold.letGo();
    expect((await refreshing).status).toBe(200);
    await sync(app, { id: enrollmentId });
  });

  it('says what the bank refuses, and the enrollment and the account follow it', async () => {
    const { id, enrollmentId } = await linked();
    const refused = async (fault: Error): Promise<Answer> => {
      fake.before = () => {
        throw fault;
      };
      return refresh(id);
    };
    expectRefusal(await refused(new FeedUnavailable('down')), 502, 'feed_unavailable');
    expect((await syncOf(enrollmentId)).accounts[0]).toMatchObject({ lastError: { code: 'feed_unavailable' } });
    const limited = await refused(new FeedRateLimited('slowly', 42));
    expectRefusal(limited, 503, 'feed_rate_limited');
    expect(limited.headers['retry-after']).toBe('42');
    const needed = await refused(new EnrollmentNeedsLogin('sign in', 'user_action.mfa_required'));
    expectRefusal(needed, 409, 'enrollment_needs_login');
    expect(await bodyOf(app.get(`/v1/enrollments/${enrollmentId}`))).toMatchObject({ status: 'needs_login' });
    fake.before = () => undefined;
    expect((await refresh(id)).status).toBe(200);
    expect(await bodyOf(app.get(`/v1/enrollments/${enrollmentId}`))).toMatchObject({ status: 'connected' });
    expectRefusal(await refused(new FeedAccountClosed('closed')), 409, 'feed_account_closed');
    expect(await bodyOf(app.get(`/v1/accounts/${id}`))).toMatchObject({ status: 'closed' });
    fake.asked.length = 0;
    expectRefusal(await refresh(id), 409, 'feed_account_closed');
    expect(fake.asked).toEqual([]);
  });
});

function externalId(line: { externalId: string }): string {
  return line.externalId;
}
