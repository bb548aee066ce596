// The words in which a migration changes the schema. They record; nothing runs while a migration is described.
import { checkSql, columnSql, createIndexSql, createTableSql, foreignKeySql, kindConstraint } from './ddl.js';
import { alterOnPostgres, type Fillings, losesColumns, rebuildOnSqlite, rewritesOnPostgres } from './rebuild.js';
import { type Effect, type PerDialect, type SchemaStep } from './step.js';
import { type Check, type Column, type ForeignKey, type Index, type Table } from './table.js';
import {
  withCheck,
  withColumn,
  withForeignKey,
  withoutCheck,
  withoutColumn,
  withoutForeignKey,
} from './table-changes.js';

/** What `sql` must say for itself, since nobody can read it off. Harmless where it is not said; the lock must be. */
export interface OwnSql {
  readonly title: string;
  readonly sqlite: readonly string[];
  readonly postgres: readonly string[];
  readonly lock: Effect['lock'];
  readonly rewrites?: boolean;
  readonly scans?: boolean;
  readonly losesData?: boolean;
}

const HARMLESS: Effect = { lock: 'none', rewrites: false, scans: false, losesData: false };
const ON_SQLITE: Effect = { ...HARMLESS, lock: 'write' };

export class SchemaWords {
  private readonly recorded: SchemaStep[] = [];

  constructor(private readonly transactional: boolean) {}

  get steps(): readonly SchemaStep[] {
    return this.recorded;
  }

  /** The table with its keys, checks and indexes. */
  createTable(table: Table): void {
    this.onlyInTransaction('createTable');
    const statements = { sqlite: createTableSql(table, 'sqlite'), postgres: createTableSql(table, 'postgres') };
    // Tables that are pointed to get a trigger each.
    const lock = table.foreignKeys.length > 0 ? 'SHARE ROW EXCLUSIVE' : 'none';
    this.record(`create table ${table.name}`, statements, { lock });
  }

  dropTable(name: string): void {
    this.onlyInTransaction('dropTable');
    this.record(`drop table ${name}`, both(`DROP TABLE ${name}`), { lock: 'ACCESS EXCLUSIVE', losesData: true });
  }

  /** The column is nullable or has a default: the rows that are there must have something to put in. */
  addColumn(table: Table, column: Column): void {
    this.onlyInTransaction('addColumn');
    if (!column.nullable && column.default === undefined) {
      throw new Error(
        `${table.name}.${column.name} must be nullable or have a default: the rows that are there have no value for it`,
      );
    }
    withColumn(table, column);
    const add = (dialect: 'sqlite' | 'postgres') => [
      `ALTER TABLE ${table.name} ADD COLUMN ${columnSql(table.name, column, dialect)}`,
    ];
    const scans = (dialect: 'sqlite' | 'postgres') => kindConstraint(table.name, column, dialect) !== undefined;
    this.record(
      `add column ${table.name}.${column.name}`,
      { sqlite: add('sqlite'), postgres: add('postgres') },
      { lock: 'ACCESS EXCLUSIVE', scans: scans('postgres') },
      { scans: scans('sqlite') },
    );
  }

  /** The table is as it stands: no key, index, check or foreign key of it may name the column any more. */
  dropColumn(table: Table, name: string): void {
    this.onlyInTransaction('dropColumn');
    withoutColumn(table, name);
    const statements = both(`ALTER TABLE ${table.name} DROP COLUMN ${name}`);
    this.record(
      `drop column ${table.name}.${name}`,
      statements,
      { lock: 'ACCESS EXCLUSIVE', losesData: true },
      { rewrites: true, losesData: true },
    );
  }

  /** @param options.concurrently builds it while the table is written to; takes a migration with `transactional: false` */
  createIndex(table: Table, index: Index, options: { readonly concurrently?: boolean } = {}): void {
    const { concurrently = false } = options;
    this.suits('createIndex', concurrently);
    const sqlite = [createIndexSql(table.name, index)];
    const title = `create ${index.unique ? 'unique ' : ''}index ${index.name}`;
    if (!concurrently)
      return this.record(title, { sqlite, postgres: sqlite }, { lock: 'SHARE', scans: true }, { scans: true });
    // A crash leaves an index that is there and is not used: it goes first.
    const postgres = [
      `DROP INDEX CONCURRENTLY IF EXISTS ${index.name}`,
      createIndexSql(table.name, index, { concurrently }),
    ];
    this.record(title, { sqlite, postgres }, { lock: 'SHARE UPDATE EXCLUSIVE', scans: true }, { scans: true });
  }

