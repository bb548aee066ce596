// PostgreSQL: one pool for both sides, READ COMMITTED with locks taken first.
import pg, { type ClientConfig, type Pool, type PoolClient, type QueryResult } from 'pg';
import { type DataSource, type QueryRunner } from 'typeorm';
import { type PostgresTarget } from '../../config/postgres-target.js';
import { FailureSwallowed, OutcomeUnknown, StoreUnavailable } from '../database.errors.js';
import { type Connection, type Engine, type PoolLoad, type Probe, type WritingConnection } from '../engine.js';
import { type StatementLog } from '../statement-log.js';
import { hearErrors, postgresConnectConfig } from './connect-config.js';
import { takesTls } from './connect.js';
import { PostgresConnection, StatementNames } from './postgres-connection.js';
import {
  driverErrorOf,
  isConnectionLost,
  isLoginRefused,
  isPassingPostgres,
  isTimeout,
  translatePostgres,
} from './postgres-errors.js';

export interface PostgresEngineOptions {
  readonly store: PostgresTarget;
  readonly applicationName: string;
  /** Off for poolers that cannot keep prepared statements. */
  readonly preparedStatements: boolean;
  /** What each transaction begins with, where a pooler lets nothing outlive it. */
  readonly limitsSql: string | undefined;
  readonly probeTimeoutMs: number;
  readonly log: StatementLog;
}

/** How long the first connection may take, where the URL does not say it. */
const CONNECT_MS_MAX = 5_000;
const BEGIN_WRITING = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const BEGIN_READING = `${BEGIN_WRITING} READ ONLY`;
/** The view is taken by the first query, not by BEGIN. */
const BEGIN_VIEWING = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1';

export class PostgresEngine implements Engine {
  readonly dialect = 'postgres';
  private readonly names: StatementNames;
  private pool: PostgresConnection | undefined;
  private probePool: Pool | undefined;
  /** Whether the last thing that was heard of a login is that it was refused. */
  private isLockedOut = false;

  constructor(
    private readonly source: DataSource,
    private readonly options: PostgresEngineOptions,
  ) {
    this.names = new StatementNames(options.preparedStatements);
  }

  async open(): Promise<void> {
    const { store, applicationName } = this.options;
    const encrypted = await takesTls(store, {
      applicationName,
      statementTimeoutMs: 0,
      connectTimeoutMs: CONNECT_MS_MAX,
    });
    if (!encrypted) {
      const { extra } = this.source.options as { extra?: object };
      this.source.setOptions({ extra: { ...extra, ssl: false } });
    }
    if (!this.source.isInitialized) await this.source.initialize();
    const { master } = this.source.driver as unknown as { master: Pool };
    this.pool = new PostgresConnection(master, this.source.manager, this.names, this.options.log);
    this.probePool ??= this.openProbe(encrypted);
  }

  async close(): Promise<void> {
    this.pool = undefined;
    await this.probePool?.end();
    this.probePool = undefined;
    if (this.source.isInitialized) await this.source.destroy();
  }

