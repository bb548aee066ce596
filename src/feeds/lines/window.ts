// How far back to ask, and when a read of several pages may be believed.
import { type CivilDate, addDays } from '../../common/civil-date.js';
import { type AskedAccount, type Feed, type FeedAccess, type FeedLine, type FeedPage } from '../port/feed.port.js';
import { FeedCursorGone, FeedUnsteady } from '../port/feeds.errors.js';
import { EDGE_DAYS } from './pending-posting.js';

/** Dates move when pending lines post, so a sync asks again for so many days before the newest day it had. */
const OVERLAP_DAYS = 10;
const READS_MAX = 4;

/**
 * The first day to ask for once the first sync is through.
 * @param newestSynced the newest line's day in the last complete read; for the first one, the newest line's day when the walk began.
 * @param oldestPending the day of the oldest live pending line: it may hang for weeks, and must be judged in every read.
 */
export function windowFrom(newestSynced: CivilDate, oldestPending: CivilDate | null): CivilDate {
  const overlap = addDays(newestSynced, -OVERLAP_DAYS);
  if (oldestPending === null) return overlap;
  const pending = addDays(oldestPending, -EDGE_DAYS);
  return pending < overlap ? pending : overlap;
}

/**
 * Everything that the bank lists from day `from` on (null: from the beginning), newest first, no line twice, as it stood at one moment.
 * One page is one answer and believed. Several are read twice, because lines move between pages when they post: two equal reads hold no gap.
 * @param count lines asked for per page.
 * @throws FeedUnsteady when no two reads in a row were equal, and what Feed.page throws.
 */
export async function readWindow(
  feed: Pick<Feed, 'page'>,
  access: FeedAccess,
  account: AskedAccount,
  from: CivilDate | null,
  count: number,
): Promise<readonly FeedLine[]> {
  const page = (before?: string) => feed.page(access, account, { from: from ?? undefined, before, count });
  let previous: string | null = null;
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const read = await readOnce(page);
    if (read !== null && (read.pages === 1 || look(read.lines) === previous)) return read.lines;
    previous = read === null ? null : look(read.lines);
  }
  throw new FeedUnsteady(`no two of ${READS_MAX} reads in a row were equal`);
}

/**
 * One step of the first sync, which walks from the newest line to the oldest and may take days: the page older than `before` (null: the newest).
 * Where the bank no longer lists the line that `before` stands for, the walk begins anew; what is stored already is only written again.
 */
export async function readOlder(
  feed: Pick<Feed, 'page'>,
  access: FeedAccess,
  account: AskedAccount,
  before: string | null,
  count: number,
): Promise<FeedPage> {
  try {
    return await feed.page(access, account, { before: before ?? undefined, count });
  } catch (error) {
    if (error instanceof FeedCursorGone && before !== null) return feed.page(access, account, { count });
    throw error;
  }
}

interface Read {
  readonly lines: readonly FeedLine[];
  readonly pages: number;
}

/** Null when the pages can't belong together: a line came twice (it moved, or the bank walks in circles), or the one to go on from is gone. */
async function readOnce(page: (before?: string) => Promise<FeedPage>): Promise<Read | null> {
  const lines = new Map<string, FeedLine>();
  const passed = new Set<string>();
  let next: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const current = await pageOrNull(page, next);
    if (current === null) return null;
    for (const line of current.lines) {
      if (lines.has(line.externalId)) return null;
      lines.set(line.externalId, line);
    }
    if (current.next === undefined) return { lines: [...lines.values()], pages };
    if (passed.has(current.next)) return null;
    next = current.next;
    passed.add(next);
  }
}

async function pageOrNull(page: (before?: string) => Promise<FeedPage>, before?: string): Promise<FeedPage | null> {
  try {
    return await page(before);
  } catch (error) {
    if (error instanceof FeedCursorGone) return null;
    throw error;
  }
}

/** What a line is judged by; the rest may differ from one answer to the next. */
function look(lines: readonly FeedLine[]): string {
  return JSON.stringify(
    lines.map((line) => [line.externalId, line.status, line.date, `${line.amount}`, line.description]),
  );
}
