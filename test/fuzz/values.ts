// Values of a JSON schema: such as it allows, and such as it does not.
import fc, { type Arbitrary } from 'fast-check';
import { resolved, type Schema } from '../support/document.js';
import { MEGABYTE, NAMES, OTHERS, TEXTS } from './hostile.js';
import { Ref } from './known.js';

const DAYS = ['2024-02-29', '2026-10-01', '2026-11-01', '2026-11-20', '2026-11-21', '0001-01-01', '9999-12-31'];
const MOMENTS = [
  '2026-11-20T00:00:00Z',
  '2026-11-21T11:59:59.999Z',
  '2026-11-21T12:00:00+02:00',
  '2024-02-29T23:59:59.1234Z',
  '2026-11-22T00:00:00Z',
];
const AMOUNTS = ['0', '1', '-1', '-12.34', '100.00', '0.01', '-0.01', '10000000000000.00', '-10000000000000'];

/**
 * What a schema cannot say: which of the values of its form lead somewhere. By the field's name.
 * Few of each, so that they meet: the same category twice, the same externalId again.
 */
const USEFUL: Readonly<Record<string, readonly unknown[]>> = {
  kind: ['manual', 'manual', 'manual', 'book'],
  currency: ['USD', 'USD', 'USD', 'JPY', 'KWD', 'XGC', 'XXX'],
  owner: ['ada', 'ada', 'bob', 'default'],
  feed: ['sandbox'],
  institutionId: ['harbor_bank', 'banque_lumiere', 'sakura_bank', 'tidewater', 'old_mill', 'first_harbor'],
  consent: [{ user: 'demo' }, { user: 'two' }, { user: 'disconnected' }, { user: 'locked' }],
  category: ['food', 'Food', 'rent', 'été'],
  counterparty: ['Corner Market', 'CORNER', 'İstanbul'],
  text: ['bread', 'BREAD', 'ß', 'a%b_c'],
  description: ['Bread', 'a%b_c', 'straße', '😀'],
  externalId: ['row-1', 'row-2', 'row-3', 'row-4'],
  limit: [1, 2, 3, 50, 500],
};

/** `nth` of what is known: mostly one of the last. */
const nth = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(40) });

export function ref(kind: string): Arbitrary<Ref> {
  return nth.map((one) => new Ref(kind, one));
}

/** An account that money may be moved on. */
const book = fc.oneof(
  { weight: 12, arbitrary: ref('book acc') },
  { weight: 2, arbitrary: ref('number') },
  { weight: 1, arbitrary: ref('acc') },
);

/** Of the ids of a noun mostly those that can be written to: a bank's accounts and lines are many. */
export function useful(prefix: string): Arbitrary<Ref> {
  const [all, changed] = [ref(prefix), ref(`own ${prefix}`)];
  const own = prefix === 'acc' ? fc.oneof({ weight: 2, arbitrary: changed }, { weight: 1, arbitrary: book }) : changed;
  return fc.oneof({ weight: 3, arbitrary: own }, { weight: 2, arbitrary: all });
}

/** Of an id or a cursor that was given out: cut, lengthened, written in capitals. */
const FORGERIES: readonly ((text: string) => string)[] = [
  (text) => text.slice(0, -1),
  (text) => text.slice(0, text.length / 2),
  (text) => `${text}A`,
  (text) => text.toUpperCase(),
  (text) => ` ${text}`,
  (text) => [...text].reverse().join(''),
];

/** A cursor is a list of texts to those who look inside: the last becomes another. */
function withLast(last: unknown): (cursor: string) => string {
  return (cursor) => {
    try {
      const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
      return Buffer.from(JSON.stringify([...parts.slice(0, -1), last])).toString('base64url');
    } catch {
      return cursor;
    }
  };
}

const cursor: Arbitrary<Ref> = fc
  .tuple(
    nth,
    fc.oneof(
      { weight: 2, arbitrary: fc.constant((text: string) => text) },
      { weight: 1, arbitrary: fc.constantFrom(...FORGERIES) },
      { weight: 2, arbitrary: fc.constantFrom<unknown>(...TEXTS, ...OTHERS).map(withLast) },
    ),
  )
  .map(([one, forge]) => new Ref('cursor', one, forge));

export function forged(kind: string): Arbitrary<Ref> {
  return fc.tuple(nth, fc.constantFrom(...FORGERIES)).map(([one, forge]) => new Ref(kind, one, forge));
}

