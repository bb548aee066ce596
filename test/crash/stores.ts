// Stores that are killed: a SQLite file, or a database on a PostgreSQL of its own that writes to the disk as in earnest.
import { type Engine, makeStore, type TestStore } from '../support/each-store.js';
import { migrateUp } from '../support/migrate-up.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { TestApp } from '../support/test-app.js';
import { readSettings } from '../../src/config/settings.js';

export interface KillableStore extends TestStore {
  /** Of scope admin, bound to no owner. */
  readonly key: string;
  /** Undefined for a file. */
  readonly postgres: RunningPostgres | undefined;
}

export async function killableStore(engine: Engine): Promise<KillableStore> {
  const { store, postgres } =
    engine === 'sqlite' ? { store: await makeStore('sqlite'), postgres: undefined } : await ownPostgres();
  const app = await TestApp.start(store);
  await app.stop();
  return { ...store, key: app.key, postgres };
}

async function ownPostgres(): Promise<{ store: TestStore; postgres: RunningPostgres }> {
  const postgres = await startPostgres();
  const { url } = await postgres.createDatabase();
  const environment = {
    NODE_ENV: 'test',
    DATABASE_URL: url,
    DATABASE_SSLMODE: 'disable',
    CURRENCIES_PRIVATE: 'XGC:0,XGM:4',
    RATE_LIMIT_KEY_PER_MINUTE: '0',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
    SYNC_SCHEDULE: 'false',
  };
  const settings = readSettings(environment);
  await migrateUp(settings);
  return { store: { engine: 'postgres', environment, settings, dispose: () => postgres.dispose() }, postgres };
}
