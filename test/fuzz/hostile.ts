// What no field, parameter or header expects.

export const MEGABYTE = 'x'.repeat(1_048_576);

/** For strings. */
// prettier-ignore
export const TEXTS: readonly string[] = [
  '', ' ', '\u0000', 'a\u0000b', '\ud800', '\udc00x', 'x\ud83d', '😀', '👩‍👩‍👧‍👦', 'שלום', '\u202eabc', '\ufeffx', 'é', 'e\u0301', 'İ', 'ß', '\r\n', '\t', '\u0085', '\u2028',
  'NaN', 'Infinity', '-Infinity', 'null', 'undefined', 'true', '0', '-0', '1e3', '1.234', '0.001', '01', '+1', '.5', '5.', '1,000.00', ' 1', '١', '0x10', '1_000',
  '999999999999999', '1000000000000000', '10000000000000.00', '10000000000000.01', '-10000000000000.01', '9007199254740993', '99999999999999999999999999', `${'9'.repeat(400)}`, '0.00000000001',
  '2024-02-29', '2023-02-29', '2024-02-30', '2024-13-01', '0000-00-00', '0000-01-01', '9999-12-31', '10000-01-01', '2024-2-9', '2024-02-29T00:00:00Z', '20240229',
  '2024-02-30T00:00:00Z', '2026-11-21T24:00:00Z', '2026-11-21T12:00:60Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00', '2026-11-21T12:00:00',
  'usd', 'US', 'USDUSDUSD', 'XXX', 'ÜSD', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'admin', '*', '%', '%00', '_', "'", '"', "' OR 1=1 --", '$1', '?', ';', '\\', '../..', '<script>', '${7*7}', '{{7*7}}', '[object Object]',
];

/** Of other types. */
// prettier-ignore
export const OTHERS: readonly unknown[] = [
  null, true, false, 0, -1, 1.5, 1e3, 1e308, 9_007_199_254_740_992, 10 ** 15, [], {}, [null], [[]], [''], ['x', 'y'], { length: 1 }, { toString: 'x' }, { $ne: null },
];

/** Names of fields and parameters. */
// prettier-ignore
export const NAMES: readonly string[] = [
  'extra', 'id', 'owner', 'version', 'createdAt', 'source', 'constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', '', ' ', 'a.b', 'a[b]', 'limit[]', '\u0000', '\ud800', '😀', 'Limit', 'LIMIT', 'x'.repeat(5_000), '/', '~', '~1',
];

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + '1' + close.repeat(depth);

/** Bodies as they are sent. */
export const PAYLOADS: readonly string[] = [
  '',
  ' ',
  '{',
  '}',
  '{}',
  '[]',
  'null',
  'true',
  '0',
  '"x"',
  'NaN',
  '{}{}',
  '{"a":1,}',
  "{'a':1}",
  '{"a":01}',
  '{"a":1e999}',
  '{"a":NaN}',
  '{/**/}',
  '\ufeff{}',
  '{"name":"\\ud800"}',
  '{"name":"\\u0000"}',
  '{"name":"a","name":"b","kind":"manual","currency":"USD"}',
  '{"__proto__":{"name":"x"}}',
  '{"\\u005f_proto__":1}',
  '{"constructor":{"prototype":{"scope":"admin"}}}',
  nested(21, '{"a":', '}'),
  nested(10_000, '{"a":', '}'),
  nested(10_000, '[', ']'),
  `{"name":${nested(10_000, '[', ']')}}`,
  `{"name":"${MEGABYTE.slice(100)}"}`,
  `{"name":"${MEGABYTE}"}`,
  `{"transactions":[${Array(20_000).fill('{}').join()}],"mode":"atomic"}`,
  `{"ids":[${Array(100_000).fill('1').join()}],"mode":"independent"}`,
  `{${Array.from({ length: 5_000 }, (_, index) => `"f${index}":1`).join()}}`,
];

export const MEDIA_TYPES: readonly string[] = [
  'application/json; charset=utf-8',
  'Application/JSON',
  'application/json; charset=utf-16',
  'application/json; boundary=x',
  'application/json;',
  'application/problem+json',
  'application/merge-patch+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'text/json',
  '*/*',
  'json',
  ';',
  '/',
];

