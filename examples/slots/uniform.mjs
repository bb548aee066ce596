// Chance: whole numbers of which each is exactly as likely as any other.
import { randomBytes } from 'node:crypto';

/** How many values a byte has. */
const BYTES = 256;

/** @typedef {() => number} NextByte 0 to 255 */

/** @type {NextByte} */
export const randomByte = () => randomBytes(1).readUInt8();

/**
 * A whole number from 0 to count - 1. A byte's values are dealt out to the numbers in turn; those that would not go round once more are
 * nobody's, and such a byte is drawn again: otherwise the lower numbers came up more often.
 * @param {number} count 1 to 256
 * @param {NextByte} nextByte
 */
export function uniformBelow(count, nextByte) {
  const dealt = BYTES - (BYTES % count);
  for (;;) {
    const byte = nextByte();
    if (byte < dealt) return byte % count;
  }
}
