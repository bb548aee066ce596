// A SQLite file, opened to look at its schema or to change it.
import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { Refusal } from '../../common/domain-error.js';
import { type SqliteTarget } from '../../config/store-target.js';
import { StoreUnavailable } from '../database.errors.js';
import { type Sql, sql } from '../sql.js';
import { lockStore, type ServerLock, StoreInUse } from '../sqlite/server-lock.js';
import { isBusy, sqliteErrorOf, translateSqlite } from '../sqlite/sqlite-errors.js';
import { LockedOut } from './migration.errors.js';
import { type SchemaSession, type SessionOptions, type SessionRow } from './session.js';

const PAUSE_MS = 10;
const ONLY_OWNER_FILE = 0o600;
const ONLY_OWNER_FOLDER = 0o700;

export class SqliteSession implements SchemaSession {
  readonly dialect = 'sqlite';
  private locks: readonly ServerLock[] = [];

  private constructor(
    private readonly database: Database.Database,
    private readonly path: string,
    private readonly patienceMs: number,
  ) {}

  static async open({ path }: SqliteTarget, { intent, patienceMs }: SessionOptions): Promise<SqliteSession> {
    try {
      if (intent === 'make') make(path);
      if (!existsSync(path))
        throw new StoreUnavailable(`There is no SQLite file at ${path}. "passbook migrate up" makes it.`);
      const database = new Database(path, { fileMustExist: true, readonly: intent === 'look', timeout: 0 });
      const session = new SqliteSession(database, path, patienceMs);
      if (intent !== 'look') await session.prepare();
      return session;
    } catch (error) {
      throw readable(error, path);
    }
  }

  /** A scratch store that nobody else sees. */
  static inMemory(): SqliteSession {
    return new SqliteSession(new Database(':memory:'), ':memory:', 0);
  }

  query(statement: Sql): Promise<SessionRow[]> {
    return this.whileBusy(() => {
      const prepared = this.database.prepare<unknown[], SessionRow>(statement.text('sqlite'));
      const values = statement.values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
      if (prepared.reader) return prepared.all(...values);
      prepared.run(...values);
      return [];
    });
  }

  execute(statement: string): Promise<void> {
    return this.whileBusy(() => void this.database.exec(statement));
  }

  async transaction<T>(work: () => Promise<T>, options: { readonly rebuilds?: boolean } = {}): Promise<T> {
    const rebuilds = options.rebuilds === true;
    // Says nothing within a transaction, so it comes before: a table that is dropped to be built anew may still be pointed to.
    this.database.pragma(`foreign_keys = ${rebuilds ? 'OFF' : 'ON'}`);
    await this.execute('BEGIN IMMEDIATE');
    try {
      const result = await work();
      if (rebuilds) this.checkForeignKeys();
      await this.execute('COMMIT');
      return result;
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw error;
    } finally {
      this.database.pragma('foreign_keys = ON');
    }
  }

  async lockHistory(): Promise<void> {
    // BEGIN IMMEDIATE has: there is one writer.
  }

  /** Two locks: one among runners, which wait for each other, and the server's, which is not waited for. */
  async tryLock(): Promise<boolean> {
    // Whichever way the path is spelled, there is one lock.
    const runner = tryStoreLock(`${realpathSync(this.path)}.migrate`);
    if (runner === undefined) return false;
    const server = tryStoreLock(this.path);
    if (server === undefined) {
      runner.release();
      throw new StoreInUse(
        `A server, or a command that writes, has ${this.path}. Stop it, run this again, then start it: a SQLite store is changed while nobody serves it.`,
      );
    }
    this.locks = [server, runner];
    return true;
  }

  async holdsLock(): Promise<boolean> {
    return this.locks.length > 0;
  }

  async unlock(): Promise<void> {
    for (const lock of this.locks) lock.release();
    this.locks = [];
  }

  async hasTable(name: string): Promise<boolean> {
    return (await this.query(sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ${name}`)).length > 0;
  }

  isLockedOut(error: unknown): boolean {
    return isBusy(error);
  }

  async blockers(): Promise<readonly string[]> {
    return [];
  }

  translate(error: unknown): unknown {
    return readable(error, this.path);
  }

  async close(): Promise<void> {
    await this.unlock();
    this.database.close();
  }

  private async prepare(): Promise<void> {
    // Kept in the file from then on: readers go on while one writes.
    await this.whileBusy(() => void this.database.pragma('journal_mode = WAL'));
    this.database.pragma('synchronous = FULL');
    this.database.pragma('foreign_keys = ON');
  }

  private checkForeignKeys(): void {
    const broken = this.database.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[];
    const first = broken[0];
    if (first !== undefined)
      throw new Error(
        `${broken.length} rows point to nothing, the first is row ${first.rowid} of ${first.table}, to ${first.parent}`,
      );
  }

  /** Waiting inside of SQLite would stop everything else in the process, so it is asked again from outside. */
  private async whileBusy<T>(attempt: () => T): Promise<T> {
    const deadline = Date.now() + this.patienceMs;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (Date.now() >= deadline)
          throw new LockedOut(`Another process has held ${this.path} for ${this.patienceMs} ms.`, { cause: error });
        await sleep(PAUSE_MS * (1 + Math.random()));
      }
    }
  }
}

/** The file and its folder, for their owner alone: they hold somebody's money. */
function make(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: ONLY_OWNER_FOLDER });
  closeSync(openSync(path, 'a', ONLY_OWNER_FILE));
}

function tryStoreLock(path: string): ServerLock | undefined {
  try {
    return lockStore(path);
  } catch (error) {
    if (error instanceof StoreInUse) return undefined;
    throw error;
  }
}

function readable(error: unknown, path: string): unknown {
  if (error instanceof Refusal) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^E[A-Z]+$/.test(code))
    return new StoreUnavailable(`${path} cannot be made or opened: ${(error as Error).message}.`, { cause: error });
  if (code === 'SQLITE_NOTADB') return new StoreUnavailable(`${path} is no SQLite file.`, { cause: error });
  const translated = translateSqlite(error);
  return translated instanceof StoreUnavailable
    ? new StoreUnavailable(`${path} cannot be used: ${sqliteErrorOf(error)?.message ?? code}.`, { cause: error })
    : translated;
}
