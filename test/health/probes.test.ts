// The probes tell the truth about a real PostgreSQL that is stopped, frozen, started late, behind, ahead or used up, and about a SQLite file.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Account } from '../../src/accounts/account.entity.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { Database } from '../../src/database/database.js';
import { StoreInUse } from '../../src/database/sqlite/server-lock.js';
import { Readiness } from '../../src/health/readiness.js';
import { createServer } from '../../src/server.js';
import { EVERYBODY } from '../database/specimens.js';
import { migrateUp } from '../support/migrate-up.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { runLog } from '../support/run-log.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** With room for a busy machine; what is not bounded waits longer for a driver, a pool or a server. */
const IN_TIME_MS = 5_000;
const BY_ITSELF = { timeout: 15_000, interval: 100 };

interface Probed {
  readonly status: number;
  readonly ms: number;
  readonly body: Readonly<Record<string, any>>;
}

const apps: NestFastifyApplication[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function serve(settings: Settings): Promise<NestFastifyApplication> {
  const app = await createServer(settings, { log: runLog });
  apps.push(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

async function probe(app: NestFastifyApplication, path: string): Promise<Probed> {
  const began = performance.now();
  const { statusCode, body, headers } = await app.inject({ method: 'GET', url: path });
  if (path !== '/livez') expect(headers['cache-control']).toBe('no-store');
  return { status: statusCode, ms: performance.now() - began, body: JSON.parse(body) as Probed['body'] };
}
const ready = async (app: NestFastifyApplication): Promise<number> => (await probe(app, '/readyz')).status;

/** All four, asked at once, answer in time and agree. */
async function expectReady(app: NestFastifyApplication, status: 200 | 503): Promise<Probed[]> {
  const probed = await Promise.all(['/readyz', '/health', '/readiness', '/livez'].map((path) => probe(app, path)));
  expect(probed.map((one) => one.status)).toEqual([status, status, status, 200]);
  for (const { ms } of probed) expect(ms).toBeLessThan(IN_TIME_MS);
  // And each alone.
  for (const path of ['/readyz', '/health']) {
    const alone = await probe(app, path);
    expect(alone.status).toBe(status);
    expect(alone.ms).toBeLessThan(IN_TIME_MS);
  }
  return probed;
}

describe('over PostgreSQL', () => {
  let postgres: RunningPostgres;
  let settings: Settings;
  const settingsWith = (extra: Readonly<Record<string, string>> = {}): Settings =>
    readSettings({ NODE_ENV: 'test', DATABASE_URL: postgres.url('bank'), ...extra });

  beforeAll(async () => {
    postgres = await startPostgres({ config: { fsync: 'off', max_connections: '30' } });
    await postgres.createDatabase('bank');
    settings = settingsWith();
    await migrateUp(settings);
  });
  afterAll(() => postgres.dispose());

  async function direct(text: string): Promise<void> {
    const client = new pg.Client({ connectionString: postgres.url('bank') });
    await client.connect();
    await client.query(text);
    await client.end();
  }

  it('a server that is stopped is 503 in time, and 200 again by itself', async () => {
    const app = await serve(settings);
    await expectReady(app, 200);
    for (const mode of ['fast', 'immediate'] as const) {
      await postgres.stop(mode);
      const [readyz, health] = await expectReady(app, 503);
      expect(readyz!.body).toMatchObject({
        status: 'error',
        details: {
          store: { status: 'down', reachable: false, schema: 'unknown', message: 'PostgreSQL cannot be reached.' },
        },
      });
      expect(health!.body).toEqual({
        status: 'unavailable',
        db: 'unreachable',
        db_driver: 'postgres',
        db_url_kind: 'postgres',
        migrations_applied: false,
        detail: 'PostgreSQL cannot be reached.',
      });
      await postgres.start();
      await expect.poll(() => ready(app), BY_ITSELF).toBe(200);
    }
    await expectReady(app, 200);
  });

  it('a server that is frozen is 503 in time, again and again, and 200 by itself once it goes on', async () => {
    const app = await serve(settings);
    await expectReady(app, 200);
    postgres.pause();
    try {
      await expectReady(app, 503);
      await expectReady(app, 503);
    } finally {
      postgres.resume();
    }
    await expect.poll(() => ready(app), BY_ITSELF).toBe(200);
    await expectReady(app, 200);
  });

  it.each(['stopped', 'frozen'] as const)(
    'a server that is %s at start is waited for by a process that is up',
    async (how) => {
      if (how === 'stopped') await postgres.stop();
      else postgres.pause();
      const app = await serve(settings);
      await expectReady(app, 503);
      const refused = await app.inject({
        method: 'GET',
        url: '/v1/accounts',
        headers: { authorization: `Bearer pbk_${'0'.repeat(43)}` },
      });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([503, 'store_unavailable']);
      if (how === 'stopped') await postgres.start();
      else postgres.resume();
      await expect.poll(() => ready(app), BY_ITSELF).toBe(200);
      expect(await app.get(Database).read(EVERYBODY, async () => 'served')).toBe('served');
    },
  );

  it('a process whose server never comes still ends', async () => {
    postgres.pause();
    try {
      await serve(settings);
      // Which must come while the server still stands still.
      for (const app of apps.splice(0)) await app.close();
    } finally {
      postgres.resume();
    }
  });

  it('a schema that is behind is 503 and says what to do; ahead is 200; empty is 503', async () => {
    const app = await serve(settings);
    const last = MIGRATIONS.at(-1)!.id;
    const detailOf = async () => (await probe(app, '/health')).body;
    await direct('CREATE TABLE kept AS SELECT * FROM schema_migrations');
    await direct(`DELETE FROM schema_migrations WHERE id = '${last}'`);
    const [readyz] = await expectReady(app, 503);
    expect(readyz!.body).toMatchObject({ details: { store: { reachable: true, schema: 'behind', pending: 1 } } });
    expect(await detailOf()).toMatchObject({
      db: 'ok',
      migrations_applied: false,
      detail: expect.stringContaining('passbook migrate up'),
    });
    await direct('INSERT INTO schema_migrations SELECT k.* FROM kept k WHERE k.id = ' + `'${last}'`);
    await expectReady(app, 200);

    await direct(
      "CREATE TABLE newer AS SELECT * FROM kept WHERE id = (SELECT max(id) FROM kept); UPDATE newer SET id = '9999-from-the-future'; INSERT INTO schema_migrations SELECT * FROM newer",
    );
    const [ahead] = await expectReady(app, 200);
    expect(ahead!.body).toMatchObject({ details: { store: { schema: 'ahead', pending: 0 } } });
    expect(await detailOf()).toMatchObject({ status: 'ok', migrations_applied: true });

    await direct('DELETE FROM schema_migrations');
    expect((await expectReady(app, 503))[0]!.body).toMatchObject({
      details: { store: { schema: 'empty', pending: MIGRATIONS.length } },
    });
    await direct('ALTER TABLE schema_migrations RENAME TO elsewhere');
    expect((await expectReady(app, 503))[0]!.body).toMatchObject({
      details: { store: { reachable: true, schema: 'empty' } },
    });
    await direct(
      'ALTER TABLE elsewhere RENAME TO schema_migrations; INSERT INTO schema_migrations SELECT * FROM kept; DROP TABLE kept, newer',
    );
    await expectReady(app, 200);
  });

  it('a pool that is used up is not a store that is down', async () => {
    const app = await serve(settingsWith({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0' }));
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    const holder = app.get(Database).transact(EVERYBODY, () => held);
    await expectReady(app, 200);
    free();
    await holder;
  });

  it('nor is a server that has no connection left for anybody else', async () => {
    const app = await serve(settingsWith({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0' }));
    await expectReady(app, 200);
    const clients: pg.Client[] = [];
    const takeAll = async (): Promise<void> => {
      for (;;) {
        const client = new pg.Client({ connectionString: postgres.url('bank') });
        client.on('error', () => undefined);
        await client.connect();
        clients.push(client);
      }
    };
    await expect(takeAll()).rejects.toThrow(/too many clients|remaining connection slots/);
    await expectReady(app, 200);
    await Promise.all(clients.map((client) => client.end()));
  });

  it('a login that the server takes no longer is 503, although the connection of the probe is still there', async () => {
    await direct("CREATE ROLE tenant LOGIN PASSWORD 'before' IN ROLE pg_read_all_data, pg_write_all_data");
    const url = new URL(postgres.url('bank'));
    [url.username, url.password] = ['tenant', 'before'];
    const app = await serve(settingsWith({ DATABASE_URL: url.href }));
    const asked = () => app.get(Database).read(EVERYBODY, (reader) => reader.rows(Account).count());
    await expectReady(app, 200);
    await asked();
    await direct("ALTER ROLE tenant PASSWORD 'after'");
    await direct(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenant' AND application_name NOT LIKE '%probe'",
    );
    await expect.poll(() => asked().catch(String), BY_ITSELF).toMatch(/StoreUnavailable/);
    await expectReady(app, 503);
    await direct("ALTER ROLE tenant PASSWORD 'before'");
    await expect.poll(() => ready(app), BY_ITSELF).toBe(200);
    expect(await asked()).toBe(0);
  });

  it('the fields that others build on are there, and the spelling of the URL', async () => {
    for (const [spelling, kind] of [
      ['postgres://', 'postgres'],
      ['postgresql://', 'postgresql'],
      ['postgresql+psycopg://', 'postgresql+psycopg'],
    ] as const) {
      const app = await serve(
        readSettings({ NODE_ENV: 'test', DATABASE_URL: postgres.url('bank').replace('postgres://', spelling) }),
      );
      for (const path of ['/health', '/readiness']) {
        const { status, body } = await probe(app, path);
        expect([status, body]).toEqual([
          200,
          { status: 'ok', db: 'ok', db_driver: 'postgres', db_url_kind: kind, migrations_applied: true },
        ]);
      }
      expect((await probe(app, '/livez')).body).toEqual({ status: 'ok' });
      expect((await probe(app, '/readyz')).body).toMatchObject({
        status: 'ok',
        details: { store: { status: 'up', driver: 'postgres' }, process: { status: 'up' } },
      });
    }
  });

  it('a process that is stopping is not ready, and alive until it is gone', async () => {
    const app = await serve(settings);
    await expectReady(app, 200);
    app.get(Readiness, { strict: false }).turnOff();
    const [readyz, health] = await expectReady(app, 503);
    expect(readyz!.body).toMatchObject({
      details: { store: { status: 'up' }, process: { status: 'down', message: 'stopping' } },
    });
    expect(health!.body).toMatchObject({ status: 'unavailable', db: 'ok', migrations_applied: true });
  });
});

describe('over SQLite', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(temporaryFolder(), 'passbook-probes-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('a file that is not there is 503, is not made, and is served once it has been made', async () => {
    const settings = readSettings({ NODE_ENV: 'test', DATABASE_URL: `sqlite:///${join(folder, 'late.db')}` });
    const app = await serve(settings);
    const [, health] = await expectReady(app, 503);
    expect(health!.body).toMatchObject({
      status: 'unavailable',
      db: 'unreachable',
      db_driver: 'sqlite',
      db_url_kind: 'sqlite',
      migrations_applied: false,
    });
    expect(readdirSync(folder)).toEqual([]);
    await migrateUp(settings);
    await expect.poll(() => ready(app), BY_ITSELF).toBe(200);
    await expectReady(app, 200);
  });

  it('a file that goes away while it is served is 503', async () => {
    const path = join(folder, 'gone.db');
    const settings = readSettings({ NODE_ENV: 'test', DATABASE_URL: `sqlite:///${path}` });
    await migrateUp(settings);
    const app = await serve(settings);
    await expectReady(app, 200);
    rmSync(path);
    await expectReady(app, 503);
    expect(existsSync(path)).toBe(false);
  });

  it('an empty file is 503', async () => {
    const path = join(folder, 'empty.db');
    writeFileSync(path, '');
    const app = await serve(readSettings({ NODE_ENV: 'test', DATABASE_URL: `sqlite:///${path}` }));
    const [readyz] = await expectReady(app, 503);
    expect(readyz!.body).toMatchObject({ details: { store: { reachable: true, schema: 'empty' } } });
  });

  it('a file that another server has is no store for a second, which says so and does not wait', async () => {
    const settings = readSettings({ NODE_ENV: 'test', DATABASE_URL: `sqlite:///${join(folder, 'shared.db')}` });
    await migrateUp(settings);
    const first = await serve(settings);
    await expect(serve(settings)).rejects.toThrow(StoreInUse);
    await expectReady(first, 200);
  });

  it('a long write does not make readiness lie', async () => {
    const settings = readSettings({ NODE_ENV: 'test', DATABASE_URL: `sqlite:///${join(folder, 'busy.db')}` });
    await migrateUp(settings);
    const app = await serve(settings);
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    const holder = app.get(Database).transact(EVERYBODY, () => held);
    await expectReady(app, 200);
    free();
    await holder;
  });
});
