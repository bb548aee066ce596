// Pending lines post, change, get new ids or vanish. Judged against a bank whose real transactions are known: no double, no loss, and no line
// that takes over a row of another merchant or a row that a better line could claim.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OWNER } from '../../src/common/owner.js';
import { type CivilDate, addDays, daysBetween } from '../../src/common/civil-date.js';
import { Clock, type Instant, civilDateOf, epochMsOf, instantOf, parseInstant } from '../../src/common/clock.js';
import { type JudgedLine, type StoredLine, reconcile } from '../../src/feeds/lines/pending-posting.js';
import { SandboxFeed } from '../../src/feeds/sandbox/sandbox.feed.js';
import { readWindow, windowFrom } from '../../src/feeds/lines/window.js';
import { seed, share } from '../support/share.js';
import { type BankLine, day, listedOn, MERCHANTS, twins } from './histories.js';

const line = (externalId: string, over: Partial<JudgedLine> = {}): JudgedLine => ({
  externalId,
  date: day(10),
  amount: -450n,
  description: 'BLUEBIRD COFFEE',
  status: 'posted',
  ...over,
});
const row = (id: string, over: Partial<StoredLine<string>> = {}): StoredLine<string> => ({
  ...line(`x${id}`, { status: 'pending' }),
  id,
  removed: false,
  ...over,
});

/** What became of each stored row, and the new lines. */
function outcome(stored: readonly StoredLine<string>[], listed: readonly JudgedLine[], from: CivilDate | null = null) {
  const { updates, inserts, removals } = reconcile(stored, listed, from);
  return {
    updates: Object.fromEntries(updates.map(([id, to]) => [id, to.externalId])),
    inserts: inserts.map((to) => to.externalId),
    removals: [...removals],
  };
}

describe('the rule of pending and posted lines', () => {
  it('follows the id through every change', () => {
    const changed = line('x1', { amount: -999n, description: 'OTHER', date: day(30) });
    expect(outcome([row('1')], [changed])).toEqual({ updates: { 1: 'x1' }, inserts: [], removals: [] });
  });

  it('lets an equal line with a new id take the row over, written in whatever case', () => {
    const posted = line('new', { description: ' Bluebird  Coffee', date: day(13) });
    expect(outcome([row('1')], [posted])).toEqual({ updates: { 1: 'new' }, inserts: [], removals: [] });
  });

  it.each([
    ['four days earlier', { date: day(6) }],
    ['eleven days later', { date: day(21) }],
    ['still pending', { status: 'pending' as const }],
    ['another merchant with the same amount', { description: 'PARKING GARAGE' }],
    ['another merchant that shares a word of banking', { description: 'CARD PAYMENT PARKING' }],
    ['money in instead of out', { amount: 450n }],
    ['another name and another amount', { amount: -455n, description: 'BLUEBIRD COFFEE' }],
  ])('makes a new row for a line that is not the same: %s', (_, over) => {
    const said = { description: 'BLUEBIRD CARD PAYMENT' };
    expect(outcome([row('1', said)], [line('new', { ...said, ...over })])).toEqual({
      updates: {},
      inserts: ['new'],
      removals: ['1'],
    });
  });

  it('takes the same amount under another spelling, and another amount under the same', () => {
    const spelled = line('new', { description: 'SQ *BLUEBIRD PORTLAND' });
    expect(outcome([row('1')], [spelled]).updates).toEqual({ 1: 'new' });
    const tipped = line('new', { amount: -540n });
    expect(outcome([row('1')], [tipped]).updates).toEqual({ 1: 'new' });
  });

  it('leaves both alone where it could be either', () => {
    const tipped = [line('new1', { amount: -540n }), line('new2', { amount: -500n })];
    expect(outcome([row('1')], tipped)).toEqual({ updates: {}, inserts: ['new1', 'new2'], removals: ['1'] });
    const two = [row('1'), row('2', { amount: -470n })];
    expect(outcome(two, [tipped[0]!])).toEqual({ updates: {}, inserts: ['new1'], removals: ['1', '2'] });
  });

  it('gives equal twins one row each, in order', () => {
    const twins = [row('2', { date: day(11) }), row('1')];
    const posted = [line('b', { date: day(12) }), line('a', { date: day(11) })];
    expect(outcome(twins, posted)).toEqual({ updates: { 1: 'a', 2: 'b' }, inserts: [], removals: [] });
    expect(outcome(twins, [posted[1]!])).toEqual({ updates: { 1: 'a' }, inserts: [], removals: ['2'] });
    expect(outcome([twins[1]!], posted)).toEqual({ updates: { 1: 'a' }, inserts: ['b'], removals: [] });
  });

  it('hands on no posted line', () => {
    const posted = row('1', { status: 'posted' });
    expect(outcome([posted], [line('new')])).toEqual({ updates: {}, inserts: ['new'], removals: ['1'] });
  });

  it('revives a removed line that comes back, and gives no removed line away', () => {
    const removed = row('1', { removed: true });
    expect(outcome([removed], [line('x1')])).toEqual({ updates: { 1: 'x1' }, inserts: [], removals: [] });
    expect(outcome([removed], [line('new')])).toEqual({ updates: {}, inserts: ['new'], removals: [] });
  });

  it('believes the bank’s silence about a posted line only well inside of the window', () => {
    const posted = row('1', { status: 'posted' });
    expect(outcome([posted], [], day(8)).removals).toEqual([]);
    expect(outcome([posted], [], day(7)).removals).toEqual(['1']);
    expect(outcome([posted], [], null).removals).toEqual(['1']);
    expect(outcome([row('1')], [], day(10)).removals).toEqual(['1']);
    expect(outcome([row('1')], [], day(11)).removals).toEqual([]);
  });

  it('refuses a read in which a line comes twice', () => {
    expect(() => reconcile([], [line('a'), line('a')], null)).toThrow('twice');
  });
});

