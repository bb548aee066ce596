// What is logged: one line a request, of its route and not of its values; and of an error only what holds none.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { loggedError } from '../../src/http/logged-error.js';
import { makeLog } from '../../src/http/logger.js';
import { NestLog } from '../../src/http/nest-log.js';
import { openAccount } from '../support/builders.js';
import { ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { Lines } from '../support/lines.js';
import { listening } from '../support/listening.js';
import { keepSecret } from '../support/run-log.js';
import { HeldClock, TestApp } from '../support/test-app.js';

const SOON = { timeout: 10_000, interval: 20 };

describe.each(ENGINES)('on %s', (engine) => {
  const lines = new Lines();
  let store: TestStore;
  let app: TestApp;
  let url: URL;
  beforeAll(async () => {
    // Every statement is logged, too: its text holds no value.
    store = await makeStore(engine, { DB_ECHO: 'true' });
    app = await TestApp.start(store, new HeldClock(), { log: lines.log });
    url = new URL(await listening(app));
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });
  beforeEach(() => lines.clear());

  it('a request is one line, with its route and not its path', async () => {
    const { id } = await openAccount(app);
    lines.clear();
    const { headers } = await app.get(`/v1/accounts/${id}?`, { headers: { 'x-request-id': 'asked-by-me' } });
    expect(lines.requests).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        context: 'Http',
        method: 'GET',
        route: '/v1/accounts/:id',
        status: 200,
        ms: expect.any(Number),
        requestId: 'asked-by-me',
        keyId: expect.stringMatching(/^key_/),
        bytes: Number(headers['content-length']),
        msg: 'GET /v1/accounts/:id 200',
      },
    ]);
  });

  it.each<[string, string, string | null, number, string]>([
    ['no route', '/nowhere/41.18?secret=pbk_1', null, 404, 'route_unknown'],
    ['a path that cannot be read', '/v1/accounts/%zz', null, 400, 'request_invalid'],
    ['no key', '/v1/accounts', '/v1/accounts', 401, 'key_missing'],
    ['nothing there', '/v1/accounts/acc_nothing', '/v1/accounts/:id', 404, 'account_not_found'],
  ])('a request for %s is one line with the code of its refusal', async (_, path, route, status, problem) => {
    const { headers } = await app.get(path, problem === 'key_missing' ? { key: undefined } : {});
    expect(lines.requests).toMatchObject([
      { level: 'info', method: 'GET', route, status, problem, requestId: headers['x-request-id'] },
    ]);
    expect(JSON.stringify(lines.all)).not.toMatch(/41\.18|secret|pbk_|acc_nothing/);
  });

  it('probes are said quietly', async () => {
    for (const path of ['/livez', '/readyz', '/health', '/readiness']) await app.get(path, { key: undefined });
    expect(lines.requests.map(({ level, route }) => [level, route])).toEqual([
      ['debug', '/livez'],
      ['debug', '/readyz'],
      ['debug', '/health'],
      ['debug', '/readiness'],
    ]);
  });

  it('a client that goes away before its answer is one line that says so', async () => {
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    app.app.get(Database).observe(() => held);
    const socket = connect(Number(url.port), url.hostname);
    const body = JSON.stringify({ kind: 'manual', name: 'Cash', currency: 'USD' });
    socket.write(
      `POST /v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.key}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => JSON.stringify(lines.all), SOON).toContain('INSERT INTO');
    socket.destroy();
    await once(socket, 'close');
    await expect.poll(() => lines.requests, SOON).toHaveLength(1);
    free();
    const { status } = await app.get('/v1/accounts');
    expect(status).toBe(200);
    expect(lines.requests).toMatchObject([
      { aborted: true, status: null, route: '/v1/accounts', msg: 'POST /v1/accounts aborted' },
      { status: 200 },
    ]);
  });

  it('a fault of the service is logged with the request that met it', async () => {
    app.app.get(Database).observe(() => Promise.reject(new Error('the power fails here')));
    const { status, headers } = await app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD' });
    expect(status).toBe(500);
    const requestId = headers['x-request-id'];
    const [fault, ...others] = lines.all.filter((line) => line['requestId'] === requestId);
    expect(fault).toMatchObject({
      level: 'error',
      context: 'Http',
      err: { type: 'Error', message: 'the power fails here', stack: expect.stringContaining('log.test.ts') },
    });
    expect(others).toMatchObject([{ level: 'error', status: 500, problem: 'internal_fault' }]);
  });
});

describe('of an error', () => {
  const told = (error: unknown): string => {
    const lines = new Lines();
    lines.log.error({ err: error }, 'It failed.');
    return JSON.stringify(lines.all);
  };

  it('rows, parameters and statements that a driver hangs on it are left out, also of its causes', () => {
    const driver = Object.assign(new Error('duplicate key value violates unique constraint "uq_lines"'), {
      code: '23505',
      detail: 'Key (name)=(Salary) already exists.',
      parameters: ['Salary'],
      where: 'COPY lines, line 1: "Salary"',
      query: "INSERT INTO lines VALUES ('Salary')",
    });
    const text = told(new Error('it could not be written', { cause: driver }));
    expect(text).not.toContain('Salary');
    expect(text).toContain('uq_lines');
    expect(text).toContain('23505');
  });

  it('a value that the message itself quotes is left out', () => {
    const data = Object.assign(new Error('invalid input syntax for type bigint: "4118.20 \\" more"'), {
      code: '22P02',
    });
    expect(told(data)).not.toMatch(/4118|more/);
    expect(told(data)).toContain('invalid input syntax for type bigint');
    expect(told(jsonFault('{"amount": 4118.20, }'))).not.toContain('4118');
  });

  it('the causes end, also where they go in a circle', () => {
    const error = new Error('again');
    error.cause = error;
    expect(JSON.stringify(loggedError(error)).match(/"again"/g)).toHaveLength(5);
  });

  it('what is no error is not printed', () => {
    expect(told({ password: 'geheimnis' })).not.toContain('geheimnis');
    expect(told('geheimnis')).not.toContain('geheimnis');
  });
});

function jsonFault(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

describe('a line', () => {
  it('has its level as a word, from the names that Nest has for them', () => {
    const lines = new Lines();
    const nest = new NestLog(lines.log);
    for (const level of ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const) nest[level](level, 'Test');
    expect(lines.all.map(({ level, msg, context }) => [level, msg, context])).toEqual([
      ['fatal', 'fatal', 'Test'],
      ['error', 'error', 'Test'],
      ['warn', 'warn', 'Test'],
      ['info', 'log', 'Test'],
      ['debug', 'debug', 'Test'],
      ['trace', 'verbose', 'Test'],
    ]);
  });

  it('takes what a Nest logger is given: texts, a stack, an error, fields', () => {
    const lines = new Lines();
    Logger.overrideLogger(new NestLog(lines.log));
    const log = new Logger('Here');
    const error = new Error('no');
    log.error('text', error.stack);
    log.error('text', error);
    log.error(error);
    log.warn({ requestId: 'r1' }, 'text');
    expect(lines.all).toMatchObject([
      { context: 'Here', msg: 'text', stack: error.stack },
      { context: 'Here', msg: 'text', err: { message: 'no' } },
      { context: 'Here', msg: 'no', err: { message: 'no' } },
      { context: 'Here', msg: 'text', requestId: 'r1' },
    ]);
  });

  it("is not said of Nest's own putting together", () => {
    const lines = new Lines();
    new NestLog(lines.log).log('Mapped {/v1/accounts, GET} route', 'RouterExplorer');
    expect(lines.all).toEqual([]);
  });

  it('masks what is called like a secret, should it ever come to that', () => {
    const lines = new Lines();
    lines.log.info({ password: 'geheimnis', headers: { authorization: 'geheimnis', 'x-api-key': 'geheimnis' } }, 'x');
    expect(lines.all).toMatchObject([{ password: '****', headers: { authorization: '****', 'x-api-key': '****' } }]);
  });

  it('is one line for people, too', () => {
    let text = '';
    const log = makeLog({ level: 'info', format: 'text' }, { write: (line) => (text += line) });
    new NestLog(log).warn({ requestId: 'r1' }, 'slow', 'Database');
    new NestLog(log).debug('not said', 'Database');
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: Database: slow \{"requestId":"r1"\}\n$/);
  });
});

describe('what is asked and answered', () => {
  it.each(ENGINES)('stands in no line: bodies, amounts, descriptions, keys, on %s', async (engine) => {
    const secrets = {
      amount: '-73951.46',
      description: 'Zwetschgenknödel am Güterbahnhof',
      notes: 'eine Notiz, die niemand liest',
      name: 'Sparstrumpf unter der Matratze',
      once: 'once-5c1d9a7e3b',
    };
    keepSecret(...Object.values(secrets), secrets.amount.slice(1), '7395146');
    const lines = new Lines();
    const store = await makeStore(engine, { DB_ECHO: 'true' });
    const app = await TestApp.start(store, new HeldClock(), { log: lines.log });
    const account = await openAccount(app, { name: secrets.name });
    const { amount, description, notes, once } = secrets;
    const sent = { accountId: account.id, date: '2026-11-01', amount, description, notes };
    const answers = [
      await app.post('/v1/transactions', sent, { headers: { 'idempotency-key': once } }),
      await app.post('/v1/transactions', sent, { headers: { 'idempotency-key': once } }),
      await app.post('/v1/transactions', { ...sent, amount: '73951.460' }),
      await app.call('POST', '/v1/transactions', { payload: `{"description":"${description}` }),
      await app.post(`/v1/accounts/${account.id}/balances`, { ledger: amount, asOf: '2026-11-01T00:00:00Z' }),
      await app.get(`/v1/transactions?text=${encodeURIComponent(description)}&limit=5`),
      await app.get(`/v1/transactions?minAmount=${amount}&currency=USD`),
      await app.post('/v1/keys', { name: secrets.name, scope: 'read' }),
    ];
    await app.stop();
    await store.dispose();
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 400, 400, 201, 200, 200, 201]);
    const text = JSON.stringify(lines.all);
    expect(lines.requests.length).toBe(answers.length + 1);
    expect(text).toContain('INSERT INTO');
    for (const secret of [...Object.values(secrets), app.key, answers.at(-1)!.body.key as string, '73951', '7395146'])
      expect(text).not.toContain(secret);
  });
});
