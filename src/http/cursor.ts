// Cursors: where a page ended, bound to the list and the filters that it was asked with. Opaque to callers.
import { createHash } from 'node:crypto';
import { ValueInvalid } from '../common/domain-error.js';
import { CursorInvalid } from './http.errors.js';

const FILTERS_LENGTH = 8;

/** A cursor for what follows after `position`; `filters` is everything that must be the same when it comes back. */
export function writeCursor(position: readonly string[], filters: object): string {
  return Buffer.from(JSON.stringify([digestOf(filters), ...position])).toString('base64url');
}

type Forms<Position extends readonly unknown[]> = {
  readonly [Index in keyof Position]: (text: string) => Position[Index];
};

/**
 * The position that a cursor holds; `forms` reads its parts, because callers can write cursors, too.
 * @throws CursorInvalid for what was not written here, or was written with other filters.
 */
export function readCursor<Position extends readonly unknown[]>(
  cursor: string,
  filters: object,
  forms: readonly [...Forms<Position>],
): Position {
  const [, ...position] = partsOf(cursor);
  // Written again it must be the same, to the last character: then nothing that decodes alike is taken for it.
  if (position.length !== forms.length || cursor !== writeCursor(position, filters)) throw new CursorInvalid();
  try {
    return position.map((part, index) => forms[index]!(part)) as unknown as Position;
  } catch (error) {
    throw error instanceof ValueInvalid ? new CursorInvalid() : error;
  }
}

function partsOf(cursor: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.every((part) => typeof part === 'string')) return parts;
  } catch {
    // No JSON: like JSON of another kind.
  }
  throw new CursorInvalid();
}

function digestOf(filters: object): string {
  const named = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(named)).digest('base64url').slice(0, FILTERS_LENGTH);
}
