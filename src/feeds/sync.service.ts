// One sync of one enrollment: the bank is asked outside of transactions, and what it said is written account by account.
import { Injectable } from '@nestjs/common';
import { type Account } from '../accounts/account.entity.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { type Principal } from '../auth/principal.js';
import { type Complete, Once } from '../changes/once.js';
import { BalancesService } from '../balances/balances.service.js';
import { Clock } from '../common/clock.js';
import { Refusal } from '../common/domain-error.js';
import { type AccountId, type EnrollmentId } from '../common/ids.js';
import { DATABASE_REFUSALS } from '../database/database.errors.js';
import { Database } from '../database/database.js';
import { type Scope } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { problemOf } from '../http/problem.js';
import { AccessTokens } from './access-tokens.js';
import { type CheckedFeed } from './checked-feed.js';
import { type Enrollment } from './enrollment.entity.js';
import { type AccountSyncView, type SyncResultView } from './enrollments.dto.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { EnrollmentsService } from './enrollments.service.js';
import { askedOf } from './feed-access.js';
import { type FeedAccess } from './feed.port.js';
import { FeedRegistry } from './feed-registry.js';
import { EnrollmentDisconnected, FeedAccountClosed, FeedRateLimited, SyncAlreadyRunning } from './feeds.errors.js';
import { lastErrorOf } from './last-error.js';
import { LineSync } from './line-sync.js';
import { againWhenOpenedMeanwhile, LinkedAccounts, type RefusedAccounts } from './linked-accounts.js';

interface Sync {
  readonly enrollment: Enrollment;
  readonly scope: Scope;
  readonly feed: CheckedFeed;
  readonly access: FeedAccess;
}

interface Outcome {
  readonly results: AccountSyncView[];
  readonly refused: RefusedAccounts;
}

