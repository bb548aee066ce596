// What better-sqlite3 throws, in the door's words.
import { ConstraintViolated, StoreBusy, StoreFull, StoreUnavailable } from '../database.errors.js';

interface SqliteError extends Error {
  readonly code: string;
}

export function sqliteErrorOf(error: unknown): SqliteError | undefined {
  const inner: unknown = error instanceof Error && 'driverError' in error ? error.driverError : error;
  return inner instanceof Error && 'code' in inner && typeof inner.code === 'string' && inner.code.startsWith('SQLITE_')
    ? (inner as SqliteError)
    : undefined;
}

/** Another process holds the file for a moment. */
export function isBusy(error: unknown): boolean {
  const code = sqliteErrorOf(error)?.code ?? '';
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

const GONE = [
  'SQLITE_CANTOPEN',
  'SQLITE_IOERR',
  'SQLITE_READONLY',
  'SQLITE_NOTADB',
  'SQLITE_CORRUPT',
  'SQLITE_PERM',
  'SQLITE_AUTH',
];

export function translateSqlite(error: unknown): unknown {
  const sqlite = sqliteErrorOf(error);
  if (error instanceof TypeError && /database connection is not open/.test(error.message)) {
    return new StoreUnavailable('The store is being closed.', { cause: error });
  }
  if (sqlite === undefined) return error;
  const { code, message } = sqlite;
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return new ConstraintViolated('unique', uniqueName(code, message), { cause: error });
  }
  if (code === 'SQLITE_CONSTRAINT_CHECK')
    return new ConstraintViolated('check', message.split(': ').at(-1), { cause: error });
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY')
    return new ConstraintViolated('foreign key', undefined, { cause: error });
  if (code === 'SQLITE_CONSTRAINT_NOTNULL')
    return new ConstraintViolated('not null', message.split(': ').at(-1), { cause: error });
  if (isBusy(error)) return new StoreBusy('Another process held the SQLite file for too long.', { cause: error });
  if (code === 'SQLITE_FULL') return new StoreFull('The disk of the SQLite file is full.', { cause: error });
  if (GONE.some((gone) => code.startsWith(gone)))
    return new StoreUnavailable(`The SQLite file cannot be used (${code}).`, { cause: error });
  return error;
}

/** `UNIQUE constraint failed: accounts.owner, accounts.feed` → `uq_accounts_owner_feed`, the name that the key has by rule. */
function uniqueName(code: string, message: string): string | undefined {
  const columns = message.split(': ').at(-1)?.split(', ') ?? [];
  const table = columns[0]?.split('.')[0];
  if (table === undefined) return undefined;
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return `pk_${table}`;
  return `uq_${table}_${columns.map((column) => column.slice(table.length + 1)).join('_')}`;
}
