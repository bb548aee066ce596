// Whose turn it is to sync an enrollment, and when it is due: one sync at a time over all processes that share the store.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, type Instant } from '../common/clock.js';
import { type EnrollmentId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { HeldTurn } from './held-turn.js';
import { givenBack, isDue, isHeld, later, LEASE_MS, markedDue, type NextSync, takenBy, unsynced } from './sync-due.js';
import { type SyncCause } from './sync-turn.entity.js';
import { SyncTurnsRepository } from './sync-turns.repository.js';

const EVERY_TURN = ofEveryOwner('a turn belongs to the process that has it');
/** For so long whoever enrolled may ask for the first sync before the service begins it by itself. */
const FIRST_GRACE_MS = 10_000;

@Injectable()
export class SyncTurns {
  constructor(
    private readonly database: Database,
    private readonly turns: SyncTurnsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a sync due at `at`, or when one is due already, whichever is earlier. Where one is under way, another one is due after it.
   * Several in one transaction: in the order of their ids.
   */
  async markDue(tx: Transaction, enrollmentId: EnrollmentId, cause: SyncCause, at: Instant): Promise<void> {
    // Written also where nothing changes: so whoever takes the turn just now waits, and reads what else this transaction wrote.
    await this.turns.change(tx, enrollmentId, (turn) =>
      turn === null ? unsynced(enrollmentId, cause, at) : markedDue(turn, cause, at),
    );
  }

  /** For a consent just given. */
  markFirst(tx: Transaction, enrollmentId: EnrollmentId): Promise<void> {
    return this.markDue(tx, enrollmentId, 'first', later(this.clock.now(), FIRST_GRACE_MS));
  }

  /** Undefined where somebody has the turn, and, when only a due one is wanted, where it is not due. */
  async take(enrollmentId: EnrollmentId, wanted: 'any' | 'due'): Promise<HeldTurn | undefined> {
    const holder = randomUUID();
    const now = this.clock.now();
    const taken = await this.database.transact(EVERY_TURN, (tx) =>
      this.turns.change(tx, enrollmentId, (there) => {
        const turn = there ?? unsynced(enrollmentId, 'first', now);
        const isFree = !isHeld(turn, now) && (wanted === 'any' || isDue(turn, now));
        return isFree ? takenBy(turn, holder, now) : undefined;
      }),
    );
    if (taken === undefined) return undefined;
    return new HeldTurn({ ...taken, holder, beganAt: now }, () => this.renew(enrollmentId, holder));
  }

  /**
   * Gives the turn back in the transaction that writes how the sync ended.
   * False where somebody has taken it over: then nothing of that is to be written.
   */
  async release(tx: Transaction, turn: HeldTurn, next: NextSync): Promise<boolean> {
    const { enrollmentId, holder } = turn.taken;
    const written = await this.turns.change(tx, enrollmentId, (there) =>
      there?.holder === holder ? givenBack(there, next) : undefined,
    );
    if (written === undefined) return false;
    tx.afterCommit(() => turn.end());
    return true;
  }

  /** Gives a turn back whose sync did not come to its end: it is due as before. */
  async giveUp(turn: HeldTurn): Promise<void> {
    const { enrollmentId, holder } = turn.taken;
    turn.end();
    await this.database.transact(EVERY_TURN, (tx) =>
      this.turns.change(tx, enrollmentId, (there) =>
        there?.holder === holder ? { ...there, holder: null, heldUntil: null } : undefined,
      ),
    );
  }

  private async renew(enrollmentId: EnrollmentId, holder: string): Promise<boolean> {
    const renewed = await this.database.transact(EVERY_TURN, (tx) =>
      this.turns.change(tx, enrollmentId, (there) =>
        there?.holder === holder ? { ...there, heldUntil: later(this.clock.now(), LEASE_MS) } : undefined,
      ),
    );
    return renewed !== undefined;
  }
}
