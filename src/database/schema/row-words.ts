// The words in which a migration changes rows. Each goes through the table in the order of its primary key, batch by batch, and goes on where it was cut off.
import { type ColumnValues, type PerDialect, type RowStep } from './step.js';
import { type Table } from './table.js';
import { columnOf } from './table-changes.js';

/** One text that both engines read alike, or one for each. */
export type SqlForBoth = string | PerDialect<string>;

interface RowOptions {
  /** Only these rows. A batch that is repeated after a crash meets the rows that it has changed already: say a condition that passes them over, or a change that may be made twice. */
  readonly where?: SqlForBoth;
  /** Rows a transaction; 1000 when it is not said. */
  readonly batchRows?: number;
  /** Whether what stood there before is lost. True unless said otherwise, as for a column that was empty until now. */
  readonly losesData?: boolean;
}

const BATCH_ROWS = 1_000;

export class RowWords {
  private readonly recorded: RowStep[] = [];

  get steps(): readonly RowStep[] {
    return this.recorded;
  }

  /** Sets columns to expressions over the row. The table is as it stands when this migration runs; its key must be text. */
  update(table: Table, options: RowOptions & { readonly set: Readonly<Record<string, SqlForBoth>> }): void {
    const entries = Object.entries(options.set);
    const setFor = (dialect: 'sqlite' | 'postgres') =>
      Object.fromEntries(entries.map(([column, value]) => [column, forDialect(value)[dialect]]));
    const columns = known(table, Object.keys(options.set));
    const set = { sqlite: setFor('sqlite'), postgres: setFor('postgres') };
    this.record({ ...options, title: `set ${columns.join(', ')} of ${table.name}`, table, verb: 'update', set });
  }

  /** Sets columns to what the program makes of others. `undefined` leaves a row alone. */
  compute(
    table: Table,
    options: RowOptions & {
      readonly read: readonly string[];
      readonly write: readonly string[];
      readonly compute: (row: ColumnValues) => ColumnValues | undefined;
    },
  ): void {
    known(table, [...options.read, ...options.write]);
    const title = `compute ${options.write.join(', ')} of ${table.name} from ${options.read.join(', ')}`;
    this.record({ ...options, title, table, verb: 'compute' });
  }

  delete(table: Table, options: RowOptions): void {
    this.record({ ...options, title: `delete rows of ${table.name}`, table, verb: 'delete' });
  }

  private record(step: Omit<RowStep, 'where' | 'batchRows' | 'losesData'> & RowOptions): void {
    const { where, batchRows = BATCH_ROWS, losesData = true, ...rest } = step;
    const { name, primaryKey } = step.table;
    if (primaryKey.some((key) => columnOf(step.table, key).kind !== 'text'))
      throw new Error(`${name}: batches go by a key of texts`);
    this.recorded.push({ ...rest, batchRows, losesData, ...(where === undefined ? {} : { where: forDialect(where) }) });
  }
}

function forDialect(text: SqlForBoth): PerDialect<string> {
  return typeof text === 'string' ? { sqlite: text, postgres: text } : text;
}

function known(table: Table, columns: readonly string[]): readonly string[] {
  for (const column of columns) columnOf(table, column);
  return columns;
}
