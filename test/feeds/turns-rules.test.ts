// When a sync is due and whose it is: the rules as tables.
import { describe, expect, it } from 'vitest';
import { type Instant, parseInstant } from '../../src/common/clock.js';
import { type EnrollmentId } from '../../src/common/ids.js';
import { nextSync, type SyncEnd } from '../../src/feeds/sync/next-sync.js';
import {
  DAY_MS,
  givenBack,
  isDue,
  isHeld,
  later,
  LEASE_MS,
  markedDue,
  takenBy,
  unsynced,
} from '../../src/feeds/turns/sync-due.js';

const NOW = parseInstant('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ID = 'enr_1' as EnrollmentId;

const inMs = (ms: number): Instant => later(NOW, ms);

describe('a turn', () => {
  const waiting = unsynced(ID, 'interval', inMs(HOUR_MS));
  const held = takenBy(waiting, 'a', NOW);
  const next = { dueAt: inMs(6 * HOUR_MS), cause: 'interval', failures: 0 } as const;

  it('is held from when it is taken until nobody has renewed it for a minute', () => {
    expect(isHeld(waiting, NOW)).toBe(false);
    expect(isHeld(held, NOW)).toBe(true);
    expect(isHeld(held, inMs(LEASE_MS - 1))).toBe(true);
    expect(isHeld(held, inMs(LEASE_MS))).toBe(false);
  });

  it('that a clock far ahead has given is not believed once the clock is set back', () => {
    expect(isHeld(held, inMs(-HOUR_MS))).toBe(false);
    expect(isDue(waiting, inMs(-DAY_MS))).toBe(false);
    expect(isDue(waiting, inMs(-2 * DAY_MS))).toBe(true);
  });

  it('that was taken before it was due, and died, is due as soon as it is free', () => {
    expect(isDue(held, NOW)).toBe(true);
  });

  it('is due at the earlier of two moments, and for the reason of the earlier', () => {
    expect(markedDue(waiting, 'webhook', NOW)).toMatchObject({ dueAt: NOW, cause: 'webhook' });
    expect(markedDue(waiting, 'webhook', inMs(2 * HOUR_MS))).toBe(waiting);
    expect(markedDue(unsynced(ID, 'first', inMs(1)), 'webhook', NOW)).toMatchObject({ dueAt: NOW, cause: 'first' });
  });

  it('that is asked for while it is held is due again after it, whatever the clocks say', () => {
    for (const at of [inMs(-MINUTE_MS), NOW, inMs(MINUTE_MS)]) {
      const marked = markedDue(held, 'webhook', at);
      const asked = at > NOW ? at : inMs(1);
      expect(givenBack(marked, next)).toMatchObject({ dueAt: asked, cause: 'webhook', holder: null, heldUntil: null });
      // Again and later: the first one stands.
      expect(markedDue(marked, 'retry', inMs(2 * HOUR_MS))).toBe(marked);
    }
    expect(givenBack(held, next)).toMatchObject(next);
    expect(givenBack(markedDue(held, 'webhook', inMs(7 * HOUR_MS)), next)).toMatchObject(next);
  });

  it('is not due before the bank wants to be asked', () => {
    const notBefore = inMs(HOUR_MS);
    expect(givenBack(markedDue(held, 'webhook', NOW), { ...next, notBefore })).toMatchObject({ dueAt: notBefore });
  });
});

describe('the next sync', () => {
  const INTERVAL = 12 * HOUR_MS;
  const end = (over: Partial<SyncEnd> = {}): SyncEnd => ({
    at: NOW,
    status: 'connected',
    failure: undefined,
    hasProgress: false,
    failures: 0,
    ...over,
  });
  const inHours = (given: SyncEnd, chance: number, interval = INTERVAL): number =>
    (Date.parse(nextSync(given, interval, chance).dueAt) - Date.parse(NOW)) / HOUR_MS;

  it('comes after the interval, a fifth sooner or later, and within a day in any case', () => {
    expect([0, 0.5, 1].map((chance) => inHours(end({ failures: 3 }), chance))).toEqual([9.6, 12, 14.4]);
    expect([0, 0.5, 1].map((chance) => inHours(end(), chance, 24 * HOUR_MS))).toEqual([19.2, 24, 24]);
    expect(nextSync(end({ failures: 3 }), INTERVAL, 0.5)).toMatchObject({ cause: 'interval', failures: 0 });
  });

  it('comes in 5 minutes after a failure, twice as late after each more, and no later than usual', () => {
    const minutes = Array.from({ length: 10 }, (_, failures) => inHours(end({ failure: {}, failures }), 0.5) * 60);
    expect(minutes).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 720, 720]);
    expect(inHours(end({ failure: {}, failures: 5_000 }), 1)).toBe(14.4);
    expect(nextSync(end({ failure: {}, failures: 4 }), INTERVAL, 0)).toMatchObject({ cause: 'retry', failures: 5 });
  });

  it('leaves the bank the time that it asks for', () => {
    const limited = { retryAfterSeconds: 3_600 };
    expect(inHours(end({ failure: limited }), 0)).toBe(1);
    expect(inHours(end({ failure: limited, failures: 6 }), 0.5)).toBeCloseTo(320 / 60);
    expect(nextSync(end({ failure: limited }), INTERVAL, 0.5)).toMatchObject({ notBefore: inMs(HOUR_MS), failures: 1 });
    expect(inHours(end({ failure: { retryAfterSeconds: 10 * 86_400 } }), 1)).toBe(24);
  });

  it('goes on soon where the bank answered as much as it would', () => {
    const some = { failure: { retryAfterSeconds: 90 }, hasProgress: true, failures: 7 };
    expect(inHours(end(some), 0)).toBe(90 / 3_600);
    expect(nextSync(end(some), INTERVAL, 0)).toMatchObject({ cause: 'retry', failures: 0 });
    expect(inHours(end({ ...some, failure: { retryAfterSeconds: 1 } }), 0)).toBe(1 / 60);
  });

  it.each(['needs_login', 'locked'] as const)('of one that is %s comes in a day: it may have been mended', (status) => {
    for (const chance of [0, 1]) expect(inHours(end({ status, failure: {}, failures: 2 }), chance)).toBe(24);
  });
});
