// What a client takes and what it sends: media types, charsets, codings.
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compressLargeAnswers } from '../../src/http/edge/compression.js';
import { expectRefusal, keepLine, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';

const ACCOUNT = '{"kind":"manual","name":"x","currency":"USD"}';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
    const account = await openAccount(app);
    for (let line = 0; line < 60; line += 1) await keepLine(app, account, { description: `Line ${line}`.repeat(4) });
  });
  afterAll(() => app.stop());
  // Requests that are injected leave nothing else its turn, which over SQLite is taken for more work than can be done.
  beforeEach(() => sleep(1));

  describe('Accept', () => {
    const accepting = (accept: string, path = '/v1/accounts'): Promise<Answer> =>
      app.get(path, { headers: { accept } });

    it.each([
      '*/*',
      'application/*',
      'application/json',
      'APPLICATION/JSON',
      'application/json;charset=utf-8',
      'application/json; q=0.5',
      'application/problem+json',
      'text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8',
      'text/html,*/*;q=0.001',
      'text/html;q=1, application/json;q=0.1',
      'application/*;q=0, application/json',
      '*/*;q=0, application/*',
      'application/json;q=0, application/json',
      ', ,application/json,',
      'application/json;version="1;q=0"',
    ])('%j takes JSON', async (accept) => {
      expect((await accepting(accept)).status).toBe(200);
    });

    it.each([
      '',
      'nonsense',
      '*',
      'text/html, *; q=.2',
      'text',
      'text/html;q=2',
      'text/html;q=-1',
      'text/html;q=abc',
      'text/html;q=0.1234',
      'text/html;;',
      'text/html application/xml',
      'text/html; charset',
      '*/json',
      '<script>',
      '/',
      ',',
      'text/html, '.repeat(200),
    ])('%j cannot be read, and asks for nothing', async (accept) => {
      expect((await accepting(accept)).status).toBe(200);
    });

    it.each([
      'text/html',
      'text/*',
      'application/xml',
      'application/jsonp',
      'application/json-seq',
      'application/json;q=0',
      'application/json;q=0.000, */*',
      'application/json; Q=0, application/*',
      'application/*;q=0, */*',
      '*/*;q=0',
      'text/html, image/*;q=0.5',
      'application/problem+json;q=0, text/html',
    ])('%j takes no JSON, and is told so by a problem', async (accept) => {
      for (const path of ['/v1/accounts', '/v1/accounts/nonsense', '/v1/transactions?limit=1'])
        expectRefusal(await accepting(accept, path), 406, 'not_acceptable');
    });

    it('is looked at before the key, and after route and method', async () => {
      const headers = { accept: 'text/html' };
      expectRefusal(await app.get('/v1/accounts', { headers, key: undefined }), 406, 'not_acceptable');
      expectRefusal(await app.get('/v1/nothing', { headers }), 404, 'route_unknown');
      expectRefusal(await app.call('PUT', '/v1/accounts', { headers }), 405, 'method_not_allowed');
    });

    it('changes nothing where it is refused', async () => {
      const before = (await app.get('/v1/accounts')).text;
      const answer = await app.post('/v1/accounts', JSON.parse(ACCOUNT), { headers: { accept: 'text/csv' } });
      expectRefusal(answer, 406, 'not_acceptable');
      expect((await app.get('/v1/accounts')).text).toBe(before);
    });

    it('is nothing to the probes and the page of the document', async () => {
      for (const path of ['/livez', '/readyz', '/health', '/docs', '/openapi.json'])
        expect((await accepting('image/png', path)).status).toBe(200);
    });
  });

  describe('the body of a request', () => {
    const sending = (headers: Record<string, string>, payload = ACCOUNT): Promise<Answer> =>
      app.call('POST', '/v1/accounts', { payload, headers });

    it.each([
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'application/json; Charset="Utf-8"',
      'application/json; profile=x',
    ])('is read as %s', async (type) => {
      expect((await sending({ 'content-type': type })).status).toBe(201);
    });

    it.each(['latin1', 'iso-8859-1', 'utf-16', 'utf8', 'us-ascii', '"utf-16"', 'x'])(
      'is not read in charset %s',
      async (charset) => {
        const answer = await sending({ 'content-type': `application/json; charset=${charset}` });
        expectRefusal(answer, 415, 'media_type_unsupported');
      },
    );

    it.each(['gzip', 'br', 'deflate', 'gzip, identity', 'nonsense', 'GZIP'])(
      'is not read in coding %s',
      async (coding) => {
        expectRefusal(await sending({ 'content-encoding': coding }), 415, 'media_type_unsupported');
      },
    );

    it('may say that it has no coding', async () => {
      expect((await sending({ 'content-encoding': 'Identity' })).status).toBe(201);
    });
  });

  describe('compression', () => {
    const page = (accept: string | undefined, path = '/v1/transactions?limit=50', method: 'GET' | 'HEAD' = 'GET') =>
      app.app.inject({
        method,
        url: path,
        headers: { 'x-api-key': app.key, ...(accept === undefined ? {} : { 'accept-encoding': accept }) },
      });

    it.each<[string, string | undefined]>([
      ['br', 'br'],
      ['br', 'gzip, deflate, br, zstd'],
      ['br', 'gzip;q=0.5, br;q=0.5'],
      ['br', '*'],
      ['gzip', 'gzip'],
      ['gzip', 'GZIP'],
      ['gzip', 'br;q=0.5, gzip;q=0.8'],
      ['gzip', '*, br;q=0'],
      ['gzip', 'gzip;q=0.2, identity;q=0.1'],
    ])('is %s for %j', async (coding, accept) => {
      const [bare, compressed] = [await page(undefined), await page(accept)];
      expect(compressed.headers['content-encoding']).toBe(coding);
      expect(compressed.headers['content-length']).toBe(String(compressed.rawPayload.length));
      const unpack = coding === 'br' ? brotliDecompressSync : gunzipSync;
      expect(unpack(compressed.rawPayload).toString()).toBe(bare.body);
      expect(compressed.rawPayload.length * 4).toBeLessThan(bare.rawPayload.length);
      for (const answer of [bare, compressed]) expect(answer.headers['vary']).toBe('Accept-Encoding');
    });

    it.each([undefined, '', 'identity', 'deflate', 'zstd', 'br;q=0', '*;q=0', 'identity, br;q=0.5', 'br;q=x', 'b r'])(
      'is none for %j',
      async (accept) => {
        const answer = await page(accept);
        expect(answer.headers['content-encoding']).toBeUndefined();
        expect(answer.json().data).toHaveLength(50);
      },
    );

    it('is none for an answer that is small', async () => {
      const small = await page('br', '/v1/transactions?limit=1');
      expect(small.headers['vary']).toBeUndefined();
      expect(small.headers['content-encoding']).toBeUndefined();
    });

    it('is none where keys are', async () => {
      for (let key = 0; key < 30; key += 1) await app.keyFor({ name: 'k'.repeat(100) });
      const keys = await page('br', '/v1/keys?limit=30');
      expect(keys.rawPayload.length).toBeGreaterThan(4_096);
      expect(keys.headers['content-encoding']).toBeUndefined();
    });

    it('is none under a strong tag, which names the very bytes', async () => {
      const edge = fastify();
      compressLargeAnswers(edge, []);
      edge.get('/tagged', (_request, reply) => reply.header('etag', '"1"').send('x'.repeat(5_000)));
      edge.get('/bare', (_request, reply) => reply.header('vary', 'Origin').send('x'.repeat(5_000)));
      const get = (url: string) => edge.inject({ url, headers: { 'accept-encoding': 'br' } });
      const [tagged, bare] = [await get('/tagged'), await get('/bare')];
      expect(tagged.body).toBe('x'.repeat(5_000));
      expect(bare.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Origin, Accept-Encoding' });
      await edge.close();
    });

    it('is nothing to HEAD, which says how long the bare answer is', async () => {
      const [head, bare] = [await page('br', '/v1/transactions', 'HEAD'), await page(undefined, '/v1/transactions')];
      expect(head.headers['content-encoding']).toBeUndefined();
      expect(head.headers['content-length']).toBe(bare.headers['content-length']);
      expect(head.headers['vary']).toBe('Accept-Encoding');
      expect(head.body).toBe('');
    });
  });
});
