// A request that is sent again has one effect and one answer. Whoever answers a POST performs its deed here.
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock, epochMsOf } from '../common/clock.js';
import { Refusal } from '../common/domain-error.js';
import { OutcomeUnknown } from '../database/database.errors.js';
import { Database } from '../database/database.js';
import { type Scope } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { type OnceKey } from '../http/once-key.js';
import { IdempotencyInProgress } from './changes.errors.js';
import { type IdempotencyKey } from './idempotency-key.entity.js';
import { KeptAnswers, type Sender } from './kept-answers.js';

/** Whoever asks for a deed. */
export interface Doer extends Sender {
  readonly leave: Scope;
  /** Set where the client asks for one effect however often it sends. */
  readonly once?: OnceKey | undefined;
}

export interface DeedOptions {
  /** The leave in which the deed is done, where it is not the doer's own. */
  readonly leave?: Scope;
  /** The answer holds a secret: it is kept encrypted. */
  readonly secret?: boolean;
}

/** Writes the end of a deed that called outside: its last transaction ends by keeping the answer. */
export type Complete = <Answer extends object>(tx: Transaction, answer: Answer) => Promise<Answer>;

/** A claim without an answer is given up for lost after this time: its process died, or hangs. */
export const CLAIM_STALE_MS = 120_000;
const TWIN_WAIT_MS_MAX = 10_000;
const TWIN_LOOK_MS = 100;
/** Ids of kept answers that this process remembers: retries come soon, and mostly to the same process. */
const RECENT_MAX = 20_000;
const LOOKS_AFTER_LOST_COMMIT = 3;
const LOST_COMMIT_PAUSE_MS = 200;

@Injectable()
export class Once {
  private readonly recent = new RecentIds(RECENT_MAX);

  constructor(
    private readonly database: Database,
    private readonly answers: KeptAnswers,
    private readonly clock: Clock,
  ) {}

  /**
   * Does a deed in one transaction, which keeps its answer, too: both stand or neither does. `work` gives the whole answer; what it refuses is
   * not kept. Of twins the one that keeps its answer first has done the deed: the other waits for it, takes back what it did, and answers alike.
   * @throws IdempotencyKeyReused when the key stands for another request
   */
  async perform<Answer extends object>(
    doer: Doer,
    work: (tx: Transaction) => Promise<Answer>,
    options: DeedOptions = {},
  ): Promise<Answer> {
    const { once } = doer;
    const leave = options.leave ?? doer.leave;
    if (once === undefined) return this.database.transact(leave, work);
    once.markUsed();
    const row = this.answers.begin(doer, once, options.secret ?? false);
    // Looked for beforehand only where it is likely: it is found in any case when the answer is kept.
    const earlier = this.recent.has(row.id) ? await this.earlierAnswer(leave, row, once) : undefined;
    if (earlier !== undefined) return earlier as Answer;
    const attempt = (): Promise<Answer> =>
      this.database.transact(leave, async (tx) => {
        const answer = await work(tx);
        if (!(await this.answers.insert(tx, this.answers.completed(row, once, answer)))) throw new TwinWasFirst();
        return answer;
      });
    return this.afterLostCommit(async () => {
      try {
        return await attempt();
      } catch (error) {
        if (isOfStore(error)) throw error;
        return (await this.twinsAnswer(leave, row, once, error)) as Answer;
      } finally {
        this.recent.add(row.id);
      }
    });
  }

  /**
   * As perform, for what asks somebody outside, which must not happen in a transaction: the key is claimed first, and completed in the deed's
   * last transaction. A twin waits for the claim; one whose process died may be taken over once it is stale.
   * @throws IdempotencyInProgress when the first one takes longer than a twin waits, or a claim was lost to a twin
   */
  async performOutside<Answer extends object>(
    doer: Doer,
    work: (complete: Complete) => Promise<Answer>,
  ): Promise<Answer> {
    const { once } = doer;
    if (once === undefined) return work(async (_tx, answer) => answer);
    once.markUsed();
    const row = this.answers.begin(doer, once, false);
    const earlier = await this.claim(doer.leave, row, once);
    if (earlier !== undefined) return earlier as Answer;
    try {
      return await work(async (tx, answer) => {
        if (!(await this.answers.complete(tx, row, once, answer))) throw new IdempotencyInProgress();
        return answer;
      });
    } catch (error) {
      const answer = await this.release(doer.leave, row, once, error);
      if (answer === undefined) throw error;
      return answer as Answer;
    }
  }

