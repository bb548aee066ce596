// What a scraper gets: on a port of its own, or with an admin's key; counted by few words, and without anybody's name, id or money.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { enroll, SANDBOX, sync } from '../feeds/linking.js';
import { EVERYBODY, lineFor, openAccount } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { freePort } from '../support/free-port.js';
import { Gate } from '../support/gate.js';
import { TestApp } from '../support/test-app.js';
import { type Exposed, readExposed, valueOf } from './exposed.js';

const OWNER = 'ada-whose-name-is-nobodys-business';
const AMOUNT = '-1234567.89';
/** So rare that a tour has none. */
const UNEVENTFUL = ['passbook_webhooks_total', 'passbook_feed_refusals_total', 'passbook_store_slow_statements_total'];
const OF_THE_OTHER = { sqlite: /PostgreSQL only\.$/, postgres: /SQLite only\.$/ };

eachStore((kind) => {
  let store: TestStore;
  let app: TestApp;
  let port: string;
  let account: { readonly id: string };
  beforeAll(async () => {
    const free = await freePort();
    store = await makeStore(kind.engine, {
      METRICS_PORT: String(free),
      DB_POOL_SIZE: '3',
      DB_MAX_OVERFLOW: '0',
      DB_POOL_TIMEOUT: '60',
    });
    port = `http://127.0.0.1:${free}`;
    app = await TestApp.start(store);
    account = await openAccount(app, { owner: OWNER });
    await app.post('/v1/transactions', lineFor(account, { amount: AMOUNT }));
    await app.get(`/v1/accounts/${account.id}`);
    await app.get('/v1/accounts/acc_1');
    await app.get('/nowhere');
    await sync(app, await enroll(app, { institutionId: 'pearl_trust', owner: OWNER }));
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });

  const scrape = async (): Promise<ReadonlyMap<string, Exposed>> =>
    readExposed(await (await fetch(`${port}/metrics`)).text());

  describe('the port of the metrics', () => {
    it('asks for no key, and has nothing else', async () => {
      const { status, headers } = await fetch(`${port}/metrics`);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      expect((await fetch(`${port}/metrics?name[]=up`)).status).toBe(200);
      expect((await fetch(`${port}/v1/accounts`)).status).toBe(404);
      expect((await fetch(`${port}/metrics`, { method: 'POST' })).status).toBe(405);
      const head = await fetch(`${port}/metrics`, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
    });
  });

  describe('the route of the metrics', () => {
    it('answers an admin of the whole installation, and nobody else', async () => {
      const as = async (request: Parameters<TestApp['keyFor']>[0]): Promise<string> => {
        const { status, body } = await app.get('/metrics', { key: await app.keyFor(request) });
        return `${status} ${body?.code}`;
      };
      expect((await app.get('/metrics', { key: undefined })).body.code).toBe('key_missing');
      expect(await as({ scope: 'read' })).toBe('403 scope_insufficient');
      expect(await as({ scope: 'write' })).toBe('403 scope_insufficient');
      expect(await as({ scope: 'admin', owner: OWNER })).toBe('403 owner_forbidden');
      const { status, headers, text } = await app.get('/metrics');
      expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      expect([...readExposed(text).keys()]).toEqual([...(await scrape()).keys()]);
    });
  });

  describe('what is told', () => {
    it('has words for everything, and a value wherever this engine has one', async () => {
      const metrics = await scrape();
      const empty = [...metrics].filter(([, { samples }]) => samples.length === 0).map(([name]) => name);
      const others = [...metrics].filter(([, { help }]) => OF_THE_OTHER[kind.engine].test(help)).map(([name]) => name);
      expect(others.length).toBeGreaterThan(2);
      expect(empty.filter((name) => !UNEVENTFUL.includes(name)).sort()).toEqual(others.sort());
      expect([...metrics.values()].filter(({ help, type }) => help === '' || type === '')).toEqual([]);
    });

    it('names no owner, no id, no key and no amount', async () => {
      const { text } = await app.get('/metrics');
      for (const secret of [OWNER, account.id, app.key, AMOUNT, 'Groceries']) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\b(acc|bal|txn|enr|key|chg)_[0-9a-f]{8}/);
    });

    it('counts requests by the pattern of their route', async () => {
      const metrics = await scrape();
      const requests = (method: string, route: string, status: string): number | undefined =>
        valueOf(metrics, 'passbook_http_requests_total', { method, route, status });
      expect(requests('GET', '/v1/accounts/:id', '200')).toBe(1);
      expect(requests('GET', '/v1/accounts/:id', '404')).toBe(1);
      expect(requests('GET', 'none', '404')).toBe(1);
      expect(valueOf(metrics, 'passbook_http_refusals_total', { code: 'account_not_found' })).toBe(1);
      const times = { method: 'GET', route: '/v1/accounts/:id' };
      expect(valueOf(metrics, 'passbook_http_request_duration_seconds_count', times)).toBe(2);
    });

    it('counts statements by verb and table, commits too', async () => {
      const metrics = await scrape();
      const statements = (operation: string): number =>
        valueOf(metrics, 'passbook_store_statement_duration_seconds_count', { operation }) ?? 0;
      expect(statements('insert transactions')).toBeGreaterThanOrEqual(2);
      const commits = statements('commit');
      await openAccount(app);
      const after = await scrape();
      expect(
        valueOf(after, 'passbook_store_statement_duration_seconds_count', { operation: 'commit' }),
      ).toBeGreaterThan(commits);
    });

    it('counts syncs, questions to banks and enrollments by feed', async () => {
      const metrics = await scrape();
      expect(valueOf(metrics, 'passbook_syncs_total', { feed: SANDBOX, outcome: 'synced' })).toBe(1);
      expect(valueOf(metrics, 'passbook_sync_duration_seconds_count', { feed: SANDBOX })).toBe(1);
      expect(valueOf(metrics, 'passbook_sync_lines_total', { feed: SANDBOX, change: 'inserted' })).toBeGreaterThan(100);
      const questions = { feed: SANDBOX, question: 'accounts' };
      // For the enrollment, and for its sync.
      expect(valueOf(metrics, 'passbook_feed_question_duration_seconds_count', questions)).toBe(2);
      expect(valueOf(metrics, 'passbook_enrollments', { feed: SANDBOX, status: 'connected' })).toBe(1);
      expect(valueOf(metrics, 'passbook_syncs_running')).toBe(0);
      expect(valueOf(metrics, 'passbook_api_keys', { scope: 'admin' })).toBeGreaterThanOrEqual(1);
    });

    it('says how busy the ways to the store are, and how many wait', async () => {
      const way = { pool: kind.engine === 'sqlite' ? 'writing' : 'pool' };
      const held = kind.engine === 'sqlite' ? 1 : 3;
      const [reached, gate] = [new Gate(), new Gate()];
      let holding = 0;
      const hold = Array.from({ length: held }, () =>
        app.app.get(Database).transact(EVERYBODY, async () => {
          if (++holding === held) reached.open();
          await gate.passed;
        }),
      );
      await reached.passed;
      const later = openAccount(app);
      await expect.poll(async () => valueOf(await scrape(), 'passbook_store_waiting', way)).toBeGreaterThanOrEqual(1);
      const during = await scrape();
      expect(valueOf(during, 'passbook_store_connections_in_use', way)).toBe(held);
      expect(valueOf(during, 'passbook_store_connections_max', way)).toBe(held);
      expect(valueOf(during, 'passbook_http_requests_in_flight')).toBe(1);
      expect(valueOf(during, 'passbook_store_up')).toBe(1);
      gate.open();
      await Promise.all([...hold, later]);
      expect(valueOf(await scrape(), 'passbook_store_connections_in_use', way)).toBe(0);
    });
  });
});

it('is nowhere where it is turned off', async () => {
  const store = await makeStore('sqlite', { METRICS: 'off' });
  const app = await TestApp.start(store);
  expect((await app.get('/metrics')).body.code).toBe('route_unknown');
  await app.stop();
  await store.dispose();
});
