// Whether an account's lines and the balances that were stated of it tell the same; if not, since when, and by how much.
//
// A stated balance less the lines that it comprises is what the account held before its first line: its opening. As long as nothing is wrong
// all stated balances imply the same one. From the day on which a line is missing, doubled or wrong they all imply another, and the difference
// is what the lines lack. Which lines a balance comprises is not always known: a bank gives lines a day and no hour, and a moment in UTC
// may be of the day before or after where the bank is. So a balance may imply several openings, or leave it open.
import { type CivilDate, daysBetween } from '../common/civil-date.js';

/** The posted lines of one day. Sums in minor units. */
export interface DayOfLines {
  readonly day: CivilDate;
  readonly in: bigint;
  readonly out: bigint;
  /** Lines of which the source did not say what the account held after them. */
  readonly unstated: number;
}

/**
 * `after`: a running balance that no other line of its day goes on from, so that it is the day's last; where lines of the day are missing there
 * are several. `at`: a balance of a moment on that day.
 */
export interface StatedBalance {
  readonly day: CivilDate;
  readonly kind: 'after' | 'at';
  readonly ledger: bigint;
}

export interface Drift {
  /** `unknown`: too little was stated to say. */
  readonly state: 'agrees' | 'off' | 'unknown';
  /** The last day on which lines and a stated balance are known to agree. */
  readonly agreedUntil: CivilDate | null;
  /** The first day from which on nothing that was stated agrees any more. */
  readonly firstDayOff: CivilDate | null;
  /** Stated less expected: on that day, and by what was stated last. */
  readonly off: bigint | null;
  readonly offNow: bigint | null;
  /** What the account held before its first line. */
  readonly opening: bigint | null;
}

/** On so many days the same difference is no chance any more, though each of them might be explained by the lines of the day. */
const SAME_DIFFERENCE_DAYS = 3;

/** What one stated balance says of the opening. */
interface Implication {
  readonly day: CivilDate;
  /** The ones that are likely; at least one, the likeliest first. */
  readonly openings: readonly bigint[];
  /** All that are possible lie within; undefined: any is. */
  readonly range: { readonly least: bigint; readonly most: bigint } | undefined;
}

const UNKNOWN: Drift = {
  state: 'unknown',
  agreedUntil: null,
  firstDayOff: null,
  off: null,
  offNow: null,
  opening: null,
};

/**
 * A difference that later balances take back was a matter of time and none of money: what counts is the newest balance.
 * @param days in order, none twice
 * @param stated in order; of one day `after` before `at`
 */
export function driftOf(days: readonly DayOfLines[], stated: readonly StatedBalance[]): Drift {
  const implications = implied(new Sums(days), days, stated);
  const beginning = beginningOf(implications);
  if (beginning === undefined) return UNKNOWN;
  const { opening, index } = beginning;
  const later = implications.slice(index + 1);
  const lastAgreed = later.findLastIndex(({ openings }) => openings.includes(opening));
  const agreed = {
    agreedUntil: later[lastAgreed]?.day ?? implications[index]!.day,
    firstDayOff: null,
    off: null,
    offNow: null,
    opening,
  };
  const since = later.slice(lastAgreed + 1);
  const difference = differenceIn(since, opening);
  if (difference !== undefined) return { ...agreed, state: 'off', ...difference };
  return { ...agreed, state: lastAgreed === -1 ? 'unknown' : 'agrees' };
}

/** @param since what was stated since the last balance that agreed */
function differenceIn(
  since: readonly Implication[],
  opening: bigint,
): Pick<Drift, 'firstDayOff' | 'off' | 'offNow'> | undefined {
  const newest = since.at(-1);
  if (newest === undefined) return undefined;
  const support = supportOf(since);
  const [other, times] = [...support].reduce((best, one) => (one[1] >= best[1] ? one : best));
  const isRepeated = times >= SAME_DIFFERENCE_DAYS && isPossible(newest, other);
  if (isPossible(newest, opening) && !isRepeated) return undefined;
  const first = since.findIndex((one) => !isPossible(one, opening) || one.openings.includes(other));
  const likeliestOf = (one: Implication): bigint => mostSupported(one.openings, support);
  // In the middle of the first day nobody knows by how much: what comes next says it.
  const borneOut = since.slice(first).find((one) => isSure(one) || support.get(likeliestOf(one))! > 1);
  return {
    firstDayOff: since[first]!.day,
    off: likeliestOf(borneOut ?? since[first]!) - opening,
    offNow: (isRepeated ? other : likeliestOf(newest)) - opening,
  };
}

