// Reads the vitals of whichever store the settings name.
import { type Settings } from '../config/settings.js';
import { postgresVitals, roundTrip } from './postgres/postgres-vitals.js';
import { sqliteVitals } from './sqlite/sqlite-vitals.js';
import { type StoreVitals } from './vitals.js';

/** @param known ids of the migrations that this program needs. Throws what the engine's driver throws, in the door's words. */
export function readVitals(settings: Settings, known: readonly string[]): Promise<StoreVitals> {
  const store = settings.directStore ?? settings.store;
  return store.engine === 'sqlite' ? sqliteVitals(store, known) : postgresVitals(store, settings, known);
}

/** A round trip through the pooler, in milliseconds; undefined where there is none. Throws as readVitals does. */
export async function readPooler({ store, isBehindPooler }: Settings): Promise<number | undefined> {
  return isBehindPooler && store.engine === 'postgres' ? roundTrip(store) : undefined;
}
