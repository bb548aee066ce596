// JSON kept as it came, against the parser itself.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { decodedUtf8, jsonElement, jsonElements } from '../../src/common/json-elements.js';
import { seed, share } from '../support/share.js';

const DEEP = 100_000;

/** The same value, written with other whitespace, other escapes and other forms of numbers. */
function written(value: unknown, random: () => number): string {
  const space = () => ' \t\n\r'.charAt(Math.floor(random() * 8));
  if (typeof value === 'string') return escaped(value, random);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Array.isArray(value)
    ? value.map((element) => written(element, random))
    : Object.entries(value).map(
        ([name, field]) => `${escaped(name, random)}${space()}:${space()}${written(field, random)}`,
      );
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}${space()}${parts.map((part) => `${space()}${part}${space()}`).join(',')}${space()}${close}`;
}

function escaped(text: string, random: () => number): string {
  const characters = [
    ...JSON.stringify(text)
      .slice(1, -1)
      .matchAll(/\\u....|\\.|[^]/g),
  ].map(([character]) =>
    character.length === 1 && random() < 0.3
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : character,
  );
  return `"${characters.join('')}"`;
}

/** Texts in which a scanner could lose its way. */
const treacherous = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', 'é') }),
);
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -0.5, 1e21, ''),
    treacherous,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(treacherous, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('the elements of a list', () => {
  it('are cut where they begin and end, whatever stands in them and between them', () => {
    fc.assert(
      fc.property(
        fc.array(anyJson, { maxLength: 5 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999 })),
        (list, chance) => {
          const random = () => chance.next().value as number;
          const texts = list.map((value) => written(value, random));
          const text = ` \n[${texts.map((one) => `\t${one} `).join(',')}]\r\n`;
          const elements = jsonElements(text);
          expect(elements.map((element) => element.text)).toEqual(texts);
          expect(elements.map(({ value }) => value)).toEqual(JSON.parse(text));
          for (const element of elements) expect(JSON.parse(element.text)).toEqual(element.value);
        },
      ),
      { seed: seed(), numRuns: share({ test: 300, prove: 20_000 }) },
    );
  });

  it('are refused exactly when the parser refuses the text', () => {
    const broken = fc.string({
      unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', ':', '1', 'null', ' ', 'a'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(broken, (text) => {
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          value = undefined;
        }
        if (!Array.isArray(value)) expect(() => jsonElements(text)).toThrow(ValueInvalid);
        else expect(jsonElements(text).map((element) => element.value)).toEqual(value);
      }),
      { seed: seed(), numRuns: share({ test: 2_000, prove: 200_000 }) },
    );
  });

  it.each([
    ['[]', []],
    [' [ ] ', []],
    ['[[]]', ['[]']],
    ['[ {} , [1 , 2] ]', ['{}', '[1 , 2]']],
    ['["]","\\"",",\\\\"]', ['"]"', '"\\""', '",\\\\"']],
    ['[1.50,-0,1E2]', ['1.50', '-0', '1E2']],
    ['[{"a" : 1,"a" : 2}]', ['{"a" : 1,"a" : 2}']],
    ['["\\u00e9","é","\\ud800"]', ['"\\u00e9"', '"é"', '"\\ud800"']],
  ])('%s', (text, texts) => {
    expect(jsonElements(text).map((element) => element.text)).toEqual(texts);
  });

  it.each([
    '',
    'null',
    '{}',
    '[NaN]',
    '[Infinity]',
    '[1,]',
    '[1]]',
    '\u00a0[1]',
    '[\u20031]',
    "['a']",
    '["a\nb"]',
    '\ufeff[]',
  ])('are not there in %j', (text) => {
    expect(() => jsonElements(text)).toThrow(ValueInvalid);
  });

  it('do not need to be shallow', () => {
    const deep = `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`;
    const object = `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`;
    expect(jsonElements(`[${deep},${object}]`).map(({ text }) => text.length)).toEqual([deep.length, object.length]);
  });

  it('take no longer than the text is long', () => {
    const text = `"${' '.repeat(1_000_000)}x"`;
    expect(jsonElements(`[${text}, ${text}]`)[1]!.text).toBe(text);
  });

  it('do not show the text where it is no JSON', () => {
    expect(() => jsonElements('[token_secret')).toThrow(/^must be JSON$/);
  });
});

describe('one element', () => {
  it('is the text without the whitespace around it', () => {
    expect(jsonElement(' \r\n{ "a" : [ ] }\t')).toEqual({ value: { a: [] }, text: '{ "a" : [ ] }' });
    expect(() => jsonElement('{"a"}')).toThrow(ValueInvalid);
  });
});

describe('bytes', () => {
  it('are UTF-8, with a byte order mark or without', () => {
    expect(decodedUtf8(Buffer.from('\ufeff["é"]'))).toBe('["é"]');
    expect(() => decodedUtf8(Buffer.from([0x5b, 0x22, 0xe9, 0x22, 0x5d]))).toThrow(ValueInvalid);
  });
});
