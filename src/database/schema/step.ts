// One change of a migration as it was described: its SQL for each engine, and what a cautious operator wants to know before it runs.
import { type Dialect, type Table } from './table.js';

/** PostgreSQL's table locks as the documentation names them, the strongest that the step takes on a table that others use; `none` where it touches no such table. */
export type Lock =
  'none' | 'ROW EXCLUSIVE' | 'SHARE UPDATE EXCLUSIVE' | 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE';

export interface Effect {
  /** On SQLite every change takes the file's one write lock; readers go on. */
  readonly lock: Lock | 'write';
  /** Every row is written anew: time and space grow with the table. */
  readonly rewrites: boolean;
  /** Every row is read while the lock is held. */
  readonly scans: boolean;
  /** What the rows held before cannot be had back by the opposite step. */
  readonly losesData: boolean;
}

export type PerDialect<T> = Readonly<Record<Dialect, T>>;

/** A change of the schema: statements without parameters, run in order. */
export interface SchemaStep {
  readonly title: string;
  readonly statements: PerDialect<readonly string[]>;
  readonly effect: PerDialect<Effect>;
  /** SQLite cannot change a constraint: the table is built anew, with foreign keys unchecked until the end of the transaction. */
  readonly rebuildsOnSqlite: boolean;
}

export type ColumnValues = Readonly<Record<string, unknown>>;

/** A change of rows, in batches by primary key; each batch is a transaction together with the mark of how far it got. */
export interface RowStep {
  readonly title: string;
  readonly table: Table;
  readonly verb: 'update' | 'compute' | 'delete';
  /** Only these rows; a condition of the engine. */
  readonly where?: PerDialect<string>;
  /** `update`: expressions of the engine by column. */
  readonly set?: PerDialect<Readonly<Record<string, string>>>;
  /** `compute`: columns read, columns written, and the rule between them. Values are those of the rest of the program (`Amount`, `Instant` …). */
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly compute?: (row: ColumnValues) => ColumnValues | undefined;
  readonly batchRows: number;
  readonly losesData: boolean;
}
