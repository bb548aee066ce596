// A table as it stands after a change: migrations describe the change and hand the new description on to the next one.
import { type Check, type Column, type ForeignKey, type Index, type Table } from './table.js';

export function withColumn(table: Table, column: Column): Table {
  return { ...table, columns: [...table.columns, column] };
}

/** @throws Error while a key, an index, a check or a foreign key of the table still names the column: those go first, in so many words. */
export function withoutColumn(table: Table, name: string): Table {
  columnOf(table, name);
  const names = (columns: readonly string[]) => columns.includes(name);
  const mentions = (text: string | undefined) =>
    text !== undefined && new RegExp(`\\b${name}\\b`).test(text.replaceAll(/'(?:[^']|'')*'/g, ''));
  const users = [
    ...(names(table.primaryKey) ? [`pk_${table.name}`] : []),
    ...table.indexes.filter(({ columns, where }) => names(columns) || mentions(where)).map((index) => index.name),
    ...table.checks.filter(({ condition }) => mentions(condition)).map((check) => check.name),
    ...table.foreignKeys.filter(({ columns }) => names(columns)).map((key) => key.name),
  ];
  if (users.length > 0) throw new Error(`${table.name}.${name} is named by ${users.join(', ')}: drop that first`);
  return { ...table, columns: table.columns.filter((column) => column.name !== name) };
}

export function withIndex(table: Table, index: Index): Table {
  return { ...table, indexes: [...table.indexes, index] };
}

export function withoutIndex(table: Table, name: string): Table {
  return { ...table, indexes: without(table, table.indexes, name) };
}

export function withCheck(table: Table, check: Check): Table {
  return { ...table, checks: [...table.checks, check] };
}

export function withoutCheck(table: Table, name: string): Table {
  return { ...table, checks: without(table, table.checks, name) };
}

export function withForeignKey(table: Table, key: ForeignKey): Table {
  return { ...table, foreignKeys: [...table.foreignKeys, key] };
}

export function withoutForeignKey(table: Table, name: string): Table {
  return { ...table, foreignKeys: without(table, table.foreignKeys, name) };
}

export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
  return column;
}

function without<Part extends { readonly name: string }>(
  table: Table,
  parts: readonly Part[],
  name: string,
): readonly Part[] {
  if (!parts.some((part) => part.name === name)) throw new Error(`${table.name} has no ${name}`);
  return parts.filter((part) => part.name !== name);
}
