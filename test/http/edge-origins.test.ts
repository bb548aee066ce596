// Where a request comes from: pages of other origins, and addresses behind proxies.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEdge } from '../../src/http/edge/edge.js';
import { type HttpSettings } from '../../src/config/settings.js';
import { openAccount } from '../support/builders.js';
import { ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { runLog } from '../support/run-log.js';
import { TestApp } from '../support/test-app.js';

const LISTED = 'https://app.example.com';
const ALSO_LISTED = 'http://localhost:5173';
const PREFLIGHT = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' };

type Headers = Readonly<Record<string, string>>;
type Told = Readonly<Record<string, unknown>>;

const corsOf = (headers: Told): Told =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control')));

describe.each(ENGINES)('pages of other origins, on %s', (engine) => {
  let store: TestStore;
  let app: TestApp;
  const start = async (environment: Headers = {}): Promise<void> => {
    store = await makeStore(engine, environment);
    app = await TestApp.start(store);
  };
  const stop = async (): Promise<void> => {
    await app.stop();
    await store.dispose();
  };

  const ask = (method: 'GET' | 'OPTIONS' | 'POST' | 'PUT', url: string, headers: Headers) =>
    app.app.inject({ method, url, headers: { 'x-api-key': app.key, ...headers } });

  describe('where none are listed', () => {
    beforeAll(() => start());
    afterAll(stop);

    it('are told nothing', async () => {
      for (const path of ['/v1/accounts', '/v1/nothing', '/livez', '/openapi.json']) {
        const { headers } = await ask('GET', path, { origin: LISTED });
        expect(corsOf(headers)).toEqual({});
        expect(String(headers['vary'])).not.toMatch(/origin/i);
      }
    });

    it('get for a preflight what OPTIONS gives anyway', async () => {
      const { statusCode, headers } = await ask('OPTIONS', '/v1/accounts', { origin: LISTED, ...PREFLIGHT });
      expect({ statusCode, allow: headers['allow'], cors: corsOf(headers) }).toEqual({
        statusCode: 204,
        allow: 'GET, HEAD, POST, OPTIONS',
        cors: {},
      });
    });
  });

  describe('where some are listed', () => {
    beforeAll(() => start({ CORS_ORIGINS: `${LISTED}, ${ALSO_LISTED}` }));
    afterAll(stop);

    it.each([LISTED, ALSO_LISTED])('%s sees what it needs, and no credentials are asked for', async (origin) => {
      await openAccount(app);
      for (const path of ['/v1/accounts', '/v1/accounts/nonsense', '/v1/nothing', '/livez']) {
        const { headers } = await ask('GET', path, { origin });
        expect(corsOf(headers)).toEqual({
          'access-control-allow-origin': origin,
          'access-control-expose-headers':
            'ETag, Link, Location, X-Request-Id, Retry-After, Idempotency-Replayed, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Deprecation, Sunset',
        });
        expect(headers['vary']).toBe('Origin');
      }
    });

    it('a listed one sees refusals of every kind', async () => {
      const refused = [
        await ask('GET', '/v1/accounts', { origin: LISTED, 'x-api-key': 'wrong' }),
        await ask('GET', '/v1/accounts', { origin: LISTED, accept: 'text/html' }),
        await ask('PUT', '/v1/accounts', { origin: LISTED }),
      ];
      expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 406, 405]);
      for (const { headers } of refused) expect(headers['access-control-allow-origin']).toBe(LISTED);
    });

    it("a listed one's preflight is answered, to anybody and with all that answers have", async () => {
      const { statusCode, headers, body } = await ask('OPTIONS', '/v1/accounts', {
        origin: LISTED,
        'x-request-id': 'mine',
        ...PREFLIGHT,
        'x-api-key': 'nobody',
      });
      expect({ statusCode, body }).toEqual({ statusCode: 204, body: '' });
      expect(corsOf(headers)).toEqual({
        'access-control-allow-origin': LISTED,
        'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
        'access-control-allow-headers':
          'Authorization, X-API-Key, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id',
        'access-control-expose-headers': expect.any(String),
        'access-control-max-age': '7200',
      });
      expect(headers).toMatchObject({ 'x-request-id': 'mine', 'x-content-type-options': 'nosniff', vary: 'Origin' });
    });

    it.each([
      'https://app.example.com.evil.example',
      'https://evil.example',
      'http://app.example.com',
      'https://app.example.com:8443',
      'HTTPS://APP.EXAMPLE.COM',
      'null',
      '*',
      '',
    ])('%j is told nothing', async (origin) => {
      const { statusCode, headers } = await ask('GET', '/v1/accounts', { origin });
      expect({ statusCode, cors: corsOf(headers), vary: headers['vary'] }).toEqual({
        statusCode: 200,
        cors: {},
        vary: 'Origin',
      });
      const preflight = await ask('OPTIONS', '/v1/accounts', { origin, ...PREFLIGHT });
      expect(preflight.headers['allow']).toBe('GET, HEAD, POST, OPTIONS');
      expect(corsOf(preflight.headers)).toEqual({});
    });

    it('OPTIONS is answered as ever where it is no preflight', async () => {
      for (const headers of [{}, { origin: LISTED }] as Headers[]) {
        const known = await ask('OPTIONS', '/v1/accounts', headers);
        expect({ status: known.statusCode, allow: known.headers['allow'] }).toEqual({
          status: 204,
          allow: 'GET, HEAD, POST, OPTIONS',
        });
        const unknown = await ask('OPTIONS', '/v1/nothing', headers);
        expect({ status: unknown.statusCode, code: unknown.json().code }).toEqual({
          status: 404,
          code: 'route_unknown',
        });
      }
    });
  });
});

