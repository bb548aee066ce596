// One sync of one enrollment: the bank is asked outside of transactions, and what it said is written account by account.
import { Injectable } from '@nestjs/common';
import { type Account } from '../accounts/account.entity.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { type Principal } from '../auth/principal.js';
import { BalancesService } from '../balances/balances.service.js';
import { Clock } from '../common/clock.js';
import { Refusal } from '../common/domain-error.js';
import { type AccountId, type EnrollmentId } from '../common/ids.js';
import { DATABASE_REFUSALS } from '../database/database.errors.js';
import { Database } from '../database/database.js';
import { ownedBy, type Scope } from '../database/scope.js';
import { problemOf } from '../http/problem.js';
import { type Enrollment } from './enrollment.entity.js';
import { type AccountSyncView, type SyncResultView } from './enrollments.dto.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { accessOf, EnrollmentsService } from './enrollments.service.js';
import { type Feed, type FeedAccess } from './feed.port.js';
import { FeedRegistry } from './feed-registry.js';
import { EnrollmentDisconnected, FeedAccountClosed, FeedRateLimited, SyncAlreadyRunning } from './feeds.errors.js';
import { LineSync } from './line-sync.js';
import { LinkedAccounts } from './linked-accounts.js';

interface Sync {
  readonly enrollment: Enrollment;
  readonly scope: Scope;
  readonly feed: Feed;
  readonly access: FeedAccess;
}

@Injectable()
export class SyncService {
  private readonly running = new Set<EnrollmentId>();

  constructor(
    private readonly database: Database,
    private readonly enrollments: EnrollmentsService,
    private readonly repository: EnrollmentsRepository,
    private readonly accounts: AccountsService,
    private readonly accountRows: AccountsRepository,
    private readonly balances: BalancesService,
    private readonly linkedAccounts: LinkedAccounts,
    private readonly lines: LineSync,
    private readonly feeds: FeedRegistry,
    private readonly clock: Clock,
  ) {}

  /**
   * Brings an enrollment's accounts, balances and lines to what the bank says now. Doing it again changes nothing that has not changed there.
   * A bank that refuses one account does not stop the others; one that limits its questions does, and the next sync goes on from there.
   * Tried in this order: enrollment_not_found, enrollment_disconnected, sync_already_running, then what the feed refuses for the enrollment as a whole.
   */
  async sync(caller: Principal, id: EnrollmentId): Promise<SyncResultView> {
    const enrollment = await this.database.read(caller.leave, (reader) => this.enrollments.findOne(reader, id));
    if (enrollment.status === 'disconnected')
      throw new EnrollmentDisconnected(`The enrollment ${id} is disconnected: enroll again.`, enrollment.statusReason);
    if (this.running.has(id)) throw new SyncAlreadyRunning(`A sync of ${id} is under way.`);
    this.running.add(id);
    try {
      const feed = this.feeds.named(enrollment.feed);
      const sync = { enrollment, scope: ownedBy(enrollment.owner), feed, access: accessOf(enrollment) };
      const accounts = await this.noting(sync, () => this.run(sync));
      return { enrollment: await this.enrollments.get(caller, id), accounts };
    } finally {
      this.running.delete(id);
    }
  }

  private async run(sync: Sync): Promise<AccountSyncView[]> {
    const { enrollment, scope, feed, access } = sync;
    const listed = await feed.accounts(access);
    const accounts = await this.database.transact(scope, async (tx) => {
      await this.linkedAccounts.follow(tx, enrollment, listed);
      return this.accountRows.findByEnrollment(tx, enrollment.id);
    });
    const results: AccountSyncView[] = [];
    for (const account of accounts.filter((one) => one.status === 'open')) {
      const result = await this.syncAccount(sync, account);
      results.push(result);
      if (result.problem?.code === FeedRateLimited.code) break;
    }
    return results;
  }

  /** @throws EnrollmentDisconnected; every other refusal of the feed is this account's alone */
  private async syncAccount(sync: Sync, account: Account): Promise<AccountSyncView> {
    const { scope, feed, access } = sync;
    const { id: accountId, externalId } = account;
    const counts = { inserted: 0, updated: 0, removed: 0 };
    try {
      await this.syncBalance(sync, account);
      const done = await this.lines.sync({ scope, accountId, externalId: externalId!, feed, access });
      return { accountId, outcome: 'synced', ...done };
    } catch (error) {
      if (error instanceof EnrollmentDisconnected || !(error instanceof Refusal) || isOfStore(error)) throw error;
      await this.noteFailure(sync, accountId, error);
      const closed = error instanceof FeedAccountClosed;
      return {
        accountId,
        outcome: closed ? 'closed' : 'failed',
        ...counts,
        ...(closed ? {} : { problem: problemOf(error) }),
      };
    }
  }

  private async syncBalance({ scope, feed, access }: Sync, { id, externalId }: Account): Promise<void> {
    const { available, ledger, raw } = await feed.balance(access, externalId!);
    const asOf = this.clock.now();
    if (available === null && ledger === null) return;
    await this.database.transact(scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [id]);
      await this.balances.restate(tx, locked!, { available, ledger, asOf, source: 'feed', raw });
    });
  }

  private async noteFailure({ scope }: Sync, accountId: AccountId, error: Refusal): Promise<void> {
    await this.database.transact(scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [accountId]);
      if (error instanceof FeedAccountClosed) await this.linkedAccounts.close(tx, locked!);
      const position = await this.repository.findPosition(tx, accountId);
      if (position !== null)
        await this.repository.savePosition(tx, {
          ...position,
          lastErrorCode: error.code,
          lastErrorDetail: error.message,
        });
    });
  }

  /** Runs a sync and keeps on the enrollment how it ended. */
  private async noting(sync: Sync, work: () => Promise<AccountSyncView[]>): Promise<AccountSyncView[]> {
    try {
      const results = await work();
      const failed = results.find((result) => result.outcome === 'failed')?.problem;
      await this.noteEnd(sync, failed === undefined ? undefined : { code: failed.code, detail: failed.detail });
      return results;
    } catch (error) {
      if (error instanceof Refusal && !isOfStore(error))
        await this.noteEnd(sync, { code: error.code, detail: error.message }, error);
      throw error;
    }
  }

  private async noteEnd(
    { enrollment, scope }: Sync,
    failure: { code: string; detail: string } | undefined,
    error?: Refusal,
  ): Promise<void> {
    const now = this.clock.now();
    await this.database.transact(scope, async (tx) => {
      if (error instanceof EnrollmentDisconnected)
        await this.enrollments.markDisconnected(tx, enrollment, error.reason);
      const lastError = { lastErrorCode: failure?.code ?? null, lastErrorDetail: failure?.detail ?? null };
      await this.repository.update(tx, enrollment.id, {
        ...lastError,
        ...(failure === undefined ? { lastSyncedAt: now } : {}),
        updatedAt: now,
      });
    });
  }
}

const STORE_CODES: ReadonlySet<string> = new Set(DATABASE_REFUSALS.map((refusal) => refusal.code));

/** Refusals of our own store are no news about the bank. */
function isOfStore(error: Refusal): boolean {
  return STORE_CODES.has(error.code);
}
