// What every answer has, whoever gives it: a route, the router, the parser, or nobody but Node.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STANDING_HEADERS } from '../../src/http/edge/standing-headers.js';
import { eachStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { TestApp } from '../support/test-app.js';
import { Wire, type WireAnswer } from '../support/wire.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MIB = 1_048_576;

eachStore((store) => {
  let app: TestApp;
  let url: string;
  beforeAll(async () => {
    app = await TestApp.start(store);
    url = await listening(app);
  });
  afterAll(() => app.stop());

  const ask = async (request: string): Promise<WireAnswer> => {
    const wire = await Wire.to(url);
    wire.send(request.replaceAll('KEY', app.key).replaceAll('\n', '\r\n'));
    try {
      return await wire.answer();
    } finally {
      wire.cut();
    }
  };
  const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\nHost: x\nX-API-Key: KEY\n${headers}\n`;
  const post = (path: string, headers: string, body: string): string =>
    `POST ${path} HTTP/1.1\nHost: x\nX-API-Key: KEY\nContent-Length: ${Buffer.byteLength(body)}\n${headers}\n${body}`;

  describe.each<[string, number, string]>([
    ['a list', 200, get('/v1/accounts')],
    ['something made', 201, post('/v1/keys', 'Content-Type: application/json\n', '{"name":"x","scope":"read"}')],
    ['OPTIONS', 204, 'OPTIONS /v1/accounts HTTP/1.1\nHost: x\n\n'],
    ['a body that is no JSON', 400, post('/v1/accounts', 'Content-Type: application/json\n', '{')],
    ['a body of wrong form', 400, post('/v1/accounts', 'Content-Type: application/json\n', '{}')],
    ['a broken percent-encoding', 400, get('/v1/accounts/%zz')],
    ['a part of a path that is too long', 400, get(`/v1/accounts/${'a'.repeat(101)}`)],
    ['a stranger', 401, 'GET /v1/accounts HTTP/1.1\nHost: x\n\n'],
    ['no such account', 404, get(`/v1/accounts/acc_${'f'.repeat(32)}`)],
    ['no such route', 404, get('/v1/nothing')],
    ['no such path at all', 404, get('/')],
    ['a path that is no path', 404, get('*v1/accounts')],
    ['a tunnel', 404, 'CONNECT elsewhere:443 HTTP/1.1\nHost: elsewhere:443\n\n'],
    ['another method', 405, 'DELETE /v1/accounts HTTP/1.1\nHost: x\n\n'],
    ['another media type asked for', 406, get('/v1/accounts', 'Accept: text/html\n')],
    [
      'a body that is too large',
      413,
      `POST /v1/accounts HTTP/1.1\nHost: x\nX-API-Key: KEY\nContent-Type: application/json\nContent-Length: ${MIB + 1}\n\n`,
    ],
    ['another media type sent', 415, post('/v1/accounts', 'Content-Type: text/plain\n', '{}')],
    ['the page of the document', 200, get('/docs')],
    ['a script of that page', 200, get('/docs/swagger-ui-init.js')],
    ['a file of that page', 200, get('/docs/favicon-16x16.png')],
    ['the document', 200, get('/openapi.json')],
    ['liveness', 200, get('/livez')],
    ['readiness', 200, get('/readyz')],
    ['readiness as of old', 200, get('/health')],
    ['a head that is too large', 431, get('/v1/accounts', `X-More: ${'x'.repeat(17_000)}\n`)],
    ['a method that was made up', 400, 'FROB /v1/accounts HTTP/1.1\nHost: x\n\n'],
    ['another protocol', 400, '\u0016\u0003\u0001\u0002'],
    ['another version', 400, 'GET / HTTP/4.0\n\n'],
    ['no host', 400, 'GET /livez HTTP/1.1\n\n'],
    ['two lengths', 400, 'POST /v1/accounts HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n\n{}'],
    [
      'a length and chunks',
      400,
      'POST /v1/accounts HTTP/1.1\nHost: x\nContent-Length: 2\nTransfer-Encoding: chunked\n\n{}',
    ],
  ])('%s, answered %i', (_name, status, request) => {
    it('has an id and the standing headers, and is a problem unless it is a success', async () => {
      const answer = await ask(request);
      expect(answer.status).toBe(status);
      expect(answer.headers['x-request-id']).toMatch(UUID);
      const { 'cache-control': cacheControl, ...secure } = STANDING_HEADERS;
      expect(answer.headers).toMatchObject(secure);
      expect([cacheControl, 'public, max-age=0']).toContain(answer.headers['cache-control']);
      if (status < 400) return;
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(JSON.parse(answer.text)).toMatchObject({ status, code: expect.any(String), title: expect.any(String) });
    });
  });

  it('lets nothing under /v1 be kept', async () => {
    for (const path of ['/v1/accounts', '/v1/transactions', '/v1/nothing', '/v1/%zz'])
      expect((await ask(get(path))).headers['cache-control']).toBe('no-store');
  });

  describe("the client's own request id", () => {
    it.each(['a', 'req-1', '01J9Z:7/x+y=@_.-', 'x'.repeat(128)])('%s is the id of the answer', async (id) => {
      for (const path of ['/v1/accounts', '/nothing', '/v1/%zz', '/livez'])
        expect((await ask(get(path, `X-Request-Id: ${id}\n`))).headers['x-request-id']).toBe(id);
    });

    it.each([
      '',
      'two words',
      'x'.repeat(129),
      '<script>alert(1)</script>',
      'a,b',
      'a"b',
      'é',
      'a\tb',
      'a;b',
      '{"level":"fatal"}',
      '%0d%0aSet-Cookie:x',
    ])('%j is not handed on', async (id) => {
      const answer = await ask(get('/nothing', `X-Request-Id: ${id}\n`));
      expect(answer.headers['x-request-id']).toMatch(UUID);
    });

    it('is not handed on where there are two', async () => {
      const answer = await ask(get('/livez', 'X-Request-Id: one\nX-Request-Id: two\n'));
      expect(answer.headers['x-request-id']).toMatch(UUID);
    });

    it('stands in the audit log beside what was done by it', async () => {
      const name = `id-${store.engine}`;
      await ask(
        post('/v1/keys', `Content-Type: application/json\nX-Request-Id: ${name}\n`, '{"name":"x","scope":"read"}'),
      );
      const { body } = await app.get('/v1/audit');
      expect(JSON.stringify(body)).toContain(name);
    });
  });

  describe('the page of the document', () => {
    it('runs under its own content security policy', async () => {
      const { text, headers } = await ask(get('/docs'));
      const policy = headers['content-security-policy']!;
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("style-src 'self' https: 'unsafe-inline'");
      expect(policy).not.toContain('upgrade-insecure-requests');
      const scripts = [...text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
      expect(scripts.length).toBeGreaterThanOrEqual(3);
      for (const [, attributes = '', inside = ''] of scripts) {
        expect(inside.trim()).toBe('');
        const source = /src="([^"]+)"/.exec(attributes)?.[1];
        expect(source).toMatch(/^\.\//);
        const script = await ask(get(new URL(source!, `${url}/docs`).pathname));
        expect(script.status).toBe(200);
        expect(script.headers['content-type']).toMatch(/javascript/);
      }
      expect(text).not.toMatch(/\son[a-z]+=/);
      expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    });
  });
});
