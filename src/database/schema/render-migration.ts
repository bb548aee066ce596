// A migration as text: the SQL that runs, and the checksum by which it is known again.
import { createHash } from 'node:crypto';
import { isIrreversible, type Migration } from './migration.js';
import { type RowStep, type SchemaStep } from './step.js';
import { type Dialect } from './table.js';

/** The statements of one step. Of a change of rows: one batch, with `:after` and `:until` for the keys between which it lies. */
export function statementsOf(step: SchemaStep | RowStep, dialect: Dialect): readonly string[] {
  return 'statements' in step ? step.statements[dialect] : [batchSql(step, dialect)];
}

function batchSql(step: RowStep, dialect: Dialect): string {
  const { table, verb, where } = step;
  const key = table.primaryKey.join(', ');
  const range = `(${key}) > :after AND (${key}) <= :until${where === undefined ? '' : ` AND (${where[dialect]})`}`;
  if (verb === 'delete') return `DELETE FROM ${table.name} WHERE ${range}`;
  const sets =
    verb === 'update'
      ? Object.entries(step.set?.[dialect] ?? {}).map(([column, value]) => `${column} = ${value}`)
      : (step.write ?? []).map((column) => `${column} = computed(${step.read?.join(', ') ?? ''})`);
  return `UPDATE ${table.name} SET ${sets.join(', ')} WHERE ${range}`;
}

/** SHA-256 of what `up` runs on this engine, in hexadecimal. White space does not count: laying out is no change. */
export function checksumOf(migration: Migration, dialect: Dialect): string {
  const text = migration.up.flatMap((step) => statementsOf(step, dialect)).join(';\n');
  return createHash('sha256').update(text.replaceAll(/\s+/g, ' ').trim()).digest('hex');
}

/** Why it cannot be taken back without loss, or undefined. */
export function lossOnTheWayBack(migration: Migration, dialect: Dialect): string | undefined {
  if (isIrreversible(migration.down)) return undefined;
  const lossy = migration.down.filter((step) => ('effect' in step ? step.effect[dialect].losesData : step.losesData));
  return lossy.length === 0 ? undefined : lossy.map(({ title }) => title).join(', ');
}
