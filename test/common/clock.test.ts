// Moments: any offset in, one form out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDateOf, epochMsOf, instantOf, parseInstant, SystemClock } from '../../src/common/clock.js';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { seed, share } from '../support/share.js';

const runs = { seed: seed(), numRuns: share({ test: 500, prove: 50_000 }) };
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;
const instants = fc.integer({ min: FIRST_MS, max: LAST_MS }).map(instantOf);

describe('a moment', () => {
  it.each([
    ['2026-11-21T08:39:31.123Z', '2026-11-21T08:39:31.123Z'],
    ['2026-11-21T08:39:31Z', '2026-11-21T08:39:31.000Z'],
    ['2026-11-21T08:39Z', '2026-11-21T08:39:00.000Z'],
    ['2026-11-21T08:39:31.1Z', '2026-11-21T08:39:31.100Z'],
    ['2026-11-21T08:39:31.123456789Z', '2026-11-21T08:39:31.123Z'],
    ['2026-11-21T08:39:31.9999Z', '2026-11-21T08:39:31.999Z'],
    ['2026-11-21T08:39:31.123+00:00', '2026-11-21T08:39:31.123Z'],
    ['2026-11-21T08:39:31.123-00:00', '2026-11-21T08:39:31.123Z'],
    ['2026-11-21T08:39:31+02:00', '2026-11-21T06:39:31.000Z'],
    ['2026-11-21T08:39:31-03:30', '2026-11-21T12:09:31.000Z'],
    ['2026-11-21T23:30:00-14:00', '2026-11-22T13:30:00.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    ['2023-02-29T00:00:00Z', 'a day that does not exist'],
    ['2023-02-29T00:00:00+05:00', 'such a day behind an offset'],
    ['2026-11-31T00:00:00Z', 'a day that the month lacks'],
    ['2026-11-21T24:00:00Z', 'the midnight of the day before'],
    ['2026-11-21T25:00:00Z', 'hour 25'],
    ['2026-11-21T08:60:00Z', 'minute 60'],
    ['2016-12-31T23:59:60Z', 'a leap second, which no clock here knows'],
    ['2026-11-21T08:39:31', 'no zone'],
    ['2026-11-21', 'a day'],
    ['2026-11-21 08:39:31Z', 'a space for the T'],
    ['2026-11-21T08:39:31.Z', 'a fraction of nothing'],
    ['2026-11-21T08:39:31.1234567890Z', 'ten digits'],
    ['2026-11-21T08:39:31+2:00', 'half an offset'],
    ['2026-11-21T08:39:31+0200', 'an offset without its colon'],
    ['2026-11-21T08:39:31+24:00', 'an offset of a day'],
    ['2026-11-21T08:39:31+99:99', 'an offset of no zone'],
    ['0001-01-01T00:00:00+00:01', 'a moment before year 1'],
    ['9999-12-31T23:59:59-00:01', 'a moment after year 9999'],
    ['0000-12-31T23:59:59Z', 'year zero'],
    ['+012026-11-21T08:39:31Z', 'a long year'],
    ['1795250371123', 'milliseconds'],
    ['now', 'what PostgreSQL would take'],
    ['', 'nothing'],
    ['2026-11-21T08:39:31Z\n', 'a line end'],
  ])('is not %j: %s', (text) => {
    expect(() => parseInstant(text)).toThrow(ValueInvalid);
  });

  it('is the same whichever offset it is told with', () => {
    const offsets = fc.tuple(fc.constantFrom(1, -1), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2, 0, 1), max: Date.UTC(9998, 0, 1) }),
        offsets,
        (ms, [sign, hours, minutes]) => {
          const local = new Date(ms + sign * (hours * 60 + minutes) * 60_000).toISOString().slice(0, -1);
          const two = (part: number): string => String(part).padStart(2, '0');
          expect(parseInstant(`${local}${sign > 0 ? '+' : '-'}${two(hours)}:${two(minutes)}`)).toBe(instantOf(ms));
        },
      ),
      runs,
    );
  });

  it('sorts as text as it does in time, and is read as it was written', () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        expect(a < b).toBe(epochMsOf(a) < epochMsOf(b));
        expect(parseInstant(a)).toBe(a);
        expect(instantOf(epochMsOf(a))).toBe(a);
        expect(a).toHaveLength(24);
        expect(civilDateOf(a)).toBe(a.slice(0, 10));
      }),
      runs,
    );
  });

  it.each([FIRST_MS - 1, LAST_MS + 1, Number.NaN, Number.POSITIVE_INFINITY, 9e15])(
    'is not of %d milliseconds',
    (ms) => {
      expect(() => instantOf(ms)).toThrow(ValueInvalid);
    },
  );

  it('is what the clock of the machine says', () => {
    const before = Date.now();
    const now = epochMsOf(new SystemClock().now());
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});
