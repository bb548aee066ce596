// Lists: `{"data": […], "nextCursor": …}`.
import { QueryNumberField, TextField } from './fields.js';

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 500;
const CURSOR_LENGTH_MAX = 500;

export class PageQuery {
  @QueryNumberField({
    about: `How many rows at most; ${PAGE_LIMIT_DEFAULT} when left out.`,
    min: 1,
    max: PAGE_LIMIT_MAX,
    optional: true,
  })
  limit?: number;

  @TextField({
    about: 'The `nextCursor` of the page before, with the same filters.',
    max: CURSOR_LENGTH_MAX,
    optional: true,
  })
  cursor?: string;
}

/** One page of a list. `nextCursor` is null on the last. */
export interface Page<Row> {
  readonly data: Row[];
  readonly nextCursor: string | null;
}

/**
 * Cuts a list that was read with one row more than wanted.
 */
export function pageOf<Row, View>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
  cursorAfter: (last: Row) => string,
): Page<View> {
  const shown = rows.length > limit ? rows.slice(0, limit) : rows;
  const last = shown.at(-1);
  return { data: shown.map(view), nextCursor: rows.length > limit && last !== undefined ? cursorAfter(last) : null };
}
