// The door without Nest: for commands and tests that open a store, use it and close it.
import { DataSource } from 'typeorm';
import { type Settings } from '../config/settings.js';
import { dataSourceOptions, type SourceName } from './data-sources.js';
import { Database } from './database.js';
import { type Engine } from './engine.js';
import { makeEngine } from './open-engine.js';
import { type EntityClass } from './schema/entity.js';
import { type StatementLines, statementLog } from './statement-log.js';

export interface OpenDatabase {
  readonly database: Database;
  readonly engine: Engine;
  close(): Promise<void>;
}

const SILENT: StatementLines = { warn: () => undefined, log: () => undefined };

/**
 * Opens the store, or says at once why it cannot.
 * @param options.serves whether to be the one server of a SQLite store while it is open: writing commands are, so that they never write beside a server
 */
export async function openDatabase(
  settings: Settings,
  entities: readonly EntityClass[],
  options: { serves: boolean; lines?: StatementLines },
): Promise<OpenDatabase> {
  const log = statementLog(settings.queries, options.lines ?? SILENT);
  const source = (name: SourceName): DataSource => new DataSource(dataSourceOptions(settings, entities, name, log));
  const engine = makeEngine(settings, source, log, options.serves);
  try {
    await engine.open();
  } catch (error) {
    await engine.close();
    throw engine.translate(error);
  }
  const database = new Database(engine, (message, error) => process.stderr.write(`${message} ${String(error)}\n`));
  return { database, engine, close: () => engine.close() };
}
