// Which lines a filter means, their order and their totals: against a list in memory, and the same bytes from both engines.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Amount, formatAmount, parseAmount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { foldText } from '../../src/common/text.js';
import {
  bankLine,
  bodyOf,
  keepLine,
  linkedAccount,
  openAccount,
  ownerOf,
  withCursor,
  type Json,
} from '../support/builders.js';
import { ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';

const EXPONENTS: Record<string, number> = { JPY: 0, USD: 2, KWD: 3, XGM: 4 };
const CATEGORIES = [null, 'food', 'Food', 'rent', 'über', '~', 'Z', 'a b'];
const COUNTERPARTIES = [null, 'Corner Market', 'STRASSE 7', 'Straßenbahn', 'ΟΔΥΣΣΕΑΣ', 'café', '100%', 'a_b'];
const DATES = [
  '0001-01-01',
  '2024-02-28',
  '2024-02-29',
  '2024-03-01',
  '2026-10-31',
  '2026-11-01',
  '2026-11-02',
  '9999-12-31',
];
const AMOUNTS = ['-5', '-1', '0', '1', '5', '1000'];
const WORDS = ['groceries', 'GROCERIES 2', 'Rent %', "o'clock", 'ﬁnal_bill', '\\', '日本語'];

interface Known {
  readonly id: string;
  readonly owner: string;
  readonly line: Json;
}

let stores: TestStore[];
let apps: TestApp[];
let accounts: string[];
let known: Known[];

/** The same history on either engine: clock and ids are held, so that it is the same to the byte. */
async function history(app: TestApp): Promise<{ accounts: string[]; known: Known[] }> {
  const opened: { id: string; owner: string; currency: string }[] = [];
  for (const [index, currency] of ['USD', 'JPY', 'KWD', 'XGM', 'USD'].entries()) {
    opened.push(await openAccount(app, { currency, owner: index < 3 ? 'ann' : 'bob' }));
  }
  const rows: Known[] = [];
  for (let index = 0; index < 90; index++) {
    const account = opened[index % opened.length]!;
    const line = await keepLine(app, account, {
      date: DATES[(index * 7) % DATES.length],
      amount: AMOUNTS[(index * 5) % AMOUNTS.length],
      description: WORDS[(index * 3) % WORDS.length],
      category: CATEGORIES[(index * 11) % CATEGORIES.length],
      counterparty: COUNTERPARTIES[(index * 13) % COUNTERPARTIES.length],
      notes: index % 9 === 0 ? 'Notiz' : null,
      status: index % 6 === 0 ? 'pending' : 'posted',
    });
    rows.push({ id: line.id, owner: account.owner, line });
  }
  const linked = await linkedAccount(app, { owner: ownerOf('ann') });
  for (const [index, status] of (['removed', 'removed', 'posted', 'pending'] as const).entries()) {
    const { id } = await bankLine(app, linked, { status, date: DATES[index + 3] as CivilDate, amount: 500n as Amount });
    rows.push({ id, owner: 'ann', line: await bodyOf(app.get(`/v1/transactions/${id}`)) });
  }
  return { accounts: [...opened.map(({ id }) => id), linked.id], known: rows };
}

beforeAll(async () => {
  stores = await Promise.all(ENGINES.map((engine) => makeStore(engine)));
  apps = [await TestApp.start(stores[0]!), await TestApp.start(stores[1]!)];
  const histories = [await history(apps[0]!), await history(apps[1]!)];
  expect(histories[1]).toEqual(histories[0]);
  ({ accounts, known } = histories[0]!);
});
afterAll(async () => {
  for (const app of apps) await app.stop();
  for (const store of stores) await store.dispose();
});

/** What both engines answer; it must be the same bytes. */
async function ask(url: string): Promise<Json> {
  const [sqlite, postgres] = await Promise.all(apps.map((app) => app.get(url)));
  expect({ status: postgres!.status, text: postgres!.text }, url).toEqual({
    status: sqlite!.status,
    text: sqlite!.text,
  });
  return sqlite!.body;
}

interface Filter {
  readonly [name: string]: string | undefined;
}

/** Mostly left out, so that what several filters mean together is not always nothing. */
const optional = (values: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });
const filters: fc.Arbitrary<Filter> = fc.record({
  accountId: optional(fc.nat({ max: 5 }).map((index) => `account ${index}`)),
  owner: optional(fc.constantFrom('ann', 'bob', 'nobody')),
  from: optional(fc.constantFrom(...DATES, '2025-01-01')),
  to: optional(fc.constantFrom(...DATES, '2025-01-01')),
  minAmount: optional(fc.constantFrom(...AMOUNTS)),
  maxAmount: optional(fc.constantFrom(...AMOUNTS)),
  currency: optional(fc.constantFrom('USD', 'JPY', 'KWD', 'XGM', 'EUR')),
  category: optional(fc.constantFrom(...CATEGORIES.filter((one) => one !== null), 'FOOD', 'none')),
  status: optional(fc.constantFrom('pending', 'posted', 'removed')),
  counterparty: optional(fc.constantFrom('market', 'STRASSE', 'straße', 'οδυς', 'CAFE\u0301', '%', '_', 'x')),
  text: optional(
    fc.constantFrom(
      'groceries',
      'RENT',
      '%',
      '_',
      "'",
      '\\',
      'NOTIZ',
      'final',
      '日本',
      'ss',
      'STRASSE',
      'straße',
      'οδυς',
      'ΟΔΥΣ',
      'CAFE\u0301',
      'ＲＥＮＴ',
      'x',
    ),
  ),
});

