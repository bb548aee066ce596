// How many requests are worked on at a time: each is counted once, and let go of once, however it ends.
import { request, type ClientRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Admission } from '../../src/auth/admission.js';
import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { Database } from '../../src/database/database.js';
import { InFlight } from '../../src/http/limits/in-flight.js';
import { expectRefusal, openAccount, type Json } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { Gate } from '../support/gate.js';
import { listening } from '../support/listening.js';
import { TestApp } from '../support/test-app.js';

const PATIENCE_MS = 10_000;

async function until(inFlight: InFlight, count: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (inFlight.count !== count && Date.now() < deadline) await sleep(5);
  expect(inFlight.count).toBe(count);
}

interface Asked {
  readonly request: ClientRequest;
  /** 0 when no answer came. */
  readonly status: Promise<number>;
}

eachStore((shared) => {
  const MAX = 3;
  let store: TestStore;
  let app: TestApp;
  let url: string;
  let account: Json;
  let inFlight: InFlight;
  let stopHolding: () => void;
  /** Every write waits here before its commit. */
  let gate: Gate;
  beforeAll(async () => {
    store = await makeStore(shared.engine, {
      MAX_REQUESTS_IN_FLIGHT: String(MAX),
      DB_POOL_SIZE: '2',
      DB_MAX_OVERFLOW: '0',
    });
    app = await TestApp.start(store);
    url = await listening(app);
    account = await openAccount(app);
    inFlight = app.app.get(Admission).inFlight;
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });
  beforeEach(async () => {
    await until(inFlight, 0);
    gate = new Gate();
    stopHolding = app.app.get(Database).observe(() => gate.passed);
  });
  afterEach(() => {
    gate.open();
    stopHolding();
  });

  const path = (): string => `/v1/accounts/${account.id}`;
  const bearer = (): Record<string, string> => ({ authorization: `Bearer ${app.key}` });

  function edit(): Asked {
    const asked = request(url + path(), {
      method: 'PATCH',
      headers: { ...bearer(), 'content-type': 'application/json' },
    });
    const status = new Promise<number>((resolve) => {
      asked.on('response', (answer) => resolve(answer.resume().statusCode!));
      asked.on('error', () => resolve(0));
    });
    asked.end(JSON.stringify({ name: `Name ${Math.random()}` }));
    return { request: asked, status };
  }

  async function fill(): Promise<Asked[]> {
    const asked = Array.from({ length: MAX }, edit);
    await until(inFlight, MAX);
    return asked;
  }

  it('refuses what comes beyond, at once and before its body, and answers the rest', async () => {
    const asked = await fill();
    const beyond = await app.get('/v1/accounts');
    expectRefusal(beyond, 503, 'overloaded');
    expect(beyond.headers['retry-after']).toBe('1');
    expectRefusal(await app.call('POST', '/v1/accounts', { payload: 'no JSON' }), 503, 'overloaded');
    expectRefusal(await app.get('/v1/accounts', { key: 'wrong' }), 503, 'overloaded');
    for (const free of ['/livez', '/readyz', '/openapi.json'])
      expect((await app.get(free, { key: undefined })).status).toBe(200);
    expect(inFlight.count).toBe(MAX);
    gate.open();
    expect(await Promise.all(asked.map(({ status }) => status))).toEqual([200, 200, 200]);
    await until(inFlight, 0);
    expect((await app.get('/v1/accounts')).status).toBe(200);
  });

  it('keeps the place of a client that went away until its work is done', async () => {
    const asked = await fill();
    for (const one of asked) one.request.destroy();
    await Promise.all(asked.map(({ status }) => status));
    await sleep(100);
    expect(inFlight.count).toBe(MAX);
    expectRefusal(await app.get('/v1/accounts'), 503, 'overloaded');
    gate.open();
    await until(inFlight, 0);
  });

  it('lets go of requests that wait behind others on a connection that closes', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = '{"name":"Piped"}';
    const head = [`PATCH ${path()} HTTP/1.1`, 'Host: x', `Authorization: ${bearer()['authorization']}`];
    const one = [...head, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n');
    socket.write(one.repeat(MAX));
    await until(inFlight, MAX);
    socket.destroy();
    await sleep(100);
    gate.open();
    await until(inFlight, 0);
  });

  it('lets go of a request whose body never came whole', async () => {
    const asked = request(`${url}/v1/accounts`, {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json', 'content-length': '1000' },
    });
    asked.on('error', () => undefined);
    asked.write('{"name":');
    await until(inFlight, 1);
    asked.destroy();
    await until(inFlight, 0);
  });

  it('lets go of a request whose client went away while its key was looked up', async () => {
    gate.open();
    const before = (await app.get(path())).body;
    const keys = app.app.get(ApiKeysService);
    const lookUp = keys.authenticate.bind(keys);
    const found = new Gate();
    const looking = vi.spyOn(keys, 'authenticate').mockImplementationOnce(async (key) => {
      const holder = await lookUp(key);
      await found.passed;
      return holder;
    });
    const one = edit();
    await until(inFlight, 1);
    one.request.destroy();
    expect(await one.status).toBe(0);
    await sleep(50);
    found.open();
    await until(inFlight, 0);
    looking.mockRestore();
    expect((await app.get(path())).body).toEqual(before);
  });

  it('lets go of what is refused', async () => {
    gate.open();
    for (let round = 0; round < MAX + 1; round++) {
      expect((await app.get('/v1/accounts', { key: undefined })).status).toBe(401);
      expect((await app.get(`/v1/accounts/acc_${'f'.repeat(32)}`)).status).toBe(404);
      expect((await app.get('/v1/accounts?limit=x')).status).toBe(400);
      expect((await app.call('POST', '/v1/accounts', { payload: '{' })).status).toBe(400);
      expect((await app.get('/v1/nothing')).status).toBe(404);
    }
    await until(inFlight, 0);
  });

  it('loses count of none of many that come and go as they like', async () => {
    gate.open();
    const asked: Asked[] = [];
    for (let number = 0; number < 300; number++) {
      const one = edit();
      asked.push(one);
      if (number % 3 === 0) setTimeout(() => one.request.destroy(), Math.random() * 20);
      if (number % 10 === 0) await sleep(5);
    }
    const statuses = new Set(await Promise.all(asked.map(({ status }) => status)));
    expect([...statuses].filter((status) => ![0, 200, 503].includes(status))).toEqual([]);
    await until(inFlight, 0);
  });
});