  /** Waits until the claim is ours, or the answer of whoever had it is there. */
  private async claim(leave: Scope, row: IdempotencyKey, once: OnceKey): Promise<object | undefined> {
    for (const until = performance.now() + TWIN_WAIT_MS_MAX; ; await sleep(TWIN_LOOK_MS)) {
      const found = await this.afterLostCommit(() =>
        this.database.transact(leave, (tx) => this.tryClaim(tx, row, once)),
      );
      if (found === 'ours') return undefined;
      if (found !== 'under way') {
        once.markReplayed();
        return found;
      }
      if (performance.now() >= until) throw new IdempotencyInProgress();
    }
  }

  private async tryClaim(tx: Transaction, row: IdempotencyKey, once: OnceKey): Promise<'ours' | 'under way' | object> {
    if (await this.answers.insert(tx, row)) return 'ours';
    const there = await this.answers.find(tx, row);
    if (there === null) return 'under way';
    // Claimed before, in a commit that was lost on the way.
    if (there.claim === row.claim) return 'ours';
    const answer = this.answers.answerOf(there, once);
    if (answer !== undefined) return answer;
    return this.isStale(there) && (await this.answers.takeOver(tx, there, row)) ? 'ours' : 'under way';
  }

  private isStale({ claimedAt }: IdempotencyKey): boolean {
    return epochMsOf(this.clock.now()) - epochMsOf(claimedAt) >= CLAIM_STALE_MS;
  }

  /**
   * What the twin answered that was first. What a deed is refused for may be what its twin has done: so it is refused only once it is sure that
   * there is none, also none under way.
   */
  private async twinsAnswer(leave: Scope, row: IdempotencyKey, once: OnceKey, error: unknown): Promise<object> {
    if (!(error instanceof TwinWasFirst) && !(await this.hasTwin(leave, row))) throw error;
    const answer = await this.earlierAnswer(leave, row, once);
    if (answer === undefined) throw new IdempotencyInProgress();
    return answer;
  }

  /** Whether the key is there, once whoever is writing it has ended. */
  private async hasTwin(leave: Scope, row: IdempotencyKey): Promise<boolean> {
    try {
      await this.database.transact(leave, async (tx) => {
        if (await this.answers.insert(tx, row)) throw new NoTwin();
      });
      return true;
    } catch (error) {
      if (error instanceof NoTwin) return false;
      throw error;
    }
  }

  private async earlierAnswer(leave: Scope, row: IdempotencyKey, once: OnceKey): Promise<object | undefined> {
    const there = await this.database.read(leave, (reader) => this.answers.find(reader, row));
    if (there === null) return undefined;
    const answer = this.answers.answerOf(there, once);
    // This request's own first attempt, whose commit was lost on the way, is no repetition.
    if (answer !== undefined && there.claim !== row.claim) once.markReplayed();
    return answer;
  }

  /** Because the deed is done once whatever happens, what nobody knows after a lost commit can be found out: by doing it again. */
  private async afterLostCommit<Answer>(attempt: () => Promise<Answer>, known?: OutcomeUnknown): Promise<Answer> {
    let lost = known;
    for (let look = 0; ; look += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof OutcomeUnknown) lost ??= error;
        // What the store answers for sure is the answer; that it cannot be reached is none to a commit that may stand.
        if (lost === undefined || !isOfStore(error)) throw error;
        if (look === LOOKS_AFTER_LOST_COMMIT) throw lost;
        await sleep(LOST_COMMIT_PAUSE_MS * 2 ** look);
      }
    }
  }

  /**
   * After a failure: the answer where the deed stands all the same, in a commit that was lost on the way. A claim that cannot be released goes
   * stale: what went wrong is what the caller hears.
   */
  private async release(
    leave: Scope,
    row: IdempotencyKey,
    once: OnceKey,
    failure: unknown,
  ): Promise<object | undefined> {
    const look = () => this.database.transact(leave, (tx) => this.answers.release(tx, row, once));
    const released = failure instanceof OutcomeUnknown ? this.afterLostCommit(look, failure) : look();
    return released.catch(() => undefined);
  }
}

/** The newest of many ids. */
class RecentIds {
  private readonly ids = new Set<string>();

  constructor(private readonly max: number) {}

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    this.ids.add(id);
    const [oldest] = this.ids;
    if (this.ids.size > this.max) this.ids.delete(oldest!);
  }
}

/** Thrown to take back what was done, and seen by nobody. */
class TwinWasFirst extends Error {}
class NoTwin extends Error {}

/** The store could not be asked: that says nothing of what stands in it. */
function isOfStore(error: unknown): boolean {
  return error instanceof Refusal && error.kind === 'unavailable';
}
