// The one rule by which stored lines follow the bank's: which row is which line when pending lines post, change, get new ids or vanish.
import { type CivilDate, addDays, daysBetween } from '../../common/civil-date.js';
import { foldText } from '../../common/text.js';

/** What the rule looks at in a line. Amounts in minor units of the account's currency. */
export interface JudgedLine {
  readonly externalId: string;
  readonly date: CivilDate;
  readonly amount: bigint;
  readonly description: string;
  readonly status: 'pending' | 'posted';
}

/** A stored line; `removed` when the bank withdrew it earlier. */
export interface StoredLine<Id extends string> extends JudgedLine {
  readonly id: Id;
  readonly removed: boolean;
}

export interface Reconciliation<Id extends string, Line extends JudgedLine> {
  /** Every stored line that the bank lists, with what it says now; also where nothing changed, and where a removed line came back. */
  readonly updates: readonly (readonly [Id, Line])[];
  readonly inserts: readonly Line[];
  /** Live lines that the bank withdrew: to be marked, never deleted. */
  readonly removals: readonly Id[];
}

/** A posted line may bear an earlier or later day than the pending one. */
export const POSTS_DAYS_EARLIER_MAX = 3;
export const POSTS_DAYS_LATER_MAX = 10;
/** Dates move a little: a posted line that is missing so near to the window's edge may only have left it. */
export const EDGE_DAYS = 3;

const WORD_LENGTH_MIN = 4;

/**
 * Judges one complete and consistent read of everything the bank lists from day `from` on (null: from the beginning).
 *
 * `stored` must hold every live line dated `from` or later and every line, older and removed ones too, whose externalId is in `listed`.
 * Afterwards the live lines of the window are the bank's, one to one, except posted ones within EDGE_DAYS of its edge.
 * 1. The same externalId is the same line; a removed one is live again.
 * 2. A pending line that is gone and a posted line that is new are the same one when that is plausible: the days fit, and either amount and folded
 *    description are equal (equal twins are interchangeable and taken in order), or the amount is equal and a word of the description too, or the
 *    description and the sign. In the latter two only if neither side has another match as good: rather a new row than somebody else's notes.
 * 3. What is live and still without a line is removed.
 * The order of `stored` and `listed` does not matter. @throws Error when an externalId is listed or stored twice.
 */
export function reconcile<Id extends string, Line extends JudgedLine>(
  stored: readonly StoredLine<Id>[],
  listed: readonly Line[],
  from: CivilDate | null,
): Reconciliation<Id, Line> {
  const byExternalId = indexed(stored);
  const updates: (readonly [Id, Line])[] = [];
  const fresh: Line[] = [];
  for (const line of indexed(listed).values()) {
    const match = byExternalId.get(line.externalId);
    if (match === undefined) fresh.push(line);
    else updates.push([match.id, line]);
    byExternalId.delete(line.externalId);
  }
  const missing = [...byExternalId.values()].filter((line) => !line.removed && isJudged(line, from));

  const carried = handedOn(
    missing.filter((line) => line.status === 'pending').sort(inOrder),
    fresh.filter((line) => line.status === 'posted').sort(inOrder),
  );
  const kept = new Set(carried.map(([line]) => line));
  const taken = new Set(carried.map(([, line]) => line));

  return {
    updates: [...updates, ...carried.map(([line, now]) => [line.id, now] as const)],
    inserts: fresh.filter((line) => !taken.has(line)),
    removals: missing.filter((line) => !kept.has(line)).map((line) => line.id),
  };
}

type Pair<Gone, Posted> = readonly [Gone, Posted];

/** Whether the bank's silence about a line means that it is gone. */
function isJudged(line: JudgedLine, from: CivilDate | null): boolean {
  return from === null || line.date >= (line.status === 'pending' ? from : addDays(from, EDGE_DAYS));
}

function indexed<Line extends JudgedLine>(lines: readonly Line[]): Map<string, Line> {
  const byExternalId = new Map(lines.map((line) => [line.externalId, line]));
  if (byExternalId.size !== lines.length)
    throw new Error('The same externalId stands twice in one read of an account.');
  return byExternalId;
}

