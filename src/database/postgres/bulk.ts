// The bulk verbs in PostgreSQL's fastest way: one statement over UNNEST arrays, the same text for any number of rows.
import { type UpdateBatch } from '../engine.js';
import { type EntityColumn, type EntityDefinition } from '../schema/entity.js';
import { type ColumnKind } from '../schema/table.js';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

const ARRAYS: Record<ColumnKind, string> = {
  text: 'text[]',
  amount: 'bigint[]',
  instant: 'timestamptz[]',
  date: 'date[]',
  count: 'integer[]',
  flag: 'boolean[]',
};

/** Rows turned into one array a column. */
function transpose(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}

function unnest(columns: readonly EntityColumn[], from = 1): string {
  return `UNNEST(${columns.map((column, index) => `$${from + index}::${ARRAYS[column.kind]}`).join(', ')})`;
}

function names(columns: readonly { name: string }[]): string {
  return columns.map((column) => column.name).join(', ');
}

export function insertStatement(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Statement {
  const text = `INSERT INTO ${entity.name} (${names(entity.columns)}) SELECT * FROM ${unnest(entity.columns)}`;
  return { text, values: transpose(rows, entity.columns.length) };
}

/** Answers the keys of the rows that were written: those whose key was there are missing. */
export function insertNewStatement(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Statement {
  const { text, values } = insertStatement(entity, rows);
  const key = entity.primaryKey.join(', ');
  return { text: `${text} ON CONFLICT (${key}) DO NOTHING RETURNING ${key}`, values };
}

/** Answers one row for each that was written: a row of another owner is left alone and missing from the answer. */
export function upsertStatement(
  entity: EntityDefinition,
  rows: readonly (readonly unknown[])[],
  owner: string | undefined,
): Statement {
  const insert = insertStatement(entity, rows);
  const others = entity.columns.filter((column) => !entity.primaryKey.includes(column.name));
  // A table that is all key has nothing to replace, but its rows count as written all the same.
  const set = (others.length === 0 ? entity.columns : others)
    .map((column) => `${column.name} = EXCLUDED.${column.name}`)
    .join(', ');
  const guard = owner === undefined ? '' : ` WHERE ${entity.name}.owner = $${insert.values.length + 1}`;
  const text = `${insert.text} ON CONFLICT (${entity.primaryKey.join(', ')}) DO UPDATE SET ${set}${guard} RETURNING 1`;
  return { text, values: owner === undefined ? insert.values : [...insert.values, owner] };
}

export function updateStatement(entity: EntityDefinition, batch: UpdateBatch, owner: string | undefined): Statement {
  const columns = [...batch.set, ...entity.primaryKey, ...batch.expected].map((name) => columnOf(entity, name));
  const given = columns.map((_, index) => `c${index}`);
  const set = batch.set.map((name, index) => `${name} = u.c${index}`).join(', ');
  const keys = entity.primaryKey.map((name, index) => `t.${name} = u.c${batch.set.length + index}`);
  const offset = batch.set.length + entity.primaryKey.length;
  const expected = batch.expected.map((name, index) => `t.${name} IS NOT DISTINCT FROM u.c${offset + index}`);
  const owned = owner === undefined ? [] : [`t.owner = $${columns.length + 1}`];
  const text =
    `UPDATE ${entity.name} t SET ${set} FROM ${unnest(columns)} AS u(${given.join(', ')}) ` +
    `WHERE ${[...keys, ...expected, ...owned].join(' AND ')} RETURNING ${entity.primaryKey.map((name) => `t.${name}`).join(', ')}`;
  const values = transpose(batch.rows, columns.length);
  return { text, values: owner === undefined ? values : [...values, owner] };
}

export function deleteStatement(
  entity: EntityDefinition,
  keys: readonly (readonly unknown[])[],
  owner: string | undefined,
): Statement {
  const columns = entity.primaryKey.map((name) => columnOf(entity, name));
  const given = columns.map((_, index) => `c${index}`);
  const match = columns.map((column, index) => `t.${column.name} = u.c${index}`);
  const owned = owner === undefined ? [] : [`t.owner = $${columns.length + 1}`];
  const text =
    `DELETE FROM ${entity.name} t USING ${unnest(columns)} AS u(${given.join(', ')}) ` +
    `WHERE ${[...match, ...owned].join(' AND ')} RETURNING ${columns.map((column) => `t.${column.name}`).join(', ')}`;
  const values = transpose(keys, columns.length);
  return { text, values: owner === undefined ? values : [...values, owner] };
}

function columnOf(entity: EntityDefinition, name: string): EntityColumn {
  const column = entity.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`${entity.name} has no column ${name}.`);
  return column;
}
