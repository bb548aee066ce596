// Opens the store that the settings name, to look at its schema or to change it.
import { type Settings } from '../../config/settings.js';
import { type SchemaSession, type SessionOptions } from './session.js';
import { PostgresSession } from './session.postgres.js';
import { SqliteSession } from './session.sqlite.js';

/** @throws StoreUnavailable | NotPermitted saying what is wrong with which store */
export function openSession(settings: Settings, options: SessionOptions): Promise<SchemaSession> {
  const { store, migrate, queries } = settings;
  return store.engine === 'sqlite'
    ? SqliteSession.open(store, options)
    : PostgresSession.open(store, {
        ...migrate,
        applicationName: `${queries.applicationName} migrate`,
        patienceMs: options.patienceMs,
      });
}