@Injectable()
export class SyncService {
  private readonly running = new Set<EnrollmentId>();

  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly enrollments: EnrollmentsService,
    private readonly repository: EnrollmentsRepository,
    private readonly accounts: AccountsService,
    private readonly accountRows: AccountsRepository,
    private readonly balances: BalancesService,
    private readonly linkedAccounts: LinkedAccounts,
    private readonly lines: LineSync,
    private readonly tokens: AccessTokens,
    private readonly feeds: FeedRegistry,
    private readonly clock: Clock,
  ) {}

  /**
   * Brings an enrollment's accounts, balances and lines to what the bank says now. Doing it again changes nothing that has not changed there.
   * A bank that refuses one account does not stop the others; one that limits its questions does, and the next sync goes on from there.
   * Tried in this order: enrollment_not_found, enrollment_disconnected, sync_already_running, feed_unknown, then what the feed refuses for the enrollment as a whole.
   */
  sync(caller: Principal, id: EnrollmentId): Promise<SyncResultView> {
    return this.once.performOutside(caller, (complete) => this.syncOnce(caller, id, complete));
  }

  private async syncOnce(caller: Principal, id: EnrollmentId, complete: Complete): Promise<SyncResultView> {
    const enrollment = await this.database.read(caller.leave, (reader) => this.enrollments.findOne(reader, id));
    if (enrollment.status === 'disconnected')
      throw new EnrollmentDisconnected(`The enrollment ${id} is disconnected: enroll again.`, enrollment.statusReason);
    if (this.running.has(id)) throw new SyncAlreadyRunning(`A sync of ${id} is under way.`);
    this.running.add(id);
    try {
      const feed = this.feeds.named(enrollment.feed);
      const sync = {
        enrollment,
        scope: caller.leaveFor(enrollment.owner),
        feed,
        access: this.tokens.accessOf(enrollment),
      };
      return await this.noting(sync, () => this.run(sync), complete);
    } finally {
      this.running.delete(id);
    }
  }

  private async run(sync: Sync): Promise<Outcome> {
    const { enrollment, scope, feed, access } = sync;
    const listed = await feed.accounts(access);
    const write = async (tx: Transaction) => {
      const refused = await this.linkedAccounts.follow(tx, enrollment, listed);
      return { refused, accounts: await this.inTurn(tx, enrollment) };
    };
    const { refused, accounts } = await againWhenOpenedMeanwhile(() => this.database.transact(scope, write));
    const results: AccountSyncView[] = [];
    for (const account of accounts) {
      const result = await this.syncAccount(sync, account, refused.get(account.externalId!));
      results.push(result);
      if (result.problem?.code === FeedRateLimited.code) break;
    }
    return { results, refused };
  }

  /** The open accounts, those first that have waited longest: a bank that limits its questions would else never be asked about the last ones. */
  private async inTurn(tx: Transaction, { id }: Enrollment): Promise<Account[]> {
    const accounts = (await this.accountRows.findByEnrollment(tx, id)).filter((account) => account.status === 'open');
    const ids = accounts.map((account) => account.id);
    const positions = await this.repository.findPositions(tx, ids);
    const lastSynced = new Map(positions.map(({ accountId, lastSyncedAt }) => [accountId, lastSyncedAt ?? '']));
    const rank = (account: Account) => `${lastSynced.get(account.id)} ${account.id}`;
    return accounts.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }

  /** @throws EnrollmentDisconnected; every other refusal of the feed is this account's alone */
  private async syncAccount(sync: Sync, account: Account, refusal?: Refusal): Promise<AccountSyncView> {
    const { scope, feed, access } = sync;
    const accountId = account.id;
    const counts = { inserted: 0, updated: 0, removed: 0 };
    try {
      if (refusal !== undefined) throw refusal;
      await this.syncBalance(sync, account);
      await this.lines.sync({ scope, accountId, asked: askedOf(account), feed, access, counts });
      return { accountId, outcome: 'synced', ...counts };
    } catch (error) {
      if (error instanceof EnrollmentDisconnected || !(error instanceof Refusal) || isOfStore(error)) throw error;
      await this.noteFailure(sync, accountId, error);
      if (error instanceof FeedAccountClosed) return { accountId, outcome: 'closed', ...counts };
      return { accountId, outcome: 'failed', ...counts, problem: problemOf(error) };
    }
  }

  private async syncBalance({ scope, feed, access }: Sync, account: Account): Promise<void> {
    const { available, ledger, raw } = await feed.balance(access, askedOf(account));
    const asOf = this.clock.now();
    if (available === null && ledger === null) return;
    await this.database.transact(scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [account.id]);
      await this.balances.restate(tx, locked!, { available, ledger, asOf, source: 'feed', raw });
    });
  }

  private async noteFailure({ scope }: Sync, accountId: AccountId, error: Refusal): Promise<void> {
    await this.database.transact(scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [accountId]);
      if (error instanceof FeedAccountClosed) await this.linkedAccounts.close(tx, locked!);
      const position = await this.repository.findPosition(tx, accountId);
      if (position !== null) await this.repository.savePosition(tx, { ...position, ...lastErrorOf(error) });
    });
  }

  /** Runs a sync and keeps on the enrollment how it ended. */
  private async noting(sync: Sync, work: () => Promise<Outcome>, complete: Complete): Promise<SyncResultView> {
    const { results, refused } = await this.notingRefusal(sync, work);
    const problem = results.find(({ outcome }) => outcome === 'failed')?.problem;
    const failed = problem === undefined ? undefined : { code: problem.code, message: problem.detail };
    const [refusal] = refused.values();
    return this.database.transact(sync.scope, async (tx) => {
      await this.noteEnd(tx, sync, failed ?? refusal);
      const enrollment = await this.enrollments.findOne(tx, sync.enrollment.id);
      return complete(tx, { enrollment: await this.enrollments.viewOf(tx, enrollment), accounts: results });
    });
  }

  private async notingRefusal(sync: Sync, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal && !isOfStore(error))
        await this.database.transact(sync.scope, (tx) => this.noteEnd(tx, sync, error));
      throw error;
    }
  }

  private async noteEnd(
    tx: Transaction,
    { enrollment }: Sync,
    failure?: Pick<Refusal, 'code' | 'message'>,
  ): Promise<void> {
    const now = this.clock.now();
    if (failure instanceof EnrollmentDisconnected)
      await this.enrollments.markDisconnected(tx, enrollment, failure.reason);
    const synced = failure === undefined ? { lastSyncedAt: now } : {};
    await this.repository.update(tx, enrollment.id, { ...lastErrorOf(failure), ...synced, updatedAt: now });
  }
}

const STORE_CODES: ReadonlySet<string> = new Set(DATABASE_REFUSALS.map((refusal) => refusal.code));

/** Refusals of our own store are no news about the bank. */
function isOfStore(error: Refusal): boolean {
  return STORE_CODES.has(error.code);
}