interface Row extends BankLine {
  readonly id: string;
  readonly removed: boolean;
}

const folded = (it: JudgedLine) => it.description.toLowerCase().replace(/ +/g, ' ');

/** 1 equal, 2 same amount, 3 same text; 4 nothing that could be known to be the same. */
function distance(a: JudgedLine, b: JudgedLine): number {
  const days = daysBetween(a.date, b.date);
  if (days < -3 || days > 10 || a.amount < 0n !== b.amount < 0n) return 4;
  const sameText = folded(a) === folded(b);
  if (a.amount === b.amount) return sameText ? 1 : 2;
  return sameText ? 3 : 4;
}

class Ledger {
  rows: Row[] = [];
  private made = 0;

  apply(
    listed: readonly BankLine[],
    from: CivilDate | null,
    judge?: (rows: readonly Row[], next: readonly Row[]) => void,
  ): void {
    const ids = new Set(listed.map((it) => it.externalId));
    const stored = this.rows.filter(
      (it) => ids.has(it.externalId) || (!it.removed && (from === null || it.date >= from)),
    );
    const { updates, inserts, removals } = reconcile(stored, listed, from);
    const now = new Map(updates);
    expect(now.size).toBe(updates.length);
    const gone = new Set(removals);
    const next = [
      ...this.rows.map((it): Row => {
        const to = now.get(it.id);
        return to === undefined
          ? { ...it, removed: it.removed || gone.has(it.id) }
          : { ...to, id: it.id, removed: false };
      }),
      ...inserts.map((it): Row => ({ ...it, id: `row${(this.made += 1)}`, removed: false })),
    ];
    judge?.(this.rows, next);
    this.rows = next;
  }

  live(): Row[] {
    return this.rows.filter((it) => !it.removed);
  }
}

const content = (lines: readonly BankLine[]) =>
  lines.map((it) => `${it.externalId} ${it.date} ${it.amount} ${it.description} ${it.status}`).sort();

