// A table changed into another: on SQLite built anew beside the old one, on PostgreSQL altered piece by piece.
import { checkSql, columnSql, createIndexSql, createTableSql, foreignKeySql, typeSql } from './ddl.js';
import { type Column, type Table } from './table.js';

/** What a column of the new table is filled with, as an expression over the old row; columns that are not named keep their value. */
export type Fillings = Readonly<Record<string, string>>;

const PREFIX = 'rebuilt_';

/**
 * Steps 4 to 8 of the twelve that SQLite documents for any change of a table (lang_altertable.html, section 7). The runner does the others around
 * them: foreign keys off before the transaction, foreign_key_check at its end.
 */
export function rebuildOnSqlite(before: Table, after: Table, fillings: Fillings): string[] {
  const columns = after.columns.filter(({ name }) => fillings[name] !== undefined || hasColumn(before, name));
  const values = columns.map(({ name }) => fillings[name] ?? name);
  // The constraints keep the names of the table that it is about to become.
  const [create = '', ...indexes] = createTableSql(after, 'sqlite');
  return [
    create.replace(`CREATE TABLE ${after.name} (`, `CREATE TABLE ${PREFIX}${after.name} (`),
    `INSERT INTO ${PREFIX}${after.name} (${columns.map(({ name }) => name).join(', ')}) SELECT ${values.join(', ')} FROM ${before.name}`,
    `DROP TABLE ${before.name}`,
    `ALTER TABLE ${PREFIX}${after.name} RENAME TO ${after.name}`,
    ...indexes,
  ];
}

/** The ALTERs that lead from one description to the other: what goes, then columns, then what comes. */
export function alterOnPostgres(before: Table, after: Table, fillings: Fillings): string[] {
  const alter = (change: string) => `ALTER TABLE ${after.name} ${change}`;
  const rename = before.name === after.name ? [] : [`ALTER TABLE ${before.name} RENAME TO ${after.name}`];
  const [keyBefore, keyAfter] = [primaryKeySql(before), primaryKeySql(after)];
  return [
    ...rename,
    ...gone(before.foreignKeys, after.foreignKeys).map(({ name }) => alter(`DROP CONSTRAINT ${name}`)),
    ...gone(before.checks, after.checks).map(({ name }) => alter(`DROP CONSTRAINT ${name}`)),
    ...gone(before.indexes, after.indexes).map(({ name }) => `DROP INDEX ${name}`),
    ...(keyBefore === keyAfter ? [] : [alter(`DROP CONSTRAINT pk_${before.name}`)]),
    ...after.columns.flatMap((column) => columnChanges(before, after, column, fillings[column.name]).map(alter)),
    ...before.columns.filter(({ name }) => !hasColumn(after, name)).map(({ name }) => alter(`DROP COLUMN ${name}`)),
    ...(keyBefore === keyAfter ? [] : [alter(`ADD ${keyAfter}`)]),
    ...gone(after.checks, before.checks).map((check) => alter(`ADD ${checkSql(check)}`)),
    ...gone(after.foreignKeys, before.foreignKeys).map((key) => alter(`ADD ${foreignKeySql(key)}`)),
    ...gone(after.indexes, before.indexes).map((index) => createIndexSql(after.name, index)),
  ];
}

/** Whether PostgreSQL writes the table anew: only a new type makes it. */
export function rewritesOnPostgres(before: Table, after: Table): boolean {
  return after.columns.some((column) => before.columns.some(({ name, kind }) => name === column.name && kind !== column.kind));
}

function columnChanges(before: Table, after: Table, column: Column, filling: string | undefined): string[] {
  const old = before.columns.find(({ name }) => name === column.name);
  if (old === undefined) {
    if (filling === undefined) return [`ADD COLUMN ${columnSql(after.name, column, 'postgres')}`];
    // Filled by an expression over the row: added open, filled, then closed. `fill` is taken apart below.
    throw new Error(`${after.name}.${column.name}: a new column is filled by a data migration, not while the table is changed`);
  }
  const name = column.name;
  const changes: string[] = [];
  if (old.kind !== column.kind) {
    for (const condition of [old.kind === 'amount' ? `ck_${before.name}_${name}_amount` : '']) if (condition !== '') changes.push(`DROP CONSTRAINT ${condition}`);
    if (old.default !== undefined) changes.push(`ALTER COLUMN ${name} DROP DEFAULT`);
    changes.push(`ALTER COLUMN ${name} TYPE ${typeSql(column.kind, 'postgres')} USING ${filling ?? name}`);
  }
  return changes;
}

function primaryKeySql(table: Table): string {
  return `CONSTRAINT pk_${table.name} PRIMARY KEY (${table.primaryKey.join(', ')})`;
}

function hasColumn(table: Table, name: string): boolean {
  return table.columns.some((column) => column.name === name);
}

/** Those of the first list that the second has not, or has otherwise. */
function gone<Part extends { readonly name: string }>(parts: readonly Part[], others: readonly Part[]): readonly Part[] {
  return parts.filter((part) => !others.some((other) => JSON.stringify(other) === JSON.stringify(part)));
}
