// Whom to ask for the statistics of a store.
import { type StoreTarget } from '../config/store-target.js';
import { type Engine } from './engine.js';
import { postgresStatistics } from './postgres/postgres-statistics.js';
import { sqliteStatistics } from './sqlite/sqlite-statistics.js';
import { type StoreStatistics } from './statistics.js';

/** Throws what the engine's driver throws. */
export function readStatistics(engine: Engine, store: StoreTarget): Promise<StoreStatistics> {
  return store.engine === 'sqlite' ? sqliteStatistics(engine, store.path) : postgresStatistics(engine);
}
