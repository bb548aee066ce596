// One account's part of a sync: its balance and its lines, and what is kept where the bank refuses them.
import { Injectable } from '@nestjs/common';
import { type Account } from '../../accounts/account.entity.js';
import { AccountsService } from '../../accounts/accounts.service.js';
import { type LockedAccount } from '../../accounts/locked-account.js';
import { BalancesService } from '../../balances/balances.service.js';
import { Clock } from '../../common/clock.js';
import { Refusal } from '../../common/domain-error.js';
import { type AccountId } from '../../common/ids.js';
import { Database } from '../../database/database.js';
import { type Transaction } from '../../database/transaction.js';
import { problemOf } from '../../http/problem.js';
import { isFollowing } from '../enrollments/account-feed-state.js';
import { type AccountSyncView } from '../enrollments/enrollments.dto.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { askedOf } from '../port/feed-access.js';
import {
  EnrollmentDisconnected,
  EnrollmentNeedsLogin,
  FeedAccountClosed,
  FeedAccountUnknown,
  FeedEnvironmentMismatch,
  FeedMisconfigured,
  isOfFeed,
} from '../port/feeds.errors.js';
import { lastErrorOf } from '../enrollments/last-error.js';
import { type LineCounts, LineSync } from '../lines/line-sync.js';
import { LinkedAccounts } from '../enrollments/linked-accounts.js';
import { type SyncRun } from './sync-run.js';
import { SyncTurns } from '../turns/sync-turns.js';

/** They hold for every account of the enrollment. */
const END_THE_SYNC = [EnrollmentDisconnected, EnrollmentNeedsLogin, FeedEnvironmentMismatch, FeedMisconfigured];

export interface AccountOutcome {
  readonly view: AccountSyncView;
  /** Why it did not come through; none where the bank has no such account any more, which is a state of the account and no failure. */
  readonly failure?: Refusal;
}

@Injectable()
export class AccountSync {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsService,
    private readonly balances: BalancesService,
    private readonly linkedAccounts: LinkedAccounts,
    private readonly lines: LineSync,
    private readonly positions: EnrollmentsRepository,
    private readonly turns: SyncTurns,
    private readonly clock: Clock,
  ) {}

  /**
   * Balance and lines as the bank has them now; a first sync goes on where it was.
   * @param refusal why the account could not be taken as it was listed.
   * @throws what ends the sync of the others, too
   */
  async sync(run: SyncRun, account: Account, refusal?: Refusal): Promise<AccountOutcome> {
    const accountId = account.id;
    const enrollmentId = run.enrollment.id;
    const counts = { inserted: 0, updated: 0, removed: 0 };
    const failure = await this.noting(run, account, async () => {
      if (refusal !== undefined) throw refusal;
      await this.syncBalance(run, account);
      await this.lines.sync({ ...run, accountId, enrollmentId, asked: askedOf(account), counts });
    });
    if (failure === undefined) return { view: { accountId, outcome: 'synced', ...counts } };
    if (failure instanceof FeedAccountClosed) return { view: { accountId, outcome: 'closed', ...counts } };
    const view = { accountId, outcome: 'failed' as const, ...counts, problem: problemOf(failure) };
    return failure instanceof FeedAccountUnknown ? { view } : { view, failure };
  }

  /** As sync, but of a first sync no more than what is newest. @throws what the bank refuses */
  async refresh(run: SyncRun, account: Account): Promise<LineCounts> {
    const counts = { inserted: 0, updated: 0, removed: 0 };
    const failure = await this.noting(run, account, async () => {
      await this.syncBalance(run, account);
      const [accountId, enrollmentId] = [account.id, run.enrollment.id];
      await this.lines.refresh({ ...run, accountId, enrollmentId, asked: askedOf(account), counts });
    });
    if (failure !== undefined) throw failure;
    return counts;
  }

  /** Keeps on the account what the bank refused for it alone, and answers it. */
  private async noting(run: SyncRun, account: Account, work: () => Promise<void>): Promise<Refusal | undefined> {
    try {
      await work();
      if (!isFollowing(account))
        await this.write(run, account.id, (tx, locked) => this.linkedAccounts.note(tx, locked));
      return undefined;
    } catch (error) {
      if (run.turn.isOver || !isOfFeed(error) || END_THE_SYNC.some((type) => error instanceof type)) throw error;
      await this.noteFailure(run, account.id, error);
      return error;
    }
  }

  private async syncBalance(run: SyncRun, account: Account): Promise<void> {
    const { available, ledger, raw } = await run.feed.balance(run.access, askedOf(account));
    const asOf = this.clock.now();
    if (available === null && ledger === null) return;
    await this.write(run, account.id, (tx, locked) =>
      this.balances.restate(tx, locked, { available, ledger, asOf, source: 'feed', raw }),
    );
  }

  private async noteFailure(run: SyncRun, accountId: AccountId, error: Refusal): Promise<void> {
    await this.write(run, accountId, async (tx, locked) => {
      await this.linkedAccounts.note(tx, locked, error);
      const position = await this.positions.findPosition(tx, accountId);
      if (position === null) return;
      const lastErrorAt = this.clock.now();
      await this.positions.savePosition(tx, { ...position, ...lastErrorOf(error), lastErrorAt });
    });
  }

  /**
   * Unless somebody else has taken over the turn, or the account by another consent: what they are told is newer.
   * Both are looked at under the account's lock, which they must have before they write.
   */
  private async write(
    { scope, enrollment, turn }: SyncRun,
    accountId: AccountId,
    work: (tx: Transaction, locked: LockedAccount) => Promise<unknown>,
  ): Promise<void> {
    await this.database.transact(scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [accountId]);
      await this.turns.confirm(tx, turn);
      if (locked!.heldBy(tx).enrollmentId === enrollment.id) await work(tx, locked!);
    });
  }
}
