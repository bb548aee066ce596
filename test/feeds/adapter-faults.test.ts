// What an adapter may get wrong in its answers: each fault is named, is that account's alone, and nothing of it is written.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AMOUNT_MAX } from '../../src/common/amount.js';
import { parseCivilDate } from '../../src/common/civil-date.js';
import { type Currency } from '../../src/common/currency.js';
import { type FeedAccount, type FeedBalance, type FeedLine } from '../../src/feeds/port/feed.port.js';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { bodyOf, expectRefusal } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { accountRows, enroll, sync, trySync, wholeTables } from './linking.js';
import { linesOf, TwoAccounts } from './two-accounts.js';

const TODAY = parseCivilDate('2026-11-21');
const NUL = '\u0000';

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
  let two: TwoAccounts;
  const fake = new FakeFeed();
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
    two = new TwoAccounts(app, fake);
  });
  afterAll(() => app.stop());

  describe.each([
    ['in the first sync', false],
    ['in a later one', true],
  ])('%s', (_, isSynced) => {
    it.each(isSynced ? LINE_FAULTS : [...LINE_FAULTS, ZERO_DAY])(
      'names %s in a line, and goes on with the other account',
      async (_fault, over, detail) => {
        const enrollment = await two.linked(isSynced);
        const [a] = fake.accountsListed;
        const good = a!.lines;
        const faulty = { ...fakeLine('a9', { date: TODAY }), ...over } as FeedLine;
        a!.lines = () => [faulty, ...good()];
        await two.expectOnlyAFails(enrollment, 'feed_answer_invalid', detail, () => (a!.lines = good));
      },
    );

    it.each(BALANCE_FAULTS)('names %s in a balance', async (_fault, over, detail) => {
      const enrollment = await two.linked(isSynced);
      const [a] = fake.accountsListed;
      const good = a!.balance;
      a!.balance = { ...good, ...over } as FeedBalance;
      await two.expectOnlyAFails(enrollment, 'feed_answer_invalid', detail, () => (a!.balance = good));
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
      const enrollment = await two.linked(isSynced);
      fake.before = ({ accountId }) => {
        if (accountId === 'a') throw error;
      };
      await two.expectOnlyAFails(enrollment, code, detail, () => (fake.before = () => undefined));
    });
  });

  it.each(ACCOUNT_FAULTS)(
    'names %s of an account when it is linked, and links the others',
    async (_fault, over, detail) => {
      fake.before = () => undefined;
      const [a, b] = [
        fakeAccount('a', () => linesOf('a', 2), over as Partial<FeedAccount>),
        fakeAccount('b', () => linesOf('b', 2)),
      ];
      fake.accountsListed = [b, a];
      const isTwice = over.externalId !== undefined;
      const enrollment = await enroll(app, { feed: 'fake', owner: two.newOwner() });
      const lastError = { code: 'feed_answer_invalid', detail: expect.stringContaining(detail) };
      expect(enrollment.lastError).toEqual(lastError);
      const linkedNow = isTwice ? [] : ['b'];
      expect((await accountRows(app, enrollment)).map(({ externalId }) => externalId)).toEqual(linkedNow);
      const { status, body } = await trySync(app, enrollment);
      expect([status, body.accounts.length, body.enrollment.lastSyncedAt]).toEqual([200, linkedNow.length, null]);
      expect(body.enrollment.lastError).toEqual(lastError);
      fake.accountsListed = [b, fakeAccount('a', () => linesOf('a', 2))];
      const mended = await sync(app, enrollment);
      expect(mended.enrollment.lastError).toBeNull();
      expect(mended.accounts).toMatchObject([{ outcome: 'synced' }, { outcome: 'synced' }]);
    },
  );

  it.each([
    ...ACCOUNT_FAULTS.slice(0, 5),
    ['another currency', { currency: 'EUR' as Currency }, 'is in EUR now'] as const,
  ])('names %s of an account that is linked already, and leaves it as it was', async (_fault, over, detail) => {
    const enrollment = await two.linked(true);
    const [a] = fake.accountsListed;
    const good = a!.facts;
    a!.facts = { ...good, ...over } as FeedAccount;
    await two.expectOnlyAFails(enrollment, 'feed_answer_invalid', detail, () => (a!.facts = good));
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
});
