// The drift check: what the entities demand, against what the store has.
import { type Catalogue } from './catalogue.js';
import { demandedPostgresCatalogue, readPostgresCatalogue } from './catalogue.postgres.js';
import { demandedSqliteCatalogue, readSqliteCatalogue } from './catalogue.sqlite.js';
import { type Difference, driftOf } from './drift.js';
import { definitionOf, type EntityClass } from './entity.js';
import { RUNNER_TABLES } from './history.js';
import { type SchemaSession } from './session.js';

/** Everything that stands in the store. */
export function readCatalogue(session: SchemaSession): Promise<Catalogue> {
  return session.dialect === 'postgres' ? readPostgresCatalogue(session) : readSqliteCatalogue(session);
}

/** What the entities, and the runner for itself, demand of a store of this session's engine. */
export function demandedCatalogue(session: SchemaSession, entities: readonly EntityClass[]): Promise<Catalogue> {
  const tables = [...entities.map(definitionOf), ...RUNNER_TABLES];
  return session.dialect === 'postgres' ? demandedPostgresCatalogue(session, tables) : demandedSqliteCatalogue(tables);
}

/** Every difference; none when the store is what the entities demand. Writes nothing that stays. */
export async function findDrift(session: SchemaSession, entities: readonly EntityClass[]): Promise<Difference[]> {
  return driftOf(await demandedCatalogue(session, entities), await readCatalogue(session));
}
