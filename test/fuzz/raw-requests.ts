// Requests as bytes: heads and bodies that no HTTP client would let through.
import fc, { type Arbitrary } from 'fast-check';

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** What ends each line. */
  readonly lineEnd: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** In Latin-1: each letter is a byte. @param key stands for a key that is good */
export function bytesOf({ method, target, version, lineEnd, headers, body }: RawRequest, key: string): Buffer {
  const first = [method, target, version].filter((part) => part !== '').join(' ');
  const head = [first, ...headers.map((header) => header.replace('$KEY', key)), '', ''].join(lineEnd);
  return Buffer.from(head + body, 'latin1');
}

function mostly<Value>(usual: Arbitrary<Value>, odd: Arbitrary<Value>): Arbitrary<Value> {
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const LONG = 'x'.repeat(20_000);

// prettier-ignore
const METHODS_ODD = ['get', 'G E T', '', 'GET\0', 'CONNECT', 'TRACE', 'PRI', 'M-SEARCH', 'QUERY', 'MADEUP', '\x80', LONG, '{"a":1}', 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET'];
// prettier-ignore
const TARGETS_ODD = [
  '', '*', '/', '//', '/v1/../v1/accounts', '/v1/./accounts', '/v1/accounts/..', '/v1/%2e%2e/v1/accounts', '/v1/accounts/%2e%2e/keys', '/v1/accounts/..%2fkeys', '/v1/accounts/.', '/v1/accounts\\..\\keys',
  'http://evil.example/v1/accounts', 'https://evil.example', 'evil.example:443', '/v1/accounts\x80', utf8('/v1/é'), '/v1/acc ounts', '/v1/accounts\0', '/v1/accounts?', '/v1/accounts#x', '/v1/accounts?\xff=1',
  '/v1/accounts?limit=1&&&', '/v1/accounts?=&=', `/v1/accounts?${'a=1&'.repeat(3_000)}`, `/v1/${LONG}`, '?limit=1', '/v1/accounts;v=1', '/v1/accounts/acc_%00', '/v1/accounts/%u0041',
];
const VERSIONS_ODD = [
  '',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9.9',
  'http/1.1',
  'HTTP/1.1 x',
  'HTTPS/1.1',
  'ICE/1.0',
];

const HOST = 'Host: 127.0.0.1';
const KEY = 'Authorization: Bearer $KEY';
const JSON_TYPE = 'Content-Type: application/json';
// prettier-ignore
const HEADERS_ODD = [
  'no colon', ': no name', ' Continued: x', 'A B: x', 'A\0: x', 'X: a\0b', 'X: a\rb', 'X: \x80\xff', `X: ${LONG}`, 'X\t: y', 'X:', HOST, 'Host: a, b', 'Host:', 'Host: \x00', KEY, 'Authorization: Bearer other', 'X-API-Key: $KEY', 'X-API-Key: other',
  'Content-Length: 2', 'Content-Length: 0', 'Content-Length: -1', 'Content-Length: +2', 'Content-Length: 0x2', 'Content-Length: 2, 2', 'Content-Length: 2, 3', 'Content-Length: 99999999999999999999', 'Content-Length: 1048577', 'Content-Length: x',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding: x', 'Transfer-Encoding : chunked',
  JSON_TYPE, 'Content-Type: text/plain', 'Content-Type: \xe9', 'Content-Encoding: gzip', 'Expect: 100-continue', 'Expect: 200-ok', 'Connection: close', 'Connection: upgrade', 'Upgrade: websocket', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__',
  'Idempotency-Key: a', 'Idempotency-Key: b', 'If-Match: "1"', 'If-Match: \xe9', 'Accept: text/html', 'Accept: \xff', 'X-Request-Id: a\tb', 'X-Request-Id: \xe9', 'X-Request-Id: one', 'X-Request-Id: two', 'Cookie: a=b', 'Range: bytes=0-0', 'Trailer: X', 'TE: trailers',
  'X-Forwarded-For: \x01', 'Forwarded: for=_x', 'Origin: null',
];
const MANY = Array.from({ length: 2_500 }, (_, index) => `X-${index}: ${index}`);

const ACCOUNT = '{"kind":"manual","name":"Cash","currency":"USD"}';
const chunked = (...chunks: readonly string[]): string =>
  chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('') + '0\r\n\r\n';
// prettier-ignore
const BODIES = [
  '', '{}', ACCOUNT, utf8('{"kind":"manual","name":"é😀","currency":"USD"}'), '{"kind":"manual","name":"\xff","currency":"USD"}', '{"kind":"manual","name":"\xed\xa0\x80","currency":"USD"}', '\xef\xbb\xbf{}', '\xff\xfe{\0}\0', '\x1f\x8b\x08\0\0\0\0\0',
  chunked(ACCOUNT), chunked(...ACCOUNT), '5\r\n{}\r\n0\r\n\r\n', 'zz\r\n{}\r\n0\r\n\r\n', '-1\r\n{}\r\n', 'ffffffffffffffff\r\n{}', '2;x=y\r\n{}\r\n0\r\nX-Trailer: \x00\r\n\r\n', '0\r\n\r\n', LONG,
  'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n', '\r\n\r\n', '\0\0\0\0',
];

/** One that is whole, to be spoilt by what comes beside it. */
const usualRequests: readonly (readonly [method: string, target: string])[] = [
  ['GET', '/v1/accounts'],
  ['GET', '/livez'],
  ['GET', '/v1/transactions?limit=1'],
  ['HEAD', '/v1/accounts'],
  ['OPTIONS', '/v1/accounts'],
  ['POST', '/v1/accounts'],
  ['POST', '/v1/transactions/bulk'],
  ['PATCH', `/v1/accounts/acc_${'f'.repeat(32)}`],
  ['DELETE', `/v1/transactions/txn_${'f'.repeat(32)}`],
  ['GET', '/nowhere'],
];

const headers = fc.oneof(
  { weight: 20, arbitrary: fc.array(fc.constantFrom(...HEADERS_ODD), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant(MANY) },
);

export const rawRequest: Arbitrary<RawRequest> = fc
  .tuple(
    fc.constantFrom(...usualRequests),
    mostly(fc.constant(undefined), fc.constantFrom<string | undefined>(...METHODS_ODD)),
    mostly(fc.constant(undefined), fc.constantFrom<string | undefined>(...TARGETS_ODD)),
    mostly(fc.constant('HTTP/1.1'), fc.constantFrom(...VERSIONS_ODD)),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant('\r\n') },
      { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\n\t') },
    ),
    mostly(fc.constant<string[]>([HOST, KEY]), fc.constantFrom<string[]>([], [HOST], [KEY])),
    headers,
    fc.constantFrom(...BODIES),
    mostly(fc.constant(true), fc.constant(false)),
  )
  .map(([[method, target], otherMethod, otherTarget, version, lineEnd, first, more, body, isMeasured]) => ({
    method: otherMethod ?? method,
    target: otherTarget ?? target,
    version,
    lineEnd,
    headers: [
      ...first,
      ...more,
      ...(isMeasured && body !== ''
        ? [JSON_TYPE, body.endsWith('0\r\n\r\n') ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`]
        : []),
    ],
    body,
  }));
