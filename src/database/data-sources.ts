// What TypeORM is told of each store. Nothing here connects.
import { type DataSourceOptions } from 'typeorm';
import { type ClientBase, type PoolConfig } from 'pg';
import type SqliteDatabase from 'better-sqlite3';
import { type Settings } from '../config/settings.js';
import { type PostgresTarget } from '../config/postgres-target.js';
import { type SqliteTarget } from '../config/store-target.js';
import {
  DATES_AS_TEXT,
  postgresConnectConfig,
  preparePooledSession,
  prepareSession,
} from './postgres/connect-config.js';
import { watchedClient } from './postgres/watched-client.js';
import { type EntityClass } from './schema/entity.js';
import { typeormSchemaOf } from './schema/typeorm-schema.js';
import { MapperLog, type StatementLog } from './statement-log.js';

/** The names under which Nest knows the DataSources. PostgreSQL has only `writing`: one pool for both sides. */
export const SOURCE_NAMES = { sqlite: ['writing', 'reading', 'snapshot'], postgres: ['writing'] } as const;
export type SourceName = 'writing' | 'reading' | 'snapshot';

export function dataSourceOptions(
  settings: Settings,
  entities: readonly EntityClass[],
  name: SourceName,
  log: StatementLog,
): DataSourceOptions {
  const { store } = settings;
  const options =
    store.engine === 'sqlite' ? sqliteOptions(store, entities, name) : postgresOptions(store, settings, entities);
  // Below zero: the mapper then tells of every statement and how long it took.
  return { ...options, logger: new MapperLog(log), maxQueryExecutionTime: -1 };
}

function sqliteOptions(store: SqliteTarget, entities: readonly EntityClass[], name: SourceName): DataSourceOptions {
  const writes = name === 'writing';
  return {
    type: 'better-sqlite3',
    database: store.path,
    fileMustExist: true,
    readonly: !writes,
    // Waiting inside of SQLite would stop the event loop: whoever finds the file busy waits outside.
    timeout: 0,
    entities: entities.map((entity) => typeormSchemaOf(entity, 'sqlite')),
    prepareDatabase: (database: SqliteDatabase.Database) => {
      if (!writes) return;
      try {
        database.pragma('journal_mode = WAL');
        // An acknowledged write is on the disk, not in the system's cache.
        database.pragma('synchronous = FULL');
      } catch (error) {
        // TypeORM forgets a connection that could not be prepared.
        database.close();
        throw error;
      }
    },
  };
}

function postgresOptions(
  store: PostgresTarget,
  settings: Settings,
  entities: readonly EntityClass[],
): DataSourceOptions {
  const { pool, queries, isBehindPooler } = settings;
  const { query_timeout: hungMs, statement_timeout, ...connect } = postgresConnectConfig(store, queries);
  const idleMs = queries.idleInTransactionTimeoutMs;
  const poolConfig: PoolConfig = {
    ...connect,
    ...(hungMs === undefined ? {} : { Client: watchedClient(hungMs) }),
    min: pool.size,
    max: pool.size + pool.overflow,
    connectionTimeoutMillis: pool.timeoutSeconds * 1000,
    maxLifetimeSeconds: pool.recycleSeconds,
    keepAlive: true,
    // Poolers refuse to open a connection with these.
    ...(isBehindPooler || statement_timeout === undefined ? {} : { statement_timeout }),
    ...(isBehindPooler || idleMs === 0 ? {} : { idle_in_transaction_session_timeout: idleMs }),
    types: DATES_AS_TEXT,
    onConnect: (isBehindPooler ? preparePooledSession : prepareSession) as (client: ClientBase) => void,
  };
  return {
    type: 'postgres',
    installExtensions: false,
    entities: entities.map((entity) => typeormSchemaOf(entity, 'postgres')),
    // Idle connections that the server ended are dropped by the pool; that is no news.
    poolErrorHandler: () => undefined,
    extra: poolConfig,
  };
}
