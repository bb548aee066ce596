// PostgreSQL, opened to look at its schema or to change it: one connection to work on, and one that holds the runner's lock.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from 'pg';
import { Refusal } from '../../common/domain-error.js';
import { type PostgresTarget } from '../../config/postgres-target.js';
import { toMaskedUrl } from '../../config/store-target.js';
import { StoreUnavailable } from '../database.errors.js';
import { DATES_AS_TEXT } from '../postgres/connect-config.js';
import { connectPostgres } from '../postgres/connect.js';
import { driverErrorOf, isConnectionLost } from '../postgres/postgres-errors.js';
import { type Sql, sql, sqlText } from '../sql.js';
import { NotPermitted } from './migration.errors.js';
import { type SchemaSession, type SessionRow } from './session.js';

interface PostgresSessionOptions {
  readonly applicationName: string;
  /** Milliseconds; 0 is none. */
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly patienceMs: number;
}

const CONNECT_MS_MAX = 10_000;
const PAUSE_MS = 200;
/** Two numbers that nobody else uses: the ASCII of "pass" and "book". */
const LOCK = sqlText('1885434739, 1651470187');
const STARTING_OR_FULL = new Set(['57P03', '53300']);
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

export class PostgresSession implements SchemaSession {
  readonly dialect = 'postgres';
  private lockClient: Client | undefined;

  private constructor(
    private readonly client: Client,
    private readonly store: PostgresTarget,
    private readonly options: PostgresSessionOptions,
  ) {}

  static async open(store: PostgresTarget, options: PostgresSessionOptions): Promise<PostgresSession> {
    const deadline = Date.now() + options.patienceMs;
    for (;;) {
      try {
        const session = new PostgresSession(await connectTo(store, options), store, options);
        await session.prepare();
        return session;
      } catch (error) {
        if (!STARTING_OR_FULL.has(driverErrorOf(error)?.code ?? '') || Date.now() >= deadline)
          throw readable(error, store);
        await sleep(PAUSE_MS * (1 + Math.random()));
      }
    }
  }

  async query(statement: Sql): Promise<SessionRow[]> {
    const values = statement.values as unknown[];
    return (await this.client.query<SessionRow>({ text: statement.text('postgres'), values, types: DATES_AS_TEXT }))
      .rows;
  }

  async execute(statement: string): Promise<void> {
    await this.client.query(statement);
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    try {
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      // On a connection that is gone the server rolls back by itself.
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async lockHistory(): Promise<void> {
    await this.client.query('LOCK TABLE schema_migrations IN EXCLUSIVE MODE');
  }

  async tryLock(): Promise<boolean> {
    // A connection of its own: CREATE INDEX CONCURRENTLY waits for every other transaction, and a lock that is waited for within one would wait back.
    try {
      this.lockClient ??= await connectTo(this.store, this.options);
    } catch (error) {
      // Other runners have the last free connections: they end.
      if (STARTING_OR_FULL.has(driverErrorOf(error)?.code ?? '')) return false;
      throw error;
    }
    const { rows } = await this.lockClient.query<{ got: boolean }>(
      sql`SELECT pg_try_advisory_lock(${LOCK}) AS got`.text('postgres'),
    );
    return rows[0]?.got === true;
  }

  async holdsLock(): Promise<boolean> {
    try {
      await this.lockClient?.query('SELECT 1');
      return this.lockClient !== undefined;
    } catch {
      return false;
    }
  }

  async unlock(): Promise<void> {
    await this.lockClient?.end().catch(() => undefined);
    this.lockClient = undefined;
  }

  async hasTable(name: string): Promise<boolean> {
    const rows = await this.query(sql`SELECT to_regclass(quote_ident(${name})) AS found`);
    return rows[0]?.['found'] !== null;
  }

  isLockedOut(error: unknown): boolean {
    const code = driverErrorOf(error)?.code;
    return code === LOCK_NOT_AVAILABLE || code === DEADLOCK;
  }

  async blockers(): Promise<readonly string[]> {
    const rows = await this.query(
      sql`SELECT pid, application_name AS name, state, extract(epoch FROM clock_timestamp() - xact_start)::int AS seconds
          FROM pg_stat_activity
          WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'
          ORDER BY xact_start LIMIT 5`,
    );
    return rows.map(
      ({ pid, name, state, seconds }) =>
        `pid ${String(pid)} "${String(name)}": ${String(state)}, in a transaction for ${String(seconds)} s`,
    );
  }

  translate(error: unknown): unknown {
    return readable(error, this.store);
  }

  async close(): Promise<void> {
    await this.unlock();
    await this.client.end().catch(() => undefined);
  }

  private async prepare(): Promise<void> {
    await this.query(sql`SELECT set_config('lock_timeout', ${String(this.options.lockTimeoutMs)}, false)`);
    // A killed runner's last statement ends soon after it, instead of going on unseen with its locks held. PostgreSQL 14 and later know it.
    await this.query(
      sql`SELECT set_config(name, '1000', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`,
    );
    const rows = await this.query(sql`SELECT current_schema() AS name`);
    if (rows[0]?.['name'] === null)
      throw new NotPermitted(`${toMaskedUrl(this.store)} has no schema on its search_path that this user may use.`);
  }
}

function connectTo(store: PostgresTarget, options: PostgresSessionOptions): Promise<Client> {
  return connectPostgres(store, { ...options, connectTimeoutMs: CONNECT_MS_MAX });
}

/** In words for the person who reads the output of a Job; the password is in none of them. */
function readable(error: unknown, store: PostgresTarget): unknown {
  const driver = driverErrorOf(error);
  if (driver === undefined || error instanceof Refusal) return error;
  const where = toMaskedUrl(store);
  const code = driver.code ?? '';
  if (code === '28P01')
    return new NotPermitted(`${where} refuses the password of user "${store.user}".`, { cause: error });
  if (code.startsWith('28'))
    return new NotPermitted(`${where} does not let user "${store.user}" in: ${driver.message}.`, { cause: error });
  if (code === '42501')
    return new NotPermitted(`${where}: ${driver.message}. User "${store.user}" must own the tables that it changes.`, {
      cause: error,
    });
  if (code === '3D000')
    return new StoreUnavailable(`${where}: there is no database "${store.database}". Create it first.`, {
      cause: error,
    });
  if (code === '25006')
    return new StoreUnavailable(`${where} is read-only: a standby, or told to be.`, { cause: error });
  if (isConnectionLost(error) || /certificate|self-signed|SSL|altname|Hostname/i.test(driver.message)) {
    return new StoreUnavailable(`${where} cannot be reached: ${reasonOf(driver)}.`, { cause: error });
  }
  return error;
}

function reasonOf(driver: Error & { readonly code?: string }): string {
  const inner: unknown = driver instanceof AggregateError ? driver.errors[0] : driver;
  return inner instanceof Error && inner.message !== '' ? inner.message : (driver.code ?? 'no reason given');
}
