// Methods and paths: HEAD is GET without its body, OPTIONS says what there is, and a slash at the end means nothing.
import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount, keepLine } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { pathOf, type Route, routesOf } from '../support/routes.js';
import { TestApp } from '../support/test-app.js';
import { Wire, type WireAnswer } from '../support/wire.js';

/** What it asks for is a tunnel and no path. */
const TUNNEL = 'CONNECT';

eachStore((store) => {
  let app: TestApp;
  let url: string;
  let routes: Route[];
  let there: Record<string, string>;
  beforeAll(async () => {
    app = await TestApp.start(store);
    url = await listening(app);
    routes = await routesOf(app);
    const account = await openAccount(app);
    there = { accounts: account.id, transactions: (await keepLine(app, account)).id };
  });
  afterAll(() => app.stop());

  const ask = async (method: string, path: string, key = app.key): Promise<WireAnswer> => {
    const wire = await Wire.to(url);
    wire.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\n\r\n`);
    try {
      return await wire.answer({ hasBody: method !== 'HEAD' });
    } finally {
      wire.cut();
    }
  };
  const concrete = (route: Route): string => pathOf(route, there[route.path.split('/')[2] ?? '']);

  /** What every path of the document has, with what is had besides. A name like `totals` is in the place of an id, too. */
  const paths = (): Map<string, string[]> =>
    new Map(
      routes.map(concrete).map((path) => {
        const fits = routes.filter((route) => new RegExp(`^${route.path.replace('{id}', '[^/]+')}$`).test(path));
        const own = new Set(fits.map(({ method }) => method as string));
        return [path, [...own, ...(own.has('GET') ? ['HEAD'] : []), 'OPTIONS']];
      }),
    );

  it('HEAD says of every route what GET says, without the body', async () => {
    const readable = routes.filter(({ method }) => method === 'GET');
    expect(readable.length).toBeGreaterThanOrEqual(10);
    for (const path of [...readable.map(concrete), '/openapi.json', '/docs', '/docs/swagger-ui.css']) {
      const [head, whole] = [await ask('HEAD', path), await ask('GET', path)];
      const told = ({ status, headers }: WireAnswer): object => ({
        path,
        status,
        headers: { ...headers, 'x-request-id': 'its own', date: 'now' },
      });
      expect(told(head)).toEqual(told(whole));
      expect(whole.text.length).toBeGreaterThan(0);
    }
  });

  it('HEAD leaves the connection in order', async () => {
    const wire = await Wire.to(url);
    const request = `HTTP/1.1\r\nHost: x\r\nX-API-Key: ${app.key}\r\n\r\n`;
    for (const path of ['/v1/accounts', '/v1/nothing', '/openapi.json']) {
      wire.send(`HEAD ${path} ${request}GET /livez ${request}`);
      await wire.answer({ hasBody: false });
      expect((await wire.answer()).text).toBe('{"status":"ok"}');
    }
    wire.cut();
  });

  it('OPTIONS says of every path what it takes, to anybody', async () => {
    for (const [path, methods] of paths()) {
      const answer = await ask('OPTIONS', path, 'nobody');
      expect({ path, status: answer.status, text: answer.text }).toEqual({ path, status: 204, text: '' });
      expect(answer.headers['allow']?.split(', ').toSorted()).toEqual(methods.toSorted());
      expect(answer.headers['content-type']).toBeUndefined();
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('every other method on every path is refused, and told what there is', async () => {
    for (const [path, methods] of paths()) {
      const answers = METHODS.filter((method) => !methods.includes(method) && method !== TUNNEL);
      expect(answers).toContain('TRACE');
      for (const method of answers) {
        const { status, headers, text } = await ask(method, path, 'nobody');
        expect({ method, path, status }).toEqual({ method, path, status: 405 });
        if (method !== 'HEAD') expect(JSON.parse(text).code).toBe('method_not_allowed');
        expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
        expect(headers['allow']?.split(', ').toSorted()).toEqual(methods.toSorted());
      }
    }
  });

  it('a path that nothing has is unknown by any method', async () => {
    const paths = [
      '/',
      '/v1',
      '/v2/accounts',
      '/v1/nothing',
      '/v1/accounts/a/b/c',
      '/V1/accounts',
      '/v1/accounts//',
      '//v1/accounts',
      '*v1/accounts',
      '*',
    ];
    for (const path of paths)
      for (const method of ['GET', 'POST', 'DELETE', 'TRACE', 'OPTIONS', 'PROPFIND']) {
        const { status, text, headers } = await ask(method, path);
        expect({ method, path, status, code: JSON.parse(text).code }).toEqual({
          method,
          path,
          status: 404,
          code: 'route_unknown',
        });
        expect(headers['allow']).toBeUndefined();
      }
  });

  describe('a slash at the end', () => {
    it('means nothing, on any route', async () => {
      for (const route of routes.filter(({ method }) => method === 'GET')) {
        const path = concrete(route);
        expect({ path, status: (await ask('GET', `${path}/`)).status }).toEqual({
          path,
          status: (await ask('GET', path)).status,
        });
      }
    });

    it('means nothing before a query or by another method', async () => {
      expect((await ask('GET', '/v1/accounts/?limit=1')).status).toBe(200);
      expect((await ask('OPTIONS', '/v1/accounts/')).headers['allow']).toBe('GET, HEAD, POST, OPTIONS');
      expect((await ask('PUT', '/v1/accounts/')).status).toBe(405);
      const made = await app.post('/v1/accounts/', { kind: 'manual', name: 'Slash', currency: 'USD' });
      expect(made.status).toBe(201);
      expect((await app.patch(`/v1/accounts/${made.body.id}/`, { name: 'Slashed' })).body.name).toBe('Slashed');
    });
  });

  it.each([
    '//v1/accounts',
    '/v1//accounts',
    '/v1/accounts//',
    '/v1/accounts//transactions',
    '/v1/./accounts',
    '/v1/../v1/accounts',
    '/v1/accounts/../accounts',
    '/v1%2faccounts',
    '/v1/accounts%2f',
    '/v1/accounts/%2e%2e',
    '/v1/accounts/..%2f..%2flivez',
    '/v1/accounts;a=b',
    '/v1/accounts%00',
    '/v1/accounts/%00',
    '/v1/accounts/%ff',
    '/v1/accounts/%',
    '/v1/accounts/%c0%af',
    '/docs/../package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/docs/swagger-ui.css%00',
    'http://',
    'nothing',
  ])('%s leads nowhere', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE']) {
      const { status, headers } = await ask(method, path);
      expect({ method, status, isRefused: [400, 403, 404, 405].includes(status) }).toEqual({
        method,
        status,
        isRefused: true,
      });
      expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    }
  });

  it('an address with its host before it is that address', async () => {
    expect((await ask('GET', 'http://passbook.example/v1/accounts?limit=1')).status).toBe(200);
    expect((await ask('GET', 'http://passbook.example/v1/accounts', 'nobody')).status).toBe(401);
  });
});
