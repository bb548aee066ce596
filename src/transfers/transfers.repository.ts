// The rows of transfers, of holds, and the head of the chain.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../common/clock.js';
import { type TransferId } from '../common/ids.js';
import { type AuditFilter } from '../changes/change-log.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import { allOf, ownerless, type Sql, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { type Order } from '../transactions/transactions.repository.js';
import { ChainHead, THE_CHAIN } from './chain-head.entity.js';
import { CHAIN_BEGIN } from './entry.js';
import { Transfer } from './transfer.entity.js';

const OF_ALL = ownerless('a transfer belongs to whoever owns one of its lines, which is looked at there');

export interface TransferFilter {
  readonly kind?: string;
  readonly from?: Instant;
  readonly to?: Instant;
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

  /** In the order of the chain, or against it; `beyond` is where the page before ended. */
  list(
    reader: Reader,
    filter: TransferFilter,
    order: Order,
    beyond: bigint | undefined,
    limit: number,
  ): Promise<Transfer[]> {
    const conditions: Sql[] = [OF_ALL];
    if (filter.kind !== undefined) conditions.push(sql`f.kind = ${filter.kind}`);
    if (filter.from !== undefined) conditions.push(sql`f.at >= ${filter.from}`);
    if (filter.to !== undefined) conditions.push(sql`f.at <= ${filter.to}`);
    const [after, direction] = order === 'asc' ? [sqlText('>'), sqlText('ASC')] : [sqlText('<'), sqlText('DESC')];
    if (beyond !== undefined) conditions.push(sql`f.seq ${after} ${beyond}`);
    const rest = sql`WHERE ${allOf(conditions)} ORDER BY f.seq ${direction} LIMIT ${sqlText(String(limit))}`;
    return reader.select(Transfer, 'f', rest, { scan: filter.kind !== undefined });
  }

  async findBySeq(reader: Reader, seq: bigint): Promise<Transfer | undefined> {
    return (await reader.select(Transfer, 'f', sql`WHERE ${OF_ALL} AND f.seq = ${seq}`))[0];
  }

  /** For auditors, newest first: this looks at all of them. Of an owner: those with a line of theirs. */
  audit(reader: Reader, filter: AuditFilter, before: bigint | undefined, limit: number): Promise<Transfer[]> {
    const conditions: Sql[] = [OF_ALL];
    if (filter.objectId !== undefined) conditions.push(sql`f.id = ${filter.objectId}`);
    if (filter.actor !== undefined) conditions.push(sql`f.actor = ${filter.actor}`);
    if (filter.requestId !== undefined) conditions.push(sql`f.request_id = ${filter.requestId}`);
    if (filter.from !== undefined) conditions.push(sql`f.at >= ${filter.from}`);
    if (filter.to !== undefined) conditions.push(sql`f.at <= ${filter.to}`);
    if (before !== undefined) conditions.push(sql`f.seq < ${before}`);
    if (ownerOf(reader.scope) !== undefined)
      conditions.push(
        sql`f.id IN (SELECT t.transfer_id FROM transactions t WHERE ${reader.owned('t')} AND t.transfer_id IS NOT NULL)`,
      );
    const rest = sql`WHERE ${allOf(conditions)} ORDER BY f.seq DESC LIMIT ${sqlText(String(limit))}`;
    return reader.select(Transfer, 'f', rest, { scan: true });
  }

  /** The last one that stood at a moment. */
  async lastAt(reader: Reader, at: Instant): Promise<Transfer | undefined> {
    const rest = sql`WHERE ${OF_ALL} AND f.at <= ${at} ORDER BY f.at DESC, f.seq DESC LIMIT 1`;
    return (await reader.select(Transfer, 'f', rest))[0];
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
