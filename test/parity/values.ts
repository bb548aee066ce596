// Values for requests: good ones, and those on which engines, encodings or limits may differ.
import fc, { type Arbitrary } from 'fast-check';
import { type Json, type Ref, type RefKind } from './program.js';

/** Values of one place in a request: those that it takes as a rule, and those that belong to nothing. */
export interface Values {
  readonly good: Arbitrary<Json>;
  readonly bad: Arbitrary<Json>;
}

/** Mostly the first; one time in so many something else. */
export function seldom<A, B>(usual: Arbitrary<A>, other: Arbitrary<B>, oneIn: number): Arbitrary<A | B> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: usual }, { weight: 1, arbitrary: other });
}

/** Refers to one of the newest few, so that calls meet; sometimes to any. */
export function refTo(...kinds: readonly RefKind[]): Arbitrary<Ref> {
  return fc.record({ ref: fc.constantFrom(...kinds), nth: seldom(fc.nat(4), fc.nat(400), 6) });
}

// prettier-ignore
const AWKWARD_TEXTS = [
  'İstanbul', 'istanbul', 'ISTANBUL', 'ıspanak', 'ISPANAK', 'straße', 'STRASSE', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς', 'cafe\u0301', 'café', 'CAFÉ', 'ﬁsh', 'FISH',
  'Å', 'Å', '😀', '😀😃', '👩‍👩‍👧', '𝒜𝓫', '𐐀', '𐐨', '\u{10FFFF}', '\uFFFF', '\uFFFD', '\uE000', '\uFEFFbom', '\u200B', '\u00A0', '\u2028', '\u0345', 'ａｂｃ', 'ǆ', 'K',
  "'; DROP TABLE accounts; --", '%', '_', 'a%b_c', '\\', '\\x00', '"', '$1', '?', ':id', '{}', '[]', 'null', 'NaN', '0', '-0', '1e3', 'true',
  'a\tb', 'a\nb', 'a\r\nb', '\u0001', '\u001F', '\u007F', '\u0085', ' a', 'a ', 'Z', 'a', 'aa', 'B', 'b', 'ß', 'zz', '~', 'é', 'z\u0301',
] as const;
// prettier-ignore
const NO_TEXTS = ['', ' ', '\u3000', 'a\u0000b', '\u0000', '\uD800', 'x\uDC00y', '\uDC00\uD800'] as const;

/** Anything in the place of anything. */
export const junk: Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    '',
    ' ',
    'x',
    [],
    {},
    [null],
    [[]],
    { a: 1 },
    ['x', 'y'],
    '\uD800',
    '\u0000',
  ),
  fc.constant({ times: 25, of: 'x' }),
);

/** Text that may be stored, of up to `max` UTF-16 units. */
export function goodText(max: number): Arbitrary<string> {
  const long = fc.constantFrom('x'.repeat(max), 'é'.repeat(max), '😀'.repeat(Math.floor(max / 2)));
  const anything = fc
    .string({ unit: 'binary', minLength: 1, maxLength: Math.min(12, Math.floor(max / 2)) })
    .map((one) => `.${one.replaceAll('\u0000', '\u0001')}`.slice(0, max));
  const some = fc.constantFrom(...AWKWARD_TEXTS.filter((one) => one.length <= max));
  return fc.oneof(
    { weight: 8, arbitrary: some },
    {
      weight: 4,
      arbitrary: fc.constantFrom('Groceries', 'groceries', 'Rent', 'Salary').map((one) => one.slice(0, max)),
    },
    { weight: 3, arbitrary: anything },
    { weight: 1, arbitrary: max > 250 ? some : long },
  );
}

function badText(max: number): Arbitrary<Json> {
  return fc.oneof(
    fc.constantFrom<Json>(...NO_TEXTS, 'x'.repeat(max + 1), `${'😀'.repeat(Math.floor(max / 2))}xx`),
    junk,
  );
}

export function text(max: number): Values {
  return { good: goodText(max), bad: badText(max) };
}

function words(max: number, ...common: readonly string[]): Values {
  return { good: seldom(fc.constantFrom(...common), goodText(max), 4), bad: badText(max) };
}

/** Few, so that they come again. */
export const category = words(100, 'food', 'Food', 'İaşe', 'ıaşe', 'z', 'Z', 'é', 'z\u0301', '😀', '\uFFFF', '𐐀');
export const counterparty = words(
  200,
  'Corner Market',
  'CORNER MARKET',
  'İbrahim',
  'ΣΊΣΥΦΟΣ',
  'Müller & Söhne',
  '株式会社',
  'ﬀ',
);
/** What may be found in these. */
// prettier-ignore
export const searched = words(200, 'market', 'MARKET', 'i', 'İ', 'ı', 'I', 'ς', 'σ', 'ss', 'ß', 'e', '\u0301', 'é', '😀', '%', '_', '\\', "'", 'ff', 'A', 'ü', '会', 'groceries');
export const externalId = words(200, 'a', 'A', 'b', 'é', 'e\u0301', '1', '01', 'line 1', '😀');

