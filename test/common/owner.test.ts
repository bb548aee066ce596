// Names of owners.
import { describe, expect, it } from 'vitest';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { DEFAULT_OWNER, parseOwner } from '../../src/common/owner.js';

describe('an owner', () => {
  it.each([DEFAULT_OWNER, 'a', '0', 'user:42', 'ann@example.org', 'a.b_c-d+e', 'A'.repeat(128)])('is %s', (text) => {
    expect(parseOwner(text)).toBe(text);
  });

  it.each(['', ' ', 'a b', '.a', '_a', '-a', '@a', 'ä', 'a/b', 'a\u0000', 'a\n', 'A'.repeat(129), '\ud800', '*', '%'])(
    'is not %j',
    (text) => {
      expect(() => parseOwner(text)).toThrow(ValueInvalid);
    },
  );
});
