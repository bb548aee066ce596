// Cursors: where a page ended, bound to the list and the filters that it was asked with. Opaque to callers.
import { createHash } from 'node:crypto';
import { CursorInvalid } from './http.errors.js';

const FILTERS_LENGTH = 8;

/** A cursor for what follows after `position`; `filters` is everything that must be the same when it comes back. */
export function writeCursor(position: readonly string[], filters: object): string {
  return Buffer.from(JSON.stringify([digestOf(filters), ...position])).toString('base64url');
}

/** @throws CursorInvalid for what was not written here, or was written with other filters. */
export function readCursor(cursor: string, filters: object, length: number): readonly string[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new CursorInvalid();
  }
  if (!Array.isArray(parts) || parts.length !== length + 1 || !parts.every((part) => typeof part === 'string')) throw new CursorInvalid();
  const [digest, ...position] = parts as string[];
  if (digest !== digestOf(filters)) throw new CursorInvalid();
  return position;
}

function digestOf(filters: object): string {
  const named = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(named)).digest('base64url').slice(0, FILTERS_LENGTH);
}
