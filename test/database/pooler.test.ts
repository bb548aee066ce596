// Behind PgBouncer in transaction mode: what a session would be told once holds in each transaction, and nothing is left on the connections of others.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examine } from '../../src/cli/doctor/doctor.js';
import { EXIT } from '../../src/common/exit-codes.js';
import { QueryTooSlow } from '../../src/database/database.errors.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { type OpenDatabase, openDatabase } from '../../src/database/standalone.js';
import { ENTITIES } from '../../src/entities.js';
import { startNode } from '../migrations/processes.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { EVERYBODY } from '../support/builders.js';
import { behind, NO_PGBOUNCER, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { sharedPostgresUrl } from '../support/shared-postgres.js';
import { readSettings } from '../../src/config/settings.js';

const SERVER_CONNECTIONS = 2;
const ANYBODYS = ownerless('a test');
const LIMITS = { DB_STATEMENT_TIMEOUT_MS: '700', DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: '900' };

const about = NO_PGBOUNCER === undefined ? '' : `: ${NO_PGBOUNCER}`;
describe.skipIf(NO_PGBOUNCER)(`behind PgBouncer${about}`, () => {
  let bouncer: PgBouncer;
  let direct: TestStore;
  let pooled: TestStore;
  let opened: OpenDatabase;
  beforeAll(async () => {
    bouncer = await startPgBouncer(sharedPostgresUrl(), SERVER_CONNECTIONS);
    direct = await makeStore('postgres', LIMITS);
    pooled = behind(bouncer, direct);
    opened = await openDatabase(pooled.settings, ENTITIES, { serves: true });
  });
  afterAll(async () => {
    await opened.close();
    await bouncer.stop();
    await direct.dispose();
  });

  const settingOf = (name: string) => sql`SELECT current_setting(${name}) AS value WHERE ${ANYBODYS}`;
  const slow = sql`SELECT 1 AS n FROM pg_sleep(5) WHERE ${ANYBODYS}`;

  it('reads, writes and views have their limits of time, and PostgreSQL keeps to them', async () => {
    const { database } = opened;
    for (const within of ['read', 'transact', 'snapshot'] as const) {
      const told = await database[within](EVERYBODY, async (reader) => [
        await reader.query(settingOf('statement_timeout'), { value: 'text' }),
        await reader.query(settingOf('idle_in_transaction_session_timeout'), { value: 'text' }),
        await reader.query(settingOf('TimeZone'), { value: 'text' }),
        await reader.query(settingOf('synchronous_commit'), { value: 'text' }),
      ]);
      expect(told.flat().map(({ value }) => value)).toEqual(['700ms', '900ms', 'UTC', 'on']);
      await expect(database[within](EVERYBODY, (reader) => reader.query(slow, { n: 'number' }))).rejects.toThrow(
        QueryTooSlow,
      );
    }
  });

  it('leaves no limit, no prepared statement and no lock on the connections that others get', async () => {
    const { database } = opened;
    await database.transact(EVERYBODY, (tx) => tx.hold('a name'));
    const other = new pg.Client({ connectionString: pooled.environment['DATABASE_URL'] });
    await other.connect();
    try {
      const { rows } = await other.query(
        `SELECT current_setting('statement_timeout') AS limited, (SELECT COUNT(*) FROM pg_prepared_statements)::int AS prepared,
                (SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())::int AS held`,
      );
      expect(rows).toEqual([{ limited: '0', prepared: 0, held: 0 }]);
    } finally {
      await other.end();
    }
  });

  it('more work at a time than there are connections behind it takes turns', async () => {
    const { database } = opened;
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const read = (number: number) =>
      database.read(EVERYBODY, (reader) =>
        reader.query(sql`SELECT ${number}::int AS n, pg_backend_pid() AS pid WHERE ${ANYBODYS}`, {
          n: 'number',
          pid: 'number',
        }),
      );
    const answers = (await Promise.all(numbers.map(read))).flat();
    expect(answers.map(({ n }) => n)).toEqual(numbers);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBeLessThanOrEqual(SERVER_CONNECTIONS);
  });

  it('the doctor looks past it, and through it', async () => {
    const options = { processes: 9_999, nowMs: Date.now(), migrations: [] };
    const judged = async (environment: Readonly<Record<string, string>>) =>
      Object.fromEntries((await examine(environment, options)).map(({ check, verdict }) => [check, verdict]));
    expect(await judged(pooled.environment)).toMatchObject({ connection: 'ok', pool: 'ok', pooler: 'ok' });
    const gone = { ...pooled.environment, DATABASE_URL: 'postgres://a@127.0.0.1:1/b' };
    expect(await judged(gone)).toMatchObject({ connection: 'ok', pooler: 'fault' });
  });

  it('a schema change goes past it, and is refused where no way past it is known', async () => {
    const status = (environment: Readonly<Record<string, string>>) =>
      startNode('dist/src/migrate.js', ['status'], environment).ended;
    expect(await status(pooled.environment)).toMatchObject({ code: EXIT.ok });
    const { DATABASE_DIRECT_URL: _, ...blind } = pooled.environment;
    expect(await status(blind)).toMatchObject({
      code: EXIT.configuration,
      stderr: expect.stringContaining('DATABASE_DIRECT_URL'),
    });
  });
});

describe('a pooler in the configuration', () => {
  it('goes with PostgreSQL only', () => {
    const url = 'sqlite:////tmp/a.db';
    expect(() => readSettings({ DATABASE_URL: url, DATABASE_POOLER: 'transaction' })).toThrow('DATABASE_POOLER');
    expect(() => readSettings({ DATABASE_URL: 'postgres://a@b/c', DATABASE_DIRECT_URL: url })).toThrow('DIRECT_URL');
    expect(() => readSettings({ DATABASE_URL: 'postgres://a@b/c', DATABASE_POOLER: 'session' })).toThrow(
      'DATABASE_POOLER',
    );
  });

  it('turns named statements off', () => {
    const settings = readSettings({ DATABASE_URL: 'postgres://a@b/c', DATABASE_POOLER: 'transaction' });
    expect([settings.queries.preparedStatements, settings.isBehindPooler, settings.directStore]).toEqual([
      false,
      true,
      undefined,
    ]);
  });
});
