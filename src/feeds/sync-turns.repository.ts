// The rows of turns to sync. They belong to no owner: an enrollment's id leads to them.
import { Injectable } from '@nestjs/common';
import { type EnrollmentId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { type Transaction } from '../database/transaction.js';
import { SyncTurn } from './sync-turn.entity.js';

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

  async delete(tx: Transaction, enrollmentId: EnrollmentId): Promise<void> {
    await tx.delete(SyncTurn, [{ enrollmentId }]);
  }

  private async replace(tx: Transaction, there: SyncTurn, next: SyncTurn): Promise<boolean> {
    const { enrollmentId, ...set } = next;
    const { dueAt, holder, heldUntil } = there;
    return (await tx.update(SyncTurn, [{ key: { enrollmentId }, set, expected: { dueAt, holder, heldUntil } }])) === 1;
  }
}
