// What pg throws, in the door's words.
import { ConstraintViolated, QueryTooSlow, StoreBusy, StoreFull, StoreUnavailable } from '../database.errors.js';

interface Coded extends Error {
  readonly code?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

export function driverErrorOf(error: unknown): Coded | undefined {
  const inner: unknown = error instanceof Error && 'driverError' in error ? error.driverError : error;
  return inner instanceof Error ? inner : undefined;
}

const LOST_SQLSTATES = /^(?:08...|57P0[12345]|53300|25P03)$/;
const LOST_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// TypeORM says of a connection that was lost only that it has been released.
const LOST_WORDS =
  /Connection terminated|connection error|timeout expired|Query read timeout|Client was closed|Query runner already released/;

/** The connection is gone, or none could be made. */
export function isConnectionLost(error: unknown): boolean {
  const driver = driverErrorOf(error);
  if (driver === undefined) return false;
  if (driver instanceof AggregateError) return driver.errors.some(isConnectionLost);
  return LOST_SQLSTATES.test(driver.code ?? '') || LOST_CODES.has(driver.code ?? '') || LOST_WORDS.test(driver.message);
}

/** The server knows this login no longer, or by another password. */
export function isLoginRefused(error: unknown): boolean {
  return driverErrorOf(error)?.code?.startsWith('28') ?? false;
}

/** The answer did not come in time: the server may still be at it, so asking again would only add to its load. */
export function isTimeout(error: unknown): boolean {
  const driver = driverErrorOf(error);
  return driver?.code === '57014' || /Query read timeout/.test(driver?.message ?? '');
}

const DEADLOCK = '40P01';
const SERIALIZATION = '40001';
/** The transaction did nothing for longer than it may, and the server ended it: it would again. */
const IDLE_IN_TRANSACTION = '25P03';

/** A prepared statement's result has other columns now than when it was prepared: a migration went by. */
export function isStalePlan(error: unknown): boolean {
  const driver = driverErrorOf(error);
  return driver?.code === '0A000' && /cached plan/.test(driver.message);
}

export function isPassingPostgres(error: unknown): boolean {
  const driver = driverErrorOf(error);
  const code = driver?.code;
  if (code === DEADLOCK || code === SERIALIZATION || isStalePlan(error)) return true;
  // Whoever waited for a connection as long as one may has waited long enough.
  const waited = isTimeout(error) || code === IDLE_IN_TRANSACTION || CONNECT_TIMED_OUT.test(driver?.message ?? '');
  return isConnectionLost(error) && !waited;
}

const DISK_FULL = '53100';
const CONNECT_TIMED_OUT = /due to connection timeout|timeout expired/;
const KINDS = { '23505': 'unique', '23514': 'check', '23503': 'foreign key', '23502': 'not null' } as const;
/** What is refused while connecting: a login, a database that is not there, a standby, TLS, a password that was not given. */
const REFUSED_SQLSTATES = /^(?:28...|3D000|25006)$/;
const REFUSED_WORDS = /\bSSL\b|\bSASL\b|certificate|self-signed|altname/i;

export function translatePostgres(error: unknown): unknown {
  const driver = driverErrorOf(error);
  if (driver === undefined) return error;
  const code = driver.code ?? '';
  const kind = KINDS[code as keyof typeof KINDS] as (typeof KINDS)[keyof typeof KINDS] | undefined;
  if (kind !== undefined)
    return new ConstraintViolated(kind, kind === 'not null' ? `${driver.table}.${driver.column}` : driver.constraint, {
      cause: error,
    });
  if (isTimeout(error)) return new QueryTooSlow('The query took longer than it may.', { cause: error });
  if (code === IDLE_IN_TRANSACTION)
    return new QueryTooSlow('The transaction stood still for longer than it may.', { cause: error });
  if (/timeout exceeded when trying to connect/.test(driver.message)) {
    return new StoreBusy('No connection to PostgreSQL came free in time.', { cause: error });
  }
  if (code === DEADLOCK || code === SERIALIZATION)
    return new StoreBusy('Other writers stood in the way again and again.', { cause: error });
  if (code === DISK_FULL) return new StoreFull("PostgreSQL's disk is full.", { cause: error });
  const isRefused = REFUSED_SQLSTATES.test(code) || (!isSqlState(code) && REFUSED_WORDS.test(driver.message));
  if (isRefused || isConnectionLost(error))
    return new StoreUnavailable('PostgreSQL cannot be reached.', { cause: error });
  return error;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !LOST_CODES.has(code);
}
