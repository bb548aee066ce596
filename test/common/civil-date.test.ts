// Days as banks write them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate, daysBetween, parseCivilDate } from '../../src/common/civil-date.js';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { seed, share } from '../support/share.js';

const runs = { seed: seed(), numRuns: share({ test: 500, prove: 50_000 }) };
const FIRST = parseCivilDate('0001-01-01');
const LAST = parseCivilDate('9999-12-31');
const DAYS = daysBetween(FIRST, LAST);
const dates = fc.integer({ min: 0, max: DAYS }).map((days) => addDays(FIRST, days));

describe('a civil date', () => {
  it.each(['2024-02-29', '2000-02-29', '2023-02-28', '0001-01-01', '9999-12-31', '1582-10-10', '0004-02-29'])(
    'is %s',
    (text) => {
      expect(parseCivilDate(text)).toBe(text);
    },
  );

  it.each([
    ['2023-02-29', 'a leap day of a common year'],
    ['1900-02-29', 'a leap day of a century'],
    ['2100-02-29', 'a leap day of a century to come'],
    ['2024-02-30', 'a day that no February has'],
    ['2024-04-31', 'a day that the month lacks'],
    ['2024-01-32', 'a day that no month has'],
    ['2024-00-10', 'month zero'],
    ['2024-13-10', 'month thirteen'],
    ['2024-01-00', 'day zero'],
    ['0000-01-01', 'year zero'],
    ['10000-01-01', 'a year of five digits'],
    ['-001-01-01', 'a year before all'],
    ['24-01-01', 'a short year'],
    ['2024-1-1', 'short parts'],
    ['2024/01/01', 'slashes'],
    ['20240101', 'no separators'],
    ['2024-01-01T00:00:00Z', 'a moment'],
    [' 2024-01-01', 'a space'],
    ['2024-01-01\n', 'a line end'],
    ['٢٠٢٤-٠١-٠١', 'the digits of another script'],
    ['', 'nothing'],
    ['infinity', 'what PostgreSQL would take'],
    ['epoch', 'what PostgreSQL would take'],
  ])('is not %j: %s', (text) => {
    expect(() => parseCivilDate(text)).toThrow(ValueInvalid);
  });

  it('exists exactly when the calendar has it', () => {
    const parts = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    fc.assert(
      fc.property(parts, ([year, month, day]) => {
        const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const date = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        if (exists) expect(parseCivilDate(text)).toBe(text);
        else expect(() => parseCivilDate(text)).toThrow(ValueInvalid);
      }),
      runs,
    );
  });

  it('moved by as many days as lie between two is the other, and back', () => {
    fc.assert(
      fc.property(dates, dates, (a, b) => {
        const days = daysBetween(a, b);
        expect(addDays(a, days)).toBe(b);
        expect(addDays(b, -days)).toBe(a);
        expect(daysBetween(b, a)).toBe(0 - days);
        expect(Math.sign(days)).toBe(a < b ? 1 : a > b ? -1 : 0);
        expect(parseCivilDate(b)).toBe(b);
      }),
      runs,
    );
  });

  it.each<[string, number, string]>([
    ['2024-02-28', 1, '2024-02-29'],
    ['2023-02-28', 1, '2023-03-01'],
    ['1900-02-28', 1, '1900-03-01'],
    ['2024-12-31', 1, '2025-01-01'],
    ['2024-03-01', -1, '2024-02-29'],
  ])('%s and %i days is %s', (from, days, to) => {
    expect(addDays(parseCivilDate(from), days)).toBe(to);
  });

  it.each<[CivilDate, number]>([
    [FIRST, -1],
    [LAST, 1],
    [LAST, Number.MAX_SAFE_INTEGER],
    [FIRST, Number.NaN],
  ])('refuses to leave the years 1 to 9999: %s moved by %d', (date, days) => {
    expect(() => addDays(date, days)).toThrow(ValueInvalid);
  });
});
