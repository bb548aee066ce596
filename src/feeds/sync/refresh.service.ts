// Asks the bank now about one account, and answers with what it said.
import { Injectable } from '@nestjs/common';
import { type Account } from '../../accounts/account.entity.js';
import { AccountsService } from '../../accounts/accounts.service.js';
import { latestBalanceView } from '../../accounts/accounts.view.js';
import { type Principal } from '../../auth/principal.js';
import { type Complete, Once } from '../../changes/once.js';
import { type Refusal } from '../../common/domain-error.js';
import { type AccountId, type EnrollmentId } from '../../common/ids.js';
import { Currencies } from '../../common/currency.js';
import { Database } from '../../database/database.js';
import { type Reader } from '../../database/reader.js';
import { type Scope } from '../../database/scope.js';
import { type Transaction } from '../../database/transaction.js';
import { TransactionsRepository } from '../../transactions/transactions.repository.js';
import { transactionView } from '../../transactions/transactions.view.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { AccountSync } from './account-sync.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { EnrollmentsService } from '../enrollments/enrollments.service.js';
import { FeedRegistry } from '../port/feed-registry.js';
import { AccountNotLinked, FeedAccountClosed, SyncAlreadyRunning } from '../port/feeds.errors.js';
import { type HeldTurn } from '../turns/held-turn.js';
import { type LineCounts } from '../lines/line-sync.js';
import { REFRESHED_LINES_DEFAULT, type RefreshView } from './refresh.dto.js';
import { SyncEnds } from './sync-ends.js';
import { askedWhile, refuseDisconnected } from './sync-run.js';
import { SyncTurns } from '../turns/sync-turns.js';

type LinkedAccount = Account & { readonly enrollmentId: EnrollmentId };

/** A refresh under way. */
interface Refresh {
  readonly account: LinkedAccount;
  readonly scope: Scope;
  readonly turn: HeldTurn;
  readonly limit: number;
}

@Injectable()
export class RefreshService {
  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly accounts: AccountsService,
    private readonly transactions: TransactionsRepository,
    private readonly enrollments: EnrollmentsService,
    private readonly accountSync: AccountSync,
    private readonly tokens: AccessTokens,
    private readonly feeds: FeedRegistry,
    private readonly turns: SyncTurns,
    private readonly ends: SyncEnds,
    private readonly currencies: Currencies,
  ) {}

  /**
   * Brings one account's balance and newest lines to what the bank says now. The enrollment's own syncs stay due when they were.
   * Tried in this order: account_not_found, account_not_linked, enrollment_disconnected, feed_account_closed, sync_already_running,
   * sync_interrupted, feed_unknown, access_token_unreadable, then what the feed refuses.
   */
  refresh(caller: Principal, id: AccountId, limit = REFRESHED_LINES_DEFAULT): Promise<RefreshView> {
    return this.once.performOutside(caller, async (complete) => {
      const account = await this.database.read(caller.leave, (reader) => this.askable(reader, id));
      const turn = await this.turns.take(account.enrollmentId, 'any');
      if (turn === undefined) throw new SyncAlreadyRunning(`A sync of ${account.enrollmentId} is under way.`);
      return this.under({ account, scope: caller.leaveFor(account.owner), turn, limit }, complete);
    });
  }

  private async askable(reader: Reader, id: AccountId): Promise<LinkedAccount> {
    const account = await this.accounts.findOne(reader, id);
    const { enrollmentId } = account;
    if (enrollmentId === null) throw new AccountNotLinked(`No bank feeds the account ${id}.`);
    refuseDisconnected(await this.enrollments.findOne(reader, enrollmentId));
    if (account.status === 'closed') throw new FeedAccountClosed(`The account ${id} is closed.`);
    return { ...account, enrollmentId };
  }

  private async under({ account, scope, turn, limit }: Refresh, complete: Complete): Promise<RefreshView> {
    let found: Enrollment | undefined;
    try {
      const enrollment = (found = await this.database.read(scope, (reader) =>
        this.enrollments.findOne(reader, turn.enrollmentId),
      ));
      refuseDisconnected(enrollment);
      const feed = askedWhile(turn, this.feeds.named(enrollment.feed));
      const run = { enrollment, scope, turn, feed, access: this.tokens.accessOf(enrollment) };
      const counts = await this.accountSync.refresh(run, account);
      return await this.database.transact(scope, async (tx) => {
        await this.ends.noteRefresh(tx, run);
        return complete(tx, await this.view(tx, account.id, limit, counts));
      });
    } catch (error) {
      const note = async (tx: Transaction, refusal: Refusal): Promise<void> => {
        if (found !== undefined) await this.ends.noteRefresh(tx, { enrollment: found, turn }, refusal);
      };
      await this.ends.fail({ turn, scope }, error, note);
      throw error;
    }
  }

  private async view(reader: Reader, id: AccountId, limit: number, counts: LineCounts): Promise<RefreshView> {
    const account = await this.accounts.findOne(reader, id);
    const exponent = this.currencies.exponentOf(account.currency);
    const latest = latestBalanceView(account, exponent);
    const balance = latest && {
      id: account.balanceId,
      accountId: id,
      available: latest.available,
      ledger: latest.ledger,
      held: latest.held,
      currency: latest.currency,
      asOf: latest.asOf,
    };
    const lines = await this.transactions.list(reader, { accountId: id }, 'desc', undefined, limit);
    return {
      account: this.accounts.view(account),
      balance,
      transactions: lines.map((line) => transactionView(line, exponent)),
      ...counts,
    };
  }
}
