// Requests as they are thought up: good ones and spoilt ones of every operation, before it is known which ids there are.
import fc, { type Arbitrary } from 'fast-check';
import { type Operation, OPERATIONS, type Parameter } from '../support/document.js';
import { HEADERS, ID_PARTS, MEDIA_TYPES, METHODS, NAMES, PATHS, PAYLOADS, TEXTS } from './hostile.js';
import { type Ref } from './known.js';
import { allowed, forged, ref, spoilt, strange, useful } from './values.js';

/** Part of a URL that is written as it stands, not encoded. */
export class Raw {
  constructor(readonly text: string) {}
}

type UrlValue = Ref | Raw | string;

export interface Sketch {
  readonly operation: Operation;
  readonly caller: Caller;
  readonly method: string;
  /** What is done to the path when it is whole. */
  readonly bend: (path: string) => string;
  readonly id: UrlValue;
  readonly query: readonly (readonly [string, UrlValue])[];
  readonly headers: readonly (readonly [string, string])[];
  /** JSON with references in it. */
  readonly body?: unknown;
  /** Instead of `body`: as it is sent. */
  readonly payload?: string;
  readonly mediaType?: string;
}

/** Whose key is shown. `made`: one that an earlier request made. */
export const CALLERS = [
  'admin',
  'write',
  'read',
  'ada:write',
  'ada:read',
  'bob:admin',
  'made',
  'stranger',
  'nobody',
] as const;
export type Caller = (typeof CALLERS)[number];

const WEIGHTS: Readonly<Record<Caller, number>> = {
  admin: 40,
  write: 10,
  read: 3,
  'ada:write': 14,
  'ada:read': 2,
  'bob:admin': 5,
  made: 3,
  stranger: 1,
  nobody: 1,
};
const caller: Arbitrary<Caller> = fc.oneof(
  ...CALLERS.map((one) => ({ weight: WEIGHTS[one], arbitrary: fc.constant(one) })),
);

/** One of `usual`, or now and then of `rare`. */
function mostly<Usual, Rare>(weight: number, usual: Arbitrary<Usual>, rare: Arbitrary<Rare>): Arbitrary<Usual | Rare> {
  return fc.oneof({ weight, arbitrary: usual as Arbitrary<Usual | Rare> }, { weight: 1, arbitrary: rare });
}

/** The prefix of the ids that stand in a path after this word. */
const PREFIXES: Readonly<Record<string, string>> = {
  accounts: 'acc',
  transactions: 'txn',
  transfers: 'trf',
  holds: 'hld',
  enrollments: 'enr',
  keys: 'key',
  balances: 'bal',
};

function idFor({ path }: Operation): Arbitrary<UrlValue> {
  const noun = /(\w+)\/\{\w+\}/.exec(path)?.[1] ?? 'accounts';
  const prefix = PREFIXES[noun];
  if (prefix === undefined) throw new Error(`Nothing is known of the ids of ${noun}: say their prefix here.`);
  const odd = fc.oneof(
    fc.constantFrom('acc', 'txn', 'trf', 'hld', 'enr', 'key').chain(ref),
    forged(prefix),
    fc.constantFrom(...ID_PARTS).map((text) => new Raw(text)),
    fc.constantFrom(...TEXTS),
  );
  return mostly(12, useful(prefix), odd);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function valueFor(parameter: Parameter): Arbitrary<UrlValue> {
  const inUrl = (value: unknown): UrlValue =>
    typeof value === 'object' && value !== null ? (value as Ref) : asText(value);
  const odd = strange(parameter.schema).map((value) =>
    value !== null && typeof value === 'object' && !('kind' in value) ? asText(value).slice(0, 2_000) : inUrl(value),
  );
  const raw = fc.constantFrom('%', '%00', '%zz', '%C3', '%ED%A0%80', '+', '&', '#').map((text) => new Raw(text));
  return fc.oneof(
    { weight: 20, arbitrary: allowed(parameter.schema, parameter.name).map(inUrl) },
    { weight: 3, arbitrary: odd },
    { weight: 1, arbitrary: raw },
  );
}

function queryFor(operation: Operation): Arbitrary<Sketch['query']> {
  const known = operation.parameters.filter((parameter) => parameter.in === 'query');
  const pairs = known.map((one) => valueFor(one).map((value) => [one.name, value] as const));
  const some =
    pairs.length === 0
      ? fc.constant([])
      : fc.uniqueArray(fc.oneof(...pairs), { maxLength: 4, selector: ([name]) => name });
  const names = fc.constantFrom(...NAMES, ...known.flatMap(({ name }) => [name, `${name}[]`, `${name}[a]`]));
  const odd = fc.tuple(names, fc.constantFrom<UrlValue>('1', '', 'USD', new Raw('%'))).map((pair) => [pair]);
  return fc.tuple(some, mostly(12, fc.constant([]), odd)).map(([first, more]) => [...first, ...more]);
}

type Body = Pick<Sketch, 'body' | 'payload' | 'mediaType'>;

const hostileBody: Arbitrary<Body> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PAYLOADS).map((payload) => ({ payload })) },
  {
    weight: 1,
    arbitrary: fc.record({
      payload: fc.constantFrom('', '{}', '{"name":"x"}'),
      mediaType: fc.constantFrom(...MEDIA_TYPES),
    }),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);

