// What a query gives back: a name and a kind for each column, in the order in which they are selected.
import { type ColumnKind, type Dialect } from './schema/table.js';
import { definitionOf, type EntityClass } from './schema/entity.js';
import { decoderOf, type KindValues } from './schema/values.js';

/** Beside the kinds of columns: `sum`, an exact total of amounts (see `words.sum`), and `number`, a count of rows. */
export type ShapeKind = ColumnKind | 'sum' | 'number';

interface ShapeValues extends KindValues {
  sum: bigint;
  number: number;
}

export type Shape = Readonly<Record<string, ShapeKind | `${ShapeKind}?`>>;

type ValueOf<Kind> = Kind extends `${infer Base extends ShapeKind}?`
  ? ShapeValues[Base] | null
  : Kind extends ShapeKind
    ? ShapeValues[Kind]
    : never;

export type Shaped<S extends Shape> = { [Name in keyof S]: ValueOf<S[Name]> };

type Decode = (value: unknown) => unknown;
export type RowDecoder = (values: readonly unknown[]) => unknown;

const HIGH = 1_000_000n;

function sumOf(value: unknown): unknown {
  if (value === null) return null;
  const [high = '0', low] = String(value).split(':');
  return low === undefined ? BigInt(high) : BigInt(high) * HIGH + BigInt(low);
}

/** PostgreSQL's text forms; the pool hands values over unparsed. */
const FROM_POSTGRES_TEXT: Record<ShapeKind, Decode> = {
  text: (value) => value,
  date: (value) => value,
  amount: (value) => (value === null ? null : BigInt(value as string)),
  count: (value) => (value === null ? null : Number(value)),
  number: (value) => (value === null ? null : Number(value)),
  flag: (value) => (value === null ? null : value === 't'),
  instant: (value) => (value === null ? null : instantFromPostgres(value as string)),
  sum: sumOf,
};

/** `2026-11-21 08:39:31.12+00` → `2026-11-21T08:39:31.120Z`, whatever zone the session is in. */
export function instantFromPostgres(text: string): string {
  if (text.length <= 26 && text.endsWith('+00') && text.charCodeAt(10) === 32) {
    const fraction = text.length === 22 ? '.000' : text.slice(19, -3).padEnd(4, '0');
    return `${text.slice(0, 10)}T${text.slice(11, 19)}${fraction}Z`;
  }
  const iso = text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00');
  return new Date(iso).toISOString();
}

function decoderOfKind(kind: ShapeKind, dialect: Dialect): Decode {
  if (dialect === 'postgres') return FROM_POSTGRES_TEXT[kind];
  if (kind === 'sum') return sumOf;
  if (kind === 'number') return (value) => (value === null ? null : Number(value));
  return decoderOf(kind, 'sqlite');
}

export function shapeOf<Row extends object>(entity: EntityClass<Row>): Shape {
  return Object.fromEntries(definitionOf(entity).columns.map((column) => [column.property, column.kind]));
}

const decoders: Record<Dialect, WeakMap<Shape, RowDecoder>> = { sqlite: new WeakMap(), postgres: new WeakMap() };

/** One decoder a shape and engine, kept: shapes are constants of the module that asks. */
export function rowDecoder(shape: Shape, dialect: Dialect): RowDecoder {
  let decoder = decoders[dialect].get(shape);
  if (decoder === undefined) {
    const names = Object.keys(shape);
    const decodes = names.map((name) => decoderOfKind((shape[name] ?? 'text').replace('?', '') as ShapeKind, dialect));
    decoder = (values) => {
      const row: Record<string, unknown> = {};
      for (let index = 0; index < names.length; index++) row[names[index]!] = decodes[index]!(values[index]);
      return row;
    };
    decoders[dialect].set(shape, decoder);
  }
  return decoder;
}
