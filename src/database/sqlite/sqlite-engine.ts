// SQLite: ONE writer whose transactions take turns, a read-only connection beside it, and one for unmoving views.
import { type Stats, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource } from 'typeorm';
import { StoreBusy, StoreUnavailable } from '../database.errors.js';
import { type Connection, type Engine, type PoolLoad, type Probe, type WritingConnection } from '../engine.js';
import { Turns } from '../turns.js';
import { Scanner } from './scanner.js';
import { type ServerLock, lockStore } from './server-lock.js';
import { type StatementLog } from '../statement-log.js';
import { SqliteConnection } from './sqlite-connection.js';
import { isBusy, translateSqlite } from './sqlite-errors.js';

export interface SqliteSources {
  readonly writing: DataSource;
  readonly reading: DataSource;
  readonly snapshot: DataSource;
}

export interface SqliteEngineOptions {
  readonly path: string;
  /** Whether this process is the store's one server. A tool that only reads or that runs beside none leaves it off. */
  readonly serves: boolean;
  /** How long to wait for a turn to write, or for another process to let go of the file. */
  readonly waitMs: number;
  readonly scanTimeoutMs: number;
  readonly log: StatementLog;
}

const BUSY_PAUSE_MS = 5;

export class SqliteEngine implements Engine {
  readonly dialect = 'sqlite';
  private readonly turnsToWrite = new Turns();
  private readonly turnsToView = new Turns();
  private readonly scanner: Scanner;
  private lock: ServerLock | undefined;
  private file: Stats | undefined;
  private connections: { writing: SqliteConnection; reading: SqliteConnection; snapshot: SqliteConnection } | undefined;

  constructor(
    private readonly sources: SqliteSources,
    private readonly options: SqliteEngineOptions,
  ) {
    this.scanner = new Scanner(options.path, options.scanTimeoutMs);
  }

  async open(): Promise<void> {
    const { path, serves, log } = this.options;
    // Never made here: an empty file in the place of the store would look like a bank without money.
    this.file = statSync(path, { throwIfNoEntry: false });
    if (this.file === undefined)
      throw new StoreUnavailable(`There is no SQLite file at ${path}. "passbook migrate up" makes it.`);
    if (serves) this.lock ??= lockStore(path);
    const scan = (text: string, values: readonly unknown[]) => this.scanner.scan(text, values);
    for (const source of [this.sources.writing, this.sources.reading, this.sources.snapshot]) {
      if (!source.isInitialized) await this.whileBusy(async () => void (await source.initialize()));
    }
    this.connections = {
      writing: new SqliteConnection(this.sources.writing, log),
      reading: new SqliteConnection(this.sources.reading, log, scan),
      snapshot: new SqliteConnection(this.sources.snapshot, log),
    };
  }

  async close(): Promise<void> {
    await this.scanner.close();
    for (const connection of Object.values(this.connections ?? {})) connection.forget();
    this.connections = undefined;
    for (const source of Object.values(this.sources) as DataSource[]) if (source.isInitialized) await source.destroy();
    this.lock?.release();
    this.lock = undefined;
  }

  read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return work(this.opened().reading);
  }

  get probe(): Probe {
    return {
      query: async (text) => {
        this.refuseMoved();
        return this.opened().reading.query(text, []);
      },
    };
  }

  transact<T>(work: (connection: WritingConnection) => Promise<T>): Promise<T> {
    const { writing } = this.opened();
    return this.turnsToWrite.take(async () => {
      this.refuseMoved();
      await this.whileBusy(async () => writing.begin('BEGIN IMMEDIATE'));
      return this.within(writing, () => work(writing));
    }, this.options.waitMs);
  }

  snapshot<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const { snapshot } = this.opened();
    return this.turnsToView.take(async () => {
      snapshot.begin('BEGIN');
      return this.within(snapshot, async () => {
        // The view begins with the first read, not with BEGIN.
        await this.whileBusy(async () => void (await snapshot.query('SELECT 1 FROM sqlite_schema LIMIT 1', [])));
        return work(snapshot);
      });
    }, this.options.waitMs);
  }

  loads(): readonly PoolLoad[] {
    if (this.connections === undefined) return [];
    return [this.turnsToWrite.load('writing'), this.turnsToView.load('viewing'), this.scanner.load('scanning')];
  }

  isPassing(error: unknown): boolean {
    return isBusy(error);
  }

  translate(error: unknown): unknown {
    return translateSqlite(error);
  }

  private async within<T>(connection: SqliteConnection, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      connection.commit();
      return result;
    } catch (error) {
      connection.rollback();
      throw error;
    }
  }

  /** The busy timeout of the connection is 0, because waiting inside of SQLite would stop the event loop. */
  private async whileBusy(attempt: () => Promise<void>): Promise<void> {
    const deadline = Date.now() + this.options.waitMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (Date.now() >= deadline)
          throw new StoreBusy('Another process held the SQLite file for too long.', { cause: error });
        await sleep(BUSY_PAUSE_MS * (1 + Math.random()));
      }
    }
  }

  /** A file that was replaced or removed is still written to by whoever has it open, and what is written there is lost. */
  private refuseMoved(): void {
    const now = statSync(this.options.path, { throwIfNoEntry: false });
    if (now?.ino !== this.file?.ino || now?.dev !== this.file?.dev) {
      throw new StoreUnavailable(
        `The SQLite file at ${this.options.path} was moved, replaced or removed. Start the server again.`,
      );
    }
  }

  private opened(): NonNullable<typeof this.connections> {
    if (this.connections === undefined) throw new StoreUnavailable('The store has not been opened yet.');
    return this.connections;
  }
}
