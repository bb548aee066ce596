// What calls are made of: bodies, queries and ids, whole or with something wrong.
import fc, { type Arbitrary } from 'fast-check';
import { type Call, type Json, type Ref, type RefKind } from './program.js';
import { goodText, junk, limit, refTo, seldom, type Values } from './values.js';

export type Part = Omit<Call, 'op' | 'as'>;
type Fields = Readonly<Record<string, Values>>;

function goods(fields: Fields): Record<string, Arbitrary<Json>> {
  return Object.fromEntries(Object.entries(fields).map(([name, { good }]) => [name, good]));
}

export function object(required: Fields, optional: Fields): Arbitrary<Record<string, Json>> {
  return fc.record({ ...goods(required), ...goods(optional) }, { requiredKeys: Object.keys(required) }) as Arbitrary<
    Record<string, Json>
  >;
}

const NAMES_ODD = ['extra', 'constructor', '__proto__', 'id'] as const;

/** An object with one or two things wrong with it: bad, left out or unknown. */
export function spoiltObject(required: Fields, optional: Fields): Arbitrary<Json> {
  const fields = { ...required, ...optional };
  const bad = fc.oneof(
    ...Object.entries(fields).map(([name, values]) => values.bad.map((value) => [name, value] as const)),
    fc.tuple(fc.constantFrom(...NAMES_ODD), junk),
    fc.tuple(fc.constantFrom(...Object.keys(fields)), fc.constant(undefined)),
  );
  return fc.tuple(object(required, optional), fc.array(bad, { minLength: 1, maxLength: 2 })).map(([whole, faults]) => {
    const names = faults.map(([name]) => name as string);
    const kept = Object.entries(whole).filter(([name]) => !names.includes(name));
    const spoilt = faults.filter((fault): fault is [string, Json] => fault[1] !== undefined);
    return Object.fromEntries([...kept, ...spoilt]);
  });
}

// prettier-ignore
const PAYLOADS = [
  '', '{', '[]', 'null', '"x"', '{"a":1}', '{"name":"a","name":"b"}', '{"__proto__":{"name":"x"}}', '\uFEFF{}', '{"name":"\\ud800"}', `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`,
];
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/problem+json',
];

/** An object of these fields, each of the optional ones there or not. */
export function body(required: Fields, optional: Fields = {}): Arbitrary<Part> {
  return fc.oneof(
    { weight: 30, arbitrary: object(required, optional).map((whole) => ({ body: whole })) },
    { weight: 7, arbitrary: spoiltObject(required, optional).map((spoilt) => ({ body: spoilt })) },
    { weight: 1, arbitrary: fc.record({ payload: fc.constantFrom(...PAYLOADS), type: fc.constantFrom(...TYPES) }) },
  );
}

/** A cursor fits its own list and filters only; those that fit are followed. */
const cursorFromElsewhere: Arbitrary<Json> = fc.oneof(
  refTo('cursor'),
  fc.constantFrom('', 'x', 'W10', '%%', 'eyJhIjoxfQ', 'x'.repeat(501)),
);

type Pairs = [string, string | Ref][];

/** A query string of some of these; now and then one is bad, comes twice or is unknown. */
export function query(fields: Fields): Arbitrary<Pick<Call, 'query'>> {
  const inUrl = (value: Json): string | Ref =>
    typeof value === 'object' && value !== null && 'ref' in value
      ? (value as Ref)
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);
  const pair = (name: string, values: Arbitrary<Json>) => values.map((value): Pairs[number] => [name, inUrl(value)]);
  const good = fc.oneof(...Object.entries(fields).map(([name, values]) => pair(name, values.good)));
  const bad = fc.oneof(
    ...Object.entries(fields).map(([name, values]) => pair(name, values.bad)),
    ...('limit' in fields ? [pair('cursor', cursorFromElsewhere)] : []),
    fc.tuple(fc.constantFrom('extra', 'limit', 'constructor', '__proto__', 'limit[]', 'a.b'), goodText(20)),
  );
  const some = fc.uniqueArray(good, { minLength: 1, maxLength: 4, selector: ([name]) => name });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 14, arbitrary: some.map((pairs) => ({ query: pairs })) },
    { weight: 3, arbitrary: fc.tuple(some, bad).map(([pairs, last]) => ({ query: [...pairs, last] })) },
  );
}

const IDS_WRONG = [
  'x',
  'acc_',
  `acc_${'F'.repeat(32)}`,
  'totals',
  'bulk',
  '%',
  'é',
  '\uD800',
  '\u0000',
  'x'.repeat(120),
];

export function reference(...kinds: readonly RefKind[]): Values {
  return {
    good: refTo(...kinds),
    bad: fc.oneof(
      refTo('account', 'transaction', 'enrollment', 'transfer', 'hold', 'apiKey', 'balance'),
      fc.constantFrom(...IDS_WRONG),
    ),
  };
}

export function id(...kinds: readonly RefKind[]): Arbitrary<Pick<Call, 'id'>> {
  const { good, bad } = reference(...kinds);
  return seldom(good, bad, 15).map((one) => ({ id: one as string | Ref }));
}

export function both<A, B>(first: Arbitrary<A>, second: Arbitrary<B>): Arbitrary<A & B> {
  return fc.tuple(first, second).map(([a, b]) => ({ ...a, ...b }));
}

export const nothing: Arbitrary<Part> = fc.constant({});
export const follow: Arbitrary<Part> = fc.oneof(
  { weight: 2, arbitrary: nothing },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }).map((pages) => ({ follow: pages })) },
);
export const page = { limit };

export interface OperationCalls {
  readonly weight: number;
  readonly parts: Arbitrary<Part>;
}
