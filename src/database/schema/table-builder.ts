// `table('accounts', t => …)`: how a migration writes a table down. Names of keys and indexes are given by rule, so that both engines and the drift check agree on them.
import { type Check, type Column, type ColumnKind, type ForeignKey, type Index, type Table } from './table.js';

export interface ColumnOptions {
  readonly nullable?: boolean;
  readonly default?: string | number | boolean;
}

export class TableBuilder {
  private readonly columns: Column[] = [];
  private readonly indexes: Index[] = [];
  private readonly checks: Check[] = [];
  private readonly foreignKeys: ForeignKey[] = [];
  private keyColumns: readonly string[] = ['id'];

  constructor(private readonly name: string) {}

  text(name: string, options?: ColumnOptions): this {
    return this.column(name, 'text', options);
  }
  amount(name: string, options?: ColumnOptions): this {
    return this.column(name, 'amount', options);
  }
  instant(name: string, options?: ColumnOptions): this {
    return this.column(name, 'instant', options);
  }
  date(name: string, options?: ColumnOptions): this {
    return this.column(name, 'date', options);
  }
  count(name: string, options?: ColumnOptions): this {
    return this.column(name, 'count', options);
  }
  flag(name: string, options?: ColumnOptions): this {
    return this.column(name, 'flag', options);
  }

  /** Without this word the primary key is `id`. */
  primaryKey(...columns: string[]): this {
    this.keyColumns = columns;
    return this;
  }

  index(columns: readonly string[], options: { where?: string } = {}): this {
    this.indexes.push(indexOn(this.name, columns, { ...options, unique: false }));
    return this;
  }

  unique(columns: readonly string[], options: { where?: string } = {}): this {
    this.indexes.push(indexOn(this.name, columns, { ...options, unique: true }));
    return this;
  }

  check(name: string, condition: string): this {
    this.checks.push({ name: `ck_${this.name}_${name}`, condition });
    return this;
  }

  references(column: string, table: string, target = 'id'): this {
    this.foreignKeys.push(foreignKeyOn(this.name, column, table, target));
    return this;
  }

  build(): Table {
    const { name, columns, indexes, checks, foreignKeys, keyColumns } = this;
    return { name, columns, primaryKey: keyColumns, indexes, checks, foreignKeys };
  }

  private column(name: string, kind: ColumnKind, options: ColumnOptions = {}): this {
    this.columns.push({
      name,
      kind,
      nullable: options.nullable ?? false,
      ...(options.default === undefined ? {} : { default: options.default }),
    });
    return this;
  }
}

export function table(name: string, describe: (t: TableBuilder) => TableBuilder): Table {
  return describe(new TableBuilder(name)).build();
}

export function indexOn(
  tableName: string,
  columns: readonly string[],
  options: { unique: boolean; where?: string },
): Index {
  const name = `${options.unique ? 'uq' : 'ix'}_${tableName}_${columns.join('_')}`;
  return { name, columns, unique: options.unique, ...(options.where === undefined ? {} : { where: options.where }) };
}

export function foreignKeyOn(tableName: string, column: string, target: string, targetColumn = 'id'): ForeignKey {
  return {
    name: `fk_${tableName}_${column}`,
    columns: [column],
    references: { table: target, columns: [targetColumn] },
  };
}