/**
 * The opening by the first balance that leaves no doubt of it, or that a later one bears out. Those before it were stated in the middle of a day.
 */
function beginningOf(implications: readonly Implication[]): { opening: bigint; index: number } | undefined {
  const support = supportOf(implications);
  for (const [index, one] of implications.entries()) {
    const opening = mostSupported(one.openings, support);
    if (isSure(one) || support.get(opening)! > 1) return { opening, index };
  }
  return undefined;
}

/** On how many days each opening is implied. */
function supportOf(implications: readonly Implication[]): ReadonlyMap<bigint, number> {
  const support = new Map<bigint, { days: number; last: CivilDate }>();
  for (const { day, openings } of implications) {
    for (const opening of openings) {
      const { days, last } = support.get(opening) ?? { days: 0, last: undefined };
      support.set(opening, { days: last === day ? days : days + 1, last: day });
    }
  }
  return new Map([...support].map(([opening, { days }]) => [opening, days]));
}

/** Of equals the first. */
function mostSupported(openings: readonly bigint[], support: ReadonlyMap<bigint, number>): bigint {
  return openings.reduce((best, one) => (support.get(one)! > support.get(best)! ? one : best));
}

function isSure({ openings, range }: Implication): boolean {
  return openings.length === 1 && range !== undefined && range.least === range.most;
}

function isPossible({ openings, range }: Implication, opening: bigint): boolean {
  if (range === undefined || openings.includes(opening)) return true;
  return range.least <= opening && opening <= range.most;
}

function implied(sums: Sums, days: readonly DayOfLines[], stated: readonly StatedBalance[]): Implication[] {
  const unstated = new Map(days.map((one) => [one.day, one.unstated]));
  const implications: Implication[] = [];
  let lastOfDay: { readonly day: CivilDate; readonly openings: bigint[] } | undefined;
  for (const { day, kind, ledger } of stated) {
    if (kind === 'at') implications.push(impliedAt(sums, day, ledger));
    else {
      const opening = ledger - sums.through(numberOf(day));
      // Where several may be the day's last, it is one balance that leaves open which.
      if (lastOfDay?.day === day) lastOfDay.openings.push(opening);
      else implications.push((lastOfDay = impliedAfter(day, opening, unstated.get(day) === 0)));
    }
  }
  return implications;
}

/** The end of a day. Lines without a running balance may come after it. */
function impliedAfter(day: CivilDate, opening: bigint, isWhole: boolean): Implication & { openings: bigint[] } {
  return { day, openings: [opening], range: isWhole ? { least: opening, most: opening } : undefined };
}

/** A moment: after the day's lines or before them; or between some, of this day or one beside it. */
function impliedAt(sums: Sums, day: CivilDate, ledger: bigint): Implication {
  const number = numberOf(day);
  const openings = [ledger - sums.through(number), ledger - sums.through(number - 1)];
  const range = {
    least: ledger - sums.inThrough(number + 1) - sums.outThrough(number - 2),
    most: ledger - sums.inThrough(number - 2) - sums.outThrough(number + 1),
  };
  return { day, openings: [...new Set(openings)], range };
}

const DAY_ZERO = '0001-01-01' as CivilDate;

/** Days as numbers, of which there are some before the first day and after the last. */
function numberOf(day: CivilDate): number {
  return daysBetween(DAY_ZERO, day);
}

/** Sums of all lines up to a day, which is given by its number. */
class Sums {
  private readonly numbers: number[] = [];
  /** One more each than days: before the first there is nothing. */
  private readonly ins: bigint[] = [0n];
  private readonly outs: bigint[] = [0n];

  constructor(days: readonly DayOfLines[]) {
    for (const one of days) {
      this.numbers.push(numberOf(one.day));
      this.ins.push(this.ins.at(-1)! + one.in);
      this.outs.push(this.outs.at(-1)! + one.out);
    }
  }

  through(day: number): bigint {
    return this.inThrough(day) + this.outThrough(day);
  }

  inThrough(day: number): bigint {
    return this.ins[this.countThrough(day)]!;
  }

  outThrough(day: number): bigint {
    return this.outs[this.countThrough(day)]!;
  }

  private countThrough(day: number): number {
    let [low, high] = [0, this.numbers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.numbers[middle]! <= day) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
