// The rows of holds.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../common/clock.js';
import { type AccountId, type HoldId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { type Reader } from '../database/reader.js';
import { allOf, type Sql, sql, sqlText } from '../database/sql.js';
import { type Transaction } from '../database/transaction.js';
import { type HoldChange } from './books.js';
import { Hold, type HoldStatus } from './hold.entity.js';

export interface HoldFilter {
  readonly accountId?: AccountId;
  readonly status?: HoldStatus;
}

@Injectable()
export class HoldsRepository {
  async find(reader: Reader, id: HoldId): Promise<Hold | undefined> {
    return (await this.findAll(reader, [id]))[0];
  }

  async findAll(reader: Reader, ids: readonly HoldId[]): Promise<Hold[]> {
    if (ids.length === 0) return [];
    return reader.select(
      Hold,
      'h',
      sql`WHERE ${reader.owned('h')} AND ${reader.words.oneOf('h.id', ids)} ORDER BY h.id`,
    );
  }

  /** Newest first. */
  list(reader: Reader, filter: HoldFilter, before: string | undefined, limit: number): Promise<Hold[]> {
    const conditions: Sql[] = [reader.owned('h')];
    if (filter.accountId !== undefined) conditions.push(sql`h.account_id = ${filter.accountId}`);
    if (filter.status !== undefined) conditions.push(sql`h.status = ${filter.status}`);
    if (before !== undefined) conditions.push(sql`h.id < ${before}`);
    return reader.select(Hold, 'h', sql`WHERE ${allOf(conditions)} ORDER BY h.id DESC LIMIT ${sqlText(String(limit))}`);
  }

  /** Active ones of these accounts that nobody captured in time. */
  async expired(reader: Reader, accountIds: readonly AccountId[], now: Instant): Promise<Hold[]> {
    if (accountIds.length === 0) return [];
    const where = sql`${reader.owned('h')} AND ${reader.words.oneOf('h.account_id', accountIds)} AND ${EXPIRED} ${now}`;
    return reader.select(Hold, 'h', sql`WHERE ${where} ORDER BY h.id`);
  }

  /** Some accounts on which money is held that nobody captured in time. */
  async accountsWithExpired(reader: Reader, now: Instant, limit: number): Promise<AccountId[]> {
    const rows = await reader.query(
      sql`SELECT h.account_id FROM holds h WHERE ${reader.owned('h')} AND ${EXPIRED} ${now} ORDER BY h.expires_at LIMIT ${sqlText(String(limit))}`,
      { accountId: 'text' },
    );
    return [...new Set(rows.map(({ accountId }) => accountId as AccountId))];
  }

  /** Each on behalf of whoever brought it about. Answers whether each new one was new to the store, too. */
  async save(tx: Transaction, changes: readonly HoldChange[]): Promise<boolean> {
    let areNew = true;
    for (const { before, after, by } of changes) {
      const mine = tx.onBehalfOf(by);
      if (before === null) areNew = (await mine.insertNew(Hold, after)) && areNew;
      else {
        const { id, status, captured, transferId, version, updatedAt } = after;
        await mine.update(Hold, [{ key: { id }, set: { status, captured, transferId, version, updatedAt } }]);
      }
    }
    return areNew;
  }

  /** Gives the holds on an account to its new owner. */
  async handOver(tx: Transaction, accountId: AccountId, owner: Owner): Promise<void> {
    const rows = await tx.rows(Hold).find({ where: { accountId }, order: { id: 'ASC' } });
    await tx.update(
      Hold,
      rows.map(({ id }) => ({ key: { id }, set: { owner } })),
    );
  }
}

const EXPIRED = sqlText("h.status = 'active' AND h.expires_at <=");
