// Whatever was moved, and whichever days or moments are asked about: statements and past balances come to the sum of the lines.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal, withCursor, type Json } from '../support/builders.js';
import { readCsv } from '../support/csv.js';
import { eachStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { Bank, type OpenedAccount } from '../transfers/bank.js';

const HISTORIES = share({ test: 6, prove: 200 });
const ASKED = 6;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINOR = 100;

/** A line of the account, as the answers that made it told of it. */
interface Line {
  readonly id: string;
  readonly at: string;
  readonly cents: number;
}

interface Move {
  /** After so long; mostly in the same moment. */
  readonly afterMs: number;
  /** Of the account's money, in or out; in a legs transfer with so many lines on it. */
  readonly cents: number;
  readonly lines: number;
}

const move: fc.Arbitrary<Move> = fc.record({
  afterMs: fc.constantFrom(0, 0, 0, 1, HOUR_MS, DAY_MS, 3 * DAY_MS),
  cents: fc.integer({ min: -500, max: 500 }).filter((cents) => cents !== 0),
  lines: fc.constantFrom(1, 1, 1, 2, 3),
});

function decimal(cents: number): string {
  return (cents / MINOR).toFixed(2);
}

function sumOf(lines: readonly Line[]): string {
  return decimal(lines.reduce((sum, { cents }) => sum + cents, 0));
}

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
  });
  afterAll(() => app.stop());

  async function make(account: OpenedAccount, { afterMs, cents, lines }: Move): Promise<Line[]> {
    app.clock.advance(afterMs);
    const legs = [
      ...Array.from({ length: lines }, () => ({ account: account.id, amount: decimal(cents) })),
      { account: (await bank.treasury()).id, amount: decimal(-cents * lines) },
    ];
    const made = await bodyOf(app.post('/v1/transfers', { legs }));
    return made.lines
      .filter(({ accountId }: Json) => accountId === account.id)
      .map(({ id }: Json): Line => ({ id, at: made.at, cents }));
  }

  /** All pages of the statement over these days. `between` is done after each. */
  async function pages(account: OpenedAccount, query: string, between = async (): Promise<void> => undefined) {
    const found: Json[] = [];
    let cursor: string | null = null;
    do {
      const page: Json = await bodyOf(app.get(withCursor(`/v1/accounts/${account.id}/statement?${query}`, cursor)));
      found.push(page);
      cursor = page.nextCursor;
      await between();
    } while (cursor !== null);
    return found;
  }

  async function expectStatement(
    account: OpenedAccount,
    lines: readonly Line[],
    days: [string, string],
    limit: number,
  ) {
    const [from, to] = [...days].sort() as [string, string];
    const inside = lines.filter(({ at }) => at.slice(0, 10) >= from && at.slice(0, 10) <= to);
    const opening = sumOf(lines.filter(({ at }) => at.slice(0, 10) < from));
    const closing = sumOf(lines.filter(({ at }) => at.slice(0, 10) <= to));
    const query = `from=${from}&to=${to}&limit=${limit}`;
    const found = await pages(account, query);
    for (const page of found) expect([page.opening, page.closing]).toEqual([opening, closing]);
    const shown = found.flatMap((page) => page.lines);
    expect(shown.map(({ id }) => id)).toEqual(inside.map(({ id }) => id));
    let balance = Math.round(Number(opening) * MINOR);
    for (const { amount, runningBalance } of shown) {
      balance += Math.round(Number(amount) * MINOR);
      expect(runningBalance).toBe(decimal(balance));
    }
    expect(decimal(balance)).toBe(closing);
    const { text } = await app.get(`/v1/accounts/${account.id}/statement?from=${from}&to=${to}&limit=500&format=csv`);
    const [, ...rows] = readCsv(text);
    expect(rows.map((row) => row[4])).toEqual([opening, ...shown.map(({ runningBalance }) => runningBalance), closing]);
  }

  async function expectBalance(account: Json, lines: readonly Line[], at: string): Promise<void> {
    const answer = await app.get(`/v1/accounts/${account.id}/balance?at=${at}`);
    if (at < account.createdAt) expectRefusal(answer, 404, 'balance_unknown');
    else expect(answer.body.ledger, at).toBe(sumOf(lines.filter((line) => line.at <= at)));
  }

  it('over any days and at any moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 1, maxLength: 12, size: 'max' }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 7 })), { minLength: ASKED, maxLength: ASKED }),
        async (moves, asked) => {
          const began = Date.parse(app.clock.now());
          const account: Json = await bank.account(undefined, { overdraftLimit: '1000.00' });
          const lines: Line[] = [];
          for (const one of moves) lines.push(...(await make(account, one)));
          const days = Math.ceil((Date.parse(app.clock.now()) - began) / DAY_MS) + 2;
          const dayOf = (nth: number): string =>
            new Date(began + ((nth % days) - 1) * DAY_MS).toISOString().slice(0, 10);
          for (const [first, last, limit] of asked)
            await expectStatement(account, lines, [dayOf(first), dayOf(last)], limit);
          const moments = lines.map(({ at }) => Date.parse(at)).flatMap((ms) => [ms - 1, ms, ms + 1]);
          for (const [nth] of asked)
            await expectBalance(account, lines, new Date(moments[nth % moments.length]!).toISOString());
        },
      ),
      { seed: seed(), numRuns: HISTORIES },
    );
  });

  it('while money goes on moving between the pages, the last page closes with what all of them show', async () => {
    const account = await bank.account('10.00');
    for (let index = 0; index < 4; index++) await make(account, { afterMs: 0, cents: index + 1, lines: 1 });
    let left = 5;
    const found = await pages(account, 'limit=2', async () => {
      if (left-- > 0) await make(account, { afterMs: HOUR_MS, cents: 7, lines: 1 });
    });
    const moved = found.flatMap((page) => page.lines).map(({ amount }) => Math.round(Number(amount) * MINOR));
    expect(new Set(found.flatMap((page) => page.lines).map(({ id }) => id)).size).toBe(moved.length);
    expect(moved.length).toBeGreaterThan(5);
    expect(decimal(moved.reduce((sum, cents) => sum + cents, 0))).toBe(found.at(-1)!.closing);
  });
});