describe('whatever the handler does', () => {
  let server: FastifyInstance;
  let url: string;
  const inFlight = new InFlight(10);
  beforeAll(async () => {
    server = fastify({ forceCloseConnections: true });
    server.addHook('onRequest', async (asked, reply) => inFlight.enter(asked, reply));
    server.addHook('onSend', async (_asked, reply) => inFlight.answer(reply));
    server.get('/hijacked', (_asked, reply) => {
      reply.hijack();
      reply.raw.end('past the router');
    });
    server.get('/hijacked-for-long', (_asked, reply) => void reply.hijack());
    server.get('/stream', (_asked, reply) =>
      reply.send(
        new Readable({
          read() {
            setTimeout(() => this.push('x'), 5);
          },
        }),
      ),
    );
    server.get('/failing', () => Promise.reject(new Error('a fault')));
    url = await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(async () => {
    inFlight.stop();
    await server.close();
  });

  const ask = async (path: string, signal?: AbortSignal): Promise<string> =>
    (await fetch(url + path, signal === undefined ? {} : { signal })).text();

  it('lets go of what is answered past the router', async () => {
    expect(await ask('/hijacked')).toBe('past the router');
    await until(inFlight, 0);
  });

  it.each(['/hijacked-for-long', '/stream'])('lets go of %s when the client goes away', async (path) => {
    const controller = new AbortController();
    const asked = ask(path, controller.signal).catch(() => 'gone');
    await until(inFlight, 1);
    await sleep(50);
    controller.abort();
    expect(await asked).toBe('gone');
    await until(inFlight, 0);
  });

  it('lets go of what fails', async () => {
    await ask('/failing');
    await until(inFlight, 0);
  });
});
