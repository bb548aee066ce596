// The one PostgreSQL that a whole test run shares: the one it brought itself, or the one given by TEST_DATABASE_URL.
import { createDatabase, urlOf, type DatabaseWanted, type TestDatabase } from './databases.js';

/** Set by the global setup for the workers. */
export const SHARED_POSTGRES_VARIABLE = 'PASSBOOK_TEST_POSTGRES';

export function sharedPostgresUrl(): string {
  const url = process.env[SHARED_POSTGRES_VARIABLE];
  if (url === undefined) throw new Error('there is no PostgreSQL: the tests run through vitest.config.ts only');
  return url;
}

/** Set when the run goes through PgBouncer: `TEST_POOLER=transaction`. */
export const SHARED_POOLER_VARIABLE = 'PASSBOOK_TEST_POOLER';

/** How a service reaches a database: past nothing, or through the pooler of the run. */
export function environmentOf({ name, url }: TestDatabase): Record<string, string> {
  const pooler = process.env[SHARED_POOLER_VARIABLE];
  const base = { DATABASE_SSLMODE: 'disable' };
  if (pooler === undefined) return { ...base, DATABASE_URL: url };
  return { ...base, DATABASE_URL: urlOf(pooler, name), DATABASE_DIRECT_URL: url, DATABASE_POOLER: 'transaction' };
}

/** An empty database of the caller's own, or a copy of a template; the caller drops it. */
export function createSharedDatabase(wanted: DatabaseWanted = {}): Promise<TestDatabase> {
  return createDatabase(sharedPostgresUrl(), wanted);
}
