// Traces: a request, its statements and what it asked of others are one, the caller's where the caller has one; and a collector that is dead
// or dumb is no trouble to anybody.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Feed } from '../../src/feeds/port/feed.port.js';
import { Telemetry } from '../../src/metrics/telemetry.js';
import { lineFor, openAccount } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { freePort } from '../support/free-port.js';
import { TestApp } from '../support/test-app.js';
import { Collector, type Span, spansIn } from './collector.js';

const HEADER_VALUE = 'the collector’s own key'.replace('’', "'");
const AMOUNT = '-7654321.09';
const SERVER = 2;
const CLIENT = 3;

/** A bank that is asked for its list by HTTP, and says what it was asked with. */
function bankAt(url: string): Feed {
  const never = (): never => {
    throw new Error('nobody asks this');
  };
  return {
    name: 'faraway',
    institutions: async () => {
      await fetch(`${url}/institutions/acc_secret`);
      return [{ id: 'one', name: 'One' }];
    },
    enroll: never,
    accounts: never,
    balance: never,
    page: never,
    disconnect: never,
  };
}

eachStore((kind) => {
  const collector = new Collector();
  const bank = new Collector();
  let store: TestStore;
  let app: TestApp;
  beforeAll(async () => {
    store = await makeStore(kind.engine, {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${await collector.listen()}/`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-own=${encodeURIComponent(HEADER_VALUE)}`,
      OTEL_SERVICE_NAME: 'books',
    });
    app = await TestApp.start(store, undefined, { feeds: [bankAt(`http://${await bank.listen()}`)] });
  });
  afterAll(async () => {
    await app.stop();
    await Promise.all([collector.close(), bank.close()]);
    await store.dispose();
  });

  /** The spans of what was asked since the last time. */
  async function spans(): Promise<Span[]> {
    await app.app.get(Telemetry).flush();
    return collector.received.splice(0).flatMap(spansIn);
  }

  const childrenOf = (all: readonly Span[], { spanId }: Span): Span[] =>
    all.filter(({ parentSpanId }) => parentSpanId === spanId);

  describe('the trace of a request', () => {
    it('has its statements below it, by what they do', async () => {
      const account = await openAccount(app);
      await spans();
      await app.post('/v1/transactions', lineFor(account, { amount: AMOUNT }));
      const all = await spans();
      const [request, ...others] = all.filter(({ kind: one }) => one === SERVER);
      expect(others).toEqual([]);
      expect(request).toMatchObject({
        name: 'POST /v1/transactions',
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/v1/transactions',
          'http.response.status_code': 201,
          'passbook.request_id': expect.any(String),
        },
        status: 0,
      });
      const statements = childrenOf(all, request!);
      expect(statements.length).toBe(all.length - 1);
      expect(statements.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['begin', 'insert transactions', 'insert changes', 'commit']),
      );
      const system = kind.engine === 'sqlite' ? 'sqlite' : 'postgresql';
      for (const { kind: one, traceId, attributes, startMs, endMs, name } of statements) {
        expect([one, traceId, attributes]).toEqual([
          CLIENT,
          request!.traceId,
          { 'db.system.name': system, 'db.query.summary': name },
        ]);
        expect(startMs).toBeGreaterThanOrEqual(request!.startMs);
        expect(endMs).toBeLessThanOrEqual(request!.endMs);
      }
    });

    it('is the caller’s where the caller has one, sampled or not', async () => {
      const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
      const ask = (traceparent: string) => app.get('/v1/accounts', { headers: { traceparent, tracestate: 'them=1' } });
      await ask(`00-${traceId}-${spanId}-01`);
      await ask(`00-${traceId}-${spanId}-00`);
      const all = (await spans()).filter(({ kind: one }) => one === SERVER);
      expect(all.map((span) => [span.traceId, span.parentSpanId])).toEqual([[traceId, spanId]]);
    });

    it.each(['', 'nonsense', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`])(
      'begins here where the caller’s is %j',
      async (traceparent) => {
        await app.get('/v1/accounts', { headers: { traceparent } });
        const [request] = (await spans()).filter(({ kind: one }) => one === SERVER);
        expect(request!.parentSpanId).toBeUndefined();
      },
    );

    it('is given on to whoever is asked meanwhile, and names of them the host alone', async () => {
      await app.get('/v1/feeds');
      const all = await spans();
      const [request] = all.filter(({ kind: one }) => one === SERVER);
      const [asked] = all.filter(({ name }) => name.startsWith('GET 127.0.0.1'));
      expect(asked).toMatchObject({ parentSpanId: request!.spanId, kind: CLIENT });
      expect(asked!.attributes).toEqual({
        'http.request.method': 'GET',
        'server.address': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        'http.response.status_code': 200,
      });
      expect(bank.received.at(-1)!.headers['traceparent']).toBe(`00-${request!.traceId}-${asked!.spanId}-01`);
    });

    it('says what was refused, and follows no probe', async () => {
      await app.get('/v1/accounts/acc_1');
      await app.get('/livez', { key: undefined });
      await app.get('/readyz', { key: undefined });
      const all = (await spans()).filter(({ kind: one }) => one === SERVER);
      expect(all.map(({ name, attributes }) => [name, attributes['passbook.problem']])).toEqual([
        ['GET /v1/accounts/:id', 'account_not_found'],
      ]);
    });

    it('is sent as it should be, and says nothing of anybody', async () => {
      const account = await openAccount(app, { name: 'Very private' });
      await app.post('/v1/transactions', lineFor(account, { amount: AMOUNT }));
      await app.app.get(Telemetry).flush();
      const [sent] = collector.received;
      expect([sent!.path, sent!.headers['x-own'], sent!.headers['content-type']]).toEqual([
        '/v1/traces',
        HEADER_VALUE,
        'application/json',
      ]);
      const { text } = sent!;
      expect(text).toContain('books');
      for (const secret of [app.key, account.id, AMOUNT, 'Very private', 'Groceries', 'acc_secret'])
        expect(text).not.toContain(secret);
      collector.received.length = 0;
    });
  });
});

describe('a collector', () => {
  async function serveWith(environment: Readonly<Record<string, string>>): Promise<void> {
    const store = await makeStore('sqlite', environment);
    const app = await TestApp.start(store);
    for (let count = 0; count < 20; count++) expect((await app.get('/v1/accounts')).status).toBe(200);
    await app.stop();
    await store.dispose();
  }

  it('that is not there is no trouble', async () => {
    await serveWith({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${await freePort()}/anywhere` });
  });

  it('that never answers is no trouble, and not waited for at the end', async () => {
    const dumb = new Collector(() => undefined);
    await serveWith({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://${await dumb.listen()}` });
    expect(dumb.received.length).toBeGreaterThan(0);
    await dumb.close();
  });

  it('gets no more than its share', async () => {
    const collector = new Collector();
    await serveWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${await collector.listen()}`,
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    expect(collector.received).toEqual([]);
    await collector.close();
  });
});