/** Headers, one at a time; printable, since the rest is no HTTP (see wire.test.ts). */
export const HEADERS: readonly (readonly [string, string])[] = [
  ...[
    '',
    '"',
    '*',
    '"1"',
    'W/"1"',
    '"1", "2"',
    '1',
    '"-1"',
    '"99999999999999999999"',
    'x'.repeat(4_000),
    '"a" "b"',
    ',,,',
  ].flatMap((tag) => [['if-match', tag] as const, ['if-none-match', tag] as const]),
  ...[
    '*/*',
    'application/json',
    'application/problem+json',
    'text/html',
    'application/*;q=0',
    '*/*;q=0',
    'application/json;q=0, */*',
    'application/json;q=x',
    ';;;',
    'a/b/c',
    ', ,',
    'x'.repeat(4_000),
  ].map((accept) => ['accept', accept] as const),
  ...['gzip', 'br', 'gzip, br;q=0.5', 'identity;q=0', '*;q=0', 'compress', 'x'].map(
    (encoding) => ['accept-encoding', encoding] as const,
  ),
  ...['bytes=0-1', 'bytes=-1', 'bytes=9-1', 'lines=1-2'].map((range) => ['range', range] as const),
  ...[
    '',
    'a b',
    'x'.repeat(129),
    '<script>',
    '${jndi:ldap://x}',
    '%0d%0aset-cookie: a=b',
    'good-id.1',
    '"',
    '../../etc/passwd',
  ].map((id) => ['x-request-id', id] as const),
  ...['', ' ', 'a b', 'x'.repeat(255), 'x'.repeat(256), 'k,l', '"quoted"'].map(
    (once) => ['idempotency-key', once] as const,
  ),
  ['authorization', 'Basic YTpi'],
  ['authorization', 'Bearer'],
  ['authorization', 'Bearer  '],
  ['authorization', `Bearer ${'x'.repeat(4_000)}`],
  ['x-api-key', ''],
  ['x-api-key', 'pbk_wrong'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'identity'],
  ['expect', '100-continue'],
  ['x-http-method-override', 'DELETE'],
  ['x-forwarded-for', '1.2.3.4, unknown, ::1'],
  ['x-forwarded-host', 'evil.example'],
  ['host', 'evil.example'],
  ['origin', 'https://evil.example'],
  ['access-control-request-method', 'DELETE'],
  ['if-modified-since', 'never'],
  ['cookie', 'a=b; c'],
  ['upgrade', 'h2c'],
  ['te', 'trailers'],
  ['prefer', 'return=minimal'],
];

export const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'TRACE',
  'PROPFIND',
  'PURGE',
];

/** How a path is spoilt; what a URL parser would make good again is sent over the wire. */
export const PATHS: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => path.replace('/v1', '//v1'),
  (path) => path.replace('/v1/', '/v1//'),
  (path) => path.toUpperCase(),
  (path) => `${path}%2f`,
  (path) => `${path}%00`,
  (path) => `${path}%`,
  (path) => `${path}%zz`,
  (path) => `${path}%ff`,
  (path) => `${path}%E0%A4`,
  (path) => `${path};a=b`,
  (path) => `${path}/extra`,
  (path) => path.replace('v1', '%76%31'),
  (path) => path.replace('/v1', '/v2'),
  (path) => path.replace('/v1', ''),
  (path) => `${path}.json`,
  (path) => `${path}${'/x'.repeat(500)}`,
  (path) => `${path}${'x'.repeat(5_000)}`,
];

/** Parts of a path where an id stands, as they are written in the URL. */
export const ID_PARTS: readonly string[] = [
  'x',
  '0',
  '-1',
  'null',
  'acc_',
  `acc_${'F'.repeat(32)}`,
  `acc_${'0'.repeat(31)}`,
  `acc_${'0'.repeat(33)}`,
  `txn_${'e'.repeat(32)}`,
  'totals',
  'bulk',
  '%20',
  '%00',
  '%',
  '%zz',
  '%ED%A0%80',
  '%C3%A9',
  '%2F',
  '%252f',
  '%3F',
  '%23',
  '{id}',
  ':id',
  '*',
  "'",
  'constructor',
  '__proto__',
  'x'.repeat(101),
  '😀',
];
