import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from '../../../src/feeds/teller/retry-after.js';

describe('Retry-After', () => {
  const at = Date.parse('2026-11-21T12:00:00.500Z');
  it.each([
    [undefined, undefined],
    ['0', 0],
    [' 120 ', 120],
    ['Sat, 21 Nov 2026 12:01:00 GMT', 60],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2027', 2027],
    ['', undefined],
  ])('%j is %j', (header, seconds) => {
    expect(retryAfterSeconds(header, at)).toBe(seconds);
  });
});