const AMOUNTS_GOOD = [
  '0',
  '-0',
  '1',
  '-1',
  '5',
  '-12',
  '1000',
  '-100000',
  '999999999',
  '10000000000',
  '-10000000000',
] as const;
// prettier-ignore
const AMOUNTS_OF_SOME = [
  '12.34', '-12.34', '0.01', '-0.01', '1.5', '0.001', '-0.0001', '1.00', '1.000', '1.0000', '0.00001',
  '10000000000000', '-10000000000000', '9999999999999.99', '10000000000000.01', '-10000000000000.01', '1000000000000.000', '1000000000000.001',
  '100000000000.0000', '1000000000000000', '-1000000000000000', '999999999999999', '1000000000000001', '9223372036854775807', '9223372036854775808', '-9223372036854775809',
  '1234567890123456789012345', '12345678901234567890123456', '0.12345678901',
] as const;
// prettier-ignore
const NO_AMOUNTS = ['', '-', '+1', '01', '1.', '.5', '1e3', '1,000', ' 1', '1 ', '１２', '٣', 'NaN', 'Infinity', '--1', '0x10', 12.34, 0] as const;
/** Which of them fit depends on the currency. */
export const amount: Values = {
  good: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...AMOUNTS_GOOD) },
    { weight: 3, arbitrary: fc.integer({ min: -99_999, max: 99_999 }).map((cents) => (cents / 100).toFixed(2)) },
    { weight: 2, arbitrary: fc.constantFrom(...AMOUNTS_OF_SOME) },
  ),
  bad: fc.oneof(fc.constantFrom<Json>(...NO_AMOUNTS), junk),
};

/** Exponents 0, 2, 3, 4; private ones of 0 and 4; unknown ones. */
export const currency: Values = {
  good: seldom(fc.constant('USD'), fc.constantFrom('EUR', 'KWD', 'CLF', 'XGM', 'JPY', 'XGC'), 2),
  bad: fc.oneof(fc.constantFrom('XXX', 'usd', 'US', 'ZZZ', '', 'ABCDEFGHI', 'EUR ', 'ÜSD'), junk),
};

// prettier-ignore
const NEAR_DAYS = ['2026-10-31', '2026-11-01', '2026-11-15', '2026-11-20', '2026-11-21', '2026-11-22', '2026-12-31', '2027-01-01'] as const;
// prettier-ignore
const FAR_DAYS = ['0001-01-01', '0099-12-31', '1582-10-10', '1600-02-29', '1899-12-31', '1900-02-28', '1970-01-01', '2000-02-29', '2024-02-29', '2024-12-31', '2028-02-29', '9999-12-31'] as const;
// prettier-ignore
const NO_DAYS = [
  '', '2023-02-29', '1900-02-29', '0000-01-01', '2026-13-01', '2026-00-10', '2026-11-31', '10000-01-01', '-0001-01-01', '2026-11-21T00:00:00Z', '2026-1-1', '26-11-21',
  '٢٠٢٦-11-21', 'infinity', 'today', '0044-03-15 BC',
] as const;
export const day: Values = {
  good: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...NEAR_DAYS) },
    { weight: 2, arbitrary: fc.constantFrom(...FAR_DAYS) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 0, max: 800 })
        .map((days) => new Date(Date.UTC(2024, 9, 1 + days)).toISOString().slice(0, 10)),
    },
  ),
  bad: fc.oneof(fc.constantFrom(...NO_DAYS), junk),
};

// prettier-ignore
const NEAR_MOMENTS = [
  '2026-11-20T12:00:00Z', '2026-11-21T11:59:59.999Z', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00.0004Z', '2026-11-21T12:00:00.001Z', '2026-11-21T14:00:00+02:00',
  '2026-11-21T00:00:00-12:00', '2026-11-21T06:15:00.5+05:45', '2026-11-22T00:00:00Z', '2026-11-21T12:00Z', '2026-11-25T00:00:00.120Z',
] as const;
// prettier-ignore
const FAR_MOMENTS = [
  '0001-01-01T00:00:00Z', '0001-01-01T23:59:59.999Z', '1883-11-18T12:00:00.001Z', '1969-12-31T23:59:59.999Z', '2000-02-29T00:00:00Z', '2024-02-29T23:59:59.1Z', '9999-12-31T23:59:59.999Z',
] as const;
// prettier-ignore
const NO_MOMENTS = [
  '', '2026-11-21', '2023-02-29T00:00:00Z', '2026-11-21T24:00:00Z', '2026-11-21T12:00:60Z', '2026-11-21T12:00:00', '2026-11-21 12:00:00Z', '0001-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59-01:00', 'now', '1763726400', '2026-11-21T12:00:00z', '2026-11-21T12:00:00+99:99',
] as const;
export const moment: Values = {
  good: seldom(fc.constantFrom(...NEAR_MOMENTS), fc.constantFrom(...FAR_MOMENTS), 4),
  bad: fc.oneof(fc.constantFrom(...NO_MOMENTS), junk),
};

/** Bound keys reach ada's and bob's. */
export const owner: Values = {
  good: fc.constantFrom('ada', 'ada', 'bob', 'default', 'Ada', 'a.b:c@d+e-f'),
  bad: fc.oneof(fc.constantFrom('', 'ädä', '-x', 'a b', 'x'.repeat(129), '%', "a'b"), junk),
};

export function choice(...choices: readonly string[]): Values {
  return {
    good: fc.constantFrom(...choices),
    bad: fc.oneof(fc.constantFrom('', 'OPEN', choices[0]!.toUpperCase(), 'removed', 'none', ` ${choices[0]!}`), junk),
  };
}

/** How many rows of a page: small, so that pages end. */
// prettier-ignore
export const limit: Values = {
  good: seldom(fc.integer({ min: 1, max: 7 }).map(String), fc.constantFrom('50', '500'), 4),
  bad: fc.constantFrom('0', '501', '-1', '1.5', '999999999', '9999999999', '', 'ten', '１', ' 5', '5 ', '0x5', '05'),
};

/** May be null as well. */
export function nullable({ good, bad }: Values): Values {
  return { good: seldom(good, fc.constant(null), 7), bad };
}
