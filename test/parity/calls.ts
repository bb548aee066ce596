// Calls of every operation, with the values of values.ts; and programs of them.
import fc, { type Arbitrary } from 'fast-check';
import { MONEY_CALLS } from './money-calls.js';
import {
  body,
  both,
  follow,
  id,
  nothing,
  object,
  type OperationCalls,
  page,
  type Part,
  query,
  reference,
  spoiltObject,
} from './parts.js';
import { type Call, type Caller, type Json, type Step } from './program.js';
import {
  amount,
  category,
  choice,
  counterparty,
  currency,
  day,
  externalId,
  goodText,
  junk,
  limit,
  moment,
  nullable,
  owner,
  refTo,
  searched,
  seldom,
  text,
  type Values,
} from './values.js';

const INSTITUTIONS = ['harbor_bank', 'banque_lumiere', 'sakura_bank', 'pearl_trust', 'tidewater', 'old_mill'] as const;

const filter = {
  accountId: reference('account', 'manual', 'linked'),
  owner,
  from: day,
  to: day,
  minAmount: amount,
  maxAmount: amount,
  currency,
  category,
  status: choice('pending', 'posted', 'removed'),
  counterparty: searched,
  text: searched,
};
const { accountId: _accountId, ...filterOfAccount } = filter;
const order = choice('asc', 'desc');