  read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    // Limits of time hold for a transaction behind a pooler: what reads without one would have none.
    return this.options.limitsSql === undefined ? work(this.opened()) : this.within(BEGIN_READING, work);
  }

  get probe(): Probe {
    const pool = this.probePool;
    if (pool === undefined) throw new StoreUnavailable('PostgreSQL has not been reached yet.');
    return {
      query: async (text) => {
        if (this.isLockedOut) await this.logInAnew(pool.options);
        return (await pool.query<unknown[]>({ text, rowMode: 'array' })).rows;
      },
    };
  }

  /** Connections that are there stay when their password is changed: whether there would be others is found out by one. */
  private async logInAnew(options: ClientConfig): Promise<void> {
    const client = new pg.Client(options);
    client.on('error', () => undefined);
    try {
      await client.connect();
      this.isLockedOut = false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  transact<T>(work: (connection: WritingConnection) => Promise<T>): Promise<T> {
    return this.within(BEGIN_WRITING, work);
  }

  snapshot<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.within(BEGIN_VIEWING, work);
  }

  loads(): readonly PoolLoad[] {
    if (this.pool === undefined) return [];
    const { master } = this.source.driver as unknown as { master: Pool };
    const { totalCount, idleCount, waitingCount, options } = master;
    return [{ name: 'pool', max: options.max, open: totalCount, inUse: totalCount - idleCount, waiting: waitingCount }];
  }

  isPassing(error: unknown): boolean {
    return isPassingPostgres(error);
  }

  translate(error: unknown): unknown {
    this.isLockedOut ||= isLoginRefused(error);
    return translatePostgres(error);
  }

  private async within<T>(begin: string, work: (connection: WritingConnection) => Promise<T>): Promise<T> {
    this.opened();
    const { limitsSql } = this.options;
    const runner = this.source.createQueryRunner('master');
    const client = (await runner.connect()) as PoolClient;
    let lost: Error | undefined;
    const onLost = (error: Error): void => void (lost ??= error);
    client.on('error', onLost);
    let failure: unknown;
    try {
      await this.say(client, limitsSql === undefined ? begin : `${begin}; ${limitsSql}`);
      const result = await work(new PostgresConnection(client, runner.manager, this.names, this.options.log));
      // Lost while no query ran: COMMIT was never said, so nothing stands.
      if (lost !== undefined) throw lost as Error;
      await this.commit(client);
      return result;
    } catch (error) {
      // What the server said as it hung up tells more than what the driver says of every query after it.
      failure = lost !== undefined && isConnectionLost(error) ? lost : error;
      throw failure;
    } finally {
      client.off('error', onLost);
      await this.giveBack(runner, client, failure);
    }
  }

  private async say(client: PoolClient, text: string): Promise<QueryResult> {
    const started = performance.now();
    try {
      return await client.query(text);
    } finally {
      this.options.log(text, performance.now() - started);
    }
  }

  private async commit(client: PoolClient): Promise<void> {
    try {
      const { command } = await this.say(client, 'COMMIT');
      // PostgreSQL answers COMMIT of a transaction in which a statement failed with ROLLBACK, and no error.
      if (command === 'ROLLBACK') throw new FailureSwallowed();
    } catch (error) {
      if (isConnectionLost(error) || isTimeout(error))
        throw new OutcomeUnknown('The connection was lost during the commit.', { cause: error });
      throw error;
    }
  }

  private async giveBack(runner: QueryRunner, client: PoolClient, failure: unknown): Promise<void> {
    const broken = failure instanceof OutcomeUnknown || isConnectionLost(failure) || isTimeoutOfClient(failure);
    if (failure !== undefined && !broken) {
      try {
        await this.say(client, 'ROLLBACK');
        return await runner.release();
      } catch {
        // The connection cannot even roll back: it goes, and the server rolls back by itself.
      }
    }
    if (failure === undefined) return runner.release();
    // TypeORM keeps the release with an error, by which the pool drops the connection, to itself.
    await (runner as unknown as { releasePostgresConnection(error: unknown): Promise<void> }).releasePostgresConnection(
      failure,
    );
  }

  /** A connection of its own, so that a pool with all its connections in use is not mistaken for a store that is down. */
  private openProbe(encrypted: boolean): Pool {
    const { store, applicationName, probeTimeoutMs } = this.options;
    const pool = new pg.Pool({
      ...postgresConnectConfig(store, {
        applicationName: `${applicationName} probe`.slice(-NAME_LENGTH_MAX),
        statementTimeoutMs: 0,
      }),
      ...(encrypted ? {} : { ssl: false }),
      max: 1,
      // Kept: a server whose connections are all taken would not give another.
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: probeTimeoutMs,
      query_timeout: probeTimeoutMs,
      keepAlive: true,
    });
    pool.on('connect', hearErrors);
    pool.on('error', () => undefined);
    return pool;
  }

  private opened(): PostgresConnection {
    if (this.pool === undefined) throw new StoreUnavailable('PostgreSQL has not been reached yet.');
    return this.pool;
  }
}

const NAME_LENGTH_MAX = 63;

function isTimeoutOfClient(error: unknown): boolean {
  return /Query read timeout/.test(driverErrorOf(error)?.message ?? '');
}
