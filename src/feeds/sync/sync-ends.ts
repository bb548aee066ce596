// How a sync ended: kept on the enrollment, and the turn given back, in one transaction. So both are seen or neither is, whenever a process dies.
import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { type Refusal } from '../../common/domain-error.js';
import { Settings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import { ofEveryOwner, type Scope } from '../../database/scope.js';
import { type Transaction } from '../../database/transaction.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { EnrollmentsService } from '../enrollments/enrollments.service.js';
import { isOfFeed } from '../port/feeds.errors.js';
import { type HeldTurn } from '../turns/held-turn.js';
import { lastErrorOf } from '../enrollments/last-error.js';
import { nextSync, type SyncEnd } from './next-sync.js';
import { SyncTurns } from '../turns/sync-turns.js';
import { type NextSync } from '../turns/sync-due.js';

const A_TURN = ofEveryOwner('a turn belongs to the process that has it');
const HOUR_MS = 3_600_000;

/** What a sync is about: the enrollment as it stood when its bank was asked. */
export interface Synced {
  readonly enrollment: Enrollment;
  readonly turn: HeldTurn;
}

/** `refusal`: of the enrollment as a whole; `failure`: that, or the first one of an account. Neither: all came through. */
export interface HowItEnded {
  readonly refusal?: Refusal | undefined;
  readonly failure?: Refusal | undefined;
  readonly hasProgress: boolean;
}

@Injectable()
export class SyncEnds {
  private readonly log = new Logger('Feeds');

  constructor(
    private readonly database: Database,
    private readonly enrollments: EnrollmentsService,
    private readonly repository: EnrollmentsRepository,
    private readonly turns: SyncTurns,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Within the last transaction of a sync. @throws SyncAlreadyRunning where somebody has taken the turn over */
  async note(tx: Transaction, { enrollment, turn }: Synced, how: HowItEnded): Promise<void> {
    const now = this.clock.now();
    await this.enrollments.followOutcome(tx, enrollment, how.refusal);
    const synced = how.failure === undefined ? { lastSyncedAt: now } : {};
    await this.repository.update(tx, enrollment.id, { ...lastErrorOf(how.failure), ...synced, updatedAt: now });
    const { status } = await this.enrollments.findOne(tx, enrollment.id);
    if (status === 'disconnected') return this.refuseLost(turn, await this.turns.retire(tx, turn));
    const end = { at: now, status, failure: how.failure, hasProgress: how.hasProgress, failures: turn.before.failures };
    this.refuseLost(turn, await this.turns.release(tx, turn, this.next(turn, end)));
  }

  /** Within the last transaction of a question that was no sync: the next one is due when it was. @throws as note does */
  async noteRefresh(tx: Transaction, { enrollment, turn }: Synced, refusal?: Refusal): Promise<void> {
    await this.enrollments.followOutcome(tx, enrollment, refusal);
    this.refuseLost(turn, await this.turns.release(tx, turn, turn.before));
  }

  /**
   * After an error: what the bank refused is kept by `note`; after any other, which says nothing about the bank, only the turn is given back.
   * Whoever lost the turn writes nothing.
   */
  async fail(
    { turn, scope }: { turn: HeldTurn; scope: Scope },
    error: unknown,
    note: (tx: Transaction, refusal: Refusal) => Promise<void>,
  ): Promise<void> {
    if (turn.isOver) return turn.isLost ? undefined : this.turns.giveUp(turn);
    try {
      if (isOfFeed(error)) await this.database.transact(scope, (tx) => note(tx, error));
      else await this.retryLater(turn);
    } catch (ending) {
      this.turns.leave(turn);
      this.log.warn(`How a sync ended was not kept: ${ending instanceof Error ? ending.message : ''}`);
    }
  }

  /** A fault of ours, or a store that is down: tried again like what a bank refuses, so that nothing goes in circles. */
  private async retryLater(turn: HeldTurn): Promise<void> {
    const end = {
      at: this.clock.now(),
      status: 'connected',
      failure: {},
      hasProgress: false,
      failures: turn.before.failures,
    } as const;
    await this.database.transact(A_TURN, (tx) => this.turns.release(tx, turn, this.next(turn, end)));
  }

  private next({ enrollmentId }: HeldTurn, end: SyncEnd): NextSync {
    return nextSync(end, this.settings.sync.intervalHours * HOUR_MS, chanceOf(`${enrollmentId} ${end.at}`));
  }

  private refuseLost(turn: HeldTurn, isHeld: boolean): void {
    if (isHeld) return;
    turn.lose();
    turn.check();
  }
}

/** From 0 to 1, spread as evenly as dice would; the same history gives the same moments on every store. */
function chanceOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
