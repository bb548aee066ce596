// Databases of the tests' own on a PostgreSQL server: made under names nobody else uses, and dropped.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Ends whoever is connected, then drops it. */
  drop(): Promise<void>;
}

export interface DatabaseWanted {
  /** Made up when absent. */
  readonly name?: string;
  /** A database to start as a copy of; nobody may be connected to it meanwhile. */
  readonly template?: string;
}

const PREFIX = 'passbook_test_';
const LEFT_BEHIND_AFTER_MS = 6 * 3_600_000;

/** @param adminUrl of a user that may create databases. @param publicUrl by which the tests shall reach the same server. */
export async function createDatabase(
  adminUrl: string,
  wanted: DatabaseWanted = {},
  publicUrl = adminUrl,
): Promise<TestDatabase> {
  const name = wanted.name ?? `${PREFIX}${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  const template = wanted.template === undefined ? '' : ` TEMPLATE ${quoted(wanted.template)}`;
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    // Copying files is what all did before 15, and takes half the time of logging every page.
    const strategy = (rows[0]?.version ?? 0) >= 150_000 ? ' STRATEGY FILE_COPY' : '';
    await client.query(`CREATE DATABASE ${quoted(name)}${template}${strategy}`);
  });
  return {
    name,
    url: urlOf(publicUrl, name),
    drop: async () => {
      await withClient(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`));
    },
  };
}

/** The same server and user, another database. */
export function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

/** On a server that outlives the tests, a killed run leaves its databases: those are dropped once they are old. */
export async function dropLeftBehind(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    for (const { datname } of rows) {
      const madeAt = new RegExp(`^${PREFIX}([0-9a-z]+)_[0-9a-f]{8}$`).exec(datname)?.[1];
      if (madeAt === undefined || Date.now() - Number.parseInt(madeAt, 36) < LEFT_BEHIND_AFTER_MS) continue;
      await client.query(`DROP DATABASE IF EXISTS ${quoted(datname)} WITH (FORCE)`);
    }
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