const newLine = {
  required: { accountId: reference('manual'), date: day, amount, description: text(1_000) },
  optional: {
    currency: { good: fc.constant('USD'), bad: currency.good },
    counterparty: nullable(counterparty),
    category: nullable(category),
    notes: nullable(text(200)),
    status: choice('pending', 'posted'),
    externalId: nullable(externalId),
  },
};
const anyRow = seldom<Json, Json>(
  object(newLine.required, newLine.optional),
  spoiltObject(newLine.required, newLine.optional),
  5,
);
/** Rows of which nothing is wrong, so that atomic requests come through; the copies bear ids of their own. */
const goodRow: Arbitrary<Json> = fc.record({
  accountId: refTo('manual'),
  date: fc.constantFrom('2026-11-01', '2024-02-29'),
  amount: fc.constantFrom('1', '-2', '1000'),
  description: goodText(100),
  externalId: fc.constantFrom('row #', 'other #'),
  category: category.good,
});
const rows: Values = {
  good: fc.oneof(
    { weight: 6, arbitrary: fc.array(anyRow, { minLength: 1, maxLength: 6 }) },
    { weight: 4, arbitrary: fc.array(goodRow, { minLength: 1, maxLength: 4 }) },
    { weight: 4, arbitrary: fc.record({ times: fc.constantFrom(2, 10, 60), of: goodRow }) },
    { weight: 1, arbitrary: fc.record({ times: fc.constantFrom(1_000), of: goodRow }) },
  ) as Arbitrary<Json>,
  bad: fc.oneof(fc.record({ times: fc.constantFrom(0, 1_001), of: goodRow }), junk) as Arbitrary<Json>,
};
const lineIds: Values = {
  good: fc.oneof(
    { weight: 4, arbitrary: fc.array(refTo('line'), { minLength: 1, maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(refTo('line', 'fact'), { minLength: 1, maxLength: 6 }) },
  ) as Arbitrary<Json>,
  bad: fc.oneof(
    fc.record({ times: fc.constantFrom(0, 2, 1_001), of: refTo('line', 'account') }),
    junk,
  ) as Arbitrary<Json>,
};
const mode = choice('atomic', 'independent');

const institutionId = { good: fc.constantFrom('first_harbor', 'harbor_bank', 'É', 'é', 'e\u0301'), bad: text(100).bad };

/** One entry for each operation of the OpenAPI document. */
export const CALLS: Readonly<Record<string, OperationCalls>> = {
  ApiKeys_create: {
    weight: 2,
    parts: body({ name: text(100), scope: choice('read', 'write', 'admin') }, { owner, expiresAt: moment }),
  },
  ApiKeys_list: { weight: 2, parts: both(query(page), follow) },
  ApiKeys_get: { weight: 2, parts: id('apiKey') },
  ApiKeys_revoke: { weight: 2, parts: id('apiKey') },
  Accounts_open: {
    weight: 10,
    parts: seldom<Part, Part>(
      body(
        {
          kind: { good: seldom(fc.constant('manual'), fc.constant('book'), 5), bad: choice('linked').bad },
          name: text(200),
          currency,
        },
        {
          owner,
          type: choice('depository', 'credit', 'cash', 'other'),
          subtype: text(50),
          institution: {
            good: object({ id: institutionId, name: text(200) }, {}),
            bad: spoiltObject({ id: institutionId, name: text(200) }, {}),
          },
          lastFour: { good: fc.constantFrom('4711', '0', '٤٧١١', '😀😀'), bad: fc.constantFrom('47111', '') },
        },
      ),
      body(
        {
          kind: { good: fc.constant('book'), bad: fc.constant('manual') },
          name: text(200),
          currency,
          overdraftLimit: amount,
        },
        { owner },
      ),
      5,
    ),
  },
  Accounts_list: {
    weight: 4,
    parts: both(
      query({
        kind: choice('manual', 'book', 'linked'),
        status: choice('open', 'closed'),
        institutionId,
        currency,
        enrollmentId: reference('enrollment'),
        accountNumber: reference('number'),
        owner,
        ...page,
      }),
      follow,
    ),
  },
  Accounts_get: { weight: 2, parts: id('account') },
  Accounts_edit: {
    weight: 4,
    parts: both(
      id('manual', 'manual', 'book', 'linked', 'account'),
      body({}, { name: text(200), owner, status: choice('open', 'closed'), overdraftLimit: amount }),
    ),
  },
  Accounts_close: { weight: 2, parts: id('manual', 'book', 'linked') },
  Balances_latest: { weight: 3, parts: both(query({ at: moment, owner, ...page }), follow) },
  Balances_of: { weight: 4, parts: both(id('manual', 'linked', 'book', 'account'), query({ at: moment })) },
  Balances_history: {
    weight: 3,
    parts: both(both(id('manual', 'linked', 'account'), query({ from: moment, to: moment, ...page })), follow),
  },
  Balances_state: {
    weight: 6,
    parts: both(
      id('manual', 'manual', 'manual', 'account'),
      body({}, { available: amount, ledger: amount, asOf: moment }),
    ),
  },
  Transactions_list: { weight: 8, parts: both(query({ ...filter, order, ...page }), follow) },
  Transactions_create: { weight: 12, parts: body(newLine.required, newLine.optional) },
  Transactions_listOfAccount: {
    weight: 5,
    parts: both(both(id('manual', 'linked'), query({ ...filterOfAccount, order, ...page })), follow),
  },
  Drift_of: { weight: 3, parts: id('manual', 'linked', 'linked', 'account') },
  Transactions_totals: {
    weight: 6,
    parts: query({ ...filter, groupBy: choice('category', 'month', 'category,month') }),
  },
  Transactions_get: { weight: 2, parts: id('transaction') },
  Transactions_edit: {
    weight: 5,
    parts: both(
      id('line', 'line', 'fact'),
      body(
        {},
        {
          date: day,
          amount,
          description: text(1_000),
          counterparty: nullable(counterparty),
          category: nullable(category),
          notes: nullable(text(200)),
          status: choice('pending', 'posted'),
        },
      ),
    ),
  },
  Transactions_delete: { weight: 2, parts: id('line', 'line', 'line', 'fact') },
  Transactions_createMany: { weight: 5, parts: body({ mode, transactions: rows }) },
  Transactions_deleteMany: { weight: 2, parts: body({ mode, ids: lineIds }) },
  TellerWebhooks_receive: {
    weight: 2,
    parts: both(
      body(
        {
          type: {
            good: fc.constantFrom('webhook.test', 'enrollment.disconnected', 'transactions.processed'),
            bad: text(50).bad,
          },
          payload: {
            good: fc.constantFrom<Json>({}, { enrollment_id: 'enr_1' }, { transactions: [{ account_id: 'acc_1' }] }),
            bad: junk,
          },
        },
        {},
      ),
      seldom<Part, Part>(fc.constant({ signed: true }), nothing, 5),
    ),
  },
  TellerConfig_show: { weight: 1, parts: query({ owner }) },
  Enrollments_feeds: { weight: 2, parts: nothing },
  Enrollments_enroll: {
    weight: 2,
    parts: body(
      {
        feed: { good: fc.constant('sandbox'), bad: text(50).bad },
        institutionId: { good: fc.constantFrom(...INSTITUTIONS), bad: text(100).bad },
      },
      {
        consent: {
          good: fc.constantFrom<Json>({ user: 'demo' }, { user: 'two' }, { other: {} }),
          bad: fc.oneof(
            fc.constantFrom<Json>(
              { user: 'disconnected' },
              { user: 'needs-login' },
              { user: 'locked' },
              { user: 'İ' },
              { user: 7 },
            ),
            junk,
          ),
        },
        owner,
      },
    ),
  },
  Enrollments_list: {
    weight: 1,
    parts: both(
      query({
        feed: { good: fc.constantFrom('sandbox', 'Sandbox', 'x'), bad: text(50).bad },
        status: choice('connected', 'needs_login', 'disconnected'),
        owner,
        ...page,
      }),
      follow,
    ),
  },
  Enrollments_get: { weight: 2, parts: id('enrollment') },
  Enrollments_disconnect: { weight: 2, parts: id('enrollment') },
  Sync_sync: { weight: 3, parts: id('enrollment') },
  Sync_get: { weight: 2, parts: id('enrollment') },
  Refresh_account: { weight: 2, parts: both(id('linked', 'linked', 'manual'), query({ limit })) },
  History_changes: {
    weight: 4,
    parts: both(
      query({ object: choice('account', 'balance', 'transaction', 'transfer', 'hold', 'enrollment'), owner, ...page }),
      follow,
    ),
  },
  History_audit: {
    weight: 3,
    parts: both(
      query({
        object: choice('account', 'balance', 'transaction', 'transfer', 'hold', 'enrollment', 'apiKey'),
        objectId: reference('account', 'transaction', 'transfer', 'hold', 'enrollment', 'apiKey', 'balance'),
        actor: reference('apiKey'),
        requestId: { good: fc.constantFrom('parity-1', 'parity-12'), bad: text(200).bad },
        from: moment,
        to: moment,
        owner,
        ...page,
      }),
      follow,
    ),
  },
  Health_livez: { weight: 2, parts: nothing },
  Health_readyz: { weight: 2, parts: nothing },
  Health_healthReport: { weight: 2, parts: nothing },
  Health_readinessReport: { weight: 2, parts: nothing },
  ...MONEY_CALLS,
};

const caller: Arbitrary<Caller> = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Caller>('admin') },
  { weight: 8, arbitrary: fc.constant<Caller>('write') },
  { weight: 8, arbitrary: fc.constant<Caller>('ada:write') },
  { weight: 3, arbitrary: fc.constant<Caller>('ada:admin') },
  { weight: 3, arbitrary: fc.constant<Caller>('bob:write') },
  { weight: 4, arbitrary: fc.constantFrom<Caller>('read', 'ada:read', 'made') },
  { weight: 1, arbitrary: fc.constantFrom<Caller>('stranger', 'nobody') },
);

