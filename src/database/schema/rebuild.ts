// A table changed into another of the same name: on SQLite built anew beside the old one, on PostgreSQL altered piece by piece.
import {
  bareColumnSql,
  checkSql,
  createIndexSql,
  createTableSql,
  foreignKeySql,
  kindConstraint,
  literalSql,
  primaryKeySql,
  typeSql,
} from './ddl.js';
import { type Column, type Table } from './table.js';

/** What a column of the new table is filled with, as an expression over the old row that both engines read alike; columns that are not named keep their value. */
export type Fillings = Readonly<Record<string, string>>;

/**
 * Steps 4 to 8 of the twelve that SQLite documents for any change of a table (lang_altertable.html, section 7). The runner does the others around
 * them: foreign keys off before the transaction, foreign_key_check at its end.
 */
export function rebuildOnSqlite(before: Table, after: Table, fillings: Fillings): string[] {
  const columns = after.columns.filter(({ name }) => fillings[name] !== undefined || oldOf(before, name) !== undefined);
  const values = columns.map(({ name }) => fillings[name] ?? name);
  const [create = '', ...indexes] = createTableSql(after, 'sqlite');
  return [
    // Only the table's own name is another for a while: its constraints are named by the table that it is about to become.
    create.replace(`CREATE TABLE ${after.name} (`, `CREATE TABLE rebuilt_${after.name} (`),
    `INSERT INTO rebuilt_${after.name} (${columns.map(({ name }) => name).join(', ')}) SELECT ${values.join(', ')} FROM ${before.name}`,
    `DROP TABLE ${before.name}`,
    `ALTER TABLE rebuilt_${after.name} RENAME TO ${after.name}`,
    ...indexes,
  ];
}

/** What goes, then columns and their values, then what comes. */
export function alterOnPostgres(before: Table, after: Table, fillings: Fillings): string[] {
  const alter = (change: string) => `ALTER TABLE ${after.name} ${change}`;
  const [oldKey, newKey] = [primaryKeySql(before), primaryKeySql(after)];
  const changed = after.columns.flatMap((column) => {
    const old = oldOf(before, column.name);
    return old === undefined ? [] : [{ old, column }];
  });
  return [
    ...missing(before.foreignKeys, after.foreignKeys).map(({ name }) => alter(`DROP CONSTRAINT ${name}`)),
    ...missing(checksOf(before), checksOf(after)).map(({ name }) => alter(`DROP CONSTRAINT ${name}`)),
    ...missing(before.indexes, after.indexes).map(({ name }) => `DROP INDEX ${name}`),
    ...(oldKey === newKey ? [] : [alter(`DROP CONSTRAINT pk_${before.name}`)]),
    ...after.columns
      .filter(({ name }) => oldOf(before, name) === undefined)
      .map((column) => alter(`ADD COLUMN ${newColumn(column, fillings)}`)),
    ...fill(before, after, fillings),
    ...changed.flatMap(({ old, column }) => typeChange(old, column, fillings[column.name]).map(alter)),
    ...after.columns.flatMap((column) => constraintChange(oldOf(before, column.name), column, fillings).map(alter)),
    ...before.columns
      .filter(({ name }) => oldOf(after, name) === undefined)
      .map(({ name }) => alter(`DROP COLUMN ${name}`)),
    ...(oldKey === newKey ? [] : [alter(`ADD ${newKey}`)]),
    ...missing(checksOf(after), checksOf(before)).map((check) => alter(`ADD ${checkSql(check)}`)),
    ...missing(after.foreignKeys, before.foreignKeys).map((key) => alter(`ADD ${foreignKeySql(key)}`)),
    ...missing(after.indexes, before.indexes).map((index) => createIndexSql(after.name, index)),
  ];
}

/** Whether PostgreSQL writes every row anew: for a new type, and for values that are filled in. */
export function rewritesOnPostgres(before: Table, after: Table, fillings: Fillings): boolean {
  return (
    Object.keys(fillings).length > 0 ||
    after.columns.some((column) => (oldOf(before, column.name)?.kind ?? column.kind) !== column.kind)
  );
}

export function losesColumns(before: Table, after: Table): boolean {
  return before.columns.some(({ name }) => oldOf(after, name) === undefined);
}

/** A column that is filled by an expression comes open, and is closed when it has its values. Its kind's condition comes with the other checks. */
function newColumn(column: Column, fillings: Fillings): string {
  return bareColumnSql(fillings[column.name] === undefined ? column : { ...column, nullable: true }, 'postgres');
}

function fill(before: Table, after: Table, fillings: Fillings): string[] {
  const sets = after.columns.filter((column) => {
    const old = oldOf(before, column.name);
    return fillings[column.name] !== undefined && (old === undefined || old.kind === column.kind);
  });
  return sets.length === 0
    ? []
    : [`UPDATE ${after.name} SET ${sets.map(({ name }) => `${name} = ${fillings[name]}`).join(', ')}`];
}

function typeChange(old: Column, column: Column, filling: string | undefined): string[] {
  if (old.kind === column.kind) return [];
  // A default of the old type stands in the way of the new one; it comes back below.
  const drop = old.default === undefined ? [] : [`ALTER COLUMN ${column.name} DROP DEFAULT`];
  return [
    ...drop,
    `ALTER COLUMN ${column.name} TYPE ${typeSql(column.kind, 'postgres')} USING ${filling ?? column.name}`,
  ];
}

function constraintChange(old: Column | undefined, column: Column, fillings: Fillings): string[] {
  const { name } = column;
  if (old === undefined)
    return fillings[name] === undefined || column.nullable ? [] : [`ALTER COLUMN ${name} SET NOT NULL`];
  const changes: string[] = [];
  if (old.nullable !== column.nullable)
    changes.push(`ALTER COLUMN ${name} ${column.nullable ? 'DROP' : 'SET'} NOT NULL`);
  const kept = old.kind === column.kind ? old.default : undefined;
  if (column.default !== kept) {
    changes.push(
      `ALTER COLUMN ${name} ${column.default === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${literalSql(column.default, 'postgres')}`}`,
    );
  }
  return changes;
}

/** The table's own checks and those that its columns' kinds bring along. */
function checksOf(table: Table) {
  return [...table.columns.flatMap((column) => kindConstraint(table.name, column, 'postgres') ?? []), ...table.checks];
}

function oldOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name);
}

/** Those of the first list that the second has not, or has otherwise. */
function missing<Part extends { readonly name: string }>(
  parts: readonly Part[],
  others: readonly Part[],
): readonly Part[] {
  return parts.filter((part) => !others.some((other) => JSON.stringify(other) === JSON.stringify(part)));
}
