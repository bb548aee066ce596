// What pg throws, in the door's words.
import { ConstraintViolated, QueryTooSlow, StoreBusy, StoreUnavailable } from '../database.errors.js';

interface Coded extends Error {
  readonly code?: string;
  readonly constraint?: string;
  readonly column?: string;
}

export function driverErrorOf(error: unknown): Coded | undefined {
  const inner: unknown = error instanceof Error && 'driverError' in error ? error.driverError : error;
  return inner instanceof Error ? inner : undefined;
}

const LOST_SQLSTATES = /^(?:08...|57P0[123]|53300)$/;
const LOST_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
const LOST_WORDS = /Connection terminated|Client has encountered a connection error|timeout expired|Query read timeout|Client was closed/;

/** The connection is gone, or none could be made. */
export function isConnectionLost(error: unknown): boolean {
  const driver = driverErrorOf(error);
  if (driver === undefined) return false;
  if (driver instanceof AggregateError) return driver.errors.some(isConnectionLost);
  return LOST_SQLSTATES.test(driver.code ?? '') || LOST_CODES.has(driver.code ?? '') || LOST_WORDS.test(driver.message);
}

/** The answer did not come in time: the server may still be at it, so asking again would only add to its load. */
export function isTimeout(error: unknown): boolean {
  const driver = driverErrorOf(error);
  return driver?.code === '57014' || /Query read timeout/.test(driver?.message ?? '');
}

const DEADLOCK = '40P01';
const SERIALIZATION = '40001';

export function isPassingPostgres(error: unknown): boolean {
  const code = driverErrorOf(error)?.code;
  return code === DEADLOCK || code === SERIALIZATION || (isConnectionLost(error) && !isTimeout(error));
}

const KINDS = { '23505': 'unique', '23514': 'check', '23503': 'foreign key', '23502': 'not null' } as const;

export function translatePostgres(error: unknown): unknown {
  const driver = driverErrorOf(error);
  if (driver === undefined) return error;
  const kind = KINDS[driver.code as keyof typeof KINDS] as (typeof KINDS)[keyof typeof KINDS] | undefined;
  if (kind !== undefined) return new ConstraintViolated(kind, driver.constraint ?? driver.column, { cause: error });
  if (isTimeout(error)) return new QueryTooSlow('The query took longer than it may.', { cause: error });
  if (/timeout exceeded when trying to connect/.test(driver.message)) {
    return new StoreBusy('No connection to PostgreSQL came free in time.', { cause: error });
  }
  if (driver.code === DEADLOCK || driver.code === SERIALIZATION) return new StoreBusy('Other writers stood in the way again and again.', { cause: error });
  // A login or database that is refused is as good as no store; 28… and 3D000 come while connecting.
  if (isConnectionLost(error) || /^(?:28...|3D000|25006)$/.test(driver.code ?? '')) {
    return new StoreUnavailable('PostgreSQL cannot be reached.', { cause: error });
  }
  return error;
}
