// The two roles of a deployment, made as the descriptions say: one changes the schema, the other serves and can change no table.
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { readLevel } from '../../src/database/schema/history.js';
import { openSession } from '../../src/database/schema/open-session.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { openAccount } from '../support/builders.js';
import { migrateUp } from '../support/migrate-up.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { keepSecret } from '../support/run-log.js';
import { TestApp } from '../support/test-app.js';
import { ofKind, readObjects } from './kube.js';
import { quoted, rolesSql } from './roles-sql.js';

const PASSWORDS = { migrate_password: "it's the migrator's", server_password: 'p@ss:word/ of the server' };
const DATABASE = 'bank';

let postgres: RunningPostgres;

beforeAll(async () => {
  keepSecret(...Object.values(PASSWORDS));
  postgres = await startPostgres({ config: { fsync: 'off' } });
});
afterAll(async () => {
  await postgres?.dispose();
});

it.each([
  ['roles.sql by a superuser', bySuperuser],
  ['roles.sql by the administrator of a managed database, who is none', byAdministrator],
  ['the statements for CloudNativePG, in a database of the role that migrates', byOperator],
])('%s', async (_, makeRoles) => {
  await makeRoles();
  try {
    const [migrates, serves] = [settingsOf('passbook_migrate', 'migrate'), settingsOf('passbook_server', 'server')];
    expect(await levelSeenBy(serves)).toBe('empty');
    await migrateUp(migrates);
    expect(await levelSeenBy(serves)).toBe('current');

    const app = await TestApp.start({
      engine: 'postgres',
      environment: {},
      settings: serves,
      dispose: async () => undefined,
    });
    try {
      expect((await app.get('/readyz')).status).toBe(200);
      const account = await openAccount(app);
      expect((await app.patch(`/v1/accounts/${account.id}`, { name: 'renamed' })).status).toBe(200);
    } finally {
      await app.stop();
    }

    await expect(asServer('DROP TABLE accounts')).rejects.toThrow('must be owner of table accounts');
    await expect(asServer('CREATE TABLE mine (id text)')).rejects.toThrow('permission denied for schema public');
  } finally {
    await forget();
  }
});

async function bySuperuser(): Promise<void> {
  await run(postgres.adminUrl, `CREATE DATABASE ${DATABASE}`);
  await run(postgres.url(DATABASE), rolesSql(PASSWORDS));
}

async function byAdministrator(): Promise<void> {
  await run(postgres.adminUrl, `CREATE ROLE administrator LOGIN CREATEROLE PASSWORD 'administrator'`);
  await run(postgres.adminUrl, `CREATE DATABASE ${DATABASE} OWNER administrator`);
  await run(urlAs('administrator', 'administrator'), rolesSql(PASSWORDS));
}

async function byOperator(): Promise<void> {
  const { spec } = ofKind(readObjects('k8s/examples/cloudnative-pg/cluster.yaml'), 'Cluster')[0]!;
  const { owner, postInitApplicationSQL: statements } = spec.bootstrap.initdb;
  await run(postgres.adminUrl, `CREATE ROLE ${owner} LOGIN PASSWORD ${quoted(PASSWORDS.migrate_password)}`);
  await run(postgres.adminUrl, `CREATE DATABASE ${DATABASE} OWNER ${owner}`);
  for (const statement of statements) await run(postgres.url(DATABASE), statement);
  // As the operator does from the role's Secret.
  await run(postgres.adminUrl, `ALTER ROLE passbook_server PASSWORD ${quoted(PASSWORDS.server_password)}`);
}

async function forget(): Promise<void> {
  await run(postgres.adminUrl, `DROP DATABASE ${DATABASE} WITH (FORCE)`);
  for (const role of ['passbook_server', 'passbook_migrate', 'administrator'])
    await run(postgres.adminUrl, `DROP ROLE IF EXISTS ${role}`);
}

function settingsOf(user: string, which: 'migrate' | 'server') {
  const url = urlAs(user, PASSWORDS[`${which}_password`]);
  return readSettings({ NODE_ENV: 'test', DATABASE_URL: url, LOG_LEVEL: 'warn', CURRENCIES_PRIVATE: 'XGC:0,XGM:4' });
}

function urlAs(user: string, password: string): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${postgres.port}/${DATABASE}`;
}

async function levelSeenBy(settings: ReturnType<typeof settingsOf>): Promise<string> {
  const session = await openSession(settings, { intent: 'look', patienceMs: 5_000 });
  try {
    return (await readLevel(session, MIGRATIONS)).level;
  } finally {
    await session.close();
  }
}

function asServer(statement: string): Promise<void> {
  return run(urlAs('passbook_server', PASSWORDS.server_password), statement);
}

async function run(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
