// Opens the store that the settings name, to look at its schema or to change it.
import { ConfigurationInvalid, type Problem } from '../../config/configuration-invalid.js';
import { type Settings } from '../../config/settings.js';
import { type SchemaSession, type SessionOptions } from './session.js';
import { PostgresSession } from './session.postgres.js';
import { SqliteSession } from './session.sqlite.js';

/** The runner's lock is a session's: a pooler would give it to whoever comes next. */
const PAST_THE_POOLER: Problem = {
  variable: 'DATABASE_DIRECT_URL',
  got: 'nothing',
  takes: 'the URL of the same database past the pooler: a schema change needs a session of its own',
};

/** @throws StoreUnavailable | NotPermitted saying what is wrong with which store */
export function openSession(settings: Settings, options: SessionOptions): Promise<SchemaSession> {
  const { directStore: store, migrate, queries } = settings;
  if (store === undefined) throw new ConfigurationInvalid([PAST_THE_POOLER]);
  return store.engine === 'sqlite'
    ? SqliteSession.open(store, options)
    : PostgresSession.open(store, {
        ...migrate,
        applicationName: `${queries.applicationName} migrate`,
        patienceMs: options.patienceMs,
      });
}
