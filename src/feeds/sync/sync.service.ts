// One sync of one enrollment: the bank is asked outside of transactions, and what it said is written account by account.
import { Injectable } from '@nestjs/common';
import { type Principal } from '../../auth/principal.js';
import { IdempotencyInProgress } from '../../changes/changes.errors.js';
import { type Complete, Once } from '../../changes/once.js';
import { type Refusal } from '../../common/domain-error.js';
import { type EnrollmentId } from '../../common/ids.js';
import { type Owner } from '../../common/owner.js';
import { Database } from '../../database/database.js';
import { ownedBy, type Scope } from '../../database/scope.js';
import { type Transaction } from '../../database/transaction.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { type AccountOutcome, AccountSync } from './account-sync.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { type SyncResultView } from '../enrollments/enrollments.dto.js';
import { EnrollmentsService } from '../enrollments/enrollments.service.js';
import { FeedRegistry } from '../port/feed-registry.js';
import { FeedTally, type LinesChanged, SYNCED } from '../port/feed-tally.js';
import { FeedRateLimited, SyncAlreadyRunning } from '../port/feeds.errors.js';
import { type HeldTurn } from '../turns/held-turn.js';
import { againWhenOpenedMeanwhile, LinkedAccounts, type RefusedAccounts } from '../enrollments/linked-accounts.js';
import { SyncEnds } from './sync-ends.js';
import { askedWhile, refuseDisconnected, type SyncRun } from './sync-run.js';
import { SyncTurns } from '../turns/sync-turns.js';

interface Outcome {
  readonly accounts: readonly AccountOutcome[];
  readonly refused: RefusedAccounts;
}

@Injectable()
export class SyncService {
  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly enrollments: EnrollmentsService,
    private readonly linkedAccounts: LinkedAccounts,
    private readonly accountSync: AccountSync,
    private readonly tokens: AccessTokens,
    private readonly feeds: FeedRegistry,
    private readonly turns: SyncTurns,
    private readonly ends: SyncEnds,
    private readonly tally: FeedTally,
  ) {}

  /**
   * Brings an enrollment's accounts, balances and lines to what the bank says now. Doing it again changes nothing that has not changed there.
   * A bank that refuses one account does not stop the others; one that limits its questions does, and the next sync goes on from there.
   * Tried in this order: enrollment_not_found, enrollment_disconnected, sync_already_running, sync_interrupted, feed_unknown,
   * access_token_unreadable, then what the feed refuses for the enrollment as a whole.
   */
  sync(caller: Principal, id: EnrollmentId): Promise<SyncResultView> {
    return this.once.performOutside(caller, async (complete) => {
      const enrollment = await this.find(caller.leave, id);
      const turn = await this.turns.take(id, 'any');
      if (turn === undefined) throw new SyncAlreadyRunning(`A sync of ${id} is under way.`);
      return this.under(turn, caller.leaveFor(enrollment.owner), complete);
    });
  }

  /** As sync, by the service itself, for whoever has taken the turn. */
  async syncDue(turn: HeldTurn, owner: Owner): Promise<void> {
    await this.under(turn, ownedBy(owner), async (_tx, answer) => answer);
  }

  private async under(turn: HeldTurn, scope: Scope, complete: Complete): Promise<SyncResultView> {
    let found: Enrollment | undefined;
    const sync = async (): Promise<SyncResultView> => {
      // As it stands now that nobody else syncs it: a token may have been replaced meanwhile.
      const enrollment = (found = await this.find(scope, turn.enrollmentId));
      const feed = askedWhile(turn, this.feeds.named(enrollment.feed));
      const run = { enrollment, scope, turn, feed, access: this.tokens.accessOf(enrollment) };
      return this.end(run, await this.ask(run), complete);
    };
    try {
      return await this.tally.syncing(sync, () => found?.feed, cameTo);
    } catch (error) {
      const note = async (tx: Transaction, refusal: Refusal): Promise<void> => {
        if (found !== undefined)
          await this.ends.note(tx, { enrollment: found, turn }, { refusal, failure: refusal, hasProgress: false });
      };
      await this.ends.fail({ turn, scope }, error, note);
      throw error;
    }
  }

  /** @throws EnrollmentNotFound, EnrollmentDisconnected */
  private async find(scope: Scope, id: EnrollmentId): Promise<Enrollment> {
    const enrollment = await this.database.read(scope, (reader) => this.enrollments.findOne(reader, id));
    refuseDisconnected(enrollment);
    return enrollment;
  }

  private async ask(run: SyncRun): Promise<Outcome> {
    const { enrollment, scope, turn, feed, access } = run;
    const listed = await feed.accounts(access);
    const write = async (tx: Transaction) => {
      const refused = await this.linkedAccounts.follow(tx, enrollment, listed);
      await this.turns.confirm(tx, turn);
      const taken = { accounts: listed.accounts, refused };
      return { refused, accounts: await this.linkedAccounts.toAsk(tx, enrollment, taken) };
    };
    const { refused, accounts } = await againWhenOpenedMeanwhile(() => this.database.transact(scope, write));
    const outcomes: AccountOutcome[] = [];
    for (const account of accounts) {
      const outcome = await this.accountSync.sync(run, account, refused.get(account.externalId!));
      outcomes.push(outcome);
      if (outcome.failure instanceof FeedRateLimited) break;
    }
    return { accounts: outcomes, refused };
  }

  private async end(run: SyncRun, { accounts, refused }: Outcome, complete: Complete): Promise<SyncResultView> {
    const [refusal] = refused.values();
    const failure = accounts.find((outcome) => outcome.failure !== undefined)?.failure ?? refusal;
    const hasProgress = accounts.some(({ view }) => view.outcome === 'synced' || view.inserted > 0);
    const views = accounts.map(({ view }) => view);
    const write = (completing: Complete) =>
      this.database.transact(run.scope, async (tx) => {
        await this.ends.note(tx, run, { failure, hasProgress });
        const enrollment = await this.enrollments.findOne(tx, run.enrollment.id);
        return completing(tx, { enrollment: await this.enrollments.viewOf(tx, enrollment), accounts: views });
      });
    try {
      return await write(complete);
    } catch (error) {
      // The sync took so long that a repetition of the request has taken its key over: it is synced all the same.
      if (error instanceof IdempotencyInProgress) await write(async (_tx, answer) => answer);
      throw error;
    }
  }
}

function cameTo({ enrollment, accounts }: SyncResultView): { outcome: string; lines: LinesChanged } {
  const sum = (of: keyof LinesChanged): number => accounts.reduce((all, account) => all + account[of], 0);
  const lines = { inserted: sum('inserted'), updated: sum('updated'), removed: sum('removed') };
  return { outcome: enrollment.lastError?.code ?? SYNCED, lines };
}
