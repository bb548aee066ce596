// A pool, or one connection of it within a transaction. Statements are prepared once a connection, by name.
import { type EntityManager } from 'typeorm';
import { type Pool, type PoolClient, type QueryArrayConfig, type QueryArrayResult } from 'pg';
import { OwnerNotBound } from '../database.errors.js';
import { type KeyValues, type RawRow, type UpdateBatch, type WritingConnection } from '../engine.js';
import { type EntityDefinition } from '../schema/entity.js';
import { type Sql, type SqlValue } from '../sql.js';
import { type StatementLog } from '../statement-log.js';
import {
  deleteStatement,
  insertNewStatement,
  insertStatement,
  type Statement,
  updateStatement,
  upsertStatement,
} from './bulk.js';
import { isStalePlan } from './postgres-errors.js';

const NAMES_MAX = 1000;

/** Values are handed over as PostgreSQL's text: the shape of the query says what they mean. */
const AS_TEXT = { getTypeParser: () => (value: string) => value } as unknown as NonNullable<QueryArrayConfig['types']>;

/** Names for statements, one for each text. */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private generation = 0;

  constructor(private readonly enabled: boolean) {}

  nameOf(text: string): string | undefined {
    if (!this.enabled) return undefined;
    let name = this.names.get(text);
    if (name === undefined && this.names.size < NAMES_MAX) {
      name = `pb${this.generation}_${this.names.size}`;
      this.names.set(text, name);
    }
    return name;
  }

  /** Under other names everything is prepared anew, on every connection. */
  renew(): void {
    this.generation++;
    this.names.clear();
  }
}

export class PostgresConnection implements WritingConnection {
  /** The end of the last statement of a single connection, which takes one at a time. */
  private last: Promise<unknown> | undefined;

  constructor(
    private readonly client: Pool | PoolClient,
    readonly manager: EntityManager,
    private readonly names: StatementNames,
    private readonly log: StatementLog,
  ) {}

  async query(text: string, values: readonly unknown[]): Promise<RawRow[]> {
    return (await this.run({ text, values })).rows;
  }

  scan(text: string, values: readonly SqlValue[]): Promise<RawRow[]> {
    return this.query(text, values);
  }

  lock(_entity: EntityDefinition, select: Sql): Promise<RawRow[]> {
    // NO KEY: rows that point to these may still be inserted by others; writers of these rows wait.
    return this.query(`${select.text('postgres')} FOR NO KEY UPDATE`, select.values);
  }

  async insert(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Promise<void> {
    await this.run(insertStatement(entity, rows));
  }

  async insertNew(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Promise<KeyValues[]> {
    return (await this.run(insertNewStatement(entity, rows))).rows;
  }

  async hold(name: string): Promise<void> {
    await this.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
  }

  async upsert(
    entity: EntityDefinition,
    rows: readonly (readonly unknown[])[],
    owner: string | undefined,
  ): Promise<void> {
    const written = await this.run(upsertStatement(entity, rows, owner));
    if (written.rows.length !== rows.length)
      throw new OwnerNotBound(`A row of ${entity.name} belongs to somebody else.`);
  }

  async update(entity: EntityDefinition, batch: UpdateBatch, owner: string | undefined): Promise<KeyValues[]> {
    return (await this.run(updateStatement(entity, batch, owner))).rows;
  }

  async delete(entity: EntityDefinition, keys: readonly KeyValues[], owner: string | undefined): Promise<KeyValues[]> {
    return (await this.run(deleteStatement(entity, keys, owner))).rows;
  }

  private run(statement: Statement): Promise<QueryArrayResult<unknown[]>> {
    const isPool = !('release' in this.client);
    if (isPool) return this.send(statement);
    const turn = this.last === undefined ? this.send(statement) : this.last.then(() => this.send(statement));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async send({ text, values }: Statement): Promise<QueryArrayResult<unknown[]>> {
    const started = performance.now();
    const name = this.names.nameOf(text);
    try {
      const config = {
        text,
        values: values as unknown[],
        rowMode: 'array',
        types: AS_TEXT,
        ...(name === undefined ? {} : { name }),
      } as const;
      return await this.client.query<unknown[]>(config as QueryArrayConfig);
    } catch (error) {
      if (isStalePlan(error)) this.names.renew();
      throw error;
    } finally {
      this.log(text, performance.now() - started);
    }
  }
}
