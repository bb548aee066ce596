// The leave to write. A Transaction is a Reader on the writing side with few write verbs, all in bulk.
import { OwnerNotBound, WriteMisformed } from './database.errors.js';
import { type KeyValues, type WritingConnection } from './engine.js';
import { BoundReader, type Reader, keptShapeOf } from './reader.js';
import { definitionOf, type EntityClass, type EntityColumn, type EntityDefinition } from './schema/entity.js';
import { encoderOf } from './schema/values.js';
import { type Actor, type Scope } from './scope.js';
import { rowDecoder, type Shape } from './shape.js';
import { columnsOf, sql, sqlText } from './sql.js';
import { type Words } from './words.js';
import { columnsNamed, keyOf, refuseTwice, textOf, twice } from './written-keys.js';

/** The changes of one row. `expected` must still be so, or the row is left alone. */
export interface Change<Row> {
  readonly key: Partial<Row>;
  readonly set: Partial<Row>;
  readonly expected?: Partial<Row>;
}

export type WriteVerb = 'insert' | 'upsert' | 'update' | 'delete';

/** A row as it was and as it is; null where it was not, or is not any more. */
export interface RowChange {
  readonly before: object | null;
  readonly after: object | null;
}

/** What one verb wrote: rows by primary key, and for those who asked the rows themselves. */
export interface Written {
  readonly entity: EntityDefinition;
  readonly verb: WriteVerb;
  readonly keys: readonly KeyValues[];
  /** In the order of `keys`; empty unless an observer wants the rows of this table, and of an update of what is kept out of the record. */
  readonly rows: readonly RowChange[];
}

/**
 * Told of every write inside of its transaction: what it writes through `tx` stands or falls with the row, and is told to those observers
 * only that came after it.
 */
export type WriteObserver = (tx: Transaction, written: Written) => Promise<void>;

export interface Observation {
  readonly tell: WriteObserver;
  /** Of which tables it wants the rows before and after; those have a primary key `id` of text, because they are read under their locks. */
  readonly wantsRows: (entity: EntityDefinition) => boolean;
}

export interface Transaction extends Reader {
  /** Locks rows by id against other writers, in id order, and reads them under the lock. Rows that are not there, or not the owner's, are left out. */
  lock<Row extends object>(entity: EntityClass<Row>, ids: readonly string[]): Promise<Row[]>;
  insert<Row extends object>(entity: EntityClass<Row>, rows: readonly Row[]): Promise<void>;
  /**
   * Inserts the row unless one with its primary key is there. False: it is there, committed; who is writing it just now is waited for.
   */
  insertNew<Row extends object>(entity: EntityClass<Row>, row: Row): Promise<boolean>;
  /** As insertNew, of many, in the order of their keys so that rivals do not wait for each other. Answers how many were new. */
  insertNewAll<Row extends object>(entity: EntityClass<Row>, rows: readonly Row[]): Promise<number>;
  /** Inserts, or replaces every column of the row with that primary key. No key stands twice among the rows. */
  upsert<Row extends object>(entity: EntityClass<Row>, rows: readonly Row[]): Promise<void>;
  /** All changes set the same columns, none of the key's, and no row stands twice. Answers how many rows were there and as expected. */
  update<Row extends object>(entity: EntityClass<Row>, changes: readonly Change<Row>[]): Promise<number>;
  /** Answers how many rows were there. */
  delete<Row extends object>(entity: EntityClass<Row>, keys: readonly Partial<Row>[]): Promise<number>;
  /** Waits until nobody else holds this name, in any process, and holds it until the end of the transaction. */
  hold(name: string): Promise<void>;
  /** The same transaction: what is written by way of it is recorded as done on behalf of `by`. For those who write for many at once. */
  onBehalfOf(by: Actor): Transaction;
  /** Runs once the transaction stands; never when it fails or is repeated. An error in it is logged and changes nothing. */
  afterCommit(work: () => void | Promise<void>): void;
}

type RowsBefore = (key: KeyValues) => object | undefined;

export class BoundTransaction extends BoundReader implements Transaction {
  /** The same transaction for each observer, so that what it writes is told to those after it and never to itself. */
  private readonly forObservers: readonly BoundTransaction[];
  private readonly onBehalf: BoundTransaction[] = [];

  constructor(
    private readonly writing: WritingConnection,
    words: Words,
    scope: Scope,
    private readonly observations: readonly Observation[],
    readonly followUps: (() => void | Promise<void>)[] = [],
  ) {
    super(writing, words, scope);
    this.forObservers = observations.map(
      (_, index) => new BoundTransaction(writing, words, scope, observations.slice(index + 1), followUps),
    );
  }

  override end(): void {
    super.end();
    for (const tx of [...this.forObservers, ...this.onBehalf]) tx.end();
  }