function inOrder(a: JudgedLine, b: JudgedLine): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  return a.externalId < b.externalId ? -1 : 1;
}

/** Which pending line, gone, became which posted line, new: the surest reason first. */
function handedOn<Gone extends JudgedLine, Posted extends JudgedLine>(
  gone: readonly Gone[],
  posted: readonly Posted[],
): Pair<Gone, Posted>[] {
  const leftGone = new Set(gone);
  const leftPosted = new Set(posted);
  const settle = (pairs: readonly Pair<Gone, Posted>[]) => {
    for (const [from, to] of pairs) {
      leftGone.delete(from);
      leftPosted.delete(to);
    }
  };
  const carried = equalTwins(leftGone, leftPosted);
  settle(carried);
  for (const fits of [sameAmountAndWord, sameDescriptionAndSign]) {
    const possible = [...leftGone].flatMap((from) =>
      [...leftPosted].filter((to) => daysFit(from, to) && fits(from, to)).map((to) => [from, to] as const),
    );
    carried.push(
      ...possible.filter(([from, to]) => possible.every((other) => (other[0] === from) === (other[1] === to))),
    );
    // Who is torn between two good matches is not given to a worse one either.
    settle(possible);
  }
  return carried;
}

/** Within a group of equal lines, both sides by date: as many pairs as the days allow. */
function equalTwins<Gone extends JudgedLine, Posted extends JudgedLine>(
  gone: ReadonlySet<Gone>,
  posted: ReadonlySet<Posted>,
): Pair<Gone, Posted>[] {
  const look = (line: JudgedLine) => `${line.amount} ${folded(line)}`;
  const candidates = grouped(posted, look);
  return [...grouped(gone, look)].flatMap(([key, twins]) => {
    const others = candidates.get(key) ?? [];
    const pairs: Pair<Gone, Posted>[] = [];
    for (let i = 0, j = 0; i < twins.length && j < others.length;) {
      const days = daysBetween(twins[i]!.date, others[j]!.date);
      if (days < -POSTS_DAYS_EARLIER_MAX) j += 1;
      else if (days > POSTS_DAYS_LATER_MAX) i += 1;
      else pairs.push([twins[i++]!, others[j++]!]);
    }
    return pairs;
  });
}

function grouped<Line>(lines: ReadonlySet<Line>, key: (line: Line) => string): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(key(line));
    if (group === undefined) groups.set(key(line), [line]);
    else group.push(line);
  }
  return groups;
}

function daysFit(gone: JudgedLine, posted: JudgedLine): boolean {
  const days = daysBetween(gone.date, posted.date);
  return days >= -POSTS_DAYS_EARLIER_MAX && days <= POSTS_DAYS_LATER_MAX;
}

/** Equal amounts of strangers are common (fares, fees); a shared word tells that it is the same merchant written differently. */
function sameAmountAndWord(gone: JudgedLine, posted: JudgedLine): boolean {
  return gone.amount === posted.amount && sharesWord(gone, posted);
}

function sameDescriptionAndSign(gone: JudgedLine, posted: JudgedLine): boolean {
  return gone.amount < 0n === posted.amount < 0n && folded(gone) === folded(posted);
}

function sharesWord(a: JudgedLine, b: JudgedLine): boolean {
  const words = new Set(wordsOf(a));
  return wordsOf(b).some((word) => words.has(word));
}

/** Words that can name a merchant: no numbers, nothing short. Scripts without spaces give one long word. */
function wordsOf(line: JudgedLine): string[] {
  return folded(line)
    .split(/[^\p{Letter}]+/u)
    .filter((word) => word.length >= WORD_LENGTH_MIN && !COMMON_WORDS.has(word));
}

/** Words of banking, which name no merchant. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  (
    'authorization authorisation card charge check cheque credit debit deposit fee interest online payment pending preauthorization ' +
    'purchase recurring refund transfer withdrawal'
  ).split(' '),
);

function folded(line: JudgedLine): string {
  return foldText(line.description).trim().replace(/\s+/gu, ' ');
}
