// How a real server ends on signals: in order, at once when it is told twice or when the time is up, and also when it has hardly begun or has no store.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moments } from '../crash/rounds.js';
import { ServerProcess } from '../crash/server-process.js';
import { type KillableStore, killableStore } from '../crash/stores.js';
import { ENGINES } from '../support/each-store.js';
import { share } from '../support/share.js';

const STARTS = share({ test: 4, prove: 60 });
const START_MS = 1_500;
const LONG_MS = '60000';
const SOON = { timeout: 20_000, interval: 20 };
/** Signals further apart are two. */
const SAME_SIGNAL_MS = 500;

describe.each(ENGINES)('on %s', (engine) => {
  let store: KillableStore;
  beforeAll(async () => {
    store = await killableStore(engine);
  });
  afterAll(() => store.dispose());

  const start = (extra: Readonly<Record<string, string>> = {}): Promise<ServerProcess> =>
    ServerProcess.start({ ...store.environment, ...extra }, store.key);

  const readiness = async (server: ServerProcess): Promise<number> => (await server.client.get('/readyz')).status;

  it('is ready no more at once, and goes on answering until the delay is over', async () => {
    const server = await start({ SHUTDOWN_DELAY_MS: LONG_MS });
    server.send('SIGTERM');
    await expect.poll(() => readiness(server), SOON).toBe(503);
    expect((await server.client.get('/livez')).status).toBe(200);
    const written = await server.client.post('/v1/accounts', { kind: 'manual', name: 'Late', currency: 'USD' });
    expect(written.status).toBe(201);
    await server.kill();
  });

  it('ends at once at a second signal, with 1, and says so', async () => {
    const server = await start({ SHUTDOWN_DELAY_MS: LONG_MS });
    server.send('SIGTERM');
    await expect.poll(() => readiness(server), SOON).toBe(503);
    await sleep(SAME_SIGNAL_MS);
    server.send('SIGINT');
    const { code, stdout, stderr } = await server.end();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(messagesOf(stdout).at(-1)).toBe('SIGINT again: ending at once.');
  });

  it('takes a signal that comes twice in a moment for one', async () => {
    // A server with nothing to do would be gone before it heard the second.
    const server = await start({ SHUTDOWN_DELAY_MS: '500' });
    // It stands still until both are there. Two kinds: the system makes one of two that are alike and have not been heard yet.
    for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) server.send(signal);
    const { code, stdout } = await server.end();
    expect(code).toBe(0);
    expect(messagesOf(stdout).at(-1)).toBe('Stopped.');
  });

  it('ends with 1, and says so, when a request is still in flight after the time that it was given', async () => {
    const server = await start({ SHUTDOWN_GRACE_MS: '300' });
    const socket = await say(
      server,
      `POST /v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${store.key}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    );
    const { code, stdout, stderr } = await server.terminate();
    socket.destroy();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(messagesOf(stdout)).toContain('Requests were still in flight when the time was up: ending at once.');
  });

  it('finishes a request that is in flight, however late the rest of it comes', async () => {
    const server = await start({ SHUTDOWN_GRACE_MS: LONG_MS });
    const body = JSON.stringify({ kind: 'manual', name: 'Just in time', currency: 'USD' });
    const socket = await say(
      server,
      `POST /v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${store.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
    const ended = server.terminate();
    // Until nobody can connect any more: from then on it waits for this one alone.
    await expect.poll(async () => (await server.client.get('/livez')).status, SOON).toBe(0);
    socket.write(body);
    await once(socket, 'end');
    expect(heard).toMatch(/^HTTP\/1\.1 201 [\s\S]*\r\nconnection: close\r\n/i);
    expect(heard).toContain('Just in time');
    expect((await ended).code).toBe(0);
  });

  it('is not held up by connections on which nothing is asked', async () => {
    const server = await start({ SHUTDOWN_GRACE_MS: LONG_MS });
    const sockets = [
      await say(server, ''),
      await say(server, 'GET /livez HT'),
      await say(server, 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n'),
    ];
    await once(sockets[2]!, 'data');
    const { code } = await server.terminate();
    for (const socket of sockets) socket.destroy();
    expect(code).toBe(0);
  });

  it(`ends quietly at whatever moment of its start, ${STARTS} times`, { timeout: 20 * 60_000 }, async () => {
    const random = moments();
    for (let round = 0; round < STARTS; round++) {
      const server = await ServerProcess.spawn(store.environment, store.key);
      await sleep(random() * START_MS);
      const { code, stderr } = await server.terminate();
      // Before it has begun anything, the signal ends it as it ends every process.
      expect({ round, code, stderr }).toEqual({ round, code: expect.toBeOneOf([0, null]), stderr: '' });
    }
  });
});

describe('a fault that nobody catches', () => {
  it('ends the server with a line that says so, without what hangs on the error', async () => {
    const store = await killableStore('sqlite');
    // The stack names the text itself, which must not hold the word.
    const fault = "throw Object.assign(new Error('unforeseen'), { detail: ['Sal', 'ary'].join('') })";
    const server = await ServerProcess.start(
      {
        ...store.environment,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${fault}; })`)}`,
      },
      store.key,
    );
    server.send('SIGUSR2');
    const { code, stdout, stderr } = await server.end();
    await store.dispose();
    expect({ code, stderr }).toEqual({ code: 70, stderr: '' });
    expect(stdout).not.toContain('Salary');
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      level: 'fatal',
      context: 'Server',
      err: { message: 'unforeseen', stack: expect.stringContaining('Error: unforeseen') },
    });
  });
});

describe('without its PostgreSQL', () => {
  let store: KillableStore;
  beforeAll(async () => {
    store = await killableStore('postgres');
  });
  afterAll(() => store.dispose());

  it.each(['stops', 'hangs'] as const)('a server whose database %s ends in order', async (how) => {
    const server = await ServerProcess.start(store.environment, store.key);
    if (how === 'stops') await store.postgres!.stop('immediate');
    else store.postgres!.pause();
    const { code, stdout, stderr } = await server.terminate();
    if (how === 'stops') await store.postgres!.start();
    else store.postgres!.resume();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(messagesOf(stdout).at(-1)).toBe('Stopped.');
  });

  it('so does one that never had it', async () => {
    await store.postgres!.stop();
    const server = await ServerProcess.spawn(store.environment, store.key);
    await expect.poll(async () => (await server.client.get('/livez')).status, SOON).toBe(200);
    const { code, stderr } = await server.terminate();
    await store.postgres!.start();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

/** A connection on which that much was said, and has come in. */
async function say(server: ServerProcess, text: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  // The end of the server may reset what was never answered.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  // What is asked later is read later.
  await server.client.get('/livez');
  return socket;
}

function messagesOf(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: unknown }).msg);
}