  onBehalfOf(by: Actor): Transaction {
    this.live();
    const tx = new BoundTransaction(this.writing, this.words, { ...this.scope, by }, this.observations, this.followUps);
    this.onBehalf.push(tx);
    return tx;
  }

  afterCommit(work: () => void | Promise<void>): void {
    this.live();
    this.followUps.push(work);
  }

  async lock<Row extends object>(entity: EntityClass<Row>, ids: readonly string[]): Promise<Row[]> {
    this.live();
    const definition = definitionOf(entity);
    const from = sqlText(`${definition.name} t`);
    const owned = definition.owned ? this.owned('t') : sqlText('TRUE');
    const sorted = [...new Set(ids)].sort();
    const select = sql`SELECT ${columnsOf(entity, 't')} FROM ${from} WHERE ${this.words.oneOf('t.id', sorted)} AND ${owned} ORDER BY t.id`;
    const decode = rowDecoder(keptShapeOf(entity), this.words.dialect);
    return (await this.writing.lock(definition, select, sorted)).map((row) => decode(row) as Row);
  }

  async insert<Row extends object>(entity: EntityClass<Row>, rows: readonly Row[]): Promise<void> {
    this.live();
    if (rows.length === 0) return;
    const definition = definitionOf(entity);
    await this.writing.insert(definition, this.encodeRows(definition, rows));
    await this.tellInserted(definition, rows);
  }

  async insertNew<Row extends object>(entity: EntityClass<Row>, row: Row): Promise<boolean> {
    this.live();
    return (await this.insertNewAll(entity, [row])) === 1;
  }