const HOUR_MS = 3_600_000;
const wait: Arbitrary<Step> = fc.record({
  waitMs: fc.constantFrom(1, 999, 60_000, HOUR_MS, 24 * HOUR_MS, 3 * 24 * HOUR_MS, 6 * 24 * HOUR_MS, 40 * 24 * HOUR_MS),
});

const POSTS = new Set([
  'ApiKeys_create',
  'Accounts_open',
  'Accounts_close',
  'Balances_state',
  'Transactions_create',
  'Transactions_createMany',
  'Transactions_deleteMany',
  'Transfers_create',
  'Transfers_createMany',
  'Transfers_reverse',
  'Holds_reserve',
  'Holds_capture',
  'Holds_release',
  'Enrollments_enroll',
  'Sync_sync',
  'Refresh_account',
]);
const EDITS = new Set(['Accounts_edit', 'Accounts_close', 'Transactions_edit', 'Transactions_delete']);

type Conditions = Pick<Call, 'once' | 'ifMatch'>;
const unconditional = fc.constant<Conditions>({});
const keyed: Arbitrary<Conditions> = fc
  .oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 40 }).map((number) => `key-${number}`) },
    { weight: 1, arbitrary: fc.constantFrom('', 'two words', 'é', 'x'.repeat(256)) },
  )
  .map((once) => ({ once }));
