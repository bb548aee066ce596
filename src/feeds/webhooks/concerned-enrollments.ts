// Which enrollments a message from a bank is about: it names them, or accounts, by the feed's own ids, and knows no owners.
import { Injectable } from '@nestjs/common';
import { type AccountId, type EnrollmentId } from '../../common/ids.js';
import { type Reader } from '../../database/reader.js';
import { type Shape } from '../../database/shape.js';
import { sql } from '../../database/sql.js';

/** A feed in one of its environments: ids of one mean nothing in another. */
export interface FeedPlace {
  readonly feed: string;
  readonly environment: string;
}

export interface Named {
  readonly enrollments: readonly string[];
  readonly accounts: readonly string[];
}

export interface Concerned {
  /** In the order of their ids, none twice; without those whose consent has ended. */
  readonly ids: readonly EnrollmentId[];
  /** Accounts that were named, and for which the bank gave nothing when it was asked. */
  readonly refused: readonly AccountId[];
  /** How many of what was named is known to nobody here. */
  readonly unknown: number;
}

const FOUND_SHAPE = { named: 'text', id: 'text', status: 'text', refused: 'text?' } as const satisfies Shape;

@Injectable()
export class ConcernedEnrollments {
  /** Of all owners that the leave covers: the same account may be linked by several. */
  async find(reader: Reader, { feed, environment }: FeedPlace, { enrollments, accounts }: Named): Promise<Concerned> {
    const { oneOf } = reader.words;
    const byEnrollment = sql`
      SELECT e.external_id, e.id, e.status, CAST(NULL AS text) FROM enrollments e
      WHERE ${reader.owned('e')} AND e.feed = ${feed} AND e.environment = ${environment} AND ${oneOf('e.external_id', enrollments)}`;
    const byAccount = sql`
      SELECT a.external_id, e.id, e.status, CASE WHEN a.feed_status IS NOT NULL THEN a.id END FROM accounts a JOIN enrollments e ON e.id = a.enrollment_id
      WHERE ${reader.owned('a')} AND a.feed = ${feed} AND a.environment = ${environment} AND ${oneOf('a.external_id', accounts)}`;
    const found = [
      ...(enrollments.length === 0 ? [] : await reader.query(byEnrollment, FOUND_SHAPE)),
      ...(accounts.length === 0 ? [] : await reader.query(byAccount, FOUND_SHAPE)),
    ];
    const known = new Set(found.map(({ named }) => named));
    const live = found.filter(({ status }) => status !== 'disconnected');
    return {
      ids: [...new Set(live.map(({ id }) => id as EnrollmentId))].sort(),
      refused: live.flatMap(({ refused }) => (refused === null ? [] : [refused as AccountId])),
      unknown: [...enrollments, ...accounts].filter((named) => !known.has(named)).length,
    };
  }
}
