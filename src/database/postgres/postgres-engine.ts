// PostgreSQL: one pool for both sides, READ COMMITTED with locks taken first.
import pg, { type Pool, type PoolClient, type PoolConfig } from 'pg';
import { type DataSource, type QueryRunner } from 'typeorm';
import { OutcomeUnknown, StoreUnavailable } from '../database.errors.js';
import { type Connection, type Engine, type Probe, type WritingConnection } from '../engine.js';
import { PostgresConnection, type StatementLog, StatementNames } from './postgres-connection.js';
import { isConnectionLost, isPassingPostgres, isTimeout, translatePostgres } from './postgres-errors.js';

export interface PostgresEngineOptions {
  /** How one connection is made, for the probe. */
  readonly connect: PoolConfig;
  /** `prefer`: TLS where the server has it, plain where it has not. */
  readonly tlsOptional: boolean;
  /** Off for poolers that cannot keep prepared statements. */
  readonly preparedStatements: boolean;
  readonly probeTimeoutMs: number;
  readonly log: StatementLog;
}

export class PostgresEngine implements Engine {
  readonly dialect = 'postgres';
  private readonly names: StatementNames;
  private pool: PostgresConnection | undefined;
  private probePool: Pool | undefined;

  constructor(
    private readonly source: DataSource,
    private readonly options: PostgresEngineOptions,
  ) {
    this.names = new StatementNames(options.preparedStatements);
  }

  async open(): Promise<void> {
    if (this.options.tlsOptional && !(await this.serverHasTls())) {
      const { extra } = this.source.options as { extra?: object };
      this.source.setOptions({ extra: { ...extra, ssl: false } });
      this.options.connect.ssl = false;
    }
    if (!this.source.isInitialized) await this.source.initialize();
    const { master } = this.source.driver as unknown as { master: Pool };
    this.pool = new PostgresConnection(master, this.source.manager, this.names, this.options.log);
    this.probePool ??= this.openProbe();
  }

  async close(): Promise<void> {
    this.pool = undefined;
    await this.probePool?.end();
    this.probePool = undefined;
    if (this.source.isInitialized) await this.source.destroy();
  }

  get reading(): Connection {
    return this.opened();
  }

  get probe(): Probe {
    const pool = this.probePool;
    if (pool === undefined) throw new StoreUnavailable('PostgreSQL has not been reached yet.');
    return { query: async (text) => (await pool.query<unknown[]>({ text, rowMode: 'array' })).rows };
  }

  transact<T>(work: (connection: WritingConnection) => Promise<T>): Promise<T> {
    return this.within('BEGIN ISOLATION LEVEL READ COMMITTED', work);
  }

  snapshot<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.within('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work);
  }

  isPassing(error: unknown): boolean {
    return isPassingPostgres(error);
  }

  translate(error: unknown): unknown {
    return translatePostgres(error);
  }

  private async within<T>(begin: string, work: (connection: WritingConnection) => Promise<T>): Promise<T> {
    this.opened();
    const runner = this.source.createQueryRunner('master');
    const client = (await runner.connect()) as PoolClient;
    let failure: unknown;
    try {
      await client.query(begin);
      const result = await work(new PostgresConnection(client, runner.manager, this.names, this.options.log));
      await this.commit(client);
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      await this.giveBack(runner, client, failure);
    }
  }

  private async commit(client: PoolClient): Promise<void> {
    try {
      const { command } = await client.query('COMMIT');
      // PostgreSQL answers COMMIT of a transaction in which a statement failed with ROLLBACK, and no error.
      if (command === 'ROLLBACK') throw new Error('A statement of this transaction had failed and its error was swallowed; nothing was committed.');
    } catch (error) {
      if (isConnectionLost(error) || isTimeout(error)) throw new OutcomeUnknown('The connection was lost during the commit.', { cause: error });
      throw error;
    }
  }

  private async giveBack(runner: QueryRunner, client: PoolClient, failure: unknown): Promise<void> {
    const broken = failure instanceof OutcomeUnknown || isConnectionLost(failure) || isTimeoutOfClient(failure);
    if (failure !== undefined && !broken) {
      try {
        await client.query('ROLLBACK');
        return await runner.release();
      } catch {
        // The connection cannot even roll back: it goes, and the server rolls back by itself.
      }
    }
    if (failure === undefined) return runner.release();
    // TypeORM keeps the release with an error, by which the pool drops the connection, to itself.
    await (runner as unknown as { releasePostgresConnection(error: unknown): Promise<void> }).releasePostgresConnection(failure);
  }

  private async serverHasTls(): Promise<boolean> {
    const client = new pg.Client(this.options.connect);
    try {
      await client.connect();
      return true;
    } catch (error) {
      if (error instanceof Error && /does not support SSL/.test(error.message)) return false;
      throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private openProbe(): Pool {
    const timeout = this.options.probeTimeoutMs;
    const pool = new pg.Pool({ ...this.options.connect, max: 1, connectionTimeoutMillis: timeout, query_timeout: timeout, application_name: 'passbook-probe' });
    pool.on('error', () => undefined);
    return pool;
  }

  private opened(): PostgresConnection {
    if (this.pool === undefined) throw new StoreUnavailable('PostgreSQL has not been reached yet.');
    return this.pool;
  }
}

function isTimeoutOfClient(error: unknown): boolean {
  return error instanceof Error && /Query read timeout/.test(error.message);
}
