// The keys of the rows that one write is about.
import { WriteMisformed } from './database.errors.js';
import { type KeyValues } from './engine.js';
import { type EntityColumn, type EntityDefinition } from './schema/entity.js';

export function keyOf(definition: EntityDefinition, row: object): KeyValues {
  return definition.keyProperties.map((property) => (row as Record<string, unknown>)[property]);
}

/** One engine would write such a row twice and the other refuse it. */
export function refuseTwice(definition: EntityDefinition, keys: readonly KeyValues[]): void {
  if (new Set(keys.map(textOf)).size !== keys.length) throw twice(definition);
}

export function textOf(key: KeyValues): string {
  return key.length === 1 ? String(key[0]) : JSON.stringify(key.map(String));
}

export function twice(definition: EntityDefinition): WriteMisformed {
  return new WriteMisformed(`A row of ${definition.name} stands twice in one write.`);
}

export function columnsNamed(definition: EntityDefinition, properties: readonly string[]): EntityColumn[] {
  return properties.map((property) => {
    const column = definition.columns.find((candidate) => candidate.property === property);
    if (column === undefined) throw new WriteMisformed(`${definition.name} has no column for ${property}.`);
    return column;
  });
}