function bodyFor({ body, method }: Operation): Arbitrary<Body> {
  if (body === undefined)
    return method === 'GET' ? mostly(40, fc.constant({}), hostileBody) : mostly(12, fc.constant({}), hostileBody);
  const good = allowed(body).map((whole) => ({ body: whole }));
  const otherType = fc.tuple(good, fc.constantFrom(...MEDIA_TYPES)).map(([one, mediaType]) => ({ ...one, mediaType }));
  return fc.oneof(
    { weight: 20, arbitrary: good },
    { weight: 6, arbitrary: spoilt(body).map((whole) => ({ body: whole })) },
    { weight: 1, arbitrary: otherType },
    { weight: 1, arbitrary: hostileBody },
  );
}

/** Few, so that the same one comes with the same body and with others. */
const onceKey = fc
  .constantFrom('once-1', 'once-2', 'once-3')
  .map((key): readonly [string, string] => ['idempotency-key', key]);

function headersFor({ method }: Operation): Arbitrary<Sketch['headers']> {
  const odd = fc.array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 2 });
  const none = fc.constant<Sketch['headers']>([]);
  return method === 'POST'
    ? fc.oneof(
        { weight: 6, arbitrary: none },
        { weight: 3, arbitrary: onceKey.map((one) => [one]) },
        { weight: 1, arbitrary: odd },
      )
    : mostly(8, none, odd);
}

function sketchOf(operation: Operation): Arbitrary<Sketch> {
  const straight = fc.constant((path: string) => path);
  return fc
    .record({
      caller,
      method: mostly(40, fc.constant(operation.method), fc.constantFrom(...METHODS)),
      bend: mostly(40, straight, fc.constantFrom(...PATHS)),
      id: idFor(operation),
      query: queryFor(operation),
      headers: headersFor(operation),
      body: bodyFor(operation),
    })
    .map(({ body, ...rest }) => ({ operation, ...rest, ...body }));
}

/** How often each is called; what is not named here is called once in so many. Syncs bring hundreds of lines at a time. */
const OFTEN: Readonly<Record<string, number>> = {
  Accounts_open: 6,
  Accounts_edit: 4,
  Accounts_close: 1,
  Balances_state: 8,
  Transactions_create: 10,
  Transactions_createMany: 4,
  Transactions_edit: 6,
  Transactions_list: 6,
  Transactions_listOfAccount: 5,
  Transactions_totals: 4,
  Balances_of: 5,
  Transfers_create: 8,
  Transfers_createMany: 4,
  Transfers_reverse: 4,
  Holds_reserve: 6,
  Holds_capture: 4,
  Statements_of: 5,
  Enrollments_enroll: 2,
  Sync_sync: 2,
  Enrollments_disconnect: 1,
};
const OTHERWISE = 3;

export const sketch: Arbitrary<Sketch> = fc.oneof(
  ...OPERATIONS.map((operation) => ({ weight: OFTEN[operation.id] ?? OTHERWISE, arbitrary: sketchOf(operation) })),
);
