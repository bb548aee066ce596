// Calls of the operations that move money, or tell of money that was moved.
import fc, { type Arbitrary } from 'fast-check';
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
} from './parts.js';
import { type Json } from './program.js';
import {
  amount,
  choice,
  currency,
  day,
  junk,
  moment,
  nullable,
  owner,
  refTo,
  seldom,
  text,
  type Values,
} from './values.js';

/** By their ids or their numbers. */
const book: Values = {
  good: seldom(refTo('book'), refTo('number', 'account'), 5),
  bad: fc.oneof(reference('book').bad, fc.constantFrom('NC-', 'nc-aaaa-aaaa', 'SYS-TREASURY-USD', 'Ü-1')),
};
const sum: Values = {
  good: seldom(fc.constantFrom('1', '2', '5', '100', '1000'), amount.good, 4),
  bad: amount.bad,
};
const flag: Values = {
  good: seldom(fc.constant(false), fc.constant(true), 4),
  bad: fc.oneof(fc.constant('true'), junk),
};

const METADATA: readonly Json[] = [
  {},
  { game: 'slots' },
  { b: '2', a: '1', B: '' },
  { İ: '😀', '\uFFFF': 'a', '😀': 'b', é: 'e\u0301' },
  JSON.parse('{"__proto__":"x","constructor":"y"}') as Json,
];
const metadata: Values = {
  good: fc.constantFrom(...METADATA),
  bad: fc.oneof(
    fc.constantFrom<Json>(
      { a: 1 },
      { ['x'.repeat(41)]: 'x' },
      { a: 'x'.repeat(501) },
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`name ${index}`, ''])),
    ),
    junk,
  ),
};

/** Few, so that they come again: for the same, and for something else. */
function clientsId(prefix: string): Values {
  const ids = ['1', '2', '3', '4'].map((last) => `${prefix}_${last.padStart(32, 'c')}`);
  return { good: fc.constantFrom(...ids), bad: fc.constantFrom('x', `${prefix}_`, `acc_${'c'.repeat(32)}`) };
}

const said = {
  currency,
  memo: nullable(text(500)),
  kind: { good: fc.constantFrom('transfer', 'casino_bet', 'a.b-c_9'), bad: fc.constantFrom('Transfer', '', 'é', '9a') },
  metadata,
};
/** Mostly the two of a pair as programs open them: the first may owe, the second begins with nothing. */
function ofPair(...places: readonly number[]): Values {
  const one = fc.constantFrom(...places).map((nth) => ({ ref: 'book' as const, nth }));
  return { good: seldom<Json, Json>(one, book.good, 4), bad: book.bad };
}

const pair = { from: ofPair(1, 1, 1, 3), to: ofPair(0, 0, 0, 2), amount: sum };
const saidOfTransfer = { ...said, id: clientsId('trf'), dryRun: flag };
const { currency: _currency, ...saidMostly } = saidOfTransfer;

/** Of which nothing is wrong but, perhaps, what stands on the accounts. */
const legs: Arbitrary<Json> = fc
  .tuple(fc.tuple(pair.from.good, pair.from.good, pair.to.good), fc.constantFrom('1', '5', '200'))
  .map(([accounts, one]) =>
    accounts.map((account, index) => ({ account, amount: [`-${one}`, '-1', plusOne(one)][index]! })),
  );
const legsOf: Values = {
  good: seldom(legs, fc.array(object({ account: book, amount }, {}), { minLength: 2, maxLength: 4 }), 5),
  bad: fc.oneof(fc.record({ times: fc.constantFrom(0, 1, 101), of: object({ account: book, amount }, {}) }), junk),
};

function plusOne(text: string): string {
  return String(Number(text) + 1);
}

const row = seldom<Json, Json>(
  object(pair, { ...said, id: clientsId('trf') }),
  object({ legs: legsOf }, { metadata }),
  6,
);
/** Of one thing, so that atomic requests come through. */
const plainRow: Arbitrary<Json> = fc.record({
  from: fc.constant({ ref: 'book' as const, nth: 1 }),
  to: fc.constant({ ref: 'book' as const, nth: 0 }),
  amount: fc.constantFrom('1', '2'),
  memo: fc.constantFrom('row #', 'Rent'),
});
const rows: Values = {
  good: fc.oneof(
    { weight: 6, arbitrary: fc.array(row, { minLength: 1, maxLength: 6 }) },
    { weight: 4, arbitrary: fc.array(plainRow, { minLength: 1, maxLength: 4 }) },
    { weight: 2, arbitrary: fc.record({ times: fc.constantFrom(2, 10, 60, 1_000), of: plainRow }) },
  ) as Arbitrary<Json>,
  bad: fc.oneof(fc.record({ times: fc.constantFrom(0, 1_001), of: plainRow }), junk) as Arbitrary<Json>,
};

export const MONEY_CALLS: Readonly<Record<string, OperationCalls>> = {
  Transfers_create: {
    weight: 12,
    parts: fc.oneof<Arbitrary<Part>[]>(
      body(pair, saidMostly),
      body(pair, saidMostly),
      body(pair, saidOfTransfer),
      body({ legs: legsOf }, saidMostly),
    ),
  },
  Transfers_createMany: {
    weight: 4,
    parts: body({ mode: choice('atomic', 'independent'), transfers: rows }, { dryRun: flag }),
  },
  Transfers_list: {
    weight: 4,
    parts: both(
      query({
        accountId: reference('book', 'account'),
        kind: { good: fc.constantFrom('transfer', 'casino_bet'), bad: fc.constantFrom('', 'A') },
        from: moment,
        to: moment,
        owner,
        order: choice('asc', 'desc'),
        ...page,
      }),
      follow,
    ),
  },
  Transfers_get: { weight: 2, parts: id('transfer') },
  Transfers_reverse: { weight: 4, parts: both(id('transfer'), body({}, { memo: text(500), dryRun: flag })) },
  Holds_reserve: {
    weight: 6,
    parts: body(pair, {
      memo: said.memo,
      kind: said.kind,
      metadata,
      id: clientsId('hld'),
      expiresAt: moment,
      dryRun: flag,
    }),
  },
  Holds_list: {
    weight: 3,
    parts: both(
      query({
        accountId: reference('book', 'account'),
        status: choice('active', 'captured', 'released', 'expired'),
        owner,
        ...page,
      }),
      follow,
    ),
  },
  Holds_get: { weight: 2, parts: id('hold') },
  Holds_capture: { weight: 4, parts: both(id('hold'), body({}, { amount: sum, dryRun: flag })) },
  Holds_release: { weight: 3, parts: both(id('hold'), body({}, { dryRun: flag })) },
  Statements_of: {
    weight: 5,
    parts: both(
      both(id('book', 'book', 'account'), query({ from: day, to: day, format: choice('json', 'csv'), ...page })),
      follow,
    ),
  },
  TrialBalance_of: { weight: 2, parts: nothing },
};
