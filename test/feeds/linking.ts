// Enrolling and syncing through the API, and what the store and the bank hold then.
import { expect } from 'vitest';
import { Account } from '../../src/accounts/account.entity.js';
import { Balance } from '../../src/balances/balance.entity.js';
import { Database } from '../../src/database/database.js';
import { Enrollment } from '../../src/feeds/stored/enrollment.entity.js';
import { type EnrollmentView, type SyncResultView } from '../../src/feeds/enrollments/enrollments.dto.js';
import { FeedPosition } from '../../src/feeds/stored/feed-position.entity.js';
import { type AskedAccount, type Feed, type FeedAccess, type FeedLine } from '../../src/feeds/port/feed.port.js';
import { AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { bodyOf, EVERYBODY } from '../support/builders.js';
import { type Answer, type CallOptions, type TestApp } from '../support/test-app.js';

export const SANDBOX = 'sandbox';

export function enroll(
  app: TestApp,
  body: Readonly<Record<string, unknown>>,
  options?: CallOptions,
): Promise<EnrollmentView> {
  return bodyOf(app.post('/v1/enrollments', { feed: SANDBOX, ...body }, options));
}

export function trySync(app: TestApp, enrollment: { readonly id: string }, options?: CallOptions): Promise<Answer> {
  return app.post(`/v1/enrollments/${enrollment.id}/sync`, undefined, options);
}

/** A sync that comes through for every account. */
export async function sync(app: TestApp, enrollment: { readonly id: string }): Promise<SyncResultView> {
  const body: SyncResultView = await bodyOf(trySync(app, enrollment));
  expect(body.accounts.filter((account) => account.outcome === 'failed')).toEqual([]);
  return body;
}

/** Syncs until every open account has come through once. Answers how often it took. */
export async function syncUntilAllCameThrough(app: TestApp, enrollment: { readonly id: string }): Promise<number> {
  const open = (await accountRows(app, enrollment)).filter(({ status }) => status === 'open').map(({ id }) => id);
  const waiting = new Set<string>(open);
  for (let times = 1; times <= 40; times += 1) {
    const { body } = await trySync(app, enrollment);
    for (const { accountId, outcome } of (body as SyncResultView).accounts ?? [])
      if (outcome === 'synced') waiting.delete(accountId);
    if (waiting.size === 0) return times;
  }
  throw new Error(`not through after 40 syncs: ${[...waiting].join(' ')}`);
}

export function accountRows(app: TestApp, enrollment: { readonly id: string }): Promise<Account[]> {
  const where = { enrollmentId: enrollment.id as Account['enrollmentId'] & string };
  return app.app
    .get(Database)
    .read(EVERYBODY, (reader) => reader.rows(Account).find({ where, order: { externalId: 'ASC' } }));
}

/** All lines of an account, the removed ones too. */
export function lineRows(app: TestApp, account: Pick<Account, 'id'>): Promise<AccountTransaction[]> {
  return app.app
    .get(Database)
    .read(EVERYBODY, (reader) => reader.rows(AccountTransaction).find({ where: { accountId: account.id } }));
}

export const isLive = (line: AccountTransaction): boolean => line.status !== 'removed';

const FACTS = [
  'externalId',
  'date',
  'amount',
  'description',
  'status',
  'category',
  'counterparty',
  'type',
  'runningBalance',
  'raw',
] as const;

/** What the bank says of lines, in an order that does not depend on who tells it. */
export function factsOf(lines: readonly Pick<FeedLine | AccountTransaction, (typeof FACTS)[number]>[]): unknown[] {
  return lines
    .map((line) => Object.fromEntries(FACTS.map((name) => [name, line[name]])) as { externalId: string })
    .sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
}

export async function everyLine(feed: Feed, access: FeedAccess, account: AskedAccount): Promise<FeedLine[]> {
  const lines: FeedLine[] = [];
  for (let before: string | undefined; ;) {
    const page = await feed.page(access, account, { before, count: 500 });
    lines.push(...page.lines);
    if (page.next === undefined) return lines;
    before = page.next;
  }
}

const TABLES = [Enrollment, FeedPosition, Account, Balance, AccountTransaction] as const;

/**
 * Every row that linking and syncing write, as text. Without the positions' versions, which count the writes
 * themselves so that of two syncs at once the older answer is told from the newer.
 */
export async function wholeTables(app: TestApp): Promise<string> {
  const tables = await app.app.get(Database).read(EVERYBODY, async (reader) => {
    const all: object[][] = [];
    for (const table of TABLES) all.push(await reader.rows<object>(table).find());
    return all;
  });
  const asText = (row: object) =>
    JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  return tables
    .map((rows, index) =>
      rows
        .map((row) => asText(TABLES[index] === FeedPosition ? { ...row, version: undefined } : row))
        .sort()
        .join('\n'),
    )
    .join('\n\n');
}

/** What a sync brought, without what differs from one store to another: ids, moments and counts of edits. */
export async function brought(app: TestApp, enrollment: { readonly id: string }): Promise<unknown[]> {
  const accounts = await accountRows(app, enrollment);
  return Promise.all(
    accounts.map(async (account) => ({
      account: account.externalId,
      name: account.name,
      status: account.status,
      balances: [account.balanceAvailable, account.balanceLedger],
      lines: factsOf((await lineRows(app, account)).filter(isLive)),
    })),
  );
}