const matched: Arbitrary<Conditions> = fc
  .constantFrom('"1"', '"2"', '"1", "3"', '*', 'W/"1"', '"x"', '1', '')
  .map((ifMatch) => ({ ifMatch }));

/** What a request of this operation says beside what it asks for. */
function conditions(op: string): Arbitrary<Conditions> {
  const once = POSTS.has(op) ? seldom(unconditional, keyed, 6) : unconditional;
  return both(once, EDITS.has(op) ? seldom(unconditional, matched, 6) : unconditional);
}

const calls = Object.entries(CALLS).map(([op, { weight, parts }]) => ({
  weight,
  arbitrary: fc.tuple(caller, parts, conditions(op)).map(([as, part, said]): Step => ({ op, as, ...part, ...said })),
}));

const step: Arbitrary<Step> = fc.oneof(...calls, { weight: 4, arbitrary: wait });

/** Programs begin with something to work on: a program of refusals alone says little. */
const accountOpened: Arbitrary<Step[]> = fc
  .record({
    op: fc.constant('Accounts_open'),
    as: fc.constantFrom<Caller>('admin', 'admin', 'ada:write'),
    body: fc.record({
      kind: fc.constant('manual'),
      name: goodText(50),
      currency: fc.constantFrom('USD', 'USD', 'JPY', 'KWD'),
    }),
  })
  .map((call) => [call]);
const bankLinked: Arbitrary<Step[]> = fc
  .tuple(fc.constantFrom<Caller>('admin', 'ada:write'), fc.constantFrom(...INSTITUTIONS))
  .map(([as, institution]) => [
    { op: 'Enrollments_enroll', as, body: { feed: 'sandbox', institutionId: institution } },
    { op: 'Sync_sync', as, id: { ref: 'enrollment', nth: 0 } },
  ]);
/** Two that money can be moved between, and some that was. */
const booksOpened: Arbitrary<Step[]> = fc
  .record({ as: fc.constantFrom<Caller>('admin', 'ada:write'), currency: fc.constantFrom('USD', 'USD', 'KWD', 'JPY') })
  .map(({ as, currency: one }) => {
    const wallet = { kind: 'book', name: 'Wallet', currency: one };
    const payment = { from: { ref: 'book', nth: 1 }, to: { ref: 'book', nth: 0 }, amount: '20' } as const;
    return [
      { op: 'Accounts_open', as, body: { ...wallet, overdraftLimit: '2000' } },
      { op: 'Accounts_open', as, body: wallet },
      { op: 'Transfers_create', as, body: payment },
      { op: 'Holds_reserve', as, body: payment },
    ];
  });
const opening = fc
  .tuple(
    fc.array(seldom(accountOpened, bankLinked, 8), { minLength: 1, maxLength: 3, size: 'max' }),
    seldom(booksOpened, fc.constant<Step[]>([]), 6),
  )
  .map(([parts, books]) => [...parts.flat(), ...books]);

export const program: Arbitrary<Step[]> = fc
  .tuple(seldom(opening, fc.constant<Step[]>([]), 20), fc.array(step, { minLength: 1, maxLength: 45, size: 'max' }))
  .map(([first, steps]) => [...first, ...steps]);
