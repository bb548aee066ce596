// The rows of lines.
import { Injectable } from '@nestjs/common';
import { type Amount } from '../common/amount.js';
import { type CivilDate } from '../common/civil-date.js';
import { type Currency } from '../common/currency.js';
import { civilDateOf, type Instant } from '../common/clock.js';
import { type AccountId, type TransactionId, type TransferId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { type Reader } from '../database/reader.js';
import { type Shape } from '../database/shape.js';
import { allOf, type Sql, sql, sqlText } from '../database/sql.js';
import { type Change, type Transaction } from '../database/transaction.js';
import { AccountTransaction } from './account-transaction.entity.js';
import { conditionsOf, isLongWay, type TransactionFilter, whereOf } from './transaction-filter.js';

export interface Place {
  readonly date: CivilDate;
  readonly id: TransactionId;
}

export interface DaySpan {
  readonly oldest: CivilDate;
  readonly newest: CivilDate;
}

export type Order = 'asc' | 'desc';

/** What a list shows: not the source's raw text, which may be long, nor what only search looks at. */
const LISTED = [
  'id',
  'accountId',
  'date',
  'amount',
  'currency',
  'description',
  'counterparty',
  'category',
  'notes',
  'status',
  'type',
  'runningBalance',
  'source',
  'externalId',
  'transferId',
  'version',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof AccountTransaction)[];

export type ListedTransaction = Pick<AccountTransaction, (typeof LISTED)[number]>;

const TRANSFERRED = ['id', 'date', 'transferId'] as const satisfies readonly (keyof AccountTransaction)[];

/** Where a line stands, and the transfer that it is a part of. */
export interface TransferredLine extends Place {
  readonly transferId: TransferId;
}

export interface TransferredFilter {
  readonly accountId?: AccountId;
  readonly kind?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface TotalsGroup {
  readonly currency: Currency;
  readonly category?: string | null;
  readonly month?: string;
  /** Sums in minor units; they may pass the limit of a single amount. */
  readonly in: bigint;
  readonly out: bigint;
  readonly count: number;
}

const SUMS = { in: 'sum', out: 'sum', count: 'number' } as const satisfies Shape;
const TOTALS_SHAPES = {
  none: { currency: 'text', ...SUMS },
  category: { currency: 'text', category: 'text?', ...SUMS },
  month: { currency: 'text', month: 'text', ...SUMS },
  'category,month': { currency: 'text', category: 'text?', month: 'text', ...SUMS },
} as const satisfies Record<string, Shape>;

@Injectable()
export class TransactionsRepository {
  async find(reader: Reader, id: TransactionId): Promise<AccountTransaction | null> {
    const where = sql`WHERE ${reader.owned('t')} AND t.id = ${id}`;
    const [line] = await reader.select(AccountTransaction, 't', where);
    return line ?? null;
  }

  findAll(reader: Reader, ids: readonly TransactionId[]): Promise<AccountTransaction[]> {
    return reader.select(
      AccountTransaction,
      't',
      sql`WHERE ${reader.owned('t')} AND ${reader.words.oneOf('t.id', ids)} ORDER BY t.id`,
    );
  }

  /** A page by date, then id; `after` is where the page before ended. */
  list(
    reader: Reader,
    filter: TransactionFilter,
    order: Order,
    after: Place | undefined,
    limit: number,
  ): Promise<ListedTransaction[]> {
    const conditions = conditionsOf(reader, filter);
    const [beyond, direction] = order === 'desc' ? [sqlText('<'), sqlText('DESC')] : [sqlText('>'), sqlText('ASC')];
    if (after !== undefined) conditions.push(sql`(t.date, t.id) ${beyond} (${after.date}, ${after.id})`);
    const rest = sql`WHERE ${allOf(conditions)} ORDER BY t.date ${direction}, t.id ${direction} LIMIT ${sqlText(String(limit))}`;
    return reader.pick(AccountTransaction, LISTED, 't', rest, { scan: isLongWay(filter) });
  }

  async totals(
    reader: Reader,
    filter: TransactionFilter,
    grouping: keyof typeof TOTALS_SHAPES,
  ): Promise<TotalsGroup[]> {
    const groups: Sql[] = [sqlText('t.currency')];
    if (grouping.includes('category')) groups.push(sqlText('t.category'));
    if (grouping.includes('month')) groups.push(reader.words.month('t.date'));
    const columns = groups.reduce((list, group) => sql`${list}, ${group}`);
    const places = sqlText(groups.map((_, index) => String(index + 1)).join(', '));
    const { sum } = reader.words;
    const sums = sql`${sum('CASE WHEN t.amount > 0 THEN t.amount ELSE 0 END')}, ${sum('CASE WHEN t.amount < 0 THEN t.amount ELSE 0 END')}, COUNT(*)`;
    // The engines order nulls differently: what has no category comes first on both.
    const orderBy = grouping.startsWith('category')
      ? sqlText(`t.currency, t.category IS NOT NULL, ${places.pieces[0]}`)
      : places;
    const query = sql`SELECT ${columns}, ${sums} FROM transactions t WHERE ${whereOf(reader, filter)} GROUP BY ${places} ORDER BY ${orderBy}`;
    return (await reader.scan(query, TOTALS_SHAPES[grouping])) as TotalsGroup[];
  }

  /** Which of these external ids the accounts have already, as `accountId externalId`. */
  async takenExternalIds(
    reader: Reader,
    accountIds: readonly AccountId[],
    externalIds: readonly string[],
  ): Promise<Set<string>> {
    if (externalIds.length === 0) return new Set();
    const { oneOf } = reader.words;
    const where = sql`${reader.owned('t')} AND ${oneOf('t.account_id', accountIds)} AND ${oneOf('t.external_id', externalIds)}`;
    const rows = await reader.query(
      sql`SELECT t.account_id, t.external_id FROM transactions t WHERE ${where}`,
      TAKEN_SHAPE,
    );
    return new Set(rows.map((row) => `${row.accountId} ${row.externalId}`));
  }

  /** Lines of an account that came from its feed and that a window is about: dated in it, or of these external ids. The oldest first. */
  async inWindow(
    reader: Reader,
    accountId: AccountId,
    from: CivilDate,
    externalIds: readonly string[],
  ): Promise<AccountTransaction[]> {
    const ofAccount = sql`WHERE ${reader.owned('t')} AND t.account_id = ${accountId} AND t.source = 'feed'`;
    const { each, joinFirst, oneOf } = reader.words;
    const lines = (meant: Sql): Promise<AccountTransaction[]> =>
      reader.select(AccountTransaction, 't', sql`WHERE ${reader.owned('t')} AND ${meant} ORDER BY t.date, t.id`);
    // A probe of the index for each: asked for the days or the ids, a store without statistics reads all lines of the account.
    const probe = sql`${ofAccount} AND t.external_id = x.value AND t.date < ${from}`;
    const earlier = await reader.query(
      sql`SELECT t.id FROM ${each(externalIds, 'x')} ${joinFirst('transactions', 't', probe)}`,
      ID_SHAPE,
    );
    const ids = earlier.map(({ id }) => id);
    const named = ids.length === 0 ? [] : await lines(sql`${oneOf('t.id', ids)}`);
    return [...named, ...(await lines(sql`t.account_id = ${accountId} AND t.source = 'feed' AND t.date >= ${from}`))];
  }

  /** The oldest and the newest day of each account that has lines, also of those that the bank took back. */
  async daySpans(reader: Reader, accountIds: readonly AccountId[]): Promise<Map<AccountId, DaySpan>> {
    const ofAccount = sql`FROM transactions t WHERE ${reader.owned('t')} AND t.account_id = a.value`;
    const rows = await reader.query(
      sql`SELECT a.value, (SELECT MIN(t.date) ${ofAccount}), (SELECT MAX(t.date) ${ofAccount}) FROM ${reader.words.each(accountIds, 'a')}`,
      SPAN_SHAPE,
    );
    return new Map(
      rows.flatMap(({ accountId, oldest, newest }) =>
        oldest === null || newest === null ? [] : [[accountId as AccountId, { oldest, newest }]],
      ),
    );
  }

  /** The ledger after the newest line of each of these accounts that does not lie beyond a place; accounts without one are left out. */
  async ledgersAt(reader: Reader, accountIds: readonly AccountId[], place: Place): Promise<Map<AccountId, Amount>> {
    const newest = sql`SELECT t.running_balance FROM transactions t WHERE ${reader.owned('t')} AND t.account_id = a.value AND (t.date, t.id) <= (${place.date}, ${place.id}) ORDER BY t.date DESC, t.id DESC LIMIT 1`;
    const rows = await reader.query(
      sql`SELECT a.value, (${newest}) FROM ${reader.words.each(accountIds, 'a')}`,
      LEDGER_SHAPE,
    );
    return new Map(
      rows.flatMap(({ accountId, ledger }) => (ledger === null ? [] : [[accountId as AccountId, ledger]])),
    );
  }

  /** Lines that are parts of transfers, and of which: of the leave's owner, or of one account. */
  ofTransfers(
    reader: Reader,
    filter: TransferredFilter,
    order: Order,
    beyond: Place | undefined,
    limit: number,
  ): Promise<TransferredLine[]> {
    const { accountId, kind, from, to } = filter;
    const conditions: Sql[] = [reader.owned('t'), sql`t.transfer_id IS NOT NULL`];
    if (accountId !== undefined) conditions.push(sql`t.account_id = ${accountId}`);
    if (kind !== undefined) conditions.push(sql`t.type = ${kind}`);
    if (from !== undefined) conditions.push(sql`t.created_at >= ${from} AND t.date >= ${civilDateOf(from)}`);
    if (to !== undefined) conditions.push(sql`t.created_at <= ${to} AND t.date <= ${civilDateOf(to)}`);
    const [after, direction] = order === 'asc' ? [sqlText('>'), sqlText('ASC')] : [sqlText('<'), sqlText('DESC')];
    if (beyond !== undefined) conditions.push(sql`(t.date, t.id) ${after} (${beyond.date}, ${beyond.id})`);
    const rest = sql`WHERE ${allOf(conditions)} ORDER BY t.date ${direction}, t.id ${direction} LIMIT ${sqlText(String(limit))}`;
    return reader.pick(AccountTransaction, TRANSFERRED, 't', rest) as Promise<TransferredLine[]>;
  }

  /** The day of the oldest line that is still pending; undefined when none is. */
  async oldestPending(reader: Reader, accountId: AccountId): Promise<CivilDate | undefined> {
    const where = sql`${reader.owned('t')} AND t.account_id = ${accountId} AND t.status = 'pending'`;
    const [row] = await reader.query(
      sql`SELECT t.date FROM transactions t WHERE ${where} ORDER BY t.date LIMIT 1`,
      DATE_SHAPE,
    );
    return row?.date;
  }

  async insert(tx: Transaction, lines: readonly AccountTransaction[]): Promise<void> {
    await tx.insert(AccountTransaction, lines);
  }

  async update(tx: Transaction, changes: readonly Change<AccountTransaction>[]): Promise<void> {
    await tx.update(AccountTransaction, changes);
  }

  delete(tx: Transaction, ids: readonly TransactionId[]): Promise<number> {
    return tx.delete(
      AccountTransaction,
      ids.map((id) => ({ id })),
    );
  }

  /** Gives all lines of an account to its new owner. */
  async handOver(tx: Transaction, accountId: AccountId, owner: Owner): Promise<void> {
    const rows = await tx.query(
      sql`SELECT t.id FROM transactions t WHERE ${tx.owned('t')} AND t.account_id = ${accountId} ORDER BY t.id`,
      ID_SHAPE,
    );
    await tx.update(
      AccountTransaction,
      rows.map(({ id }) => ({ key: { id: id as TransactionId }, set: { owner } })),
    );
  }
}

const TAKEN_SHAPE = { accountId: 'text', externalId: 'text' } as const satisfies Shape;
const SPAN_SHAPE = { accountId: 'text', oldest: 'date?', newest: 'date?' } as const satisfies Shape;
const LEDGER_SHAPE = { accountId: 'text', ledger: 'amount?' } as const satisfies Shape;
const DATE_SHAPE = { date: 'date' } as const satisfies Shape;
const ID_SHAPE = { id: 'text' } as const satisfies Shape;
