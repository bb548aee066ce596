// The service syncs by itself: every process looks now and then for enrollments that are due, and takes their turns.
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, type Instant } from '../../common/clock.js';
import { Refusal } from '../../common/domain-error.js';
import { type EnrollmentId } from '../../common/ids.js';
import { Settings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import { ofEveryOwner } from '../../database/scope.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { isOfFeed } from '../port/feeds.errors.js';
import { type HeldTurn } from '../turns/held-turn.js';
import { later } from '../turns/sync-due.js';
import { SyncService } from './sync.service.js';
import { SyncTurns } from '../turns/sync-turns.js';
import { type DueEnrollment, SyncTurnsRepository } from '../turns/sync-turns.repository.js';

const EVERY_ENROLLMENT = ofEveryOwner('the service syncs for all owners');
const LOOK_MS = 5_000;
/** While the store cannot be asked. */
const LOOK_MS_MAX = 60_000;
/** How many more are looked up than can be begun: other processes look for the same. */
const CHOICE = 4;
const TIDY_MS = 5 * 60_000;
const TIDY_BATCH = 500;
const HOUR_MS = 3_600_000;

@Injectable()
export class SyncSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Feeds');
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = LOOK_MS;
  private isLooking = false;
  /** A place came free while it was being looked. */
  private isWoken = false;
  private tidiedAt: Instant | undefined;
  private isStopping = false;

  constructor(
    private readonly database: Database,
    private readonly turns: SyncTurns,
    private readonly repository: SyncTurnsRepository,
    private readonly enrollments: EnrollmentsRepository,
    private readonly syncs: SyncService,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.sync.schedule) this.lookLater(LOOK_MS * Math.random());
  }

  /** Those that run are told by their turns to come to an end. */
  onModuleDestroy(): void {
    this.isStopping = true;
    clearTimeout(this.timer);
  }

  /** Begins as much of what is due as may run at a time. Answers how many syncs it began. */
  async tick(): Promise<number> {
    await this.turns.giveBackLeft();
    await this.tidy();
    const free = this.settings.sync.concurrency - this.running.size;
    if (free <= 0) return 0;
    const now = this.clock.now();
    const due = await this.database.read(EVERY_ENROLLMENT, (reader) => this.repository.due(reader, now, free * CHOICE));
    let begun = 0;
    for (const enrollment of shuffled(due)) {
      if (begun === free || this.isStopping) break;
      if (await this.begin(enrollment)) begun += 1;
    }
    return begun;
  }

  /** Until all that was begun has ended. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async begin({ id, owner, status }: DueEnrollment): Promise<boolean> {
    if (status === 'disconnected') return this.forget(id);
    const turn = await this.turns.take(id, 'due');
    if (turn === undefined) return false;
    const work = this.sync(turn, owner).finally(() => {
      this.running.delete(work);
      this.wake();
    });
    this.running.add(work);
    return true;
  }

  private async sync(turn: HeldTurn, owner: DueEnrollment['owner']): Promise<void> {
    try {
      await this.syncs.syncDue(turn, owner);
    } catch (error) {
      // What a bank refuses stands on its enrollment.
      if (isOfFeed(error)) return;
      if (error instanceof Refusal) this.log.warn(`A sync of ${turn.enrollmentId} failed: ${error.message}`);
      else this.log.error({ err: error }, `A sync of ${turn.enrollmentId} failed.`);
    }
  }

  /** An enrollment that was disconnected has no turn any more. */
  private async forget(id: EnrollmentId): Promise<false> {
    await this.database.transact(EVERY_ENROLLMENT, async (tx) => {
      const { status } = await this.enrollments.lock(tx, id);
      if (status === 'disconnected') await this.repository.delete(tx, id);
    });
    return false;
  }

  /** A store may have come without its turns, as after a move, and a clock may have been set back. */
  private async tidy(): Promise<void> {
    const now = this.clock.now();
    if (this.tidiedAt !== undefined && this.tidiedAt <= now && now < later(this.tidiedAt, TIDY_MS)) return;
    const { misplaced, turnless } = await this.database.read(EVERY_ENROLLMENT, async (reader) => ({
      misplaced: await this.repository.misplaced(reader, now, TIDY_BATCH),
      turnless: await this.repository.turnless(reader, TIDY_BATCH),
    }));
    await this.database.transact(EVERY_ENROLLMENT, async (tx) => {
      for (const id of misplaced) await this.turns.markDue(tx, id, 'interval', now);
      for (const { id, lastSyncedAt } of turnless) {
        if (lastSyncedAt === null) await this.turns.markDue(tx, id, 'first', now);
        else
          await this.turns.markDue(tx, id, 'interval', later(lastSyncedAt, this.settings.sync.intervalHours * HOUR_MS));
      }
    });
    if (misplaced.length < TIDY_BATCH && turnless.length < TIDY_BATCH) this.tidiedAt = now;
  }

  private lookLater(ms: number): void {
    clearTimeout(this.timer);
    if (!this.isStopping) this.timer = setTimeout(() => void this.look(), ms).unref();
  }

  /** There may be more that waited only for a place. */
  private wake(): void {
    if (!this.settings.sync.schedule) return;
    if (this.isLooking) this.isWoken = true;
    else this.lookLater(0);
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    this.isWoken = false;
    try {
      await this.tick();
      this.pauseMs = LOOK_MS;
    } catch (error) {
      this.noteOutage(error);
    } finally {
      this.isLooking = false;
    }
    this.lookLater(this.isWoken ? 0 : this.pauseMs * (0.5 + Math.random()));
  }

  /** Once for each: a store that is down is said by others, too. */
  private noteOutage(error: unknown): void {
    if (this.isStopping) return;
    if (this.pauseMs === LOOK_MS)
      this.log.warn(`What is due to be synced cannot be looked up: ${error instanceof Error ? error.message : ''}`);
    this.pauseMs = Math.min(this.pauseMs * 2, LOOK_MS_MAX);
  }
}

/** Processes that look at the same time find the same: in the same order they would stand in each other's way. */
function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
