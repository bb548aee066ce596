// The one PostgreSQL that a whole test run shares: the one it brought itself, or the one given by TEST_DATABASE_URL.
import { createDatabase, type DatabaseWanted, type TestDatabase } from './databases.js';

/** Set by the global setup for the workers. */
export const SHARED_POSTGRES_VARIABLE = 'PASSBOOK_TEST_POSTGRES';

export function sharedPostgresUrl(): string {
  const url = process.env[SHARED_POSTGRES_VARIABLE];
  if (url === undefined) throw new Error('there is no PostgreSQL: the tests run through vitest.config.ts only');
  return url;
}

/** An empty database of the caller's own, or a copy of a template; the caller drops it. */
export function createSharedDatabase(wanted: DatabaseWanted = {}): Promise<TestDatabase> {
  return createDatabase(sharedPostgresUrl(), wanted);
}