  async insertNewAll<Row extends object>(entity: EntityClass<Row>, rows: readonly Row[]): Promise<number> {
    this.live();
    if (rows.length === 0) return 0;
    const definition = definitionOf(entity);
    const byKey = new Map(rows.map((row) => [textOf(keyOf(definition, row)), row]));
    if (byKey.size !== rows.length) throw twice(definition);
    const inOrder = [...byKey.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
    const written = await this.writing.insertNew(definition, this.encodeRows(definition, inOrder));
    const isNew =
      this.observations.length === 0 ? [] : this.keysOf(definition, written).map((key) => byKey.get(textOf(key))!);
    await this.tellInserted(definition, isNew);
    return written.length;
  }

  async hold(name: string): Promise<void> {
    this.live();
    await this.writing.hold(name);
  }

  async upsert<Row extends object>(entity: EntityClass<Row>, rows: readonly Row[]): Promise<void> {
    this.live();
    if (rows.length === 0) return;
    const definition = definitionOf(entity);
    const keys = rows.map((row) => keyOf(definition, row));
    refuseTwice(definition, keys);
    const before = await this.rowsBefore(definition, keys);
    await this.writing.upsert(definition, this.encodeRows(definition, rows), definition.owned ? this.owner : undefined);
    const given = new Map(rows.map((row, index) => [keys[index], row]));
    await this.tell(definition, 'upsert', keys, (key) => ({ before: before(key) ?? null, after: given.get(key)! }));
  }

  async update<Row extends object>(entity: EntityClass<Row>, changes: readonly Change<Row>[]): Promise<number> {
    this.live();
    const [first] = changes;
    if (first === undefined) return 0;
    const definition = definitionOf(entity);
    const keyColumns = columnsNamed(definition, definition.keyProperties);
    const set = columnsNamed(definition, Object.keys(first.set));
    const expected = columnsNamed(definition, Object.keys(first.expected ?? {}));
    if (set.length === 0) throw new WriteMisformed(`An update of ${definition.name} sets nothing.`);
    if (set.some((column) => keyColumns.includes(column)))
      throw new WriteMisformed(`An update of ${definition.name} sets its key.`);
    const rows = changes.map((change) => {
      this.refuseForeign(definition, change.set);
      const values = [
        ...this.given(set, change.set),
        ...this.given(keyColumns, change.key),
        ...this.given(expected, change.expected ?? {}),
      ];
      const columns = Object.keys(change.set).length + Object.keys(change.expected ?? {}).length;
      if (columns !== set.length + expected.length)
        throw new WriteMisformed(`The changes of one update of ${definition.name} are of different columns.`);
      return values;
    });
    refuseTwice(
      definition,
      changes.map(({ key }) => keyOf(definition, key)),
    );
    const batch = { set: set.map((column) => column.name), expected: expected.map((column) => column.name), rows };
    // What is kept out of the record needs no rows from before.
    const isRecorded = set.some(({ unrecorded }) => unrecorded === undefined);
    const before = isRecorded
      ? await this.rowsBefore(
          definition,
          changes.map(({ key }) => keyOf(definition, key)),
        )
      : undefined;
    const keys = await this.writing.update(definition, batch, definition.owned ? this.owner : undefined);
    const sets = new Map(changes.map((change) => [keyOf(definition, change.key)[0], change.set]));
    await this.tell(
      definition,
      'update',
      this.decodeKeys(definition, keys),
      before &&
        ((key) => {
          const was = lockedRow(before, key);
          return { before: was, after: { ...was, ...sets.get(key[0]) } };
        }),
    );
    return keys.length;
  }

  async delete<Row extends object>(entity: EntityClass<Row>, keys: readonly Partial<Row>[]): Promise<number> {
    this.live();
    if (keys.length === 0) return 0;
    const definition = definitionOf(entity);
    const keyColumns = columnsNamed(definition, definition.keyProperties);
    const values = keys.map((key) => this.given(keyColumns, key));
    const before = await this.rowsBefore(
      definition,
      keys.map((key) => keyOf(definition, key)),
    );
    const gone = await this.writing.delete(definition, values, definition.owned ? this.owner : undefined);
    await this.tell(definition, 'delete', this.decodeKeys(definition, gone), (key) => ({
      before: lockedRow(before, key),
      after: null,
    }));
    return gone.length;
  }

  private tellInserted(definition: EntityDefinition, rows: readonly object[]): Promise<void> {
    const keys = rows.map((row) => keyOf(definition, row));
    const byKey = new Map(rows.map((row, index) => [keys[index], row]));
    return this.tell(definition, 'insert', keys, (key) => ({ before: null, after: byKey.get(key)! }));
  }

  /** The rows that are about to be written, under their locks, for the observers that want them. */
  private async rowsBefore(definition: EntityDefinition, keys: readonly KeyValues[]): Promise<RowsBefore> {
    if (!this.rowsAreWanted(definition)) return () => undefined;
    const rows = await this.lock(
      definition.entity,
      keys.map(([id]) => String(id)),
    );
    const byId = new Map(rows.map((row) => [(row as { id?: unknown }).id, row]));
    return ([id]) => byId.get(id);
  }

  private rowsAreWanted(definition: EntityDefinition): boolean {
    return this.observations.some(({ wantsRows }) => wantsRows(definition));
  }

  private async tell(
    entity: EntityDefinition,
    verb: WriteVerb,
    keys: readonly KeyValues[],
    changeOf: ((key: KeyValues) => RowChange) | undefined,
  ): Promise<void> {
    if (keys.length === 0 || this.observations.length === 0) return;
    const rows = changeOf !== undefined && this.rowsAreWanted(entity) ? keys.map(changeOf) : [];
    for (const [index, { tell }] of this.observations.entries())
      await tell(this.forObservers[index]!, { entity, verb, keys, rows });
  }

  /** As the program holds them, whichever way the engine gave them back. */
  private decodeKeys(definition: EntityDefinition, keys: readonly KeyValues[]): readonly KeyValues[] {
    return this.observations.length === 0 ? [] : this.keysOf(definition, keys);
  }

  private keysOf(definition: EntityDefinition, keys: readonly KeyValues[]): readonly KeyValues[] {
    const shape: Shape = Object.fromEntries(
      columnsNamed(definition, definition.keyProperties).map(({ property, kind }) => [property, kind]),
    );
    const decode = rowDecoder(shape, this.words.dialect);
    return keys.map((key) => keyOf(definition, decode(key) as object));
  }

  private encodeRows<Row extends object>(definition: EntityDefinition, rows: readonly Row[]): unknown[][] {
    return rows.map((row) => {
      this.refuseForeign(definition, row);
      return this.encode(definition.columns, row);
    });
  }

  /** As encode, for what must be said: where a value is missing, null is not meant. */
  private given(columns: readonly EntityColumn[], values: object): unknown[] {
    for (const { property } of columns) {
      if ((values as Record<string, unknown>)[property] === undefined)
        throw new WriteMisformed(`${property} has no value; null would be one.`);
    }
    return this.encode(columns, values);
  }

  private encode(columns: readonly EntityColumn[], row: object): unknown[] {
    return columns.map((column) =>
      encoderOf(column.kind, this.words.dialect)((row as Record<string, unknown>)[column.property]),
    );
  }

  private refuseForeign(definition: EntityDefinition, row: object): void {
    const owner = (row as { owner?: unknown }).owner;
    if (definition.owned && this.owner !== undefined && owner !== undefined && owner !== this.owner) {
      throw new OwnerNotBound(`A row of ${definition.name} belongs to somebody else than the transaction's owner.`);
    }
  }
}

function lockedRow(before: RowsBefore, key: KeyValues): object {
  const row = before(key);
  if (row === undefined) throw new Error(`The row ${String(key[0])} was written and had not been locked.`);
  return row;
}
