// Who calls is known before anything is read of a body, and a refusal on the way leaves the connection as good as it was.
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { TestApp } from '../support/test-app.js';

const MEGABYTE = 1024 * 1024;

/** A connection on which requests are written by hand. */
class Line {
  private heard = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (this.heard += text));
    socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<Line> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    return new Line(socket);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next whole answer: its status and its body. */
  async answer(): Promise<{ status: number; body: string }> {
    for (;;) {
      const [head, length] = /^HTTP\/1\.1[^]*?content-length: (\d+)[^]*?\r\n\r\n/i.exec(this.heard) ?? [];
      const end = head === undefined ? Infinity : head.length + Number(length);
      if (head !== undefined && this.heard.length >= end) {
        const body = this.heard.slice(head.length, end);
        this.heard = this.heard.slice(end);
        return { status: Number(head.slice(9, 12)), body };
      }
      await new Promise((resolve) => this.socket.once('data', resolve));
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

eachStore((store) => {
  let app: TestApp;
  let url: string;
  beforeAll(async () => {
    app = await TestApp.start(store);
    url = await listening(app);
  });
  afterAll(() => app.stop());

  const head = (method: string, path: string, headers: readonly string[]): string =>
    [`${method} ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

  it.each([
    ['no key', () => [], 401, 'key_missing'],
    ['a wrong key', () => ['Authorization: Bearer pbk_wrong'], 401, 'key_unknown'],
    ['two keys', () => [`Authorization: Bearer ${app.key}`, 'X-API-Key: pbk_wrong'], 401, 'key_ambiguous'],
    [
      'a key twice',
      () => [`Authorization: Bearer ${app.key}`, `authorization: Bearer ${app.key}`],
      401,
      'key_ambiguous',
    ],
    ['a plain key twice', () => [`X-API-Key: ${app.key}`, `x-api-key: ${app.key}`], 401, 'key_ambiguous'],
  ])('answers %s before the body has come, and takes the next request', async (_, headers, status, code) => {
    const line = await Line.open(url);
    line.send(
      head('POST', '/v1/transactions/bulk', [
        ...headers(),
        'Content-Type: application/json',
        `Content-Length: ${MEGABYTE}`,
      ]),
    );
    const refused = await line.answer();
    expect({ status: refused.status, code: JSON.parse(refused.body).code }).toEqual({ status, code });
    line.send('x'.repeat(MEGABYTE));
    line.send(head('GET', '/v1/accounts', [`Authorization: Bearer ${app.key}`]));
    expect((await line.answer()).status).toBe(200);
    line.close();
  });

  it('answers a key that may not before its body has come', async () => {
    const line = await Line.open(url);
    const key = await app.keyFor({ scope: 'read' });
    line.send(
      head('POST', '/v1/accounts', [
        `X-API-Key: ${key}`,
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
      ]),
    );
    expect(await line.answer()).toMatchObject({ status: 403, body: expect.stringContaining('scope_insufficient') });
    line.send('5\r\n{"a":\r\n0\r\n\r\n');
    line.send(head('GET', '/livez', []));
    expect((await line.answer()).status).toBe(200);
    line.close();
  });

  it('looks at the key before the form of the body, and at the form of the body before what it says', async () => {
    const sent = { payload: '{"name":', key: undefined };
    expectRefusal(await app.call('POST', '/v1/accounts', sent), 401, 'key_missing');
    expectRefusal(await app.call('POST', '/v1/accounts', { ...sent, key: app.key }), 400, 'body_unreadable');
  });

  it('asks for HEAD what it asks for GET, and nothing for OPTIONS', async () => {
    const account = await openAccount(app);
    const ask = async (method: 'HEAD' | 'OPTIONS', headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(`${url}/v1/accounts/${account.id}`, { method, headers })).status;
    expect(await ask('HEAD')).toBe(401);
    expect(await ask('HEAD', { 'x-api-key': app.key })).toBe(200);
    expect(await ask('HEAD', { 'x-api-key': await app.keyFor({ owner: 'somebody' }) })).toBe(404);
    expect(await ask('OPTIONS')).not.toBe(401);
  });

  it('says that there is no such route without asking for a key', async () => {
    for (const path of ['/v1/nothing', '/v2/accounts', '/'])
      expectRefusal(await app.get(path, { key: undefined }), 404, 'route_unknown');
  });

  it('takes a key that was just made, at once', async () => {
    for (let round = 0; round < 20; round++) {
      const { key } = await bodyOf(app.post('/v1/keys', { name: 'new', scope: 'read' }));
      expect((await app.get('/v1/accounts', { key })).status).toBe(200);
    }
  });
});
