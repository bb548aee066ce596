// How a value of each kind travels to and from each engine's driver.
import { type Amount } from '../../common/amount.js';
import { type CivilDate } from '../../common/civil-date.js';
import { type Instant } from '../../common/clock.js';
import { type ColumnKind, type Dialect } from './table.js';

/** The JavaScript value of each kind. */
export interface KindValues {
  text: string;
  amount: Amount;
  instant: Instant;
  date: CivilDate;
  count: number;
  flag: boolean;
}

type Convert = (value: unknown) => unknown;

const same: Convert = (value) => value;
const unlessNull =
  (convert: Convert): Convert =>
  (value) =>
    value === null || value === undefined ? null : convert(value);

const toBigint = unlessNull((value) => (typeof value === 'bigint' ? value : BigInt(value as string | number)));
const toInstant = unlessNull((value) => (value instanceof Date ? value.toISOString() : value));

const integerToFlag = unlessNull((value) => value === 1 || value === 1n || value === true);

/** From what the driver gives to what the rest of the program holds. */
export function decoderOf(kind: ColumnKind, dialect: Dialect): Convert {
  if (kind === 'amount') return toBigint;
  if (kind === 'instant' && dialect === 'postgres') return toInstant;
  if (kind === 'flag' && dialect === 'sqlite') return integerToFlag;
  return same;
}

const orNull: Convert = (value) => value ?? null;
const flagToInteger: Convert = (value) => (typeof value === 'boolean' ? Number(value) : (value ?? null));

/** From what the program holds to what the driver takes. */
export function encoderOf(kind: ColumnKind, dialect: Dialect): Convert {
  return kind === 'flag' && dialect === 'sqlite' ? flagToInteger : orNull;
}
