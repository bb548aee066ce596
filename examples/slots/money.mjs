// Amounts: whole minor units inside, decimal text outside, never a JS number.
import { AmountInvalid } from './refusals.mjs';

const DECIMAL = /^-?(?:0|[1-9]\d{0,14})(?:\.(\d+))?$/;

/** How many decimals a currency has, seen on any amount of it that the bank wrote. @param {string} text */
export function decimalsOf(text) {
  return DECIMAL.exec(text)?.[1]?.length ?? 0;
}

/**
 * `"1.50"` with two decimals is 150n.
 * @param {string} text
 * @param {number} decimals
 * @throws AmountInvalid unless it is a decimal with no more than those
 */
export function unitsOf(text, decimals) {
  const match = DECIMAL.exec(text);
  const fraction = match?.[1] ?? '';
  if (match === null || fraction.length > decimals) throw new AmountInvalid(text, decimals);
  const whole = fraction === '' ? text : text.slice(0, -fraction.length - 1);
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

/** 150n with two decimals is `"1.50"`. @param {bigint} units @param {number} decimals */
export function textOf(units, decimals) {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  return `${units < 0n ? '-' : ''}${whole}${decimals === 0 ? '' : `.${digits.slice(-decimals)}`}`;
}
