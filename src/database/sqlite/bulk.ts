// The bulk verbs in SQLite's fastest way: one prepared statement, run once a row.
import { type UpdateBatch } from '../engine.js';
import { type EntityDefinition } from '../schema/entity.js';

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}

/** Parameters: a row in the order of the entity's columns. */
export function insertSql(entity: EntityDefinition): string {
  return `INSERT INTO ${entity.name} (${entity.columns.map((column) => column.name).join(', ')}) VALUES (${marks(entity.columns.length)})`;
}

/** Parameters: a row. Changes nothing where the key is there. */
export function insertNewSql(entity: EntityDefinition): string {
  return `${insertSql(entity)} ON CONFLICT (${entity.primaryKey.join(', ')}) DO NOTHING`;
}

/** Parameters: a row, then the owner when narrowed. */
export function upsertSql(entity: EntityDefinition, narrowed: boolean): string {
  const others = entity.columns.filter((column) => !entity.primaryKey.includes(column.name));
  // A table that is all key has nothing to replace, but its rows count as written all the same.
  const set = (others.length === 0 ? entity.columns : others)
    .map((column) => `${column.name} = excluded.${column.name}`)
    .join(', ');
  const guard = narrowed ? ` WHERE ${entity.name}.owner = ?` : '';
  return `${insertSql(entity)} ON CONFLICT (${entity.primaryKey.join(', ')}) DO UPDATE SET ${set}${guard}`;
}

/** Parameters: a row of the batch, then the owner when narrowed. */
export function updateSql(entity: EntityDefinition, batch: UpdateBatch, narrowed: boolean): string {
  const set = batch.set.map((name) => `${name} = ?`).join(', ');
  const conditions = [
    ...entity.primaryKey.map((name) => `${name} = ?`),
    ...batch.expected.map((name) => `${name} IS ?`),
    ...(narrowed ? ['owner = ?'] : []),
  ];
  return `UPDATE ${entity.name} SET ${set} WHERE ${conditions.join(' AND ')}`;
}

/** Parameters: a key, then the owner when narrowed. */
export function deleteSql(entity: EntityDefinition, narrowed: boolean): string {
  const conditions = [...entity.primaryKey.map((name) => `${name} = ?`), ...(narrowed ? ['owner = ?'] : [])];
  return `DELETE FROM ${entity.name} WHERE ${conditions.join(' AND ')}`;
}
