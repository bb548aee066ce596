// Bodies as bytes: what no string could hold, what is too much, and what says the same thing twice.
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everything } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { TestApp } from '../support/test-app.js';

const MIB = 1_048_576;

interface Told {
  readonly status: number;
  readonly code: string | undefined;
  readonly name: string | undefined;
}

eachStore((store) => {
  let app: TestApp;
  let url: string;
  beforeAll(async () => {
    app = await TestApp.start(store);
    url = await listening(app);
  });
  afterAll(() => app.stop());

  const send = async (body: string | Buffer): Promise<Told> => {
    const answer = await fetch(`${url}/v1/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': app.key },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    const text = await answer.text();
    const { code, name } = JSON.parse(text) as Told;
    return { status: answer.status, code, name };
  };
  const named = (name: Buffer | string): Buffer =>
    Buffer.concat([
      Buffer.from('{"kind":"manual","currency":"USD","name":"'),
      typeof name === 'string' ? Buffer.from(name) : name,
      Buffer.from('"}'),
    ]);
  const refused = async (body: string | Buffer, status: number, code: string): Promise<void> => {
    const before = await everything(app);
    expect(await send(body)).toMatchObject({ status, code });
    expect(await everything(app)).toBe(before);
  };

  it.each<[string, number[]]>([
    ['a byte that begins nothing', [0xff]],
    ['a byte that goes on from nothing', [0x80]],
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9]],
    ['a form that is longer than need be', [0xc0, 0xaf]],
    ['NUL in two bytes', [0xc0, 0x80]],
    ['half a pair', [0xed, 0xa0, 0x80]],
    ['beyond the last character', [0xf4, 0x90, 0x80, 0x80]],
    ['a character broken off', [0xe2, 0x82]],
  ])('%s is refused, and never replaced', async (_name, bytes) => {
    await refused(named(Buffer.from(bytes)), 400, 'body_unreadable');
  });

  it.each<[string, Buffer]>([
    ['UTF-16', Buffer.from('\ufeff{"kind":"manual","name":"x","currency":"USD"}', 'utf16le')],
    ['bytes without end', Buffer.alloc(10_000, 0xff)],
    ['zeros', Buffer.alloc(100)],
    ['a compressed body', Buffer.from('1f8b0800000000000003abae050043bfa6a302000000', 'hex')],
  ])('%s cannot be read', async (_name, body) => {
    await refused(body, 400, 'body_unreadable');
  });

  it.each<[string, string, string]>([
    ['NUL', '\\u0000', 'request_invalid'],
    ['half a pair, escaped', '\\ud800', 'request_invalid'],
    ['the other half, escaped', 'x\\udc00', 'request_invalid'],
    ['NUL as a byte', '\u0000', 'body_unreadable'],
    ['the end of a line as a byte', '\n', 'body_unreadable'],
  ])('%s in a field is refused', async (_name, name, code) => {
    await refused(named(name), 400, code);
  });

  it.each<[string, string, string]>([
    ['letters of all kinds', 'Käse, 奶酪, جبن, 🧀', 'Käse, 奶酪, جبن, 🧀'],
    ['a whole pair, escaped', '\\ud83e\\uddc0', '🧀'],
    ['the mark of replacement itself', '\ufffd', '\ufffd'],
  ])('%s stand as they were sent', async (_name, sent, kept) => {
    expect(await send(named(sent))).toEqual({ status: 201, code: undefined, name: kept });
  });

  it('a mark of byte order before the body means nothing', async () => {
    const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), named('marked')]);
    expect(await send(body)).toMatchObject({ status: 201, name: 'marked' });
    await refused(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]), 400, 'body_unreadable');
  });

  it('of a name that stands twice, the last counts', async () => {
    const body = '{"kind":"manual","name":"first","currency":"USD","name":"last"}';
    expect(await send(body)).toMatchObject({ status: 201, name: 'last' });
  });

  it('space around the body means nothing', async () => {
    const body = `${' '.repeat(1_000)}\n${named('spaced').toString()}\t\r\n`;
    expect(await send(body)).toMatchObject({ status: 201, name: 'spaced' });
  });

  it.each<[string, string, string]>([
    ['objects 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'request_invalid'],
    ['lists 10,000 deep', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'request_invalid'],
    ['lists 10,000 deep that do not end', '['.repeat(10_000), 'body_unreadable'],
    ['a string of nearly a megabyte', named('x'.repeat(MIB - 100)).toString(), 'request_invalid'],
    ['a name of nearly a megabyte', `{"${'x'.repeat(MIB - 100)}":1}`, 'request_invalid'],
    ['a number of nearly a megabyte', `{"name":${'9'.repeat(MIB - 100)}}`, 'request_invalid'],
    ['a prototype', '{"__proto__":{"kind":"manual"}}', 'body_unreadable'],
    ["a constructor's prototype", '{"constructor":{"prototype":{}}}', 'body_unreadable'],
    ['a constructor', '{"constructor":{"name":"x"}}', 'request_invalid'],
  ])('%s is refused', async (_name, body, code) => {
    await refused(body, 400, code);
  });

  describe('the limit', () => {
    const filledTo = (bytes: number): string => {
      const body = named('full').toString();
      return body + ' '.repeat(bytes - body.length);
    };

    it('is what may be sent; one byte more is refused', async () => {
      expect(await send(filledTo(MIB))).toMatchObject({ status: 201, name: 'full' });
      await refused(filledTo(MIB + 1), 413, 'body_too_large');
    });

    it('is told to a client that is still sending', async () => {
      for (const announced of [true, false]) {
        const told = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
          const request = httpRequest(
            `${url}/v1/accounts`,
            {
              method: 'POST',
              headers: {
                'content-type': 'application/json',
                'x-api-key': app.key,
                ...(announced ? { 'content-length': String(30 * MIB) } : {}),
              },
            },
            (answer) => {
              let text = '';
              answer.setEncoding('utf8');
              answer.on('data', (part: string) => (text += part));
              answer.on('end', () => resolve({ status: answer.statusCode, text }));
            },
          );
          request.on('error', reject);
          for (let piece = 0; piece < 30; piece += 1) request.write(Buffer.alloc(MIB, 0x20));
          request.end();
        });
        expect(told.status).toBe(413);
        expect(JSON.parse(told.text)).toMatchObject({ code: 'body_too_large' });
      }
    });
  });
});