const SUMS = ['0.01', '1', '1.00', '5', '12.34', '2000.00'];

/** Of few ids, so that a deed is asked for again, and for something else. */
function clientsId(prefix: string): Arbitrary<string> {
  return fc.constantFrom('1', '2', '3').map((last) => `${prefix}_${last.padStart(32, 'c')}`);
}

function movement(id: Arbitrary<string>, required: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<unknown> {
  const optional = {
    id,
    memo: fc.constantFrom('Bread', 'straße', '😀', null),
    kind: fc.constantFrom('transfer', 'casino_bet'),
    metadata: fc.constantFrom<unknown>(
      {},
      { game: 'slots', a: '' },
      { b: '2', a: '1' },
      JSON.parse('{"__proto__":"x"}'),
    ),
  };
  const rarely = fc.record({ dryRun: fc.boolean(), currency: fc.constant('USD') }, { requiredKeys: [] });
  return fc
    .tuple(
      fc.record<Record<string, unknown>>({ ...required, ...optional }, { requiredKeys: Object.keys(required) }),
      fc.oneof({ weight: 8, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: rarely }),
    )
    .map(([one, more]) => ({ ...one, ...more }));
}

const pair = { from: book, to: book, amount: fc.constantFrom(...SUMS) };
const legs = fc
  .tuple(book, book, book)
  .map((accounts) => accounts.map((account, index) => ({ account, amount: ['-1', '-1', '2'][index]! })));
const transfer = fc.oneof(
  { weight: 3, arbitrary: movement(clientsId('trf'), pair) },
  { weight: 1, arbitrary: movement(clientsId('trf'), { legs }) },
);

/** Bodies of which a schema does not say what goes with what: by the schema's name. */
const WHOLES: Readonly<Record<string, Arbitrary<unknown>>> = {
  NewTransferRequest: transfer,
  NewHoldRequest: movement(clientsId('hld'), pair),
};

/** Values that the schema allows. @param name of the field that it is for */
export function allowed(given: Schema, name = ''): Arbitrary<unknown> {
  const schema = resolved<Schema>(given);
  const byForm = ofForm(schema, name);
  const whole = WHOLES[given.$ref?.split('/').at(-1) ?? ''];
  if (whole !== undefined) return fc.oneof({ weight: 6, arbitrary: whole }, { weight: 1, arbitrary: byForm });
  const useful = USEFUL[name];
  if (useful === undefined) return byForm;
  return fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...useful) }, { weight: 1, arbitrary: byForm });
}

function ofForm(schema: Schema, name: string): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts !== undefined) return fc.oneof(...parts.map((part) => allowed(part, name)));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['object']);
  return fc.oneof(...types.map((type) => ({ weight: type === 'null' ? 1 : 6, arbitrary: ofType(type, schema, name) })));
}

function ofType(type: string, schema: Schema, name: string): Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return name === 'cursor' ? cursor : text(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return list(schema, name);
    case 'object':
      return object(schema);
    default:
      throw new Error(`The document knows a type ${type} that nothing is known of here.`);
  }
}

function text({ pattern, format, minLength = 0, maxLength = 200 }: Schema): Arbitrary<unknown> {
  if (format === 'date') return fc.constantFrom(...DAYS);
  if (format === 'date-time') return fc.constantFrom(...MOMENTS);
  if (pattern !== undefined) {
    if (pattern.startsWith('^(?:acc_')) return book;
    const prefix = /^\^([a-z]{3})_/.exec(pattern)?.[1];
    if (prefix !== undefined) return useful(prefix);
    if (pattern.includes('\\.\\d')) {
      return fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...AMOUNTS) },
        { weight: 1, arbitrary: fc.stringMatching(new RegExp(pattern)) },
      );
    }
    return fc.stringMatching(new RegExp(pattern));
  }
  // The longest that is allowed is tried, too, by one letter over and over.
  const short = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 30) });
  return fc.oneof(
    { weight: 9, arbitrary: short.map((one) => one.slice(0, maxLength)) },
    { weight: 1, arbitrary: fc.constantFrom('x', 'é').map((letter) => letter.repeat(maxLength)) },
  );
}

