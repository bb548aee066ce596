// How a connection to PostgreSQL is made: for the pool, the probe and the migration runner alike.
import pg, { type ClientBase, type PoolConfig } from 'pg';
import { type PostgresTarget } from '../../config/postgres-target.js';
import { tlsOptions } from '../../config/tls.js';

const DATE_OID = 1082;

/** The driver's own readings, except that a civil date stays text: pg would make a Date of it, in the machine's zone. */
export const DATES_AS_TEXT = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary'): unknown =>
    oid === DATE_OID ? (value: string) => value : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/**
 * A connection that is lost is noticed by its next query. For a moment of its way between pool and borrower nobody listens
 * for errors, and an error that nobody hears ends the process.
 */
export function hearErrors(client: ClientBase): void {
  client.on('error', () => undefined);
}

/**
 * What a session must be, whatever the server, the database or the role say by default: rows are read as text and
 * written as arrays, which these settings change; and a commit that is acknowledged is on the disk.
 */
const SESSION_SQL =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET array_nulls = on; " +
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/** For the pool, of each of its connections. */
export async function prepareSession(client: ClientBase): Promise<void> {
  hearErrors(client);
  await client.query(SESSION_SQL);
}

/** For the pool behind a pooler: of a session it knows these two, and hands them on to whichever connection comes next. */
export async function preparePooledSession(client: ClientBase): Promise<void> {
  hearErrors(client);
  await client.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'");
}

/** What a session would otherwise be told once, for one transaction. */
export function limitsOfTransaction(limits: {
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}): string {
  return (
    `SET LOCAL statement_timeout = ${limits.statementTimeoutMs}; ` +
    `SET LOCAL idle_in_transaction_session_timeout = ${limits.idleInTransactionTimeoutMs}; SET LOCAL array_nulls = on; ` +
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
  );
}

/** How much longer than the server the driver waits for an answer, before it takes the server for hung. */
const HUNG_AFTER_MS = 5_000;

/** Timeouts of the server are milliseconds; 0 sends none. */
export function postgresConnectConfig(
  store: PostgresTarget,
  limits: { applicationName: string; statementTimeoutMs: number },
): PoolConfig {
  const { connectTimeoutSeconds, serverOptions } = store.options;
  return {
    host: store.host,
    port: store.port,
    user: store.user,
    database: store.database,
    ssl: tlsOptions(store.tls),
    application_name: limits.applicationName,
    ...(store.password === undefined ? {} : { password: store.password.reveal() }),
    ...(connectTimeoutSeconds === undefined ? {} : { connectionTimeoutMillis: connectTimeoutSeconds * 1000 }),
    ...(serverOptions === undefined ? {} : { options: serverOptions }),
    ...(limits.statementTimeoutMs === 0
      ? {}
      : { statement_timeout: limits.statementTimeoutMs, query_timeout: limits.statementTimeoutMs + HUNG_AFTER_MS }),
  };
}
