// Text that both stores hold alike, and its folded form.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { foldText, storableText } from '../../src/common/text.js';
import { seed, share } from '../support/share.js';

const runs = { seed: seed(), numRuns: share({ test: 1_000, prove: 100_000 }) };

describe('storable text', () => {
  it.each(['\u0000', 'a\u0000b', '\ud800', '\udfff', 'a\ud800', '\udc00\ud800', '\ud83dx', 'x\ude00'])(
    'is not %j',
    (text) => {
      expect(() => storableText(text)).toThrow(ValueInvalid);
    },
  );

  it.each(['', 'a', '\u0001', '\n', '😀', '\ud83d\ude00', '\ufffd', '\uffff', 'é', 'e\u0301', '\u200b'])(
    'is %j, and stays as it is',
    (text) => {
      expect(storableText(text)).toBe(text);
    },
  );

  it('is whatever is well-formed and has no NUL', () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'binary' })), (text) => {
        if (text.isWellFormed() && !text.includes('\u0000')) expect(storableText(text)).toBe(text);
        else expect(() => storableText(text)).toThrow(ValueInvalid);
      }),
      runs,
    );
  });
});

describe('folded text', () => {
  /** Every character of Unicode that has another form at all. */
  const characters = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((text) => [text.toUpperCase(), text.toLowerCase(), text.normalize('NFKC')].some((other) => other !== text));

  it('is the same for every character as for its capital, its small letter and itself folded', () => {
    const strays = characters.filter((text) => {
      const folded = foldText(text);
      return [folded, text.toUpperCase(), text.toLowerCase()].some((other) => foldText(other) !== folded);
    });
    expect(strays).toEqual([]);
  });

  it('is its own folded form, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(foldText(foldText(text))).toBe(foldText(text));
      }),
      runs,
    );
  });

  it.each([
    ['straße', 'STRASSE'],
    ['ẞ', 'ss'],
    ['Οδυσσέας', 'ΟΔΥΣΣΈΑΣ'],
    ['ΟΔΥΣ', 'οδυς'],
    ['ﬁnance', 'FINANCE'],
    ['Cafe\u0301', 'CAFÉ'],
    ['ＡＢＣ', 'abc'],
    ['Ⅷ', 'viii'],
    ['Åse', 'A\u030aSE'],
    ['\u212a', 'k'],
    ['ı', 'I'],
  ])('takes %s and %s for the same', (a, b) => {
    expect(foldText(a)).toBe(foldText(b));
  });

  it('finds the beginning of a word that goes on behind a sigma', () => {
    expect(foldText('ΟΔΥΣΣΕΑΣ')).toContain(foldText('ΟΔΥΣ'));
  });

  it('keeps accents, and the dot of İ as one', () => {
    expect(foldText('é')).not.toBe(foldText('e'));
    expect(foldText('İ')).toBe('i\u0307');
    expect(foldText('İ')).not.toBe(foldText('i'));
  });
});
