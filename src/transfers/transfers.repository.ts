// The rows of transfers, of holds, and the head of the chain.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../common/clock.js';
import { type AccountId, type TransferId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { allOf, ownerless, type Sql, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { ChainHead, THE_CHAIN } from './chain-head.entity.js';
import { CHAIN_BEGIN } from './entry.js';
import { Transfer } from './transfer.entity.js';

const OF_ALL = ownerless('a transfer belongs to whoever owns one of its lines, which is looked at there');

export interface TransferFilter {
  readonly kind?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  /** Those with a line on it. */
  readonly accountId?: AccountId;
}

@Injectable()
export class TransfersRepository {
  async find(reader: Reader, id: TransferId): Promise<Transfer | undefined> {
    return (await this.findAll(reader, [id]))[0];
  }

  async findAll(reader: Reader, ids: readonly TransferId[]): Promise<Transfer[]> {
    if (ids.length === 0) return [];
    return reader.select(Transfer, 'f', sql`WHERE ${OF_ALL} AND ${reader.words.oneOf('f.id', ids)} ORDER BY f.seq`);
  }

  /** Those that take back one of these. */
  async reversalsOf(reader: Reader, ids: readonly TransferId[]): Promise<Transfer[]> {
    if (ids.length === 0) return [];
    const { oneOf } = reader.words;
    return reader.select(Transfer, 'f', sql`WHERE ${OF_ALL} AND ${oneOf('f.reverses', ids)} ORDER BY f.seq`);
  }

  /** In the order of the chain, or against it; `beyond` is where the page before ended. Of an owner: those with a line of theirs. */
  list(
    reader: Reader,
    filter: TransferFilter,
    order: 'asc' | 'desc',
    beyond: bigint | undefined,
    limit: number,
  ): Promise<Transfer[]> {
    const conditions: Sql[] = [OF_ALL];
    if (filter.kind !== undefined) conditions.push(sql`f.kind = ${filter.kind}`);
    if (filter.from !== undefined) conditions.push(sql`f.at >= ${filter.from}`);
    if (filter.to !== undefined) conditions.push(sql`f.at <= ${filter.to}`);
    const { isAscending, direction } =
      order === 'asc'
        ? { isAscending: sqlText('>'), direction: sqlText('ASC') }
        : { isAscending: sqlText('<'), direction: sqlText('DESC') };
    if (beyond !== undefined) conditions.push(sql`f.seq ${isAscending} ${beyond}`);
    const mine = linesOf(reader, filter.accountId);
    if (mine !== undefined) conditions.push(sql`EXISTS (${mine} AND t.transfer_id = f.id)`);
    const rest = sql`WHERE ${allOf(conditions)} ORDER BY f.seq ${direction} LIMIT ${sqlText(String(limit))}`;
    return reader.select(Transfer, 'f', rest, { scan: true });
  }

  /** The head of the chain, locked. The first one to ask makes it. */
  async lockHead(tx: Transaction): Promise<ChainHead> {
    for (;;) {
      const [head] = await tx.lock(ChainHead, [THE_CHAIN]);
      if (head !== undefined) return head;
      await tx.insertNew(ChainHead, { id: THE_CHAIN, seq: 0n, hash: CHAIN_BEGIN, at: null, lastLineId: null });
    }
  }

  async head(reader: Reader): Promise<ChainHead | undefined> {
    const where = sql`WHERE ${ownerless('there is one chain')} AND h.id = ${THE_CHAIN}`;
    return (await reader.select(ChainHead, 'h', where))[0];
  }

  async moveHead(tx: Transaction, { id, seq, hash, at, lastLineId }: ChainHead): Promise<void> {
    await tx.update(ChainHead, [{ key: { id }, set: { seq, hash, at, lastLineId } }]);
  }

  /** Answers how many of them were new. */
  insert(tx: Transaction, transfers: readonly Transfer[]): Promise<number> {
    return tx.insertNewAll(Transfer, transfers);
  }
}

/** The lines that a list is about: of the leave's owner, of one account. Undefined: of all. */
function linesOf(reader: Reader, accountId: AccountId | undefined): Sql | undefined {
  if (accountId === undefined && 'everyOwner' in reader.scope) return undefined;
  const ofAccount = accountId === undefined ? sqlText('TRUE') : sql`t.account_id = ${accountId}`;
  return sql`SELECT 1 FROM transactions t WHERE ${reader.owned('t')} AND ${ofAccount}`;
}
