// What a test begins with, in a word each: accounts, lines, balances; and what it expects of a refusal.
import { expect } from 'vitest';
import { type Account } from '../../src/accounts/account.entity.js';
import { AccountsRepository } from '../../src/accounts/accounts.repository.js';
import { UNLINKED, WITHOUT_MONEY } from '../../src/accounts/accounts.service.js';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Currency } from '../../src/common/currency.js';
import { IdSource } from '../../src/common/ids.js';
import { DEFAULT_OWNER, type Owner } from '../../src/common/owner.js';
import { Database } from '../../src/database/database.js';
import { ofEveryOwner } from '../../src/database/scope.js';
import { type AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { newLine } from '../../src/transactions/line.js';
import { TransactionsRepository } from '../../src/transactions/transactions.repository.js';
import { type Answer, type CallOptions, type TestApp } from './test-app.js';

export const EVERYBODY = ofEveryOwner('a test looks at everything');

/** The parsed body of an answer, or a part of it. */
export type Json = Answer['body'];

type Fields = Readonly<Record<string, unknown>>;

/** The body of an answer that must be a success. */
export async function bodyOf(answer: Promise<Answer>): Promise<Json> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return body;
}

/** A manual account in USD, unless it is said otherwise. */
export function openAccount(app: TestApp, fields: Fields = {}, options?: CallOptions): Promise<Json> {
  return bodyOf(app.post('/v1/accounts', { kind: 'manual', name: 'Cash', currency: 'USD', ...fields }, options));
}

/** The request for a line on an account. */
export function lineFor(account: { readonly id: string }, fields: Fields = {}): Fields {
  return { accountId: account.id, date: '2026-11-01', amount: '-1', description: 'Groceries', ...fields };
}

export function keepLine(
  app: TestApp,
  account: { readonly id: string },
  fields: Fields = {},
  options?: CallOptions,
): Promise<Json> {
  return bodyOf(app.post('/v1/transactions', lineFor(account, fields), options));
}

export function stateBalance(app: TestApp, account: { readonly id: string }, fields: Fields): Promise<Json> {
  return bodyOf(app.post(`/v1/accounts/${account.id}/balances`, fields));
}

/** An account as a feed would have linked it, past the API. */
export async function linkedAccount(app: TestApp, fields: Partial<Account> = {}): Promise<Account> {
  const now = app.clock.now();
  const id = app.app.get(IdSource).next('account');
  const account: Account = {
    ...UNLINKED,
    ...WITHOUT_MONEY,
    id,
    owner: DEFAULT_OWNER,
    kind: 'linked',
    name: 'Everyday Checking',
    currency: 'USD' as Currency,
    status: 'open',
    type: 'depository',
    subtype: null,
    institutionId: 'first_harbor',
    institutionName: 'First Harbor Bank',
    lastFour: '4711',
    feed: 'sandbox',
    environment: 'test',
    externalId: `at_bank_${id}`,
    overdraftLimit: 0n as Amount,
    balanceAvailable: null,
    balanceLedger: null,
    balanceAsOf: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
  await app.app
    .get(Database)
    .transact(EVERYBODY, (tx) => app.app.get(AccountsRepository, { strict: false }).insert(tx, [account]));
  return account;
}

/** A line as a feed would have brought it, past the API. */
export async function bankLine(
  app: TestApp,
  account: Account,
  fields: Partial<AccountTransaction> = {},
): Promise<AccountTransaction> {
  const facts = {
    date: '2026-11-01' as CivilDate,
    amount: -100n as Amount,
    description: 'CARD PAYMENT',
    counterparty: null,
    category: null,
    status: 'posted' as const,
    type: 'card_payment',
    runningBalance: null,
    externalId: null,
    raw: null,
  };
  const origin = { id: app.app.get(IdSource).next('transaction'), source: 'feed' as const, now: app.clock.now() };
  const line = { ...newLine(account, facts, origin), ...fields };
  await app.app
    .get(Database)
    .transact(EVERYBODY, (tx) => app.app.get(TransactionsRepository, { strict: false }).insert(tx, [line]));
  return line;
}

/** A row of the store itself, changed past the API. */
export async function setAccount(app: TestApp, id: string, set: Partial<Account>): Promise<void> {
  const accounts = app.app.get(AccountsRepository, { strict: false });
  await app.app.get(Database).transact(EVERYBODY, async (tx) => {
    const [locked] = await accounts.lock(tx, [id as Account['id']]);
    await accounts.update(tx, locked!, set);
  });
}

/** That an answer is this refusal, as problem+json, with faults at these places and no others. */
export function expectRefusal(answer: Answer, status: number, code: string, pointers: readonly string[] = []): void {
  expect({
    status: answer.status,
    code: answer.body?.code,
    pointers: ((answer.body?.errors ?? []) as { pointer: string }[]).map(({ pointer }) => pointer).sort(),
  }).toEqual({ status, code, pointers: [...pointers].sort() });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ type: `urn:passbook:problem:${code}`, status });
}

/** Everything that the caller sees of the noun's rows: to show that nothing was written. */
export async function everything(app: TestApp): Promise<string> {
  const answers = [
    await app.get('/v1/accounts?limit=500'),
    await app.get('/v1/transactions?limit=500'),
    await app.get('/v1/balances?limit=500'),
  ];
  return answers.map(({ text }) => text).join('\n');
}

/** All rows of a list, page by page. */
export async function allPages(app: TestApp, url: string, options?: CallOptions): Promise<Json[]> {
  const rows: Json[] = [];
  let cursor: string | null = null;
  do {
    const page = await bodyOf(app.get(withCursor(url, cursor), options));
    rows.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
}

export function withCursor(url: string, cursor: string | null): string {
  return cursor === null ? url : `${url}${url.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
}

export function ownerOf(name: string): Owner {
  return name as Owner;
}
