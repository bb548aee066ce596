// Money in and out of its decimal form, for every number of decimals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, AMOUNT_MAX, formatAmount, parseAmount } from '../../src/common/amount.js';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { seed, share } from '../support/share.js';

const runs = { seed: seed(), numRuns: share({ test: 500, prove: 50_000 }) };
const exponents = fc.integer({ min: 0, max: 6 });
const minorUnits = fc.bigInt({ min: -AMOUNT_MAX, max: AMOUNT_MAX });

describe('an amount', () => {
  it('is read as it was written, whatever the number of decimals', () => {
    fc.assert(
      fc.property(minorUnits, exponents, (units, exponent) => {
        expect(parseAmount(formatAmount(units, exponent), exponent)).toBe(units);
      }),
      runs,
    );
  });

  it('is written in one way only: as many decimals as the currency has, no sign on zero, no leading zeros', () => {
    fc.assert(
      fc.property(minorUnits, exponents, (units, exponent) => {
        const text = formatAmount(units, exponent);
        const decimals = exponent === 0 ? '' : `\\.\\d{${exponent}}`;
        expect(text).toMatch(new RegExp(`^-?(0|[1-9]\\d*)${decimals}$`));
        expect(text.startsWith('-')).toBe(units < 0n);
      }),
      runs,
    );
  });

  it('means the same with its last zeros left out', () => {
    fc.assert(
      fc.property(minorUnits, exponents, (units, exponent) => {
        const text = formatAmount(units, exponent);
        const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
        expect(parseAmount(short, exponent)).toBe(units);
      }),
      runs,
    );
  });

  it('is written beyond the limit, too, because sums go there', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), exponents, (units, exponent) => {
        expect(BigInt(formatAmount(units, exponent).replace('.', ''))).toBe(units);
      }),
      runs,
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('takes the limit itself and not one unit more, with %i decimals', (exponent) => {
    for (const sign of [1n, -1n]) {
      const limit = sign * AMOUNT_MAX;
      expect(parseAmount(formatAmount(limit, exponent), exponent)).toBe(limit);
      expect(amount(limit)).toBe(limit);
      expect(() => parseAmount(formatAmount(limit + sign, exponent), exponent)).toThrow(ValueInvalid);
      expect(() => amount(limit + sign)).toThrow(ValueInvalid);
    }
  });

  it.each([
    ['0', 2, 0n],
    ['-0', 2, 0n],
    ['-0.00', 2, 0n],
    ['-0.5', 2, -50n],
    ['12', 0, 12n],
    ['12', 3, 12_000n],
    ['12.3', 4, 123_000n],
    ['1000000000000000', 0, AMOUNT_MAX],
    ['10000000000000.00', 2, AMOUNT_MAX],
  ])('%s with %i decimals is %s', (text, exponent, units) => {
    expect(parseAmount(text, exponent)).toBe(units);
  });

  it.each([
    ['more decimals than the currency has', '1.234', 2],
    ['more decimals, even when they are zeros', '1.230', 2],
    ['decimals where the currency has none', '1.0', 0],
    ['an exponent', '1e3', 2],
    ['a plus', '+1', 2],
    ['a space before', ' 1', 2],
    ['a space behind', '1 ', 2],
    ['a line end', '1\n', 2],
    ['a leading zero', '01', 2],
    ['a leading zero behind the sign', '-01', 2],
    ['no number', 'NaN', 2],
    ['no end', 'Infinity', 2],
    ['nothing', '', 2],
    ['a sign alone', '-', 2],
    ['a point at the end', '1.', 2],
    ['a point at the beginning', '.5', 2],
    ['two points', '1.2.3', 6],
    ['a comma', '1,5', 2],
    ['separators', '1_000', 2],
    ['a hexadecimal number', '0x10', 2],
    ['a bigint literal', '1n', 2],
    ['the digits of another script', '١', 2],
    ['wide digits', '１', 2],
    ['the minus of typesetters', '−1', 2],
    ['forty-one digits', '1'.repeat(41), 2],
    ['a million digits', '1'.repeat(1_000_000), 2],
    ['a NUL', '1\u0000', 2],
  ])('refuses %s', (_, text, exponent) => {
    expect(() => parseAmount(text, exponent)).toThrow(ValueInvalid);
  });

  it('refuses every text that it would not itself have written, but for zeros that are left out and the sign of zero', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789-+.eE ,_x'), maxLength: 12 }),
        exponents,
        (text, exponent) => {
          let units: bigint;
          try {
            units = parseAmount(text, exponent);
          } catch (error) {
            expect(error).toBeInstanceOf(ValueInvalid);
            return;
          }
          const [whole, decimals = ''] = text.replace(/^-(?=[0.]+$)/, '').split('.');
          const full = exponent === 0 ? whole : `${whole}.${decimals.padEnd(exponent, '0')}`;
          expect(full).toBe(formatAmount(units, exponent));
        },
      ),
      { ...runs, numRuns: runs.numRuns * 4 },
    );
  });
});
