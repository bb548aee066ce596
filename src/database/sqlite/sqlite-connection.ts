// One better-sqlite3 connection that TypeORM opened, with its prepared statements kept.
import type SqliteDatabase from 'better-sqlite3';
import { type DataSource, type EntityManager } from 'typeorm';
import { FailureSwallowed, OwnerNotBound } from '../database.errors.js';
import { type KeyValues, type RawRow, type UpdateBatch, type WritingConnection } from '../engine.js';
import { type EntityDefinition } from '../schema/entity.js';
import { type Sql, type SqlValue } from '../sql.js';
import { type StatementLog } from '../statement-log.js';
import { deleteSql, insertNewSql, insertSql, updateSql, upsertSql } from './bulk.js';

const STATEMENTS_MAX = 500;

export type Scan = (text: string, values: readonly unknown[]) => Promise<RawRow[]>;

export class SqliteConnection implements WritingConnection {
  private readonly statements = new Map<string, SqliteDatabase.Statement<unknown[]>>();
  private readonly raw: SqliteDatabase.Database;
  private failed = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: StatementLog,
    private readonly scanElsewhere?: Scan,
  ) {
    this.raw = (dataSource.driver as unknown as { databaseConnection: SqliteDatabase.Database }).databaseConnection;
  }

  get manager(): EntityManager {
    return this.dataSource.manager;
  }

  async query(text: string, values: readonly SqlValue[]): Promise<RawRow[]> {
    return this.all(text, values);
  }

  async scan(text: string, values: readonly SqlValue[]): Promise<RawRow[]> {
    return this.scanElsewhere === undefined ? this.all(text, values) : this.scanElsewhere(text, values.map(bindable));
  }

  async lock(_entity: EntityDefinition, select: Sql): Promise<RawRow[]> {
    // The turn to write is the lock: nobody else writes until this transaction ends.
    return this.all(select.text('sqlite'), select.values);
  }

  async insert(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Promise<void> {
    this.runEach(insertSql(entity), rows);
  }

  async insertNew(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Promise<KeyValues[]> {
    const changes = this.runEach(insertNewSql(entity), rows);
    const places = entity.primaryKey.map((name) => entity.columns.findIndex((column) => column.name === name));
    return rows.filter((_, index) => changes[index] === 1).map((row) => places.map((place) => row[place]));
  }

  /** The turn to write holds every name: nobody else writes until this transaction ends. */
  async hold(): Promise<void> {}

  async upsert(
    entity: EntityDefinition,
    rows: readonly (readonly unknown[])[],
    owner: string | undefined,
  ): Promise<void> {
    const written = this.runEach(upsertSql(entity, owner !== undefined), narrow(rows, owner));
    if (written.includes(0)) throw new OwnerNotBound(`A row of ${entity.name} belongs to somebody else.`);
  }

  async update(entity: EntityDefinition, batch: UpdateBatch, owner: string | undefined): Promise<KeyValues[]> {
    const changes = this.runEach(updateSql(entity, batch, owner !== undefined), narrow(batch.rows, owner));
    const keyAt = batch.set.length;
    return batch.rows
      .filter((_, index) => changes[index] === 1)
      .map((row) => row.slice(keyAt, keyAt + entity.primaryKey.length));
  }

  async delete(entity: EntityDefinition, keys: readonly KeyValues[], owner: string | undefined): Promise<KeyValues[]> {
    const changes = this.runEach(deleteSql(entity, owner !== undefined), narrow(keys, owner));
    return keys.filter((_, index) => changes[index] === 1);
  }

  begin(text: 'BEGIN' | 'BEGIN IMMEDIATE'): void {
    this.execute(text);
    this.failed = false;
  }

  /** @throws FailureSwallowed where PostgreSQL would have ended the transaction at the failed statement. */
  commit(): void {
    if (this.failed) throw new FailureSwallowed();
    this.execute('COMMIT');
  }

  /** A failed COMMIT or a full disk may have rolled back already. */
  rollback(): void {
    if (this.raw.inTransaction) this.execute('ROLLBACK');
  }

  /** Statements hold on to the file: they go before it is closed. */
  forget(): void {
    this.statements.clear();
  }

  private execute(text: string): void {
    this.timed(text, () => this.prepared(text).run());
  }

  private all(text: string, values: readonly SqlValue[]): RawRow[] {
    return this.timed(
      text,
      () =>
        this.prepared(text)
          .raw()
          .all(...values.map(bindable)) as RawRow[],
    );
  }

  /** How many rows each run changed. */
  private runEach(text: string, rows: readonly (readonly unknown[])[]): number[] {
    const statement = this.prepared(text);
    return this.timed(text, () => rows.map((row) => statement.run(...row).changes));
  }

  private timed<T>(text: string, run: () => T): T {
    const started = performance.now();
    try {
      return run();
    } catch (error) {
      this.failed = true;
      throw error;
    } finally {
      this.log(text, performance.now() - started);
    }
  }

  private prepared(text: string): SqliteDatabase.Statement<unknown[]> {
    let statement = this.statements.get(text);
    if (statement === undefined) {
      statement = this.raw.prepare(text);
      const [oldest] = this.statements.keys();
      if (this.statements.size >= STATEMENTS_MAX && oldest !== undefined) this.statements.delete(oldest);
      this.statements.set(text, statement);
    }
    return statement;
  }
}

function bindable(value: SqlValue): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}

function narrow(rows: readonly (readonly unknown[])[], owner: string | undefined): readonly (readonly unknown[])[] {
  return owner === undefined ? rows : rows.map((row) => [...row, owner]);
}
