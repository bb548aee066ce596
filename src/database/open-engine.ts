// Which engine a store needs, and how it is put together.
import { type DataSource } from 'typeorm';
import { type Settings } from '../config/settings.js';
import { type SourceName } from './data-sources.js';
import { type Engine } from './engine.js';
import { limitsOfTransaction } from './postgres/connect-config.js';
import { PostgresEngine } from './postgres/postgres-engine.js';
import { SqliteEngine } from './sqlite/sqlite-engine.js';
import { type StatementLog } from './statement-log.js';

/** @param serves whether this process is the one server of a SQLite store */
export function makeEngine(
  settings: Settings,
  sources: (name: SourceName) => DataSource,
  log: StatementLog,
  serves: boolean,
): Engine {
  const { store, pool, queries } = settings;
  if (store.engine === 'sqlite') {
    const all = { writing: sources('writing'), reading: sources('reading'), snapshot: sources('snapshot') };
    const waitMs = pool.timeoutSeconds * 1000;
    return new SqliteEngine(all, { path: store.path, serves, waitMs, scanTimeoutMs: queries.statementTimeoutMs, log });
  }
  return new PostgresEngine(sources('writing'), {
    store,
    applicationName: queries.applicationName,
    preparedStatements: queries.preparedStatements,
    limitsSql: settings.isBehindPooler ? limitsOfTransaction(queries) : undefined,
    probeTimeoutMs: settings.readyCheckTimeoutMs,
    log,
  });
}
