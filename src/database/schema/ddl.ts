// A table in the words of an engine.
import { AMOUNT_MAX } from '../../common/amount.js';
import {
  type Check,
  type Column,
  type ColumnKind,
  type Dialect,
  type ForeignKey,
  type Index,
  type Table,
} from './table.js';

const TYPES: Record<Dialect, Record<ColumnKind, string>> = {
  // COLLATE "C" orders by code point, as SQLite's BINARY does: pages come in the same order from both.
  postgres: {
    text: 'text COLLATE "C"',
    amount: 'bigint',
    instant: 'timestamptz(3)',
    date: 'date',
    count: 'integer',
    flag: 'boolean',
  },
  sqlite: { text: 'TEXT', amount: 'INTEGER', instant: 'TEXT', date: 'TEXT', count: 'INTEGER', flag: 'INTEGER' },
};

/** The condition that a column's kind implies, beside what its type already refuses. */
function conditionOf(column: Column, dialect: Dialect): string | undefined {
  const { name, kind } = column;
  if (kind === 'amount') return `${name} BETWEEN -${AMOUNT_MAX} AND ${AMOUNT_MAX}`;
  if (dialect === 'postgres') return undefined;
  if (kind === 'flag') return `${name} IN (0, 1)`;
  if (kind === 'count') return `${name} BETWEEN -2147483648 AND 2147483647`;
  if (kind === 'date') return `${name} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'`;
  if (kind === 'instant') {
    return `${name} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z'`;
  }
  return undefined;
}

export function literalSql(value: string | number | boolean, dialect: Dialect): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'boolean' && dialect === 'sqlite') return value ? '1' : '0';
  return String(value);
}

export function typeSql(kind: ColumnKind, dialect: Dialect): string {
  return TYPES[dialect][kind];
}

/** The constraint that a column's kind brings along, where it brings one. */
export function kindConstraint(tableName: string, column: Column, dialect: Dialect): Check | undefined {
  const condition = conditionOf(column, dialect);
  return condition === undefined ? undefined : { name: `ck_${tableName}_${column.name}_${column.kind}`, condition };
}

/** `name type [NOT NULL] [DEFAULT …]` */
export function bareColumnSql(column: Column, dialect: Dialect): string {
  const notNull = column.nullable ? '' : ' NOT NULL';
  const byDefault = column.default === undefined ? '' : ` DEFAULT ${literalSql(column.default, dialect)}`;
  return `${column.name} ${typeSql(column.kind, dialect)}${notNull}${byDefault}`;
}

/** `name type [NOT NULL] [DEFAULT …] [CONSTRAINT … CHECK (…)]`, as CREATE TABLE and ADD COLUMN take it. */
export function columnSql(tableName: string, column: Column, dialect: Dialect): string {
  const constraint = kindConstraint(tableName, column, dialect);
  return bareColumnSql(column, dialect) + (constraint === undefined ? '' : ` ${checkSql(constraint)}`);
}

export function checkSql(check: Check): string {
  return `CONSTRAINT ${check.name} CHECK (${check.condition})`;
}

export function primaryKeySql(table: Table): string {
  return `CONSTRAINT pk_${table.name} PRIMARY KEY (${table.primaryKey.join(', ')})`;
}

export function foreignKeySql(key: ForeignKey): string {
  return `CONSTRAINT ${key.name} FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.references.table} (${key.references.columns.join(', ')})`;
}

export function createIndexSql(tableName: string, index: Index, options: { concurrently?: boolean } = {}): string {
  const where = index.where === undefined ? '' : ` WHERE ${index.where}`;
  const concurrently = options.concurrently === true ? 'CONCURRENTLY ' : '';
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${concurrently}${index.name} ON ${tableName} (${index.columns.join(', ')})${where}`;
}

/** CREATE TABLE, then its indexes. */
export function createTableSql(table: Table, dialect: Dialect): string[] {
  const parts = [
    ...table.columns.map((column) => columnSql(table.name, column, dialect)),
    primaryKeySql(table),
    ...table.checks.map(checkSql),
    ...table.foreignKeys.map(foreignKeySql),
  ];
  const end = dialect === 'sqlite' ? ') STRICT' : ')';
  return [
    `CREATE TABLE ${table.name} (\n  ${parts.join(',\n  ')}\n${end}`,
    ...table.indexes.map((index) => createIndexSql(table.name, index)),
  ];
}
