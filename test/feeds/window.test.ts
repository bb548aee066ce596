// How far back a sync asks, and which answers it believes when the bank changes its lines meanwhile.
import { describe, expect, it } from 'vitest';
import { amount } from '../../src/common/amount.js';
import { addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { type Currency } from '../../src/common/currency.js';
import {
  type AskedAccount,
  type FeedLine,
  type FeedPage,
  type FeedPageRequest,
} from '../../src/feeds/port/feed.port.js';
import { FeedCursorGone, FeedUnavailable, FeedUnsteady } from '../../src/feeds/port/feeds.errors.js';
import { readOlder, readWindow, windowFrom } from '../../src/feeds/lines/window.js';

const DAY = parseCivilDate('2026-11-21');
const ACCOUNT: AskedAccount = { externalId: 'acc', type: 'depository', currency: 'USD' as Currency };
const access = { environment: 'test', enrollmentExternalId: 'enr', accessToken: null };

function line(externalId: string, over: Partial<FeedLine> = {}): FeedLine {
  return {
    externalId,
    date: DAY,
    amount: amount(-100n),
    description: 'COFFEE',
    status: 'pending',
    category: null,
    counterparty: null,
    type: null,
    runningBalance: null,
    raw: '{}',
    ...over,
  };
}

/** A bank whose list may change before each question, by its number. */
class ChangingBank {
  asked: FeedPageRequest[] = [];

  constructor(
    private lines: readonly FeedLine[],
    private readonly change: (lines: readonly FeedLine[], question: number) => readonly FeedLine[] = (lines) => lines,
  ) {}

  async page(_access: unknown, _account: unknown, request: FeedPageRequest): Promise<FeedPage> {
    this.asked.push(request);
    this.lines = this.change(this.lines, this.asked.length);
    const at = request.before === undefined ? 0 : this.lines.findIndex((it) => it.externalId === request.before) + 1;
    if (request.before !== undefined && at === 0) throw new FeedCursorGone('gone');
    const lines = this.lines.slice(at, at + request.count);
    return at + lines.length < this.lines.length ? { lines, next: lines.at(-1)!.externalId } : { lines };
  }

  read(count: number): Promise<readonly string[]> {
    return readWindow(this, access, ACCOUNT, DAY, count).then((lines) => lines.map((it) => it.externalId));
  }
}

const abcde = ['a', 'b', 'c', 'd', 'e'].map((id) => line(id));

describe('the window of a sync', () => {
  it('reaches ten days before the newest day, and three before the oldest pending line where that is older', () => {
    expect(windowFrom(DAY, null)).toBe(addDays(DAY, -10));
    expect(windowFrom(DAY, addDays(DAY, -7))).toBe(addDays(DAY, -10));
    expect(windowFrom(DAY, addDays(DAY, -8))).toBe(addDays(DAY, -11));
    expect(windowFrom(DAY, addDays(DAY, -40))).toBe(addDays(DAY, -43));
  });

  it('believes one page at once, and several when two reads are equal', async () => {
    const one = new ChangingBank(abcde);
    expect(await one.read(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(one.asked).toEqual([{ from: DAY, before: undefined, count: 5 }]);
    const three = new ChangingBank(abcde);
    expect(await three.read(2)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(three.asked.map((it) => it.before)).toEqual([undefined, 'b', 'd', undefined, 'b', 'd']);
    expect(await new ChangingBank([]).read(2)).toEqual([]);
  });

  it.each([
    ['a line moves from a later page to the first', ['e', 'a', 'b', 'c', 'd']],
    ['a line moves between pages that are not the first', ['a', 'b', 'e', 'c', 'd']],
    ['a new line pushes the others back', ['new', 'a', 'b', 'c', 'd', 'e']],
    ['the line to go on from vanishes', ['a', 'c', 'd', 'e']],
  ])('reads again when meanwhile %s', async (_, ids) => {
    for (const question of [2, 3, 4, 5]) {
      const bank = new ChangingBank(abcde, (lines, n) => (n === question ? ids.map((id) => line(id)) : lines));
      const read = await bank.read(2);
      // What stood when the last read began may be believed as well.
      if (question < 5 || read[0] !== 'a') expect(read).toEqual(ids);
      else expect([ids, ['a', 'b', 'c', 'd', 'e']]).toContainEqual(read);
    }
  });

  it('reads again when a line changed its amount or status only', async () => {
    const posted = [line('a', { status: 'posted' }), ...abcde.slice(1)];
    const bank = new ChangingBank(abcde, (lines, n) => (n === 4 ? posted : lines));
    expect((await readWindow(bank, access, ACCOUNT, null, 2))[0]!.status).toBe('posted');
  });

  it('gives up when the bank never holds still, and lets its refusals through', async () => {
    const restless = new ChangingBank(abcde, (lines, n) => [line(`n${n}`), ...lines]);
    await expect(restless.read(2)).rejects.toThrow(FeedUnsteady);
    const circular = { page: async (): Promise<FeedPage> => ({ lines: [line('a')], next: 'a' }) };
    await expect(readWindow(circular, access, ACCOUNT, null, 2)).rejects.toThrow(FeedUnsteady);
    const down = { page: () => Promise.reject(new FeedUnavailable('down')) };
    await expect(readWindow(down, access, ACCOUNT, null, 2)).rejects.toThrow(FeedUnavailable);
  });
});

describe('the first walk', () => {
  it('goes on from where it was, and begins anew where that line is gone', async () => {
    const bank = new ChangingBank(abcde);
    expect(await readOlder(bank, access, ACCOUNT, null, 2)).toMatchObject({ next: 'b' });
    expect(await readOlder(bank, access, ACCOUNT, 'd', 2)).toEqual({ lines: [abcde[4]] });
    expect(await readOlder(bank, access, ACCOUNT, 'gone', 2)).toMatchObject({ next: 'b' });
    const gone = { page: () => Promise.reject(new FeedCursorGone('gone')) };
    await expect(readOlder(gone, access, ACCOUNT, null, 2)).rejects.toThrow(FeedCursorGone);
  });
});
