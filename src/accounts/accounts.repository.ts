// The rows of accounts, and the lock that lets their money move.
import { Injectable } from '@nestjs/common';
import { type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type AccountId, type EnrollmentId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { type Shape } from '../database/shape.js';
import { allOf, ownerless, type Sql, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { Account, type AccountKind, type AccountStatus } from './account.entity.js';
import { LockedAccount } from './locked-account.js';

export interface AccountFilter {
  readonly kind?: AccountKind;
  readonly status?: AccountStatus;
  readonly institutionId?: string;
  readonly currency?: string;
  readonly enrollmentId?: string;
  readonly accountNumber?: string;
  readonly systemRole?: string;
}

/** Where a linked account's external id means something. */
export interface LinkKey {
  readonly owner: string;
  readonly feed: string;
  readonly environment: string;
}

/** What money that moved leaves on a book account. */
export interface MoneyMove {
  readonly locked: LockedAccount;
  readonly ledger: Amount;
  readonly held: Amount;
  readonly lastLineAt: Instant | null;
}

const ID_SHAPE = { id: 'text' } as const satisfies Shape;

@Injectable()
export class AccountsRepository {
  /** Asked by most requests, so prepared: the mapper would take as long over it as all the rest of the request. */
  async find(reader: Reader, id: AccountId): Promise<Account | null> {
    const [account] = await reader.select(Account, 'a', sql`WHERE ${reader.owned('a')} AND a.id = ${id}`);
    return account ?? null;
  }

  findAll(reader: Reader, ids: readonly AccountId[]): Promise<Account[]> {
    return reader.select(
      Account,
      'a',
      sql`WHERE ${reader.owned('a')} AND ${reader.words.oneOf('a.id', ids)} ORDER BY a.id`,
    );
  }

  findByEnrollment(reader: Reader, enrollmentId: EnrollmentId): Promise<Account[]> {
    return reader.rows(Account).find({ where: { enrollmentId }, order: { id: 'ASC' } });
  }

  findByEnrollments(reader: Reader, enrollmentIds: readonly EnrollmentId[]): Promise<Account[]> {
    const where = sql`${reader.owned('a')} AND ${reader.words.oneOf('a.enrollment_id', enrollmentIds)}`;
    return reader.select(Account, 'a', sql`WHERE ${where} ORDER BY a.id`);
  }

  /** Linked accounts of an owner by their ids at the feed, whichever enrollment they came by. */
  findLinked(
    reader: Reader,
    { owner, feed, environment }: LinkKey,
    externalIds: readonly string[],
  ): Promise<Account[]> {
    const where = sql`${reader.owned('a')} AND a.owner = ${owner} AND a.feed = ${feed} AND a.environment = ${environment}`;
    return reader.select(
      Account,
      'a',
      sql`WHERE ${where} AND ${reader.words.oneOf('a.external_id', externalIds)} ORDER BY a.id`,
    );
  }

  /** In the order of their ids, which is that of their opening. */
  list(reader: Reader, filter: AccountFilter, after: string | undefined, limit: number): Promise<Account[]> {
    const conditions: Sql[] = [reader.owned('a')];
    if (filter.kind !== undefined) conditions.push(sql`a.kind = ${filter.kind}`);
    if (filter.status !== undefined) conditions.push(sql`a.status = ${filter.status}`);
    if (filter.institutionId !== undefined) conditions.push(sql`a.institution_id = ${filter.institutionId}`);
    if (filter.currency !== undefined) conditions.push(sql`a.currency = ${filter.currency}`);
    if (filter.enrollmentId !== undefined) conditions.push(sql`a.enrollment_id = ${filter.enrollmentId}`);
    if (filter.accountNumber !== undefined) conditions.push(sql`a.account_number = ${filter.accountNumber}`);
    if (filter.systemRole !== undefined) conditions.push(sql`a.system_role = ${filter.systemRole}`);
    if (after !== undefined) conditions.push(sql`a.id > ${after}`);
    return reader.select(Account, 'a', sql`WHERE ${allOf(conditions)} ORDER BY a.id LIMIT ${sqlText(String(limit))}`);
  }

  /** Locks these accounts in id order. Those that are not there, or not the leave's owner's, are left out. */
  async lock(tx: Transaction, ids: readonly AccountId[]): Promise<LockedAccount[]> {
    return (await tx.lock(Account, ids)).map((account) => LockedAccount.underLock(tx, account));
  }

  /** What a batch of transfers and holds leaves on book accounts. No edit of theirs: the transfers tell of it. */
  async moveMoney(tx: Transaction, moves: readonly MoneyMove[]): Promise<void> {
    const changes = moves.map(({ locked, ledger, held, lastLineAt }) => {
      const { id, moneyVersion } = locked.heldBy(tx);
      return { key: { id }, set: { ledger, held, lastLineAt, moneyVersion: moneyVersion + 1 } };
    });
    await tx.update(Account, changes);
  }

  /** The accounts with these numbers, whosever they are: what may be done with them is asked of their rows. */
  async idsOfNumbers(reader: Reader, numbers: readonly string[]): Promise<AccountId[]> {
    const query = sql`SELECT a.id FROM accounts a WHERE ${reader.owned('a')} AND ${reader.words.oneOf('a.account_number', numbers)}`;
    return (await reader.query(query, ID_SHAPE)).map(({ id }) => id as AccountId);
  }

  async isNumberTaken(reader: Reader, number: string): Promise<boolean> {
    const query = sql`SELECT a.id FROM accounts a WHERE ${ownerless('numbers are one space for all owners')} AND a.account_number = ${number}`;
    return (await reader.query(query, ID_SHAPE)).length > 0;
  }

  async insert(tx: Transaction, accounts: readonly Account[]): Promise<void> {
    await tx.insert(Account, accounts);
  }

  async update(tx: Transaction, locked: LockedAccount, set: Partial<Account>): Promise<Account> {
    const account = locked.heldBy(tx);
    await tx.update(Account, [{ key: { id: account.id }, set }]);
    return { ...account, ...set };
  }
}
