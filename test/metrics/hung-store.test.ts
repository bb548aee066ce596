// A store that stands still, or a table that is locked, takes nothing from a scrape but what it alone could have said.
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { freePort } from '../support/free-port.js';
import { migrateUp } from '../support/migrate-up.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { TestApp } from '../support/test-app.js';
import { type Exposed, readExposed, valueOf } from './exposed.js';

const LONG = { timeout: 30_000 };

let postgres: RunningPostgres;
let app: TestApp;
let port: string;
beforeAll(async () => {
  const free = await freePort();
  port = `http://127.0.0.1:${free}/metrics`;
  postgres = await startPostgres({ config: { fsync: 'off' } });
  const settings = readSettings({
    NODE_ENV: 'test',
    DATABASE_URL: postgres.url(),
    DATABASE_SSLMODE: 'disable',
    // Whoever waits for the store does so for ever.
    DB_STATEMENT_TIMEOUT_MS: '0',
    METRICS_PORT: String(free),
    LOG_LEVEL: 'warn',
  });
  await migrateUp(settings);
  const store = { engine: 'postgres', environment: {}, settings, dispose: async () => undefined } as const;
  app = await TestApp.start(store);
});
afterAll(async () => {
  postgres.resume();
  await app.stop();
  await postgres.dispose();
});

const scrape = async (): Promise<ReadonlyMap<string, Exposed>> => readExposed(await (await fetch(port)).text());

it('is told of a locked table, and waits for none', async () => {
  const client = new pg.Client(postgres.url());
  await client.connect();
  await client.query('BEGIN; LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE');
  await expect.poll(async () => valueOf(await scrape(), 'passbook_store_up'), LONG).toBe(1);
  const metrics = await scrape();
  await client.end();
  expect(valueOf(metrics, 'passbook_store_size_bytes')).toBeUndefined();
  expect(valueOf(metrics, 'passbook_api_keys', { scope: 'admin' })).toBe(1);
  await expect.poll(async () => valueOf(await scrape(), 'passbook_store_size_bytes'), LONG).toBeGreaterThan(0);
});

it('is answered while the server stands still, and says so', async () => {
  await app.get('/v1/accounts');
  postgres.pause();
  const during = await scrape();
  expect(valueOf(during, 'passbook_store_up')).toBe(0);
  expect(valueOf(during, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(valueOf(during, 'passbook_http_requests_total', { route: '/v1/accounts', status: '200' })).toBe(1);
  postgres.resume();
  await expect.poll(async () => valueOf(await scrape(), 'passbook_store_up'), LONG).toBe(1);
});
