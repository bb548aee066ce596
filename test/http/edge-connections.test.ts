// Connections that are slow, silent, broken off or full: each is answered where it can be and then cut, and nobody else notices.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepLine, openAccount } from '../support/builders.js';
import { ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { Wire, type WireAnswer } from '../support/wire.js';

const HEADERS_MS = 200;
const REQUEST_MS = 500;
const KEEP_ALIVE_MS = 100;

describe.each(ENGINES)('connections, on %s', (engine) => {
  let store: TestStore;
  let app: TestApp;
  let url: string;
  let head: string;
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  beforeAll(async () => {
    process.on('unhandledRejection', note);
    store = await makeStore(engine, {
      HEADERS_TIMEOUT_MS: String(HEADERS_MS),
      REQUEST_TIMEOUT_MS: String(REQUEST_MS),
      KEEP_ALIVE_TIMEOUT_MS: String(KEEP_ALIVE_MS),
    });
    app = await TestApp.start(store);
    url = await listening(app);
    head = `Host: x\r\nX-API-Key: ${app.key}\r\n`;
    const account = await openAccount(app);
    for (let line = 0; line < 100; line += 1) await keepLine(app, account);
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
    process.off('unhandledRejection', note);
    expect(faults).toEqual([]);
  });

  const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\n${head}${more}\r\n`;
  const post = (body: string, length = Buffer.byteLength(body), more = ''): string =>
    `POST /v1/accounts HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n${body}`;
  const account = (name: string): string => JSON.stringify({ kind: 'manual', name, currency: 'USD' });
  const names = async (): Promise<string[]> => {
    const { body } = await app.get('/v1/accounts?limit=500');
    return (body.data as { name: string }[]).map(({ name }) => name);
  };

  const expectProblem = ({ status, headers, text }: WireAnswer, expected: number, code: string): void => {
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: expected, code });
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      connection: 'close',
    });
  };
  /** That nothing was said after the last words. */
  const expectEnd = async (wire: Wire): Promise<void> => {
    await wire.closed();
    expect(wire.pending).toBe('');
    expect(wire.isReset).toBe(false);
  };
  const served = async (): Promise<number> =>
    (await fetch(`${url}/v1/accounts`, { headers: { 'x-api-key': app.key } })).status;

  describe('that keep the server waiting', () => {
    it('with a head that comes byte by byte are told so and cut', async () => {
      const wire = await Wire.to(url);
      const drip = setInterval(() => wire.send('X'), 20);
      wire.send('GET /v1/accounts HTTP/1.1\r\nHost: x\r\nX-');
      const answer = await wire.answer();
      clearInterval(drip);
      expectProblem(answer, 408, 'request_too_slow');
      await expectEnd(wire);
    });

    it('with a body that comes byte by byte are told so and cut, and nothing is done', async () => {
      const wire = await Wire.to(url);
      const drip = setInterval(() => wire.send(' '), 20);
      wire.send(post(account('never whole'), 100_000, 'X-Request-Id: slow-body\r\n'));
      const answer = await wire.answer();
      clearInterval(drip);
      expect(answer.headers['x-request-id']).toBe('slow-body');
      expectProblem(
        { ...answer, headers: { ...answer.headers, 'x-request-id': 'a'.repeat(36) } },
        408,
        'request_too_slow',
      );
      await expectEnd(wire);
      expect(await names()).not.toContain('never whole');
    });

    it('by saying nothing at all are told so and cut', async () => {
      const wire = await Wire.to(url);
      expectProblem(await wire.answer(), 408, 'request_too_slow');
      await expectEnd(wire);
    });

    it('by saying nothing after an answer are cut without a word', async () => {
      const wire = await Wire.to(url);
      wire.send(get('/livez'));
      expect((await wire.answer()).headers['connection']).toBe('keep-alive');
      await expectEnd(wire);
    });

    it('by going on slowly after they were told are cut all the same', async () => {
      const wire = await Wire.to(url);
      wire.send('GET / HT');
      await wire.answer();
      const drip = setInterval(() => wire.send('x'), 20);
      await new Promise((resolve) => wire.socket.once('close', resolve));
      clearInterval(drip);
      expect(wire.isClosed).toBe(true);
    });

    it('hold up nobody else', async () => {
      const slow = await Promise.all(Array.from({ length: share({ test: 100, prove: 1_000 }) }, () => Wire.to(url)));
      for (const [index, wire] of slow.entries()) wire.send(index % 2 === 0 ? 'GET /v1' : post('{', 50_000));
      const drip = setInterval(() => {
        for (const wire of slow) wire.send(' ');
      }, 50);
      const statuses = [];
      for (let turn = 0; turn < 50; turn += 1) statuses.push(await served());
      expect(new Set(statuses)).toEqual(new Set([200]));
      await Promise.all(slow.map((wire) => wire.closed()));
      clearInterval(drip);
      expect(await served()).toBe(200);
    });

    it.each<[string, number]>([
      ['/v1/accounts', 401],
      ['/v1/accounts/%zz', 400],
    ])('with a body that %s does not wait for are answered once, and cut', async (path, status) => {
      const wire = await Wire.to(url);
      wire.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50000\r\n\r\n{`);
      expect((await wire.answer()).status).toBe(status);
      await expectEnd(wire);
    });
  });

  describe('with more than one request', () => {
    it('get their answers in the order of the requests', async () => {
      const wire = await Wire.to(url);
      const ids = Array.from({ length: 50 }, (_, index) => `in-turn-${index}`);
      const paths = ['/v1/transactions?limit=100', '/livez', '/v1/nothing', '/v1/accounts'];
      wire.send(ids.map((id, index) => get(paths[index % 4]!, `X-Request-Id: ${id}\r\n`)).join(''));
      for (const [index, id] of ids.entries()) {
        const { status, headers } = await wire.answer();
        expect({ id: headers['x-request-id'], status }).toEqual({ id, status: [200, 200, 404, 200][index % 4] });
      }
      wire.cut();
    });

    it('get the answers that are due before they are told of what is wrong, and each deed is done once', async () => {
      const wire = await Wire.to(url);
      wire.send(`${post(account('before garbage'))}${get('/livez')}what is this\r\n\r\n`);
      expect((await wire.answer()).status).toBe(201);
      expect((await wire.answer()).text).toBe('{"status":"ok"}');
      expectProblem(await wire.answer(), 400, 'request_unreadable');
      await expectEnd(wire);
      expect((await names()).filter((name) => name === 'before garbage')).toHaveLength(1);
    });

    it('lose nothing of an answer that is under way', async () => {
      const wire = await Wire.to(url);
      wire.send(get('/openapi.json'));
      wire.send('\u0000\u0001\u0002');
      const answer = await wire.answer();
      expect(answer.status).toBe(200);
      expect(Object.keys(JSON.parse(answer.text).paths).length).toBeGreaterThan(10);
      expectProblem(await wire.answer(), 400, 'request_unreadable');
      await expectEnd(wire);
    });

    it('are told once of much that is wrong', async () => {
      const wire = await Wire.to(url);
      for (let turn = 0; turn < 20; turn += 1) wire.send('nonsense\r\n\r\n'.repeat(1_000));
      expectProblem(await wire.answer(), 400, 'request_unreadable');
      // A reset would take the answer from a client that has not read it yet.
      for (let turn = 0; turn < 5; turn += 1) await wire.send('and on').rest();
      await expectEnd(wire);
    });

    it('go on after a refusal', async () => {
      const wire = await Wire.to(url);
      wire.send(
        `${get('/v1/nothing')}${get('/v1/accounts/%zz')}PUT /v1/accounts HTTP/1.1\r\n${head}\r\n${post('{}')}${get('/livez')}`,
      );
      const statuses = [];
      for (let answer = 0; answer < 5; answer += 1) statuses.push((await wire.answer()).status);
      expect(statuses).toEqual([404, 400, 405, 400, 200]);
      wire.cut();
    });
  });

  describe('whose bodies are not as announced', () => {
    it('shorter: are waited for, and nothing is done', async () => {
      const wire = await Wire.to(url);
      wire.send(post(account('too short'), 200));
      expectProblem(await wire.answer(), 408, 'request_too_slow');
      await expectEnd(wire);
      expect(await names()).not.toContain('too short');
    });

    it('shorter, and then the client goes: nothing is done', async () => {
      const wire = await Wire.to(url);
      wire.send(post(account('gone'), 200));
      wire.socket.end();
      await wire.closed();
      wire.cut();
      expect(await served()).toBe(200);
      expect(await names()).not.toContain('gone');
    });

    it('longer: what is too much is no request', async () => {
      const wire = await Wire.to(url);
      const body = account('longer');
      wire.send(post(`${body}{"more":1}\r\n\r\n`, Buffer.byteLength(body)));
      expect((await wire.answer()).status).toBe(201);
      expectProblem(await wire.answer(), 400, 'request_unreadable');
      await expectEnd(wire);
    });

    it.each(['-1', '1.5', '0x10', '2, 2', 'abc', '', '99999999999999999999999'])(
      'of length %j are refused',
      async (length) => {
        const wire = await Wire.to(url);
        wire.send(
          `POST /v1/accounts HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{}`,
        );
        const { status } = await wire.answer();
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
        wire.cut();
      },
    );
  });

  describe('that send in chunks', () => {
    const chunked = `POST /v1/accounts HTTP/1.1\r\nHost: x\r\nX-API-Key: KEY\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const send = async (chunks: string): Promise<WireAnswer> => {
      const wire = await Wire.to(url);
      wire.send(chunked.replace('KEY', app.key) + chunks);
      try {
        return await wire.answer();
      } finally {
        wire.cut();
      }
    };
    const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

    it('are read whole, however the chunks are cut', async () => {
      const body = account('in pieces');
      expect((await send(`${[...body].map(chunk).join('')}0\r\n\r\n`)).status).toBe(201);
      expect(await names()).toContain('in pieces');
    });

    it.each<[string, number, string]>([
      ['no number', 400, 'zz\r\n{}\r\n0\r\n\r\n'],
      ['a length that is not that of the chunk', 400, '1\r\n{}\r\n0\r\n\r\n'],
      ['a length beyond all numbers', 400, `${'f'.repeat(40)}\r\n{}`],
      ['more than there may be beside the body', 413, `2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`],
      ['nothing', 400, '0\r\n\r\n'],
    ])('%s is answered %i', async (_name, status, chunks) => {
      expect((await send(chunks)).status).toBe(status);
    });

    it('more than there may be are refused before they are all there', async () => {
      const piece = chunk('x'.repeat(65_536));
      const { status, text } = await send(piece.repeat(20));
      expect({ status, code: JSON.parse(text).code }).toEqual({ status: 413, code: 'body_too_large' });
    });
  });

  describe('that expect something', () => {
    it('100-continue are told to go on, and then answered', async () => {
      const wire = await Wire.to(url);
      const body = account('continued');
      wire.send(post('', Buffer.byteLength(body), 'Expect: 100-continue\r\n'));
      expect((await wire.answer()).status).toBe(100);
      wire.send(body);
      expect((await wire.answer()).status).toBe(201);
      wire.cut();
    });

    it('of any other kind are answered as if they did not', async () => {
      const wire = await Wire.to(url);
      wire.send(post(account('unexpected'), undefined, 'Expect: wonders\r\n'));
      expect((await wire.answer()).status).toBe(201);
      wire.cut();
    });

    it('a tunnel are refused, and may break off', async () => {
      const request = 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n';
      const wire = await Wire.to(url);
      wire.send(`${get('/livez')}${request}and on`);
      expect((await wire.answer()).status).toBe(200);
      expectProblem(await wire.answer(), 404, 'route_unknown');
      await expectEnd(wire);
      for (let turn = 0; turn < 50; turn += 1) {
        const broken = await Wire.to(url);
        broken.send(request + 'x'.repeat(100_000));
        if (turn % 2 === 0) await broken.answer();
        broken.socket.resetAndDestroy();
      }
      expect(await served()).toBe(200);
    });

    it('another protocol get an answer in this one', async () => {
      const wire = await Wire.to(url);
      wire.send(get('/livez', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
      expect((await wire.answer()).status).toBe(200);
      wire.cut();
    });
  });

  it('whose client goes away in the middle harm nothing', async () => {
    const goAway = async (index: number): Promise<void> => {
      const wire = await Wire.to(url);
      const name = `away ${index}`;
      if (index % 4 === 0) wire.send(get('/v1/transactions?limit=100'));
      if (index % 4 === 1) wire.send(post(account(name)));
      if (index % 4 === 2) wire.send(post(account(name), 10_000));
      if (index % 4 === 3) wire.send(get('/openapi.json', 'Accept-Encoding: br\r\n').repeat(5));
      if (index % 3 === 0) await new Promise((resolve) => setTimeout(resolve, index % 7));
      if (index % 2 === 0) wire.socket.resetAndDestroy();
      else wire.cut();
    };
    for (let round = 0; round < 4; round += 1)
      await Promise.all(Array.from({ length: 50 }, (_, index) => goAway(round * 50 + index)));
    expect(await served()).toBe(200);
    const kept = (await names()).filter((name) => name.startsWith('away'));
    expect(new Set(kept).size).toBe(kept.length);
    expect(kept.every((name) => Number(name.slice(5)) % 4 === 1)).toBe(true);
    expect(faults).toEqual([]);
  });
});
