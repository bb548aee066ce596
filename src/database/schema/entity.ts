// The column words of entities: `@Table`, `@TextColumn`, `@AmountColumn` … One class describes a table for both engines; the engine is picked behind the word.
import {
  type Check,
  type Column,
  type ColumnKind,
  type ForeignKey,
  type Index,
  type Table as TableDefinition,
} from './table.js';
import { foreignKeyOn, indexOn } from './table-builder.js';

/** A class whose instances are rows. Rows are plain data: no methods, no relations. */
export type EntityClass<Row extends object = object> = abstract new () => Row;

export interface EntityColumn extends Column {
  readonly property: string;
  /** Set where the value is kept out of the record of changes: secrets, and what can be made again. */
  readonly unrecorded?: true;
}

/** How the changes of a table's rows are recorded. */
export interface Recorded {
  /** What a row is called in the record. */
  readonly as: string;
  /** Whether those who follow the data are told of it; else it is kept for auditors alone. */
  readonly followed: boolean;
  /** The value of a property by which a row that stays counts as gone. */
  readonly goneWhen?: Readonly<Record<string, string>>;
  /** The value of a property of rows whose coming is told elsewhere, by what they are part of. */
  readonly addedElsewhere?: Readonly<Record<string, string>>;
}

/** What the words on a class add up to. */
export interface EntityDefinition extends TableDefinition {
  readonly entity: EntityClass;
  readonly columns: readonly EntityColumn[];
  /** Property names of the primary key, in order. */
  readonly keyProperties: readonly string[];
  /** Whether rows belong to an owner; such tables have a column `owner`, and every query is bound to it. */
  readonly owned: boolean;
  /** Left out: its changes are not recorded. */
  readonly recorded?: Recorded;
}

interface ColumnWordOptions {
  /** The column's name where it is not the property's in snake_case. */
  readonly name?: string;
  readonly nullable?: boolean;
  readonly key?: boolean;
  readonly default?: string | number | boolean;
  /** Table and column that the value points to. No cascades: nothing changes behind the door. */
  readonly references?: string;
  /** Kept out of the record of changes. */
  readonly unrecorded?: true;
}

/** Columns, and the condition of a partial index. */
type IndexWord = readonly string[] | { readonly columns: readonly string[]; readonly where: string };

interface TableWordOptions {
  readonly indexes?: readonly IndexWord[];
  readonly unique?: readonly IndexWord[];
  readonly recorded?: Recorded;
  /** Conditions by name, over column names, readable for both engines. */
  readonly checks?: Readonly<Record<string, string>>;
}

interface Noted extends EntityColumn {
  readonly key: boolean;
  readonly references?: string;
}

const columnsNoted = new WeakMap<object, Noted[]>();
const definitions = new WeakMap<object, EntityDefinition>();

function columnWord(kind: ColumnKind) {
  return (options: ColumnWordOptions = {}): PropertyDecorator =>
    (prototype, property) => {
      const noted = columnsNoted.get(prototype) ?? [];
      columnsNoted.set(prototype, noted);
      noted.push({
        property: String(property),
        name: options.name ?? snakeCase(String(property)),
        kind,
        nullable: options.nullable ?? false,
        key: options.key ?? false,
        ...(options.default === undefined ? {} : { default: options.default }),
        ...(options.references === undefined ? {} : { references: options.references }),
        ...(options.unrecorded === undefined ? {} : { unrecorded: options.unrecorded }),
      });
    };
}

/** Unicode text, ordered by code point on both engines. */
export const TextColumn = columnWord('text');
/** An `Amount`: bigint minor units. */
export const AmountColumn = columnWord('amount');
/** An `Instant`: `2026-11-21T08:39:31.123Z`. */
export const InstantColumn = columnWord('instant');
/** A `CivilDate`: `2026-11-21`. */
export const CivilDateColumn = columnWord('date');
/** A whole number of 32 bits. */
export const CountColumn = columnWord('count');
export const FlagColumn = columnWord('flag');
/** A place in an order, counted from 1: a bigint within the limits of an amount. */
export const PositionColumn = columnWord('amount');

export function Table(name: string, options: TableWordOptions = {}): ClassDecorator {
  return (entity) => {
    const noted = columnsNoted.get(entity.prototype as object) ?? [];
    const keys = noted.filter((column) => column.key);
    const indexes: Index[] = [
      ...(options.indexes ?? []).map((word) => indexOf(name, word, false)),
      ...(options.unique ?? []).map((word) => indexOf(name, word, true)),
    ];
    const checks: Check[] = Object.entries(options.checks ?? {}).map(([short, condition]) => ({
      name: `ck_${name}_${short}`,
      condition,
    }));
    const foreignKeys: ForeignKey[] = noted.flatMap((column) =>
      column.references === undefined ? [] : [foreignKeyOn(name, column.name, column.references)],
    );
    definitions.set(entity, {
      entity: entity as unknown as EntityClass,
      name,
      columns: noted,
      primaryKey: keys.map((column) => column.name),
      keyProperties: keys.map((column) => column.property),
      owned: noted.some((column) => column.property === 'owner'),
      indexes,
      checks,
      foreignKeys,
      ...(options.recorded === undefined ? {} : { recorded: options.recorded }),
    });
  };
}

function indexOf(tableName: string, word: IndexWord, unique: boolean): Index {
  return 'where' in word
    ? indexOn(tableName, word.columns, { unique, where: word.where })
    : indexOn(tableName, word, { unique });
}

export function definitionOf(entity: EntityClass): EntityDefinition {
  const definition = definitions.get(entity);
  if (definition === undefined) throw new Error(`${entity.name} is no entity: it lacks @Table.`);
  return definition;
}

function snakeCase(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
