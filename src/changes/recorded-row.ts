// A row as the record of changes keeps it: JSON by property, without secrets and without what can be made again.
import { type ColumnKind } from '../database/schema/table.js';
import { type EntityColumn, type EntityDefinition } from '../database/schema/entity.js';

type Values = Record<string, unknown>;

/** The columns of a table that are recorded. */
export function recordedColumns(entity: EntityDefinition): readonly EntityColumn[] {
  return entity.columns.filter((column) => column.unrecorded === undefined);
}

/** `columns`: which of them; else all that are recorded. Amounts stand as text: JSON's numbers are not exact enough. */
export function writeRow(entity: EntityDefinition, row: object, columns = recordedColumns(entity)): string {
  const values = columns.map(({ property }) => {
    const value = (row as Values)[property];
    return [property, typeof value === 'bigint' ? String(value) : (value ?? null)];
  });
  return JSON.stringify(Object.fromEntries(values));
}

/** What writeRow wrote, as the program holds it. Properties that the table has no longer are left out; those it has got since are missing. */
export function readRow(entity: EntityDefinition, text: string): Values {
  const values = JSON.parse(text) as Values;
  const known = recordedColumns(entity).filter(({ property }) => property in values);
  return Object.fromEntries(known.map(({ property, kind }) => [property, valueOf(kind, values[property])]));
}

function valueOf(kind: ColumnKind, value: unknown): unknown {
  return kind === 'amount' && value !== null ? BigInt(value as string) : value;
}
