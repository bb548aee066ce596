// The rule of drift, over generated banks: what is true agrees whatever the order within days, and one fault is found, with its day and its amount.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CivilDate, daysBetween } from '../../src/common/civil-date.js';
import { type DayOfLines, driftOf, type StatedBalance } from '../../src/transactions/drift.js';
import { seed, share } from '../support/share.js';
import { faults, faulty, histories, NOISY, QUIET, toldBy } from './drift-histories.js';

const RUNS = { seed: seed(), numRuns: share({ test: 2_000, prove: 100_000 }) };

describe('drift', () => {
  it('is none in a true history: backdated and withdrawn lines, balances at any moment, banks in any zone', () => {
    const isTrue = fc.property(histories(NOISY), (history) => {
      const { days, stated } = toldBy(history);
      expect(driftOf(days, stated)).toMatchObject({ state: 'agrees', opening: history.opening, off: null });
    });
    fc.assert(isTrue, RUNS);
  });

  it('is found from the day of the fault on, at the latest by the next balance that leaves no doubt, and to the cent', () => {
    const isFound = fc.property(histories(QUIET), fc.nat(), faults, (history, place, kind) => {
      const fault = faulty(history, place, kind);
      const { days, stated } = toldBy(fault.history);
      const { firstDayOff, agreedUntil, ...found } = driftOf(days, stated);
      expect(found).toEqual({ state: 'off', off: fault.off, offNow: fault.off, opening: history.opening });
      expect(firstDayOff! >= fault.day && firstDayOff! <= seenBy(fault.day, days, stated)).toBe(true);
      expect(agreedUntil! <= firstDayOff!).toBe(true);
    });
    fc.assert(isFound, RUNS);
  });

  /** The first day after the fault that ends with a running balance, or of which a balance was stated far from any line. */
  function seenBy(fault: CivilDate, days: readonly DayOfLines[], stated: readonly StatedBalance[]): CivilDate {
    return stated.find(({ day, kind }) => {
      if (day <= fault) return false;
      if (kind === 'after') return days.find((one) => one.day === day)!.unstated === 0;
      return days.every((one) => Math.abs(daysBetween(one.day, day)) > 1);
    })!.day;
  }
});

const day = (text: string) => text as CivilDate;
const lines = (...facts: [string, bigint][]): DayOfLines[] =>
  facts.map(([on, sum]) => ({ day: day(on), in: sum > 0n ? sum : 0n, out: sum < 0n ? sum : 0n, unstated: 1 }));
const at = (...facts: [string, bigint][]): StatedBalance[] =>
  facts.map(([on, ledger]) => ({ day: day(on), kind: 'at', ledger }));

describe('what is said', () => {
  const spent = lines(['2026-03-02', -100n], ['2026-03-09', -50n]);

  it('is unknown while there is nothing to compare', () => {
    expect(driftOf([], [])).toMatchObject({ state: 'unknown', agreedUntil: null, opening: null });
    expect(driftOf(spent, at(['2026-03-05', 900n]))).toMatchObject({ state: 'unknown', opening: 1_000n });
  });

  it('names the day and the difference there and now, when a second fault came after the first', () => {
    const stated = at(['2026-02-20', 1_000n], ['2026-03-05', 900n], ['2026-03-12', 840n], ['2026-03-20', 835n]);
    expect(driftOf(spent, stated)).toEqual({
      state: 'off',
      agreedUntil: '2026-03-05',
      firstDayOff: '2026-03-12',
      off: -10n,
      offNow: -15n,
      opening: 1_000n,
    });
  });

  it('takes for a matter of time what a later balance takes back', () => {
    const stated = at(['2026-02-20', 1_000n], ['2026-03-05', 1_000n], ['2026-03-12', 850n]);
    expect(driftOf(spent, stated)).toMatchObject({ state: 'agrees', agreedUntil: '2026-03-12', firstDayOff: null });
  });

  it('leaves open what the lines of the day may explain, until the difference is the same on three days', () => {
    const busy = Array.from({ length: 6 }, (_, index): DayOfLines => ({
      day: day(`2026-03-0${index + 1}`),
      in: 500n + BigInt(index * index),
      out: -400n,
      unstated: 3,
    }));
    const through = (count: number) => busy.slice(0, count).reduce((sum, one) => sum + one.in + one.out, 1_000n);
    const stated = (count: number): StatedBalance[] => [
      ...at(['2026-02-20', 1_000n], ['2026-03-02', through(2)]),
      ...[3, 4, 5].slice(0, count).map((n) => at([`2026-03-0${n}`, through(n) - 1n])[0]!),
    ];
    expect(driftOf(busy, stated(2))).toMatchObject({ state: 'agrees', agreedUntil: '2026-03-02' });
    expect(driftOf(busy, stated(3))).toMatchObject({ state: 'off', firstDayOff: '2026-03-03', off: -1n, offNow: -1n });
  });

  it('takes lines and balances of the first and the last day that there are', () => {
    const ends = lines(['0001-01-01', 5n], ['9999-12-31', 5n]);
    expect(driftOf(ends, at(['0001-01-01', 5n], ['0001-01-09', 5n], ['9999-12-31', 10n]))).toMatchObject({
      state: 'agrees',
      opening: 0n,
    });
  });
});