/** Everything the oracle knows about who took which row. */
function judgeIdentities(before: readonly Row[], after: readonly Row[], listed: readonly BankLine[]): void {
  const knownIds = new Set(before.map((it) => it.externalId));
  const fresh = listed.filter((it) => !knownIds.has(it.externalId));
  const listedIds = new Set(listed.map((it) => it.externalId));
  const gone = before.filter((it) => !it.removed && it.status === 'pending' && !listedIds.has(it.externalId));
  const merchantOf = (it: JudgedLine) =>
    MERCHANTS.findIndex(({ pending, posted }) => it.description === pending || it.description === posted);
  const next = new Map(after.map((it) => [it.id, it]));
  for (const was of before.filter((it) => it.status === 'posted' || it.removed)) {
    expect(next.get(was.id)!.externalId).toBe(was.externalId);
  }
  for (const was of gone) {
    const is = next.get(was.id)!;
    const rightOf = (it: Row) => fresh.find((to) => to.truth === it.truth && to.status === 'posted');
    const right = rightOf(was);
    const rivals = [...gone, ...fresh].filter((it) => it !== was && it !== right && merchantOf(it) === merchantOf(was));
    if (is.truth !== was.truth) {
      expect(merchantOf(is)).toBe(merchantOf(was));
      expect(distance(was, is)).toBeLessThan(4);
      // Equal twins stand for one another: what would be right for one of them is, where one of them vanished also another purchase.
      const rights = gone
        .filter((it) => folded(it) === folded(was) && it.amount === was.amount)
        .map((it) => rightOf(it));
      const worst = Math.max(...rights.map((it) => (it === undefined ? 3 : distance(was, it))));
      expect(distance(was, is)).toBeLessThanOrEqual(worst);
    }
    const isKept = !is.removed && is.externalId !== was.externalId;
    // The merchant whose name has no word of its own is only known by equal text.
    const isKnowable = right !== undefined && distance(was, right) < 4;
    if (isKnowable && rivals.length === 0) expect([isKept, is.truth]).toEqual([true, was.truth]);
  }
  for (const twin of gone) {
    const twins = gone.filter((it) => folded(it) === folded(twin) && it.amount === twin.amount);
    const same = fresh.filter((it) => it.status === 'posted' && twins.every((each) => distance(each, it) === 1));
    const kept = twins.filter((it) => !next.get(it.id)!.removed).length;
    expect(kept).toBeGreaterThanOrEqual(Math.min(twins.length, same.length));
  }
}

const newestDay = (lines: readonly JudgedLine[]): CivilDate | null =>
  lines
    .map((it) => it.date)
    .sort()
    .at(-1) ?? null;
const oldestPending = (lines: readonly JudgedLine[]): CivilDate | null =>
  lines
    .filter((it) => it.status === 'pending')
    .map((it) => it.date)
    .sort()[0] ?? null;

describe('over many banks', () => {
  it('our live lines are the bank’s after every sync, and rows go only to lines that could not be told from the right one', () => {
    const syncs = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(fc.array(twins, { maxLength: 12 }), syncs, (groups, days) => {
        const reals = groups.flat();
        const ledger = new Ledger();
        let newest: CivilDate | null = null;
        for (const today of days.sort((a, b) => a - b)) {
          const whole = listedOn(today, reals);
          const from: CivilDate | null = newest === null ? null : windowFrom(newest, oldestPending(ledger.live()));
          const listed: BankLine[] = whole.filter((it) => from === null || it.date >= from);
          ledger.apply(listed, from, (before, after) => judgeIdentities(before, after, listed));
          expect(content(ledger.live())).toEqual(content(whole));
          newest = newestDay(listed) ?? newest;
        }
      }),
      { numRuns: share({ test: 150, prove: 2_000 }), seed: seed() },
    );
  });

  it('our live lines are the sandbox bank’s after every sync', async () => {
    const hours = fc.oneof(fc.integer({ min: 1, max: 72 }), fc.integer({ min: 73, max: 500 }));
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[a-z]{1,8}$/), fc.array(hours, { maxLength: 12 }), async (user, waits) => {
        const clock = new MovedClock(parseInstant('2026-11-21T09:00:00Z'));
        const feed = new SandboxFeed('property', clock);
        const { externalId, environment } = await feed.enroll({
          owner: DEFAULT_OWNER,
          institutionId: 'harbor_bank',
          consent: { user: `u${user}` },
        });
        const access = { environment, enrollmentExternalId: externalId, accessToken: null };
        const card = (await feed.accounts(access))[2]!;
        const since = addDays(civilDateOf(clock.now()), -60);
        const read = async (from: CivilDate) =>
          (await readWindow(feed, access, card, from, 50)).map((it): BankLine => ({ ...it, truth: 0 }));
        const ledger = new Ledger();
        ledger.apply(await read(since), since);
        for (const wait of waits) {
          clock.advanceHours(wait);
          const from = windowFrom(newestDay(ledger.live())!, oldestPending(ledger.live()));
          ledger.apply(await read(from), from);
          expect(content(ledger.live())).toEqual(content(await read(since)));
        }
      }),
      { numRuns: share({ test: 30, prove: 500 }), seed: seed() },
    );
  });
});

class MovedClock extends Clock {
  constructor(private at: Instant) {
    super();
  }

  override now(): Instant {
    return this.at;
  }

  advanceHours(hours: number): void {
    this.at = instantOf(epochMsOf(this.at) + hours * 3_600_000);
  }
}
