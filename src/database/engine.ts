// What the door needs of an engine. Two exist: sqlite/ and postgres/.
import { type EntityManager } from 'typeorm';
import { type EntityDefinition } from './schema/entity.js';
import { type Dialect } from './schema/table.js';
import { type Sql, type SqlValue } from './sql.js';

/** One line of a result: values in the order in which they were selected, as the driver gives them. */
export type RawRow = readonly unknown[];

/** A place where queries run: a pool, or one connection within its transaction. */
export interface Connection {
  /** For TypeORM's repositories. */
  readonly manager: EntityManager;
  query(text: string, values: readonly SqlValue[]): Promise<RawRow[]>;
  /** As query, for what may take long: it must not hold up other work of this process. */
  scan(text: string, values: readonly SqlValue[]): Promise<RawRow[]>;
}

/** A key as the primary key's values in order. */
export type KeyValues = readonly unknown[];

/** One update: the primary key, what must still be so, and what shall be. */
export interface UpdateBatch {
  readonly set: readonly string[];
  readonly expected: readonly string[];
  /** Per row: values of `set`, then of the primary key, then of `expected`. */
  readonly rows: readonly (readonly unknown[])[];
}

/** The bulk verbs, each in the engine's fastest way. `owner` narrows to that owner's rows where the table has owners. */
export interface WritingConnection extends Connection {
  insert(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Promise<void>;
  /** The keys of the rows that were not there before; who is writing one of them just now is waited for. */
  insertNew(entity: EntityDefinition, rows: readonly (readonly unknown[])[]): Promise<KeyValues[]>;
  upsert(entity: EntityDefinition, rows: readonly (readonly unknown[])[], owner: string | undefined): Promise<void>;
  /** The keys of the rows that were written. */
  update(entity: EntityDefinition, batch: UpdateBatch, owner: string | undefined): Promise<KeyValues[]>;
  /** The keys of the rows that were there. */
  delete(entity: EntityDefinition, keys: readonly KeyValues[], owner: string | undefined): Promise<KeyValues[]>;
  /** Locks these rows against other writers, in the order of their ids, and gives them back in that order. */
  lock(entity: EntityDefinition, select: Sql, ids: readonly string[]): Promise<RawRow[]>;
  /** Waits until nobody else holds the name, and holds it until the transaction ends. */
  hold(name: string): Promise<void>;
}

/** How the store stands, for the probes. */
export interface Probe {
  query(text: string): Promise<RawRow[]>;
}

/** How busy one of the ways to the store is, at this moment. */
export interface PoolLoad {
  readonly name: string;
  /** How many may be at work at a time. */
  readonly max: number;
  readonly open: number;
  readonly inUse: number;
  /** For one that comes free. */
  readonly waiting: number;
}

export interface Engine {
  readonly dialect: Dialect;
  /** Connects, once. A database that is down is StoreUnavailable; the door tries again. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Runs `work` where queries are committed reads, each for itself. */
  read<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction on the writing side; commits when it returns. Not repeated here. */
  transact<T>(work: (connection: WritingConnection) => Promise<T>): Promise<T>;
  /** Runs `work` over one unmoving view. */
  snapshot<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Runs outside of the pool and of turns, so that load is not mistaken for death. */
  readonly probe: Probe;
  /** None while the store is not open. */
  loads(): readonly PoolLoad[];
  /** Whether an error is passing (a deadlock, a busy file, a lost connection before the commit): the transaction may run again. */
  isPassing(error: unknown): boolean;
  /** What the driver threw, in the door's words. */
  translate(error: unknown): unknown;
}
