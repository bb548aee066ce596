// Whose turn it is to sync an enrollment, and when it is due: one sync at a time over all processes that share the store.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Clock, type Instant } from '../../common/clock.js';
import { type EnrollmentId } from '../../common/ids.js';
import { Settings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import { ofEveryOwner } from '../../database/scope.js';
import { type Transaction } from '../../database/transaction.js';
import { SyncInterrupted } from '../port/feeds.errors.js';
import { HeldTurn } from './held-turn.js';
import { givenBack, isDue, isHeld, later, LEASE_MS, markedDue, type NextSync, takenBy, unsynced } from './sync-due.js';
import { type SyncCause, type SyncTurn } from './sync-turn.entity.js';
import { SyncTurnsRepository } from './sync-turns.repository.js';

const EVERY_TURN = ofEveryOwner('a turn belongs to the process that has it');
/** For so long whoever enrolled may ask for the first sync before the service begins it by itself. */
const FIRST_GRACE_MS = 10_000;
const STOP_MS_MAX = 5_000;
/** For the page that is being written. */
const PAGE_END_MS = 1_000;

@Injectable()
export class SyncTurns implements OnModuleDestroy {
  private readonly log = new Logger('Feeds');
  private readonly held = new Set<HeldTurn>();
  /** Names by which a turn may still be held in the store though nothing is done under it here any more: the store could not be told. */
  private readonly left = new Map<string, EnrollmentId>();
  private isStopping = false;
  private tellIdle: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly turns: SyncTurnsRepository,
    private readonly clock: Clock,
    private readonly settings: Settings,
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

  /**
   * Undefined where somebody has the turn, and, when only a due one is wanted, where it is not due.
   * @throws SyncInterrupted once the process is stopping
   */
  async take(enrollmentId: EnrollmentId, wanted: 'any' | 'due'): Promise<HeldTurn | undefined> {
    this.refuseStopping();
    const holder = randomUUID();
    const now = this.clock.now();
    let before: SyncTurn | undefined;
    const work = (tx: Transaction) =>
      this.turns.change(tx, enrollmentId, (there) => {
        before = there ?? unsynced(enrollmentId, 'first', now);
        const isFree = !isHeld(before, now) || this.hasLeft(before);
        return isFree && (wanted === 'any' || isDue(before, now)) ? takenBy(before, holder, now) : undefined;
      });
    const taken = await this.database.transact(EVERY_TURN, work).catch((error: unknown) => {
      // It may stand all the same, where the store went away during the commit.
      this.left.set(holder, enrollmentId);
      throw error;
    });
    if (taken === undefined || before === undefined) return undefined;
    const turn = this.hold(before, holder);
    if (this.isStopping) await this.giveUp(turn);
    this.refuseStopping();
    return turn;
  }

  /**
   * Within a transaction that has locked what it writes: whoever takes the turn over from now on, writes after it.
   * @throws SyncAlreadyRunning where somebody has taken it over: what was read in it may be older than what they write
   */
  async confirm(tx: Transaction, turn: HeldTurn): Promise<void> {
    const there = await this.turns.find(tx, turn.enrollmentId);
    if (there?.holder === turn.holder) return;
    turn.lose();
    turn.check();
  }

  /**
   * Gives the turn back in the transaction that writes how the sync ended.
   * False where somebody has taken it over: then nothing of that is to be written.
   */
  async release(tx: Transaction, turn: HeldTurn, next: NextSync): Promise<boolean> {
    const written = await this.turns.change(tx, turn.enrollmentId, (there) =>
      there?.holder === turn.holder ? givenBack(there, next) : undefined,
    );
    if (written === undefined) return false;
    tx.afterCommit(() => turn.end());
    return true;
  }

  /** As release, for an enrollment that is not to be synced any more. */
  async retire(tx: Transaction, turn: HeldTurn): Promise<boolean> {
    if (!(await this.release(tx, turn, turn.before))) return false;
    await this.turns.delete(tx, turn.enrollmentId);
    return true;
  }

  /** Gives a turn back whose sync is to go on where it was as soon as somebody can. Fails quietly: it is then left. */
  async giveUp(turn: HeldTurn): Promise<void> {
    this.leave(turn);
    try {
      await this.free(turn.holder, turn.enrollmentId);
    } catch (error) {
      this.log.warn(`A sync's turn was not given back: ${error instanceof Error ? error.message : ''}`);
    }
  }

  /**
   * Its work is over, and the store cannot be told so. Others believe in it until its time is up; this process knows better, and no other can
   * have the same name.
   */
  leave(turn: HeldTurn): void {
    this.left.set(turn.holder, turn.enrollmentId);
    turn.end();
  }

  /** Tells the store of the turns that were left, once it can be told. */
  async giveBackLeft(): Promise<void> {
    for (const [holder, enrollmentId] of this.left) await this.free(holder, enrollmentId);
  }

  /** Before the store is closed: syncs under way get a while, then are stopped where they are, and others may go on with them at once. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.idle(Math.min(STOP_MS_MAX, this.settings.shutdownGraceMs / 2));
    for (const turn of this.held) turn.stop(new SyncInterrupted('This process is stopping.'));
    await this.idle(PAGE_END_MS);
    for (const turn of this.held) await this.giveUp(turn);
  }

  private hold(before: SyncTurn, holder: string): HeldTurn {
    const { enrollmentId } = before;
    const turn = new HeldTurn(
      before,
      holder,
      () => this.renew(enrollmentId, holder),
      (ended) => {
        this.held.delete(ended);
        if (this.held.size === 0) this.tellIdle();
      },
    );
    this.held.add(turn);
    return turn;
  }

  private async renew(enrollmentId: EnrollmentId, holder: string): Promise<boolean> {
    const renewed = await this.database.transact(EVERY_TURN, (tx) =>
      this.turns.change(tx, enrollmentId, (there) =>
        there?.holder === holder ? { ...there, heldUntil: later(this.clock.now(), LEASE_MS) } : undefined,
      ),
    );
    return renewed !== undefined;
  }

  private async free(holder: string, enrollmentId: EnrollmentId): Promise<void> {
    await this.database.transact(EVERY_TURN, (tx) =>
      this.turns.change(tx, enrollmentId, (there) =>
        there?.holder === holder ? { ...there, holder: null, heldUntil: null } : undefined,
      ),
    );
    this.left.delete(holder);
  }

  private hasLeft({ holder }: SyncTurn): boolean {
    return holder !== null && this.left.has(holder);
  }

  /** Until no turn is held here, or the time is up. */
  private async idle(ms: number): Promise<void> {
    if (this.held.size === 0) return;
    const idle = new Promise<void>((resolve) => (this.tellIdle = resolve));
    const waiting = new AbortController();
    await Promise.race([idle, sleep(ms, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
  }

  private refuseStopping(): void {
    if (this.isStopping) throw new SyncInterrupted('This process is stopping.');
  }
}
