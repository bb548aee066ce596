// Ids that sort by the order in which they were made.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueInvalid } from '../../src/common/domain-error.js';
import { ID_PREFIXES, type IdNoun, parseId, UuidV7Source } from '../../src/common/ids.js';
import { seed, share } from '../support/share.js';
import { HeldClock } from '../support/test-app.js';

const nouns = Object.keys(ID_PREFIXES) as IdNoun[];

function made(source: UuidV7Source, count: number): string[] {
  return Array.from({ length: count }, () => source.next('transaction'));
}

function expectInOrder(ids: readonly string[]): void {
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
}

describe('ids', () => {
  it('of one millisecond are unique and in order, also beyond the 4,096 that the counter holds', () => {
    expectInOrder(made(new UuidV7Source(new HeldClock()), 10_000));
  });

  it('stay in order when the clock is set back', () => {
    const clock = new HeldClock();
    const source = new UuidV7Source(clock);
    const ids = made(source, 5_000);
    clock.advance(-3_600_000);
    ids.push(...made(source, 5_000));
    clock.advance(3_600_005);
    ids.push(...made(source, 100));
    expectInOrder(ids);
  });

  it('stay in order however the clock moves', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -10, max: 10 }), fc.integer({ min: 1, max: 50 })), { maxLength: 30 }),
        (moves) => {
          const clock = new HeldClock();
          const source = new UuidV7Source(clock);
          expectInOrder(
            moves.flatMap(([ms, count]) => {
              clock.advance(ms);
              return made(source, count);
            }),
          );
        },
      ),
      { seed: seed(), numRuns: share({ test: 50, prove: 2_000 }) },
    );
  });

  it('are UUIDs of version 7 behind the noun and tell the moment of their making', () => {
    const clock = new HeldClock();
    for (const noun of nouns) {
      const [prefix, hex] = new UuidV7Source(clock).next(noun).split('_');
      expect(prefix).toBe(ID_PREFIXES[noun]);
      expect(hex).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
      expect(Number.parseInt(hex!.slice(0, 12), 16)).toBe(Date.parse(clock.now()));
    }
  });

  it('are read for their own noun only', () => {
    const source = new UuidV7Source(new HeldClock());
    for (const noun of nouns) {
      const id = source.next(noun);
      for (const other of nouns) {
        if (other === noun) expect(parseId(other, id)).toBe(id);
        else expect(() => parseId(other, id)).toThrow(ValueInvalid);
      }
    }
  });

  it.each([
    '',
    'acc_',
    'acc',
    `acc_${'0'.repeat(31)}`,
    `acc_${'0'.repeat(33)}`,
    `acc_${'A'.repeat(32)}`,
    `acc_${'g'.repeat(32)}`,
    `acc${'0'.repeat(32)}`,
    `ACC_${'0'.repeat(32)}`,
    ` acc_${'0'.repeat(32)}`,
    `acc_${'0'.repeat(32)}\n`,
    'acc_01920f0c-1a2b-7c4d-8e9f-001122334455',
    '0'.repeat(32),
  ])('are not %j', (text) => {
    expect(() => parseId('account', text)).toThrow(ValueInvalid);
  });
});