describe("a request's address", () => {
  const addressOf = async (trustedProxies: HttpSettings['trustedProxies'], from: string, forwarded: string) => {
    const edge = openEdge(
      {
        host: '127.0.0.1',
        port: 0,
        bodyLimitBytes: 1_024,
        headersTimeoutMs: 1_000,
        requestTimeoutMs: 1_000,
        keepAliveTimeoutMs: 1_000,
        trustedProxies,
        corsOrigins: [],
      },
      runLog,
    );
    edge.get('/', ({ ip }) => ip);
    const { body } = await edge.inject({ url: '/', remoteAddress: from, headers: { 'x-forwarded-for': forwarded } });
    await edge.close();
    return body;
  };

  it.each<[string, string, string, HttpSettings['trustedProxies'], string]>([
    ['the one that connects, whatever it says', '198.51.100.1', '203.0.113.9', undefined, '198.51.100.1'],
    ['the one that a known proxy names', '10.0.0.1', '203.0.113.9', ['10.0.0.1'], '203.0.113.9'],
    ['the one that a proxy of a known network names', '10.9.8.7', '203.0.113.9', ['::1', '10.0.0.0/8'], '203.0.113.9'],
    ['the nearest that no known proxy is', '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', ['10.0.0.0/8'], '203.0.113.9'],
    ['the one that connects, when it is no known proxy', '198.51.100.1', '203.0.113.9', ['10.0.0.0/8'], '198.51.100.1'],
    ['the one before the last proxy of one', '10.0.0.1', '6.6.6.6, 203.0.113.9', 1, '203.0.113.9'],
    ['the one before the last proxy of two', '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', 2, '203.0.113.9'],
    ['the one that connects behind no proxy', '198.51.100.1', '203.0.113.9', 0, '198.51.100.1'],
    ['an IPv6 address', '::1', '2001:db8::1', ['::1'], '2001:db8::1'],
  ])('is %s', async (_name, from, forwarded, proxies, address) => {
    expect(await addressOf(proxies, from, forwarded)).toBe(address);
  });

  it.each(['', ',', 'nonsense', '1.2.3.4:80', '<script>', "' OR 1=1 --", 'x'.repeat(5_000)])(
    'survives a proxy that hands on %j',
    async (forwarded) => {
      expect(await addressOf(['10.0.0.1'], '10.0.0.1', forwarded)).toEqual(expect.any(String));
    },
  );
});
