// Banks and adapters that misbehave: each fault is named, is that account's alone, leaves nothing half written, and is forgotten once it is mended.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AMOUNT_MAX, type Amount } from '../../src/common/amount.js';
import { type CivilDate, addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { type Currency } from '../../src/common/currency.js';
import { Database } from '../../src/database/database.js';
import { type FeedAccount, type FeedBalance, type FeedLine } from '../../src/feeds/feed.port.js';
import {
  EnrollmentDisconnected,
  FeedAccountClosed,
  FeedCursorGone,
  FeedRateLimited,
  FeedUnavailable,
} from '../../src/feeds/feeds.errors.js';
import { type EnrollmentView } from '../../src/feeds/enrollments.dto.js';
import { allPages, bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine, type Question } from './fake-feed.js';
import { accountRows, enroll, factsOf, isLive, lineRows, sync, trySync, wholeTables } from './linking.js';

const DAY_MS = 86_400_000;
const TODAY = parseCivilDate('2026-11-21');
const NUL = '\u0000';

const lines = (account: string, count: number): FeedLine[] =>
  Array.from({ length: count }, (_, index) => fakeLine(`${account}${index}`, { date: addDays(TODAY, -index) }));

/** What an adapter may get wrong in a line. */
const LINE_FAULTS: readonly (readonly [string, Partial<Record<keyof FeedLine, unknown>>, string])[] = [
  ['an amount out of bounds', { amount: AMOUNT_MAX + 1n }, 'amount must lie within ±1000000000000000 minor units'],
  ['a negative amount out of bounds', { amount: -AMOUNT_MAX - 1n }, 'amount must lie within'],
  ['an amount that is a number', { amount: 12.5 }, 'amount must be whole minor units'],
  ['a running balance out of bounds', { runningBalance: AMOUNT_MAX + 1n }, 'runningBalance must lie within'],
  ['NUL in the description', { description: `COF${NUL}FEE` }, 'description must not contain the character NUL'],
  ['half of a surrogate pair', { counterparty: '\ud83d' }, 'counterparty must be well-formed Unicode'],
  ['no description', { description: undefined }, 'description must be text'],
  ['a day that does not exist', { date: '2026-11-31' }, 'date must be a calendar date'],
  ['a day with a time', { date: '2026-11-20T00:00:00Z' }, 'date must be a calendar date'],
  ['a day beyond all days', { date: '2200-01-01' }, 'date must lie between 1900-01-01 and 2199-12-31'],
  ['a status of its own', { status: 'void' }, 'status must be one of pending, posted'],
  ['no id', { externalId: '' }, 'externalId must have 1 to 200 characters'],
  ['an id that no key can hold', { externalId: 'x'.repeat(4_000) }, 'externalId must have 1 to 200 characters'],
  ['raw text that is no JSON', { raw: '{"id":' }, 'raw must be JSON'],
  ['raw text with NUL', { raw: `"${NUL}"` }, 'raw must not contain the character NUL'],
  ['the id of another line', { externalId: 'a1' }, 'the page lists a line twice'],
];

/** Older than any window. */
const ZERO_DAY = ['a day that stands for none', { date: '0001-01-01' }, 'date must lie between'] as const;

const BALANCE_FAULTS: readonly (readonly [string, Partial<Record<keyof FeedBalance, unknown>>, string])[] = [
  ['a ledger out of bounds', { ledger: AMOUNT_MAX + 1n }, 'ledger must lie within'],
  ['an available that is text', { available: '12.00' }, 'available must be whole minor units'],
  ['raw text that is no JSON', { raw: '' }, 'raw must be JSON'],
];

const ACCOUNT_FAULTS: readonly (readonly [string, Partial<Record<keyof FeedAccount, unknown>>, string])[] = [
  ['a currency that is not known here', { currency: 'XQQ' }, 'currency must be an ISO 4217 code'],
  ['NUL in the name', { name: NUL }, 'name must not contain the character NUL'],
  ['a type of its own', { type: 'loan' }, 'type must be one of depository, credit'],
  ['a status of its own', { status: 'dormant' }, 'status must be one of open, closed'],
  ['no institution', { institution: { id: '', name: '' } }, 'institution.id must have 1 to 200 characters'],
  ['an id twice', { externalId: 'b' }, 'is listed twice'],
];

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  afterAll(() => app.stop());

  let owners = 0;

  /** An enrollment with the accounts a and b, five lines on each, and whether they are synced already. */
  async function linked(isSynced: boolean): Promise<EnrollmentView> {
    fake.before = () => undefined;
    fake.pageMax = 500;
    const [a, b] = [lines('a', 5), lines('b', 5)];
    fake.accountsListed = [fakeAccount('a', () => a), fakeAccount('b', () => b)];
    const enrollment = await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` });
    if (isSynced) await sync(app, enrollment);
    return enrollment;
  }

  const shown = (enrollment: EnrollmentView): Promise<EnrollmentView> =>
    bodyOf(app.get(`/v1/enrollments/${enrollment.id}`));

  /** That account a fails with this, b does not, and all is well once `mend` was called. */
  async function expectOnlyAFails(
    enrollment: EnrollmentView,
    code: string,
    detail: string,
    mend: () => void,
  ): Promise<void> {
    const [a, b] = await accountRows(app, enrollment);
    const [before, balanceBefore] = [factsOf(await lineRows(app, a!)), a!.balanceId];
    app.clock.advance(1_000);
    const { status, body } = await trySync(app, enrollment);
    expect(status).toBe(200);
    const of = (id: string) => body.accounts.find(({ accountId }: { accountId: string }) => accountId === id);
    expect(of(a!.id)).toMatchObject({ outcome: 'failed', problem: { code, detail: expect.stringContaining(detail) } });
    expect(of(b!.id)).toMatchObject({ outcome: 'synced' });
    expect(body.enrollment).toMatchObject({
      status: 'connected',
      lastError: { code, detail: expect.stringContaining(detail) },
    });
    expect(await shown(enrollment)).toEqual(body.enrollment);
    expect(factsOf(await lineRows(app, a!))).toEqual(before);
    if (code === 'feed_answer_invalid' && balanceBefore === null) expect(await lineRows(app, a!)).toEqual([]);
    mend();
    const mended = await sync(app, enrollment);
    expect(mended.enrollment.lastError).toBeNull();
    const [now] = await accountRows(app, enrollment);
    expect(factsOf((await lineRows(app, now!)).filter(isLive))).toEqual(factsOf(fake.accountsListed[0]!.lines()));
  }

  describe.each([
    ['in the first sync', false],
    ['in a later one', true],
  ])('%s', (_, isSynced) => {
    it.each(isSynced ? LINE_FAULTS : [...LINE_FAULTS, ZERO_DAY])(
      'names %s in a line, and goes on with the other account',
      async (_fault, over, detail) => {
        const enrollment = await linked(isSynced);
        const [a] = fake.accountsListed;
        const good = a!.lines;
        const faulty = { ...fakeLine('a9', { date: TODAY }), ...over } as FeedLine;
        a!.lines = () => [faulty, ...good()];
        await expectOnlyAFails(enrollment, 'feed_answer_invalid', detail, () => (a!.lines = good));
      },
    );

    it.each(BALANCE_FAULTS)('names %s in a balance', async (_fault, over, detail) => {
      const enrollment = await linked(isSynced);
      const [a] = fake.accountsListed;
      const good = a!.balance;
      a!.balance = { ...good, ...over } as FeedBalance;
      await expectOnlyAFails(enrollment, 'feed_answer_invalid', detail, () => (a!.balance = good));
    });

    it.each([
      ['that is down', new FeedUnavailable('the line is dead'), 'feed_unavailable', 'the line is dead'],
      [
        'whose adapter is broken',
        new TypeError('cannot read secret of undefined'),
        'feed_answer_invalid',
        'its answer was not understood',
      ],
      [
        'whose adapter cannot read it',
        new SyntaxError('Unexpected token'),
        'feed_answer_invalid',
        'its answer was not understood',
      ],
    ])('goes on with the other account of a bank %s for one', async (_bank, error, code, detail) => {
      const enrollment = await linked(isSynced);
      fake.before = ({ accountId }) => {
        if (accountId === 'a') throw error;
      };
      await expectOnlyAFails(enrollment, code, detail, () => (fake.before = () => undefined));
    });
  });

  it.each(ACCOUNT_FAULTS)(
    'names %s of an account when it is linked, and links the others',
    async (_fault, over, detail) => {
      fake.before = () => undefined;
      const [a, b] = [
        fakeAccount('a', () => lines('a', 2), over as Partial<FeedAccount>),
        fakeAccount('b', () => lines('b', 2)),
      ];
      fake.accountsListed = [b, a];
      const isTwice = over.externalId !== undefined;
      const enrollment = await enroll(app, { feed: 'fake', owner: `owner${(owners += 1)}` });
      const lastError = { code: 'feed_answer_invalid', detail: expect.stringContaining(detail) };
      expect(enrollment.lastError).toEqual(lastError);
      const linkedNow = isTwice ? [] : ['b'];
      expect((await accountRows(app, enrollment)).map(({ externalId }) => externalId)).toEqual(linkedNow);
      const { status, body } = await trySync(app, enrollment);
      expect([status, body.accounts.length, body.enrollment.lastSyncedAt]).toEqual([200, linkedNow.length, null]);
      expect(body.enrollment.lastError).toEqual(lastError);
      fake.accountsListed = [b, fakeAccount('a', () => lines('a', 2))];
      const mended = await sync(app, enrollment);
      expect(mended.enrollment.lastError).toBeNull();
      expect(mended.accounts).toMatchObject([{ outcome: 'synced' }, { outcome: 'synced' }]);
    },
  );

  it.each([
    ...ACCOUNT_FAULTS.slice(0, 5),
    ['another currency', { currency: 'EUR' as Currency }, 'is in EUR now'] as const,
  ])('names %s of an account that is linked already, and leaves it as it was', async (_fault, over, detail) => {
    const enrollment = await linked(true);
    const [a] = fake.accountsListed;
    const good = a!.facts;
    a!.facts = { ...good, ...over } as FeedAccount;
    await expectOnlyAFails(enrollment, 'feed_answer_invalid', detail, () => (a!.facts = good));
    expect((await bodyOf(app.get(`/v1/accounts/${enrollment.accountIds[0]}`))).currency).toBe('USD');
  });

  it('refuses an enrollment that an adapter made up wrongly, and a list that is none', async () => {
    const before = await wholeTables(app);
    fake.before = ({ method }) => {
      if (method === 'accounts') fake.accountsListed = undefined as unknown as typeof fake.accountsListed;
    };
    expectRefusal(await app.post('/v1/enrollments', { feed: 'fake', owner: 'wrong' }), 502, 'feed_answer_invalid');
    fake.before = () => undefined;
    fake.accountsListed = [];
    const long = { user: 'x'.repeat(300) };
    expectRefusal(
      await app.post('/v1/enrollments', { feed: 'fake', owner: 'wrong', consent: long }),
      502,
      'feed_answer_invalid',
    );
    expect(await wholeTables(app)).toBe(before);
  });

  it('keeps a bank’s words without what a store cannot hold', async () => {
    const enrollment = await linked(true);
    fake.before = () => {
      throw new FeedUnavailable(`the ${NUL}line \ud83d is dead`);
    };
    expect((await trySync(app, enrollment)).status).toBe(502);
    expect((await shown(enrollment)).lastError).toEqual({
      code: 'feed_unavailable',
      detail: 'the line \ufffd is dead',
    });
  });

  it('hands on how long a bank that was asked too often wants to be left alone', async () => {
    const enrollment = await linked(true);
    fake.before = () => {
      throw new FeedRateLimited('too many questions', 17);
    };
    const limited = await trySync(app, enrollment);
    expectRefusal(limited, 503, 'feed_rate_limited');
    expect(limited.headers['retry-after']).toBe('17');
  });

  it('counts what stands of a sync that failed after it', async () => {
    const enrollment = await linked(false);
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
      const enrollment = await linked(false);
      fake.before = ({ accountId, method }) => {
        if (accountId === 'b' && method === 'page')
          throw new EnrollmentDisconnected('it has ended', `mfa${NUL}_required`);
      };
      expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
      expect(await shown(enrollment)).toMatchObject({
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

    it('ends after some days at the bank that lets it, and a new one goes on with the accounts', async () => {
      const enrollment = await enroll(app, { institutionId: 'old_mill', owner: `owner${(owners += 1)}` });
      await sync(app, enrollment);
      const counted = async () =>
        (await bodyOf(app.get(`/v1/transactions/totals?owner=${enrollment.owner}`))).data[0].count;
      const before = await counted();
      app.clock.advance(4 * DAY_MS);
      await sync(app, enrollment);
      app.clock.advance(DAY_MS);
      expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
      expect(await shown(enrollment)).toMatchObject({ status: 'disconnected', statusReason: 'credentials_invalid' });
      expect(await counted()).toBeGreaterThanOrEqual(before);
      const renewed = await enroll(app, { institutionId: 'old_mill', owner: enrollment.owner });
      expect(renewed.accountIds).toEqual(enrollment.accountIds);
      await sync(app, renewed);
      expect(await allPages(app, `/v1/accounts?owner=${enrollment.owner}`)).toHaveLength(2);
    });
  });

  it('closes an account of which the bank gives nothing any more, and opens it again when it does', async () => {
    const enrollment = await linked(true);
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
    expect(before[0]).toMatchObject({ status: 'closed', closedAt: app.clock.now(), version: 2 });
    expect((await sync(app, enrollment)).accounts).toHaveLength(1);
    expect(await accountRows(app, enrollment)).toEqual(before);
    a!.facts = open;
    fake.before = () => undefined;
    expect((await sync(app, enrollment)).accounts).toHaveLength(2);
    expect((await accountRows(app, enrollment))[0]).toMatchObject({ status: 'open', closedAt: null });
    expect(await lineRows(app, before[0]!)).toHaveLength(5);
  });

  it('leaves an account that the bank does not list any more as it is', async () => {
    const enrollment = await linked(true);
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
      expectOnlyAFails(enrollment, 'feed_unsteady', detail, mend);

    it.each([false, true])('that lead in a circle are not followed for ever (synced before: %s)', async (isSynced) => {
      const enrollment = await linked(isSynced);
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
      const enrollment = await linked(false);
      fake.pageMax = 2;
      fake.before = ({ accountId, request }) => {
        if (accountId === 'a' && request?.before !== undefined) throw new FeedCursorGone('gone');
      };
      await trySync(app, enrollment);
      await unsteady('lead back', enrollment, () => (fake.before = () => undefined));
    });

    it('may be empty and not the last', async () => {
      const enrollment = await linked(false);
      const all = fake.accountsListed[0]!.lines();
      fake.accountsListed[0]!.lines = () => all;
      const page = fake.page.bind(fake);
      fake.page = async (access, accountId, request) => {
        if (accountId !== 'a' || request.before === 'nothing')
          return page(access, accountId, { ...request, before: undefined });
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
    const enrollment = await linked(isSynced);
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
    const enrollment = await linked(false);
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
