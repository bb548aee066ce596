// One store, opened to look at its schema or to change it: for the migration runner and the drift check. Serving goes through the door, never through here.
import { type Sql } from '../sql.js';
import { type Dialect } from './table.js';

/** A row by column name; values as the driver gives them, PostgreSQL's dates as text. */
export type SessionRow = Readonly<Record<string, unknown>>;

export interface SchemaSession {
  readonly dialect: Dialect;
  /** Runs one statement with parameters. */
  query(statement: Sql): Promise<SessionRow[]>;
  /** Runs one statement as it is written. */
  execute(statement: string): Promise<void>;
  /**
   * Runs `work` in one transaction of this session; committed when it returns.
   *
   * @param options.rebuilds whether SQLite tables are built anew: foreign keys are then checked at the end, all at once
   */
  transaction<T>(work: () => Promise<T>, options?: { readonly rebuilds?: boolean }): Promise<T>;
  /** Within a transaction: nobody else writes the history until its end; looking at it goes on. */
  lockHistory(): Promise<void>;
  /** Asks once for the leave to be the one runner; never waits. @throws StoreInUse where a server has a SQLite store */
  tryLock(): Promise<boolean>;
  /** Whether the leave still stands: a lost connection gives it up. */
  holdsLock(): Promise<boolean>;
  unlock(): Promise<void>;
  hasTable(name: string): Promise<boolean>;
  /** Others stood in the way of this statement for a moment: it may be tried again. */
  isLockedOut(error: unknown): boolean;
  /** Who stands in the way, as far as can be told; a line each. */
  blockers(): Promise<readonly string[]>;
  /** What the driver threw, in readable words. */
  translate(error: unknown): unknown;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** `look`: nothing is written. `change`: may be. `make`: a SQLite file that is not there is made, with its folder. */
  readonly intent: 'look' | 'change' | 'make';
  /** How long a server that is starting, or has no room just now, is asked again. */
  readonly patienceMs: number;
}
