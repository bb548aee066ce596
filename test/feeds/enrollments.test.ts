// Banks are linked, listed and disconnected, each for one owner.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { SANDBOX_INSTITUTIONS } from '../../src/feeds/sandbox/institutions.js';
import { allPages, bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount } from './fake-feed.js';
import { accountRows, brought, enroll, lineRows, sync, trySync, wholeTables } from './linking.js';

const DAY_MS = 86_400_000;

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  afterAll(() => app.stop());

  /** An owner that no other test has. */
  let owners = 0;
  const newOwner = (): string => `owner${(owners += 1)}`;

  it('lists the feeds and the banks of each', async () => {
    const { data, nextCursor } = await bodyOf(app.get('/v1/feeds'));
    expect(nextCursor).toBeNull();
    expect(data).toEqual([
      { name: 'sandbox', institutions: SANDBOX_INSTITUTIONS.map(({ id, name }) => ({ id, name })) },
      { name: 'fake', institutions: [{ id: 'test_bank', name: 'Test Bank' }] },
    ]);
  });

  it('lists the other feeds, too, while one cannot be asked', async () => {
    const { institutions } = fake;
    fake.institutions = () => Promise.reject(new FeedUnavailable('It is down.'));
    const { data } = await bodyOf(app.get('/v1/feeds'));
    fake.institutions = institutions;
    expect(data).toEqual([
      { name: 'sandbox', institutions: SANDBOX_INSTITUTIONS.map(({ id, name }) => ({ id, name })) },
      { name: 'fake', institutions: [], problem: expect.objectContaining({ code: 'feed_unavailable', status: 502 }) },
    ]);
  });

  it.each(SANDBOX_INSTITUTIONS)('enrolls at $name and opens its accounts', async (institution) => {
    const owner = newOwner();
    const answer = await app.post('/v1/enrollments', { feed: 'sandbox', institutionId: institution.id, owner });
    expect(answer.status).toBe(201);
    const accounts = await allPages(app, `/v1/accounts?owner=${owner}`);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^enr_[0-9a-f]{32}$/),
      owner,
      feed: 'sandbox',
      environment: 'sandbox',
      institution: { id: institution.id, name: institution.name },
      status: 'connected',
      statusReason: null,
      wayOut: null,
      lastSyncedAt: null,
      lastError: null,
      accountIds: accounts.map(({ id }) => id),
      createdAt: app.clock.now(),
      updatedAt: app.clock.now(),
      disconnectedAt: null,
    });
    expect(
      accounts.map(({ name, kind, status, currency, balance, enrollmentId }) => [
        name,
        kind,
        status,
        currency,
        balance,
        enrollmentId,
      ]),
    ).toEqual(
      institution.accounts.map(({ name, closed }) => [
        name,
        'linked',
        closed ? 'closed' : 'open',
        institution.market.currency,
        null,
        answer.body.id,
      ]),
    );
    expect((await app.get(`/v1/enrollments/${answer.body.id}`)).body).toEqual(answer.body);
  });

  it('refuses by name what cannot be enrolled, and keeps nothing of it', async () => {
    const before = await wholeTables(app);
    const refused = async (
      body: Record<string, unknown>,
      status: number,
      code: string,
      pointers: string[] = [],
      key?: string,
    ) => expectRefusal(await app.post('/v1/enrollments', body, { key: key ?? app.key }), status, code, pointers);
    await refused({ feed: 'nowhere' }, 422, 'feed_unknown');
    await refused({ feed: 'sandbox' }, 422, 'institution_unknown');
    await refused({ feed: 'sandbox', institutionId: 'nowhere' }, 422, 'institution_unknown');
    await refused({ feed: 'sandbox', institutionId: 'pearl_trust', consent: { user: 'A b' } }, 400, 'request_invalid', [
      '/consent',
    ]);
    await refused({ feed: 'sandbox', institutionId: 'pearl_trust', consent: { user: 7 } }, 400, 'request_invalid', [
      '/consent',
    ]);
    await refused({ feed: 'sandbox', institutionId: 'pearl_trust', consent: 'demo' }, 400, 'request_invalid', [
      '/consent',
    ]);
    await refused(
      { feed: 'sandbox', institutionId: 'pearl_trust', consent: { user: 'disconnected' } },
      409,
      'enrollment_disconnected',
    );
    await refused({ institutionId: 'pearl_trust' }, 400, 'request_invalid', ['/feed']);
    await refused({ feed: 'sandbox', institutionId: 'pearl_trust', owner: '' }, 400, 'request_invalid', ['/owner']);
    const bound = await app.keyFor({ owner: 'ada' });
    await refused({ feed: 'sandbox', institutionId: 'pearl_trust', owner: 'bob' }, 403, 'owner_forbidden', [], bound);
    // In this order: whose it is comes before where it is from.
    await refused({ feed: 'nowhere', owner: 'bob' }, 403, 'owner_forbidden', [], bound);
    await refused({ feed: 'nowhere', institutionId: 'nowhere' }, 422, 'feed_unknown');
    expect(await wholeTables(app)).toBe(before);
  });

  it('binds enrollments to their owner', async () => {
    const [ada, bob] = [newOwner(), newOwner()];
    const [adas, bobs] = [await app.keyFor({ owner: ada }), await app.keyFor({ owner: bob })];
    const enrollment = await enroll(app, { institutionId: 'pearl_trust' }, { key: adas });
    expect(enrollment.owner).toBe(ada);
    for (const answer of [
      await app.get(`/v1/enrollments/${enrollment.id}`, { key: bobs }),
      await trySync(app, enrollment, { key: bobs }),
      await app.delete(`/v1/enrollments/${enrollment.id}`, { key: bobs }),
      await app.get('/v1/enrollments/enr_nonsense', { key: adas }),
    ]) {
      expectRefusal(answer, 404, 'enrollment_not_found');
    }
    expect((await bodyOf(app.get('/v1/enrollments', { key: bobs }))).data).toEqual([]);
    expect((await bodyOf(app.get('/v1/enrollments', { key: adas }))).data).toEqual([enrollment]);
    expectRefusal(await app.get(`/v1/enrollments?owner=${ada}`, { key: bobs }), 403, 'owner_forbidden');
    expect((await trySync(app, enrollment, { key: adas })).status).toBe(200);
  });

  it('lets readers read and writers write', async () => {
    const reader = await app.keyFor({ scope: 'read' });
    const enrollment = await enroll(
      app,
      { institutionId: 'pearl_trust', owner: newOwner() },
      { key: await app.keyFor({ scope: 'write' }) },
    );
    for (const url of ['/v1/feeds', '/v1/enrollments', `/v1/enrollments/${enrollment.id}`]) {
      expect((await app.get(url, { key: reader })).status).toBe(200);
      expect((await app.get(url, { key: undefined })).status).toBe(401);
    }
    for (const answer of [
      await app.post('/v1/enrollments', { feed: 'sandbox', institutionId: 'pearl_trust' }, { key: reader }),
      await trySync(app, enrollment, { key: reader }),
      await app.delete(`/v1/enrollments/${enrollment.id}`, { key: reader }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'scope_insufficient']);
    }
  });

  it('lists in the order of enrolling, filtered, page by page', async () => {
    const owner = newOwner();
    fake.accountsListed = [fakeAccount('listed')];
    const made: { id: string }[] = [];
    for (const institutionId of ['harbor_bank', 'pearl_trust', 'old_mill', 'sakura_bank'])
      made.push(await enroll(app, { institutionId, owner }));
    made.push(await enroll(app, { feed: 'fake', owner }));
    const disconnected = await bodyOf(app.delete(`/v1/enrollments/${made[1]!.id}`));
    const list = (query: string) => allPages(app, `/v1/enrollments?owner=${owner}${query}`);
    const now = made.map((one) => (one.id === disconnected.id ? disconnected : one));
    expect(await list('')).toEqual(now);
    expect(await list('&limit=2')).toEqual(now);
    expect(await list('&limit=1&status=connected')).toEqual(now.filter((one) => one !== disconnected));
    expect(await list('&status=disconnected')).toEqual([disconnected]);
    expect(await list('&feed=fake')).toEqual([now[4]]);
    expect(await list('&feed=nowhere')).toEqual([]);
    const { nextCursor } = await bodyOf(app.get(`/v1/enrollments?owner=${owner}&limit=2`));
    expectRefusal(
      await app.get(`/v1/enrollments?owner=${owner}&status=connected&cursor=${nextCursor}`),
      400,
      'cursor_invalid',
    );
    expectRefusal(await app.get('/v1/enrollments?status=other'), 400, 'request_invalid', ['?status']);
  });

  it('disconnects once, keeps what was stored, and syncs no more', async () => {
    const owner = newOwner();
    const enrollment = await enroll(app, { institutionId: 'pearl_trust', owner });
    await sync(app, enrollment);
    const lines = await bodyOf(app.get(`/v1/transactions?owner=${owner}&limit=3`));
    app.clock.advance(1_000);
    const disconnected = await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`));
    expect(disconnected).toMatchObject({
      status: 'disconnected',
      statusReason: 'by_request',
      disconnectedAt: app.clock.now(),
    });
    app.clock.advance(1_000);
    expect(await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`))).toEqual(disconnected);
    expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
    expect((await app.get(`/v1/enrollments/${enrollment.id}`)).body).toEqual(disconnected);
    expect(await bodyOf(app.get(`/v1/transactions?owner=${owner}&limit=3`))).toEqual(lines);
    expectRefusal(await app.delete(`/v1/enrollments/enr_${'0'.repeat(32)}`), 404, 'enrollment_not_found');
  });

  describe('the same person again', () => {
    it('connects the same enrollment again by the same consent, and doubles nothing', async () => {
      const owner = newOwner();
      const enrollment = await enroll(app, { institutionId: 'pearl_trust', owner });
      await sync(app, enrollment);
      const before = await brought(app, enrollment);
      const { disconnectedAt } = await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`));
      expect(disconnectedAt).not.toBeNull();
      const again = await enroll(app, { institutionId: 'pearl_trust', owner });
      expect(again).toMatchObject({
        id: enrollment.id,
        status: 'connected',
        statusReason: null,
        disconnectedAt: null,
        accountIds: enrollment.accountIds,
      });
      const synced = await sync(app, again);
      expect(synced.accounts).toMatchObject([{ inserted: 0, updated: 0, removed: 0 }]);
      expect(await brought(app, again)).toEqual(before);
    });

    it('hands the accounts to a new consent, with their lines, and leaves them there', async () => {
      const owner = newOwner();
      const old = await enroll(app, { institutionId: 'harbor_bank', owner });
      await sync(app, old);
      const [account] = await accountRows(app, old);
      const [line] = await lineRows(app, account!);
      await bodyOf(app.patch(`/v1/transactions/${line!.id}`, { notes: 'mine' }));
      app.clock.advance(3 * DAY_MS);
      const renewed = await enroll(app, { institutionId: 'harbor_bank', owner });
      expect(renewed.id).not.toBe(old.id);
      expect(renewed.accountIds).toEqual(old.accountIds);
      expect((await bodyOf(app.get(`/v1/enrollments/${old.id}`))).accountIds).toEqual([]);
      const lines = (await lineRows(app, account!)).length;
      await sync(app, renewed);
      expect((await lineRows(app, account!)).length - lines).toBeLessThan(20);
      expect((await lineRows(app, account!)).find(({ id }) => id === line!.id)!.notes).toBe('mine');
      // The older consent is still good at the bank; it does not take them back, nor open others.
      expect((await sync(app, old)).accounts).toEqual([]);
      expect((await bodyOf(app.get(`/v1/enrollments/${renewed.id}`))).accountIds).toEqual(old.accountIds);
      expect(await allPages(app, `/v1/accounts?owner=${owner}`)).toHaveLength(3);
      expect((await sync(app, renewed)).accounts).toMatchObject(Array(3).fill({ inserted: 0, updated: 0, removed: 0 }));
    });

    it('gives another owner accounts of its own', async () => {
      const [ada, bob] = [newOwner(), newOwner()];
      const adas = await enroll(app, { institutionId: 'pearl_trust', owner: ada });
      await sync(app, adas);
      const before = await brought(app, adas);
      const bobs = await enroll(app, { institutionId: 'pearl_trust', owner: bob });
      expect(bobs.id).not.toBe(adas.id);
      expect(bobs.accountIds).not.toEqual(adas.accountIds);
      await sync(app, bobs);
      expect(await brought(app, bobs)).toEqual(before);
      expect(await brought(app, adas)).toEqual(before);
      expect((await bodyOf(app.get(`/v1/enrollments/${adas.id}`))).accountIds).toEqual(adas.accountIds);
      await bodyOf(app.delete(`/v1/enrollments/${adas.id}`));
      expect((await trySync(app, bobs)).status).toBe(200);
    });

    it('enrolls once when the same consent comes many times at once', async () => {
      const owner = newOwner();
      const many = 8;
      fake.accountsListed = [fakeAccount('one'), fakeAccount('two')];
      let all: () => void = () => undefined;
      const together = new Promise<void>((resolve) => (all = resolve));
      let waiting = 0;
      fake.before = ({ method }) => {
        if (method !== 'accounts') return;
        waiting += 1;
        if (waiting === many) all();
        return together;
      };
      const enrolling = () => app.post('/v1/enrollments', { feed: 'fake', owner });
      const answers = await Promise.all(Array.from({ length: many }, enrolling));
      fake.before = () => undefined;
      expect(answers.map(({ status }) => status)).toEqual(Array(many).fill(201));
      expect(new Set(answers.map(({ body }) => `${body.id} ${body.accountIds}`)).size).toBe(1);
      expect(await allPages(app, `/v1/accounts?owner=${owner}`)).toHaveLength(2);
    });
  });
});
