// The rows of turns to sync. They belong to no owner: an enrollment's id leads to them.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../../common/clock.js';
import { type EnrollmentId } from '../../common/ids.js';
import { type Owner } from '../../common/owner.js';
import { type Reader } from '../../database/reader.js';
import { type Shape } from '../../database/shape.js';
import { ownerless, type Sql, sql, sqlText } from '../../database/sql.js';
import { type Transaction } from '../../database/transaction.js';
import { type EnrollmentStatus } from '../stored/enrollment.entity.js';
import { AHEAD_MS_MAX, later, LEASE_AHEAD_MS_MAX } from './sync-due.js';
import { SyncTurn } from './sync-turn.entity.js';

const EVERYBODYS = ownerless('enrollments are synced in one order for all owners');

/** An enrollment whose turn has come. */
export interface DueEnrollment {
  readonly id: EnrollmentId;
  readonly owner: Owner;
  readonly status: EnrollmentStatus;
}

/** One that has no turn yet. */
export interface TurnlessEnrollment {
  readonly id: EnrollmentId;
  readonly lastSyncedAt: Instant | null;
}

const DUE_SHAPE = { id: 'text', owner: 'text', status: 'text' } as const satisfies Shape;
const TURNLESS_SHAPE = { id: 'text', lastSyncedAt: 'instant?' } as const satisfies Shape;
const MOMENT_SHAPE = { dueAt: 'instant' } as const satisfies Shape;
const ID_SHAPE = { enrollmentId: 'text' } as const satisfies Shape;

@Injectable()
export class SyncTurnsRepository {
  find(reader: Reader, enrollmentId: EnrollmentId): Promise<SyncTurn | null> {
    return reader.rows(SyncTurn).findOne({ enrollmentId });
  }

  /** Writes what `step` makes of the turn as it stands, null where there is none; again where another transaction wrote it meanwhile. Undefined: nothing. */
  async change(
    tx: Transaction,
    enrollmentId: EnrollmentId,
    step: (turn: SyncTurn | null) => SyncTurn | undefined,
  ): Promise<SyncTurn | undefined> {
    for (;;) {
      const there = await this.find(tx, enrollmentId);
      const next = step(there);
      if (next === undefined) return undefined;
      const isWritten = there === null ? await tx.insertNew(SyncTurn, next) : await this.replace(tx, there, next);
      if (isWritten) return next;
    }
  }

  /** Those that are due and nobody's, in the order in which they became so: none is passed over for ever. */
  async due(reader: Reader, now: Instant, limit: number): Promise<DueEnrollment[]> {
    const free = sql`(t.held_until IS NULL OR t.held_until <= ${now} OR t.held_until > ${later(now, LEASE_AHEAD_MS_MAX)})`;
    const rows = await reader.query(
      sql`SELECT e.id, e.owner, e.status FROM sync_turns t JOIN enrollments e ON e.id = t.enrollment_id WHERE ${EVERYBODYS} AND t.due_at <= ${now} AND ${free} ORDER BY t.due_at ${upTo(limit)}`,
      DUE_SHAPE,
    );
    return rows as DueEnrollment[];
  }

  /** Since when the one that has waited longest is due; undefined where none is. */
  async oldestDue(reader: Reader, now: Instant): Promise<Instant | undefined> {
    const [oldest] = await reader.query(
      sql`SELECT t.due_at FROM sync_turns t WHERE ${EVERYBODYS} AND t.due_at <= ${now} AND t.holder IS NULL ORDER BY t.due_at ${upTo(1)}`,
      MOMENT_SHAPE,
    );
    return oldest?.dueAt as Instant | undefined;
  }

  /** Those that are due at a moment which only a clock that was set back since can have given. */
  async misplaced(reader: Reader, now: Instant, limit: number): Promise<EnrollmentId[]> {
    const rows = await reader.query(
      sql`SELECT t.enrollment_id FROM sync_turns t WHERE ${EVERYBODYS} AND t.due_at > ${later(now, AHEAD_MS_MAX)} ORDER BY t.enrollment_id ${upTo(limit)}`,
      ID_SHAPE,
    );
    return rows.map(({ enrollmentId }) => enrollmentId as EnrollmentId);
  }

  /** Enrollments of a store that has come without its turns. */
  async turnless(reader: Reader, limit: number): Promise<TurnlessEnrollment[]> {
    const none = sqlText('NOT EXISTS (SELECT 1 FROM sync_turns t WHERE t.enrollment_id = e.id)');
    const rows = await reader.query(
      sql`SELECT e.id, e.last_synced_at FROM enrollments e WHERE ${EVERYBODYS} AND e.status <> 'disconnected' AND ${none} ORDER BY e.id ${upTo(limit)}`,
      TURNLESS_SHAPE,
    );
    return rows as TurnlessEnrollment[];
  }

  async delete(tx: Transaction, enrollmentId: EnrollmentId): Promise<void> {
    await tx.delete(SyncTurn, [{ enrollmentId }]);
  }

  private async replace(tx: Transaction, there: SyncTurn, next: SyncTurn): Promise<boolean> {
    const { enrollmentId, ...set } = next;
    const { dueAt, holder, heldUntil } = there;
    return (await tx.update(SyncTurn, [{ key: { enrollmentId }, set, expected: { dueAt, holder, heldUntil } }])) === 1;
  }
}

function upTo(limit: number): Sql {
  return sqlText(`LIMIT ${limit}`);
}
