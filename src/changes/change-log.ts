// The rows of changes, for reading: in the order of the feed, and newest first for auditors.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../common/clock.js';
import { type Reader } from '../database/reader.js';
import { allOf, ownerless, type Sql, sql, sqlText } from '../database/sql.js';
import { Change } from './change.entity.js';

const EVERYBODYS = ownerless('the feed has one order for all owners');

export interface AuditFilter {
  readonly object?: string;
  readonly objectId?: string;
  readonly actor?: string;
  readonly requestId?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** The last place in the feed that was given; 0 while there is none. */
export async function lastPosition(reader: Reader): Promise<bigint> {
  const [last] = await reader.query(
    sql`SELECT COALESCE(MAX(c.position), 0) FROM changes c WHERE ${EVERYBODYS} AND c.position IS NOT NULL`,
    { position: 'amount' },
  );
  return last!.position;
}

@Injectable()
export class ChangeLog {
  /** Those that have a place after `position`, of these kinds of things, in the order of their places. */
  following(reader: Reader, position: bigint, objects: readonly string[], limit: number): Promise<Change[]> {
    const where = sql`${reader.owned('c')} AND c.position > ${position} AND ${reader.words.oneOf('c.object', objects)}`;
    return reader.select(Change, 'c', sql`WHERE ${where} ORDER BY c.position LIMIT ${sqlText(String(limit))}`);
  }

  /** Newest first, whether they have a place or not; `before` is the id at which the page before ended. */
  audit(reader: Reader, filter: AuditFilter, before: string | undefined, limit: number): Promise<Change[]> {
    const conditions: Sql[] = [reader.owned('c')];
    if (filter.object !== undefined) conditions.push(sql`c.object = ${filter.object}`);
    if (filter.objectId !== undefined) conditions.push(sql`c.object_id = ${filter.objectId}`);
    if (filter.actor !== undefined) conditions.push(sql`c.actor = ${filter.actor}`);
    if (filter.requestId !== undefined) conditions.push(sql`c.request_id = ${filter.requestId}`);
    if (filter.from !== undefined) conditions.push(sql`c.at >= ${filter.from}`);
    if (filter.to !== undefined) conditions.push(sql`c.at <= ${filter.to}`);
    if (before !== undefined) conditions.push(sql`c.id < ${before}`);
    const rest = sql`WHERE ${allOf(conditions)} ORDER BY c.id DESC LIMIT ${sqlText(String(limit))}`;
    return reader.select(Change, 'c', rest, { scan: true });
  }
}
