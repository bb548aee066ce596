// The whole store as text, to show that something changed nothing; and counts of rows.
import { ApiKeyUse } from '../../src/auth/api-key-use.entity.js';
import { Change } from '../../src/changes/change.entity.js';
import { Database } from '../../src/database/database.js';
import { definitionOf, type EntityClass } from '../../src/database/schema/entity.js';
import { ENTITIES } from '../../src/entities.js';
import { EVERYBODY } from '../support/builders.js';
import { type TestApp } from '../support/test-app.js';

/** All that a request may have an effect on: when keys were used last is written by the way. */
const TABLES = ENTITIES.filter((entity) => entity !== ApiKeyUse);

export function rowsOf<Row extends object>(app: TestApp, entity: EntityClass<Row>): Promise<Row[]> {
  return app.app.get(Database).read(EVERYBODY, (reader) => reader.rows(entity).find());
}

/** Every row of every table, a line each. */
export async function everyRow(app: TestApp): Promise<string> {
  const tables: string[] = [];
  for (const entity of TABLES) {
    const rows = (await rowsOf<object>(app, entity)).map(asText).sort();
    tables.push(definitionOf(entity).name, ...rows);
  }
  return tables.join('\n');
}

/** How many rows each table has, by its name. */
export async function counts(app: TestApp): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const entity of TABLES) all[definitionOf(entity).name] = (await rowsOf<object>(app, entity)).length;
  return all;
}

/** What was recorded, in the order of its ids. */
export async function recorded(app: TestApp): Promise<Change[]> {
  return (await rowsOf(app, Change)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function asText(row: object): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}
