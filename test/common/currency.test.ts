// The table of currencies and the private ones beside it.
import { describe, expect, it } from 'vitest';
import { Currencies } from '../../src/common/currency.js';
import { ValueInvalid } from '../../src/common/domain-error.js';

describe('currencies', () => {
  const currencies = new Currencies([
    { code: 'XGC', exponent: 0 },
    { code: 'XGM', exponent: 4 },
    { code: 'GEMS', exponent: 6 },
  ]);

  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['UGX', 0],
    ['USD', 2],
    ['EUR', 2],
    ['HUF', 2],
    ['MGA', 2],
    ['KWD', 3],
    ['BHD', 3],
    ['TND', 3],
    ['CLF', 4],
    ['UYW', 4],
    ['XGC', 0],
    ['XGM', 4],
    ['GEMS', 6],
  ])('%s has %i decimals', (code, exponent) => {
    expect(currencies.exponentOf(currencies.parse(code))).toBe(exponent);
  });

  it.each(['', 'usd', 'US', 'USDX', 'ZZZ', ' USD', 'XAU', 'XTS', 'constructor', '__proto__', 'DEM'])(
    'does not know %j',
    (code) => {
      expect(() => currencies.parse(code)).toThrow(ValueInvalid);
    },
  );

  it('knows private codes only where they are configured', () => {
    expect(() => new Currencies().parse('XGC')).toThrow(ValueInvalid);
  });

  it.each(['USD', 'JPY', 'CLF'])('refuses a private code that hides %s', (code) => {
    expect(() => new Currencies([{ code, exponent: 2 }])).toThrow(ValueInvalid);
    expect(() => new Currencies([{ code, exponent: 2 }])).toThrow(code);
  });

  it('calls a code that only the store knows a fault, not a zero', () => {
    expect(() => new Currencies().exponentOf('XGC' as never)).toThrow(/XGC/);
  });
});