function list({ items = {}, minItems = 0, maxItems = 5 }: Schema, name: string): Arbitrary<unknown> {
  const one = allowed(items, name);
  const few = fc.array(one, { minLength: minItems, maxLength: Math.min(maxItems, 6) });
  const most = one.map((same) => Array<unknown>(maxItems).fill(same));
  return maxItems > 6 ? fc.oneof({ weight: 30, arbitrary: few }, { weight: 1, arbitrary: most }) : few;
}

/** With a few of its optional fields: all at once contradict each other. */
const OPTIONAL_MAX = 3;

function object({ properties = {}, required = [], additionalProperties }: Schema): Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, allowed(schema, name)] as const);
  const optional = fields.map(([name]) => name).filter((name) => !required.includes(name));
  const known = fc
    .tuple(
      fc.record(Object.fromEntries(fields)),
      fc.subarray(optional, { maxLength: Math.min(OPTIONAL_MAX, optional.length) }),
    )
    .map(([all, chosen]) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => required.includes(name) || chosen.includes(name))),
    );
  if (additionalProperties !== true) return known;
  const names = fc.constantFrom('user', 'a', 'b', 'x y');
  const more = fc.dictionary(names, fc.constantFrom<unknown>('x', 1, null, [1], {}), { maxKeys: 3 });
  return fc.tuple(known, more).map(([one, other]) => ({ ...one, ...other }));
}

/** A value that the schema may not allow. */
export function strange(given: Schema): Arbitrary<unknown> {
  const { maxLength, maximum, minimum, maxItems, type } = resolved<Schema>(given);
  const beyond = [
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1), '😀'.repeat(maxLength)]),
    ...(maximum === undefined ? [] : [maximum + 1, -maximum, String(maximum + 1)]),
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maxItems === undefined ? [] : [Array<null>(maxItems + 1).fill(null), Array<object>(maxItems).fill({})]),
  ];
  return fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...TEXTS) },
    { weight: 6, arbitrary: fc.constantFrom(...OTHERS) },
    { weight: 2, arbitrary: fc.constantFrom('acc', 'txn', 'trf', 'hld', 'enr', 'bal', 'key', 'cursor').chain(ref) },
    { weight: 1, arbitrary: fc.constantFrom('acc', 'txn', 'trf', 'hld', 'enr', 'key').chain(forged) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
    ...(beyond.length === 0 ? [] : [{ weight: 4, arbitrary: fc.constantFrom<unknown>(...beyond) }]),
    ...(type === 'string' ? [{ weight: 1, arbitrary: fc.constant(MEGABYTE.slice(1_000)) }] : []),
  );
}

type Fields = Readonly<Record<string, unknown>>;
type Spoil = (whole: Fields) => Fields;

/** An object with one to three things wrong with it, here or deeper: strange, missing or unknown. */
export function spoilt(given: Schema): Arbitrary<unknown> {
  const schema = resolved<Schema>(given);
  const fields = Object.entries(schema.properties ?? {});
  const without =
    (name: string): Spoil =>
    (whole) =>
      Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name));
  const withField =
    (name: string, value: unknown): Spoil =>
    (whole) =>
      // Not by spreading alone: `__proto__` must become a field.
      Object.fromEntries([...Object.entries(whole).filter(([other]) => other !== name), [name, value]]);
  const unknown = fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom<unknown>('x', 1, null, {}, []))
    .map(([name, value]) => withField(name, value));
  const strangeFields = fields.map(([name, of]) => deeper(of).map((value) => withField(name, value)));
  const missing = fields.map(([name]) => fc.constant(without(name)));
  return fc
    .tuple(allowed(schema), fc.array(fc.oneof(unknown, ...strangeFields, ...missing), { minLength: 1, maxLength: 3 }))
    .map(([whole, spoils]) => spoils.reduce((one, spoil) => spoil(one), whole as Fields));
}

function deeper(given: Schema): Arbitrary<unknown> {
  const schema = resolved<Schema>(given);
  const inner = schema.allOf?.[0] ?? schema.anyOf?.[0];
  if (inner !== undefined) return deeper(inner);
  if (schema.properties !== undefined) return fc.oneof(strange(schema), spoilt(schema));
  const { items } = schema;
  if (items === undefined) return strange(schema);
  const rows = fc.array(fc.oneof({ weight: 2, arbitrary: allowed(items) }, { weight: 1, arbitrary: deeper(items) }), {
    minLength: 1,
    maxLength: 4,
  });
  return fc.oneof({ weight: 1, arbitrary: strange(schema) }, { weight: 2, arbitrary: rows });
}
