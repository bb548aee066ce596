// The rows of enrollments, and of how far each of their accounts was read.
import { Injectable } from '@nestjs/common';
import { type AccountId, type EnrollmentId } from '../../common/ids.js';
import { type Owner } from '../../common/owner.js';
import { type Reader } from '../../database/reader.js';
import { type Shape } from '../../database/shape.js';
import { allOf, ownerless, type Sql, sql, sqlText } from '../../database/sql.js';
import { type Transaction } from '../../database/transaction.js';
import { Enrollment, type EnrollmentStatus } from './enrollment.entity.js';
import { FeedPosition } from './feed-position.entity.js';

export interface EnrollmentFilter {
  readonly feed?: string;
  readonly status?: EnrollmentStatus;
}

export interface SealedToken {
  readonly id: EnrollmentId;
  readonly accessToken: string;
}

/** How many enrollments of a feed stand so. */
export interface EnrollmentCount {
  readonly feed: string;
  readonly status: EnrollmentStatus;
  readonly count: number;
}

const EVERYBODYS = ownerless('enrollments are counted, not shown');
const COUNT_SHAPE = { feed: 'text', status: 'text', count: 'number' } as const satisfies Shape;
const TOKEN = ['id', 'accessToken'] as const;

@Injectable()
export class EnrollmentsRepository {
  find(reader: Reader, id: EnrollmentId): Promise<Enrollment | null> {
    return reader.rows(Enrollment).findOne({ id });
  }

  /** Of one that is there: none is ever deleted. */
  async lock(tx: Transaction, id: EnrollmentId): Promise<Enrollment> {
    const [enrollment] = await tx.lock(Enrollment, [id]);
    return enrollment!;
  }

  findByExternalId(
    reader: Reader,
    key: Pick<Enrollment, 'owner' | 'feed' | 'environment' | 'externalId'>,
  ): Promise<Enrollment | null> {
    const { owner, feed, environment, externalId } = key;
    return reader.rows(Enrollment).findOne({ owner, feed, environment, externalId });
  }

  /** Whether the owner has another consent for the same institution that has not ended. */
  async hasAnother(reader: Reader, enrollment: Enrollment): Promise<boolean> {
    const { id, owner, feed, environment, institutionId } = enrollment;
    const where = sql`e.owner = ${owner} AND e.feed = ${feed} AND e.environment = ${environment} AND e.institution_id = ${institutionId} AND e.id <> ${id} AND e.status <> 'disconnected'`;
    return (await reader.select(Enrollment, 'e', sql`WHERE ${reader.owned('e')} AND ${where} LIMIT 1`)).length > 0;
  }

  list(reader: Reader, filter: EnrollmentFilter, after: string | undefined, limit: number): Promise<Enrollment[]> {
    const conditions: Sql[] = [reader.owned('e')];
    if (filter.feed !== undefined) conditions.push(sql`e.feed = ${filter.feed}`);
    if (filter.status !== undefined) conditions.push(sql`e.status = ${filter.status}`);
    if (after !== undefined) conditions.push(sql`e.id > ${after}`);
    return reader.select(
      Enrollment,
      'e',
      sql`WHERE ${allOf(conditions)} ORDER BY e.id LIMIT ${sqlText(String(limit))}`,
    );
  }

  /** Tokens in the order of their enrollments, as they are sealed. */
  listTokens(reader: Reader, after: string, limit: number): Promise<SealedToken[]> {
    const where = sql`${reader.owned('e')} AND e.access_token IS NOT NULL AND e.id > ${after}`;
    const rest = sql`WHERE ${where} ORDER BY e.id LIMIT ${sqlText(String(limit))}`;
    return reader.pick(Enrollment, TOKEN, 'e', rest) as Promise<SealedToken[]>;
  }

  async countByStatus(reader: Reader): Promise<EnrollmentCount[]> {
    const rows = await reader.query(
      sql`SELECT e.feed, e.status, COUNT(*) FROM enrollments e WHERE ${EVERYBODYS} GROUP BY e.feed, e.status`,
      COUNT_SHAPE,
    );
    return rows as EnrollmentCount[];
  }

  async insert(tx: Transaction, enrollment: Enrollment): Promise<void> {
    await tx.insert(Enrollment, [enrollment]);
  }

  async update(tx: Transaction, id: EnrollmentId, set: Partial<Enrollment>): Promise<void> {
    await tx.update(Enrollment, [{ key: { id }, set }]);
  }

  findPosition(reader: Reader, accountId: AccountId): Promise<FeedPosition | null> {
    return reader.rows(FeedPosition).findOne({ accountId });
  }

  findPositions(reader: Reader, accountIds: readonly AccountId[]): Promise<FeedPosition[]> {
    const where = sql`WHERE ${reader.owned('p')} AND ${reader.words.oneOf('p.account_id', accountIds)} ORDER BY p.account_id`;
    return reader.select(FeedPosition, 'p', where);
  }

  async savePosition(tx: Transaction, position: FeedPosition): Promise<void> {
    await tx.upsert(FeedPosition, [position]);
  }

  /** Gives an account's position to its new owner. */
  async handOver(tx: Transaction, accountId: AccountId, owner: Owner): Promise<void> {
    await tx.update(FeedPosition, [{ key: { accountId }, set: { owner } }]);
  }
}
