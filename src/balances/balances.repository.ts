// The rows of balances: history.
import { Injectable } from '@nestjs/common';
import { Account } from '../accounts/account.entity.js';
import { latestBalance } from '../accounts/accounts.view.js';
import { type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type AccountId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { type Reader } from '../database/reader.js';
import { type Shape } from '../database/shape.js';
import { allOf, type Sql, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { Balance } from './balance.entity.js';

export interface Span {
  readonly from?: Instant;
  readonly to?: Instant;
}

const STATED_SHAPE = {
  accountId: 'text',
  currency: 'text',
  id: 'text',
  available: 'amount?',
  ledger: 'amount?',
  asOf: 'instant',
} as const satisfies Shape;

/** A balance with its account's currency. */
export type StatedBalance = Pick<Balance, 'accountId' | 'available' | 'ledger' | 'asOf'> & {
  readonly id: string | null;
  readonly currency: string;
};

/** One that was stated, or that of a book account. */
export type ShownBalance = StatedBalance & { readonly held?: bigint | null };

@Injectable()
export class BalancesRepository {
  findAt(reader: Reader, accountId: AccountId, asOf: Instant): Promise<Balance | null> {
    return reader.rows(Balance).findOne({ accountId, asOf });
  }

  /** Newest first; `before` is where the page before ended. */
  history(
    reader: Reader,
    accountId: AccountId,
    span: Span,
    before: Instant | undefined,
    limit: number,
  ): Promise<Balance[]> {
    const conditions: Sql[] = [reader.owned('b'), sql`b.account_id = ${accountId}`];
    if (span.from !== undefined) conditions.push(sql`b.as_of >= ${span.from}`);
    if (span.to !== undefined) conditions.push(sql`b.as_of <= ${span.to}`);
    if (before !== undefined) conditions.push(sql`b.as_of < ${before}`);
    return reader.select(
      Balance,
      'b',
      sql`WHERE ${allOf(conditions)} ORDER BY b.as_of DESC LIMIT ${sqlText(String(limit))}`,
    );
  }

  /** The newest of each account that is not after `at`, in the order of the accounts' ids. */
  async latestAt(
    reader: Reader,
    at: Instant,
    account: { only?: AccountId; after?: string },
    limit: number,
  ): Promise<StatedBalance[]> {
    const newest = sql`WHERE b.account_id = a.id AND b.as_of <= ${at} ORDER BY b.as_of DESC`;
    const conditions: Sql[] = [reader.owned('a')];
    if (account.only !== undefined) conditions.push(sql`a.id = ${account.only}`);
    if (account.after !== undefined) conditions.push(sql`a.id > ${account.after}`);
    const query = sql`
      SELECT a.id, a.currency, b.id, b.available, b.ledger, b.as_of
      FROM accounts a ${reader.words.joinFirst('balances', 'b', newest)}
      WHERE ${allOf(conditions)} ORDER BY a.id LIMIT ${sqlText(String(limit))}`;
    return (await reader.query(query, STATED_SHAPE)) as StatedBalance[];
  }

  /** The balances that the accounts carry, in the order of their ids; accounts of which none is known are left out. */
  async latest(reader: Reader, after: string | undefined, limit: number): Promise<ShownBalance[]> {
    const conditions: Sql[] = [reader.owned('a'), sql`(a.balance_as_of IS NOT NULL OR a.kind = 'book')`];
    if (after !== undefined) conditions.push(sql`a.id > ${after}`);
    const accounts = await reader.select(
      Account,
      'a',
      sql`WHERE ${allOf(conditions)} ORDER BY a.id LIMIT ${sqlText(String(limit))}`,
    );
    return accounts.map(carriedBy);
  }

  /** The book accounts that were open at a moment, in the order of their ids. */
  booksAt(reader: Reader, at: Instant, after: string | undefined, limit: number): Promise<Account[]> {
    const conditions: Sql[] = [reader.owned('a'), sql`a.kind = 'book' AND a.created_at <= ${at}`];
    if (after !== undefined) conditions.push(sql`a.id > ${after}`);
    return reader.select(Account, 'a', sql`WHERE ${allOf(conditions)} ORDER BY a.id LIMIT ${sqlText(String(limit))}`);
  }

  async insert(tx: Transaction, balance: Balance): Promise<void> {
    await tx.insert(Balance, [balance]);
  }

  async replace(tx: Transaction, balance: Balance): Promise<void> {
    await tx.upsert(Balance, [balance]);
  }

  async carryOnAccount(
    tx: Transaction,
    { id: accountId, version }: Account,
    balance: Balance,
    now: Instant,
  ): Promise<void> {
    const { id, available, ledger, asOf } = balance;
    const carried = { balanceId: id, balanceAvailable: available, balanceLedger: ledger, balanceAsOf: asOf };
    await tx.update(Account, [{ key: { id: accountId }, set: { ...carried, version: version + 1, updatedAt: now } }]);
  }

  /** Gives an account's history to its new owner. */
  async handOver(tx: Transaction, accountId: AccountId, owner: Owner): Promise<void> {
    const rows = await tx.rows(Balance).find({ where: { accountId }, order: { asOf: 'ASC' } });
    await tx.update(
      Balance,
      rows.map(({ id }) => ({ key: { id }, set: { owner } })),
    );
  }
}

/** Stated of it, or computed where it is a book account. */
export function carriedBy(account: Account): ShownBalance {
  const { available, ledger, held, asOf } = latestBalance(account);
  const { id: accountId, balanceId: id, currency } = account;
  return {
    id,
    accountId,
    currency,
    available: available as Amount | null,
    ledger: ledger as Amount | null,
    held,
    asOf: asOf!,
  };
}