function resolved(filter: Filter): Filter {
  const { accountId } = filter;
  return { ...filter, ...(accountId === undefined ? {} : { accountId: accounts[Number(accountId.slice(8))] }) };
}

/** The lines that are meant, in ascending order. */
function meant(filter: Filter): Known[] {
  const units = (line: Json): bigint => parseAmount(line.amount, EXPONENTS[line.currency]!);
  const limit = (text: string, line: Json): bigint => parseAmount(text, EXPONENTS[line.currency]!);
  const contains = (texts: (string | null)[], part: string): boolean =>
    foldText(texts.filter((text) => text !== null).join('\n')).includes(foldText(part));
  const { accountId, owner, from, to, minAmount, maxAmount, currency, category, status, counterparty, text } = filter;
  return known
    .filter(
      ({ line, owner: whose }) =>
        (accountId === undefined || line.accountId === accountId) &&
        (owner === undefined || whose === owner) &&
        (from === undefined || line.date >= from) &&
        (to === undefined || line.date <= to) &&
        (currency === undefined || line.currency === currency) &&
        (minAmount === undefined || units(line) >= limit(minAmount, line)) &&
        (maxAmount === undefined || units(line) <= limit(maxAmount, line)) &&
        (category === undefined || line.category === category) &&
        (status === undefined ? line.status !== 'removed' : line.status === status) &&
        (counterparty === undefined || (line.counterparty !== null && contains([line.counterparty], counterparty))) &&
        (text === undefined || contains([line.description, line.counterparty, line.notes], text)),
    )
    .sort((a, b) => (`${a.line.date}${a.id}` < `${b.line.date}${b.id}` ? -1 : 1));
}

function urlOf(path: string, parameters: object): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined) as [string, string][];
  return `${path}?${new URLSearchParams(given).toString().replaceAll('+', '%20')}`;
}

/** An amount means nothing without a currency, and an account of another owner is not there: such filters are refused, alike. */
function refusalOf(filter: Filter): string | undefined {
  const { minAmount, maxAmount, currency, accountId, owner } = filter;
  const hasAmount = minAmount !== undefined || maxAmount !== undefined;
  const isStrange =
    accountId !== undefined &&
    owner !== undefined &&
    known.find(({ line }) => line.accountId === accountId)?.owner !== owner;
  if (hasAmount && currency === undefined && accountId === undefined) return 'request_invalid';
  return isStrange ? 'account_not_found' : undefined;
}

const runs = { seed: seed(), numRuns: share({ test: 150, prove: 10_000 }) };

it('every filter, alone and with others, means the lines that it says, in either order, page by page, on both engines', async () => {
  const orders = fc.constantFrom('asc', 'desc', undefined);
  await fc.assert(
    fc.asyncProperty(filters, orders, fc.integer({ min: 1, max: 40 }), async (asked, order, limit) => {
      const filter = resolved(asked);
      const url = urlOf('/v1/transactions', { ...filter, order, limit: String(limit) });
      const refusal = refusalOf(filter);
      if (refusal !== undefined) {
        expect((await ask(url)).code).toBe(refusal);
        return;
      }
      const lines = meant(filter).map(({ line }) => line);
      if (order !== 'asc') lines.reverse();
      let cursor: string | null = null;
      for (let at = 0; at === 0 || cursor !== null; at += limit) {
        const page: Json = await ask(withCursor(url, cursor));
        expect(page.data).toEqual(lines.slice(at, at + limit));
        expect(page.nextCursor === null).toBe(at + limit >= lines.length);
        cursor = page.nextCursor;
      }
    }),
    runs,
  );
});

it('totals of every filter and grouping are those of its lines, on both engines', async () => {
  const groupings = fc.constantFrom(undefined, 'category', 'month', 'category,month');
  await fc.assert(
    fc.asyncProperty(filters, groupings, async (asked, groupBy) => {
      const filter = resolved(asked);
      const answer = await ask(urlOf('/v1/transactions/totals', { ...filter, groupBy }));
      const refusal = refusalOf(filter);
      if (refusal !== undefined) expect(answer.code).toBe(refusal);
      else expect(answer.data).toEqual(totalsOf(meant(filter), groupBy ?? ''));
    }),
    runs,
  );
});

function totalsOf(rows: readonly Known[], groupBy: string): unknown[] {
  const groups = new Map<string, { row: Record<string, unknown>; in: bigint; out: bigint; count: number }>();
  for (const { line } of rows) {
    const row = {
      currency: line.currency,
      ...(groupBy.includes('category') ? { category: line.category } : {}),
      ...(groupBy.includes('month') ? { month: line.date.slice(0, 7) } : {}),
    };
    // What has no category comes first.
    const key = Object.values(row)
      .map((part) => (part === null ? '\u0000' : `\u0001${String(part)}`))
      .join('\u0000');
    const group = groups.get(key) ?? { row, in: 0n, out: 0n, count: 0 };
    const units = parseAmount(line.amount, EXPONENTS[line.currency]!);
    groups.set(key, {
      row,
      in: group.in + (units > 0n ? units : 0n),
      out: group.out + (units < 0n ? units : 0n),
      count: group.count + 1,
    });
  }
  const text = (units: bigint, row: Record<string, unknown>): string =>
    formatAmount(units, EXPONENTS[String(row['currency'])]!);
  return [...groups.entries()]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([, group]) => ({
      ...group.row,
      in: text(group.in, group.row),
      out: text(group.out, group.row),
      net: text(group.in + group.out, group.row),
      count: group.count,
    }));
}