  dropIndex(name: string, options: { readonly concurrently?: boolean } = {}): void {
    const { concurrently = false } = options;
    this.suits('dropIndex', concurrently);
    const sqlite = [`DROP INDEX ${name}`];
    const postgres = concurrently ? [`DROP INDEX CONCURRENTLY IF EXISTS ${name}`] : sqlite;
    this.record(
      `drop index ${name}`,
      { sqlite, postgres },
      { lock: concurrently ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE' },
    );
  }

  /** With `transactional: false` PostgreSQL checks the rows that are there without keeping writers out. */
  addCheck(table: Table, check: Check): void {
    const title = `add check ${check.name}`;
    const postgres = this.addConstraint(table, check.name, checkSql(check));
    this.rebuild(title, table, withCheck(table, check), postgres, { lock: 'ACCESS EXCLUSIVE', scans: true });
  }

  dropCheck(table: Table, name: string): void {
    const after = withoutCheck(table, name);
    this.rebuild(`drop check ${name}`, table, after, [this.dropConstraint(table, name)], { lock: 'ACCESS EXCLUSIVE' });
  }

  /** As `addCheck`; both tables are locked. */
  addForeignKey(table: Table, key: ForeignKey): void {
    const postgres = this.addConstraint(table, key.name, foreignKeySql(key));
    const effect = { lock: 'SHARE ROW EXCLUSIVE', scans: true } as const;
    this.rebuild(`add foreign key ${key.name}`, table, withForeignKey(table, key), postgres, effect);
  }

  dropForeignKey(table: Table, name: string): void {
    const after = withoutForeignKey(table, name);
    this.rebuild(`drop foreign key ${name}`, table, after, [this.dropConstraint(table, name)], {
      lock: 'ACCESS EXCLUSIVE',
    });
  }

  /**
   * Any change that the other words do not say: nullability, default, kind, primary key, several at once.
   *
   * @param columns what columns are filled with, as expressions over the old row that both engines read alike
   */
  rebuildTable(before: Table, after: Table, columns: Fillings = {}): void {
    this.onlyInTransaction('rebuildTable');
    if (before.name !== after.name)
      throw new Error(`${before.name} cannot be rebuilt as ${after.name}: keys and checks bear the table's name`);
    const losesData =
      losesColumns(before, after) ||
      Object.keys(columns).some((name) => before.columns.some((column) => column.name === name));
    const effect = {
      lock: 'ACCESS EXCLUSIVE',
      rewrites: rewritesOnPostgres(before, after, columns),
      scans: true,
      losesData,
    } as const;
    this.rebuild(
      `rebuild table ${after.name}`,
      before,
      after,
      alterOnPostgres(before, after, columns),
      effect,
      columns,
    );
  }

  /** What no word says. With `transactional: false` the statements must bear being run again after a crash. */
  sql({ title, sqlite, postgres, ...effect }: OwnSql): void {
    this.record(title, { sqlite, postgres }, effect, { ...effect, lock: 'write' });
  }

  private rebuild(
    title: string,
    before: Table,
    after: Table,
    postgres: readonly string[],
    effect: Partial<Effect>,
    columns: Fillings = {},
  ): void {
    const sqlite = rebuildOnSqlite(before, after, columns);
    this.record(title, { sqlite, postgres }, effect, { rewrites: true, losesData: effect.losesData ?? false }, true);
  }

  private addConstraint(table: Table, name: string, constraint: string): readonly string[] {
    const alter = `ALTER TABLE ${table.name}`;
    if (this.transactional) return [`${alter} ADD ${constraint}`];
    return [
      `${alter} DROP CONSTRAINT IF EXISTS ${name}`,
      `${alter} ADD ${constraint} NOT VALID`,
      `${alter} VALIDATE CONSTRAINT ${name}`,
    ];
  }

  private dropConstraint(table: Table, name: string): string {
    return `ALTER TABLE ${table.name} DROP CONSTRAINT ${this.transactional ? '' : 'IF EXISTS '}${name}`;
  }

  private record(
    title: string,
    statements: PerDialect<readonly string[]>,
    postgres: Partial<Effect>,
    sqlite: Partial<Effect> = { losesData: postgres.losesData ?? false },
    rebuildsOnSqlite = false,
  ): void {
    const effect = { postgres: { ...HARMLESS, ...postgres }, sqlite: { ...ON_SQLITE, ...sqlite } };
    this.recorded.push({ title, statements, effect, rebuildsOnSqlite });
  }

  private suits(word: string, concurrently: boolean): void {
    if (!concurrently) return this.onlyInTransaction(word);
    if (this.transactional) throw new Error(`${word} with concurrently takes transactional: false`);
  }

  private onlyInTransaction(word: string): void {
    if (!this.transactional)
      throw new Error(`${word} belongs into a transaction: with transactional: false a crash could leave it half done`);
  }
}

function both(statement: string): PerDialect<readonly string[]> {
  return { sqlite: [statement], postgres: [statement] };
}
