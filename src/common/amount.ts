// Money: whole minor units inside, decimal strings outside, never a JS number.
import { ValueInvalid } from './domain-error.js';

declare const amountBrand: unique symbol;

/** Minor units of some currency (cents of USD), signed: money in > 0, money out < 0. |amount| <= AMOUNT_MAX. */
export type Amount = bigint & { readonly [amountBrand]: true };

/** The largest magnitude in minor units. The columns' CHECKs state the same number. Sums may exceed it; single amounts may not. */
export const AMOUNT_MAX = 1_000_000_000_000_000n;

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.(\d+))?$/;
const DECIMAL_LENGTH_MAX = 40;

/** @throws ValueInvalid beyond ±AMOUNT_MAX. */
export function amount(minorUnits: bigint): Amount {
  if (minorUnits > AMOUNT_MAX || minorUnits < -AMOUNT_MAX) {
    throw new ValueInvalid(`must lie within ±${AMOUNT_MAX} minor units`);
  }
  return minorUnits as Amount;
}

/** The same the other way. */
export function negated(amount: Amount): Amount {
  return (0n - amount) as Amount;
}

/**
 * Reads `"-12.34"` as -1234n for exponent 2. Fewer decimals than the exponent are filled up; more are refused, even zeros.
 * @throws ValueInvalid for anything but a plain decimal (no sign +, no exponent, no spaces, no separators).
 */
export function parseAmount(text: string, exponent: number): Amount {
  const match = text.length <= DECIMAL_LENGTH_MAX ? DECIMAL.exec(text) : null;
  if (match === null) throw new ValueInvalid('must be a decimal string like "-12.34"');
  const decimals = match[1] ?? '';
  if (decimals.length > exponent) throw new ValueInvalid(`must have at most ${exponent} decimals in this currency`);
  const negative = text.startsWith('-');
  const whole = text.slice(negative ? 1 : 0, decimals === '' ? undefined : -(decimals.length + 1));
  const magnitude = BigInt(whole + decimals.padEnd(exponent, '0'));
  return amount(negative ? -magnitude : magnitude);
}

/** Writes -1234n as `"-12.34"` for exponent 2; also for sums beyond AMOUNT_MAX. Zero is never negative. */
export function formatAmount(minorUnits: bigint, exponent: number): string {
  if (exponent === 0) return minorUnits.toString();
  const negative = minorUnits < 0n;
  const digits = (negative ? -minorUnits : minorUnits).toString().padStart(exponent + 1, '0');
  return `${negative ? '-' : ''}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
