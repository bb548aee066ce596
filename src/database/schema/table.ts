// The words in which a table is described, once for both engines. Entities and migrations both speak them.

export type Dialect = 'sqlite' | 'postgres';

/**
 * What a column holds, whatever engine keeps it.
 * `text`: Unicode, ordered by code point. `amount`: minor units, within ±10^15. `instant`: UTC to the millisecond. `date`: a civil date.
 * `count`: a whole number of 32 bits. `flag`: true or false.
 */
export type ColumnKind = 'text' | 'amount' | 'instant' | 'date' | 'count' | 'flag';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** A literal of the column's kind; only for columns that are added to a table that has rows. */
  readonly default?: string | number | boolean;
}

export interface Index {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  /** A condition that both engines read alike. */
  readonly where?: string;
}

export interface Check {
  readonly name: string;
  /** A condition that both engines read alike. */
  readonly condition: string;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: { readonly table: string; readonly columns: readonly string[] };
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly indexes: readonly Index[];
  readonly checks: readonly Check[];
  readonly foreignKeys: readonly ForeignKey[];
}
