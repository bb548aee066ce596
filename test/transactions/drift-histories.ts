// Generated banks: lines that post at a moment and bear a day, balances asked at moments, and what is then known of both.
import fc from 'fast-check';
import { type CivilDate, addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { type DayOfLines, type StatedBalance } from '../../src/transactions/drift.js';

const START = parseCivilDate('2026-01-10');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZERO = Date.parse(`${START}T00:00:00.000Z`);
const dayOf = (n: number): CivilDate => addDays(START, n);
const momentOf = (ms: number): string => new Date(ZERO + ms).toISOString();

export interface KnownLine {
  readonly date: CivilDate;
  readonly amount: bigint;
  readonly status: 'pending' | 'posted' | 'removed';
  readonly runningBalance: bigint | null;
}

export interface KnownBalance {
  readonly asOf: string;
  readonly ledger: bigint;
}

export interface History {
  readonly opening: bigint;
  readonly lines: readonly KnownLine[];
  readonly balances: readonly KnownBalance[];
}

interface Deed {
  /** Milliseconds from the beginning on. */
  readonly at: number;
  readonly amount: bigint;
  readonly isStated: boolean;
  /** Days between the day that it bears and the one on which it posted. */
  readonly backdated: number;
  /** When the bank takes it back. */
  readonly withdrawnAt: number | null;
}

/** Amounts are so many that two differences are alike by intent only. */
const money = fc
  .tuple(fc.noBias(fc.integer({ min: 1_000_000, max: 900_000_000 })), fc.boolean())
  .map(([size, isIn]) => BigInt(isIn ? size : -size));

export interface Noise {
  /** The chance in a hundred that a line bears an earlier day than that of its posting, and that a line is withdrawn. */
  readonly backdated: number;
  readonly withdrawn: number;
  /** The chance in a hundred that a line says what was held after it: one of these. */
  readonly stated: readonly number[];
  /** Hours by which days begin earlier or later where the bank is. */
  readonly zones: readonly number[];
  /** Days between the last line and the last balance: one of these. */
  readonly quietDays: readonly number[];
}

/** What a bank may do without anything being wrong. */
export const NOISY: Noise = {
  backdated: 15,
  withdrawn: 8,
  stated: [0, 0, 60, 100],
  zones: [-8, 0, 10],
  quietDays: [0, 1, 3],
};

/** Days are what they seem, and in the end there is time to see what is wrong. */
export const QUIET: Noise = { backdated: 0, withdrawn: 0, stated: [0, 60, 100], zones: [0], quietDays: [3] };

/** A balance a week before the first line, some in between, and one at the end when all is known. */
export function histories(noise: Noise): fc.Arbitrary<History> {
  const days = fc.integer({ min: 4, max: 25 });
  const common = fc.record({
    opening: money,
    zone: fc.constantFrom(...noise.zones),
    stated: fc.constantFrom(...noise.stated),
    quietDays: fc.constantFrom(...noise.quietDays),
    pending: fc.array(money, { maxLength: 2 }),
  });
  return fc.tuple(days, common).chain(([length, { opening, zone, stated, quietDays, pending }]) => {
    const chance = (percent: number) => fc.nat({ max: 99 }).map((drawn) => drawn < percent);
    const at = fc.nat({ max: length * DAY - 1 });
    const deed: fc.Arbitrary<Deed> = fc
      .record({
        at,
        amount: money,
        isStated: chance(stated),
        late: chance(noise.backdated),
        days: fc.integer({ min: 1, max: 3 }),
        isWithdrawn: chance(noise.withdrawn),
        lasts: fc.integer({ min: HOUR, max: 4 * DAY }),
      })
      .map(({ late, days: back, isWithdrawn, lasts, ...rest }) => ({
        ...rest,
        backdated: late ? back : 0,
        withdrawnAt: isWithdrawn && rest.at + lasts < length * DAY ? rest.at + lasts : null,
      }));
    const deeds = fc.array(deed, { minLength: 1, maxLength: length * 3 });
    const asked = fc.array(at, { maxLength: length * 2 });
    return fc.tuple(deeds, asked).map(([done, moments]) => {
      const ordered = done.toSorted((a, b) => a.at - b.at);
      const end = length * DAY + quietDays * DAY;
      const balances = [-8 * DAY, ...new Set(moments), end]
        .toSorted((a, b) => a - b)
        .map((moment) => ({ asOf: momentOf(moment), ledger: opening + heldAt(ordered, moment) }));
      const posted = ordered.map((one): KnownLine => {
        const local = Math.floor((one.at + zone * HOUR) / DAY) - one.backdated;
        const after = opening + heldAt(ordered, one.at, one);
        return {
          date: dayOf(local),
          amount: one.amount,
          status: one.withdrawnAt === null ? 'posted' : 'removed',
          runningBalance: one.isStated ? after : null,
        };
      });
      const waiting = pending.map((amount): KnownLine => ({
        date: dayOf(length - 1),
        amount,
        status: 'pending',
        runningBalance: null,
      }));
      return { opening, lines: [...posted, ...waiting], balances };
    });
  });
}

/** The sum at a moment; of what happens at the same one, up to `last`. */
function heldAt(deeds: readonly Deed[], moment: number, last?: Deed): bigint {
  const until = last === undefined ? deeds.length : deeds.indexOf(last) + 1;
  return deeds
    .slice(0, until)
    .filter(({ at, withdrawnAt }) => at <= moment && (withdrawnAt === null || withdrawnAt > moment))
    .reduce((sum, { amount }) => sum + amount, 0n);
}

const FAULTS = ['missing', 'doubled', 'a cent', 'wrong sign', 'far too late'] as const;

export interface Faulty {
  readonly history: History;
  readonly kind: (typeof FAULTS)[number];
  /** The day of the line that it befell. */
  readonly day: CivilDate;
  /** By how much what is stated is above the lines from then on. */
  readonly off: bigint;
}

/** The history with one of its lines spoilt. */
export function faulty(history: History, place: number, kind: (typeof FAULTS)[number]): Faulty {
  const posted = history.lines.filter(({ status }) => status === 'posted');
  const line = posted[place % posted.length]!;
  const others = history.lines.filter((one) => one !== line);
  const { date: day, amount } = line;
  const became: Readonly<Record<typeof kind, { lines: readonly KnownLine[]; off: bigint }>> = {
    missing: { lines: [], off: amount },
    doubled: { lines: [line, line], off: -amount },
    'a cent': { lines: [{ ...line, amount: amount + 1n }], off: -1n },
    'wrong sign': { lines: [{ ...line, amount: -amount }], off: 2n * amount },
    'far too late': { lines: [{ ...line, date: dayOf(90), runningBalance: null }], off: amount },
  };
  const { lines, off } = became[kind];
  return { history: { ...history, lines: [...others, ...lines] }, kind, day, off };
}

export const faults = fc.constantFrom(...FAULTS);

/** What the store is asked for, reckoned here line by line. */
export function toldBy({ lines, balances }: History): { days: DayOfLines[]; stated: StatedBalance[] } {
  const posted = lines.filter(({ status }) => status === 'posted');
  const dates = [...new Set(posted.map(({ date }) => date))].sort();
  const days = dates.map((day): DayOfLines => {
    const own = posted.filter(({ date }) => date === day);
    const sum = (isMeant: (amount: bigint) => boolean) =>
      own.reduce((total, { amount }) => (isMeant(amount) ? total + amount : total), 0n);
    return {
      day,
      in: sum((amount) => amount > 0n),
      out: sum((amount) => amount < 0n),
      unstated: own.filter(({ runningBalance }) => runningBalance === null).length,
    };
  });
  const after = dates.flatMap((day) =>
    endsOf(posted.filter(({ date }) => date === day)).map((ledger) => ({ day, ledger })),
  );
  const stated: (StatedBalance & { asOf: string })[] = [
    ...after.map((one) => ({ ...one, kind: 'after' as const, asOf: '' })),
    ...balances.map(({ asOf, ledger }) => ({ day: asOf.slice(0, 10) as CivilDate, kind: 'at' as const, asOf, ledger })),
  ];
  const rank = ({ day, kind, asOf }: (typeof stated)[number]) => `${day} ${kind === 'after' ? 0 : 1} ${asOf}`;
  stated.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : Number(a.ledger - b.ledger)));
  return { days, stated: stated.map(({ day, kind, ledger }) => ({ day, kind, ledger })) };
}

/** The running balances that no other line goes on from. */
function endsOf(lines: readonly KnownLine[]): bigint[] {
  const said = lines.filter(({ runningBalance }) => runningBalance !== null);
  const ends = said.map(({ runningBalance }) => runningBalance!);
  for (const { runningBalance, amount } of said) {
    const place = ends.indexOf(runningBalance! - amount);
    if (place >= 0) ends.splice(place, 1);
  }
  return [...new Set(ends)];
}
