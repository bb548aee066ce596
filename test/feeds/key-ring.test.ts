// Sealed texts open under their own key and for their own purpose alone, and while a key is changed nothing is in the way.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NamedKey } from '../../src/config/feed-settings.js';
import { Secret } from '../../src/config/secret.js';
import { KeyRing, SealFailed } from '../../src/feeds/tokens/key-ring.js';
import { seed } from '../support/share.js';

const keyNamed = (name: string): NamedKey => ({ name, key: new Secret(randomBytes(32).toString('base64')) });
const [old, young] = [keyNamed('2025'), keyNamed('2026_b')];
const ring = new KeyRing([old, young]);
const TEXT = 'token_abc123';

describe('a key ring', () => {
  it('seals any text so that it opens again, twice alike never, and shows the name of the key alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, purpose) => {
        const [one, other] = [ring.seal(text, purpose), ring.seal(text, purpose)];
        expect(one).toMatch(/^v1\.2025\.[A-Za-z0-9_-]+$/);
        expect(one).not.toBe(other);
        expect([ring.open(one, purpose), ring.open(other, purpose)]).toEqual([text, text]);
      }),
      { seed: seed(), numRuns: 100 },
    );
  });

  it('opens nothing of which one bit was changed', () => {
    const [, , body = ''] = ring.seal(TEXT, 'a').split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => ring.open(`v1.2025.${changed.toString('base64url')}`, 'a')).toThrow(SealFailed);
    }
  });

  it('opens nothing that was sealed for something else, or under another key of that name', () => {
    const sealed = ring.seal(TEXT, 'enrollment a');
    expect(() => ring.open(sealed, 'enrollment b')).toThrow(/not what was sealed here under the key 2025/);
    expect(() => new KeyRing([keyNamed('2025')]).open(sealed, 'enrollment a')).toThrow(/or 2025 is another key now/);
  });

  it.each([
    '',
    'v1',
    'v1..',
    'v1.2025.',
    'v2.2025.AAAA',
    'v1.2025.AAAA',
    'v1.2025.!',
    'token_abc123',
    'v1.2025.AAAA.AAAA',
  ])('refuses %j by name', (sealed) => {
    expect(() => ring.open(sealed, 'a')).toThrow(SealFailed);
  });

  it('names a key that is missing, and never the text', () => {
    const sealed = ring.seal(TEXT, 'a');
    for (const keys of [[young], []]) {
      const open = () => new KeyRing(keys).open(sealed, 'a');
      expect(open).toThrow('It was sealed under the key 2025, which ENCRYPTION_KEYS does not name.');
      expect(open).not.toThrow(TEXT);
    }
    expect(() => new KeyRing([]).seal(TEXT, 'a')).toThrow('ENCRYPTION_KEYS names no key.');
  });

  it('changes its key in steps of which each process understands what the others seal', () => {
    const [before, first, second] = [new KeyRing([old]), new KeyRing([old, young]), new KeyRing([young, old])];
    const sealed = [before, first].map((one) => one.seal(TEXT, 'a'));
    for (const text of sealed) for (const one of [before, first, second]) expect(one.open(text, 'a')).toBe(TEXT);
    const fresh = second.seal(TEXT, 'a');
    for (const one of [first, second]) expect(one.open(fresh, 'a')).toBe(TEXT);
    expect([first.isCurrent(sealed[0]!), second.isCurrent(sealed[0]!), second.isCurrent(fresh)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(new KeyRing([young]).open(fresh, 'a')).toBe(TEXT);
  });

  it('derives keys that are other for each purpose and each key', () => {
    const derived = [...ring.derived('one'), ...ring.derived('two')].map((key) => key.toString('hex'));
    expect(new Set(derived).size).toBe(4);
    expect(ring.derived('one').map((key) => key.toString('hex'))).toEqual(derived.slice(0, 2));
  });
});
