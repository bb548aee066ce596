// The end of a server's connections, on a server that does nothing else: what is under way is answered, and the last answer says that it is.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connections } from '../../src/http/connections.js';

/** When those that say nothing have been cut. */
const AFTER_SILENCE_MS = 700;
/** By itself, no connection ends. */
const KEEP_ALIVE_MS = 600_000;
const SOON = { timeout: 10_000, interval: 5 };

let server: Server;
let connections: Connections;
/** Answers that are due, in the order of their requests. */
let due: ServerResponse[];
let clients: Client[];

beforeEach(async () => {
  due = [];
  clients = [];
  server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_, response) => void due.push(response));
  connections = new Connections(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  for (const { socket } of clients) socket.destroy();
  server.closeAllConnections();
  server.close();
});

class Client {
  heard = '';
  hasEnded = false;
  readonly resets: unknown[] = [];

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => (this.heard += text));
    socket.on('end', () => (this.hasEnded = true));
    socket.on('error', (error) => this.resets.push(error));
  }

  /** That many requests, one behind the other. */
  ask(requests = 1): void {
    this.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(requests));
  }
}

async function client(): Promise<Client> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const one = new Client(socket);
  clients.push(one);
  return one;
}

/** Stops listening, as whoever ends the server does. */
function close(): Promise<void> {
  connections.close();
  return new Promise((resolve) => server.close(() => resolve()));
}

const answers = (heard: string): string[] => heard.split('HTTP/1.1 ').slice(1);

describe('a server that is left', () => {
  it('says with each answer that it is the last on its connection, and closes it', async () => {
    const [before, after] = [await client(), await client()];
    before.ask();
    await expect.poll(() => due.length, SOON).toBe(1);
    connections.leave();
    after.ask();
    await expect.poll(() => due.length, SOON).toBe(2);
    for (const response of due) response.end('answer');
    for (const one of [before, after]) {
      await expect.poll(() => one.hasEnded, SOON).toBe(true);
      expect(one.heard).toMatch(/\r\nconnection: close\r\n[\s\S]*answer$/i);
      expect(one.resets).toEqual([]);
    }
  });

  it('answers all requests that came one behind the other, and says it with the last of them', async () => {
    const one = await client();
    one.ask(2);
    await expect.poll(() => due.length, SOON).toBe(2);
    connections.leave();
    one.ask();
    await expect.poll(() => due.length, SOON).toBe(3);
    for (const response of due) response.end('answer');
    await expect.poll(() => one.hasEnded, SOON).toBe(true);
    expect(answers(one.heard).map((answer) => /connection: close/i.test(answer))).toEqual([false, false, true]);
    expect(one.resets).toEqual([]);
  });

  it('leaves alone a connection on which nothing is asked', async () => {
    const one = await client();
    connections.leave();
    one.ask();
    await expect.poll(() => due.length, SOON).toBe(1);
    expect(one.hasEnded).toBe(false);
  });
});

describe('a server that closes', () => {
  it('waits for an answer that began before it could say anything, and closes its connection', async () => {
    const one = await client();
    one.ask();
    await expect.poll(() => due.length, SOON).toBe(1);
    due[0]!.write('begun, ');
    await expect.poll(() => one.heard, SOON).toContain('begun');
    connections.leave();
    const closed = close();
    await sleep(AFTER_SILENCE_MS);
    due[0]!.end('and ended');
    await closed;
    await expect.poll(() => one.hasEnded, SOON).toBe(true);
    expect(one.heard).toContain('and ended');
    expect(one.resets).toEqual([]);
  });

  it('hears what a connection has to say that was made just before', async () => {
    const one = await client();
    await expect.poll(() => connectionsOf(server), SOON).toBe(1);
    connections.leave();
    const closed = close();
    one.ask();
    await expect.poll(() => due.length, SOON).toBe(1);
    due[0]!.end('answer');
    await closed;
    await expect.poll(() => one.hasEnded, SOON).toBe(true);
    expect(one.heard).toMatch(/connection: close[\s\S]*answer/i);
  });

  it('does not wait for connections that say nothing, or not enough', async () => {
    const [silent, slow, idle] = [await client(), await client(), await client()];
    slow.socket.write('GET / HT');
    idle.ask();
    await expect.poll(() => due.length, SOON).toBe(1);
    due[0]!.end('answer');
    await expect.poll(() => idle.heard, SOON).toContain('answer');
    connections.leave();
    await close();
    for (const one of [silent, slow, idle])
      await expect.poll(() => one.hasEnded || one.resets.length > 0, SOON).toBe(true);
  });
});

function connectionsOf(of: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    of.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}
