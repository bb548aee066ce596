// Linked accounts follow what their bank lists: new ones are opened, known ones brought up to date, and taken over by a new consent of the same owner.
import { Injectable } from '@nestjs/common';
import { type Account, type AccountStatus } from '../accounts/account.entity.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { UNLINKED } from '../accounts/accounts.service.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { type Amount } from '../common/amount.js';
import { Clock, type Instant } from '../common/clock.js';
import { IdSource } from '../common/ids.js';
import { type Transaction } from '../database/transaction.js';
import { type Enrollment } from './enrollment.entity.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { type FeedAccount } from './feed.port.js';

@Injectable()
export class LinkedAccounts {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly enrollments: EnrollmentsRepository,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** Writes what the bank listed for an enrollment. Accounts that it no longer lists stay as they are. */
  async follow(tx: Transaction, enrollment: Enrollment, listed: readonly FeedAccount[]): Promise<void> {
    const now = this.clock.now();
    const externalIds = listed.map((account) => account.externalId);
    const known = await this.accounts.findLinked(tx, enrollment, externalIds);
    const locked = await this.accounts.lock(
      tx,
      known.map((account) => account.id),
    );
    const byExternalId = new Map(locked.map((one) => [one.heldBy(tx).externalId, one]));
    for (const account of listed) {
      const there = byExternalId.get(account.externalId);
      if (there === undefined) await this.open(tx, enrollment, account, now);
      else await this.bringUpToDate(tx, there, enrollment, account, now);
    }
  }

  /** Marks an account closed of which the bank said that it is. */
  async close(tx: Transaction, locked: LockedAccount): Promise<void> {
    const account = locked.heldBy(tx);
    if (account.status === 'closed') return;
    const now = this.clock.now();
    await this.accounts.update(tx, locked, {
      status: 'closed',
      closedAt: now,
      version: account.version + 1,
      updatedAt: now,
    });
  }

  private async open(tx: Transaction, enrollment: Enrollment, listed: FeedAccount, now: Instant): Promise<void> {
    const account: Account = {
      ...UNLINKED,
      id: this.ids.next('account'),
      owner: enrollment.owner,
      kind: 'linked',
      currency: listed.currency,
      feed: enrollment.feed,
      environment: enrollment.environment,
      externalId: listed.externalId,
      overdraftLimit: 0n as Amount,
      balanceAvailable: null,
      balanceLedger: null,
      balanceAsOf: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
      ...factsOf(enrollment, listed),
      ...statusOf(listed.status, null, now),
    };
    await this.accounts.insert(tx, [account]);
    const unread = {
      walked: false,
      walkCursor: null,
      newestSynced: null,
      lastSyncedAt: null,
      lastErrorCode: null,
      lastErrorDetail: null,
    };
    await this.enrollments.savePosition(tx, { ...unread, accountId: account.id, owner: account.owner, version: 1 });
  }

  private async bringUpToDate(
    tx: Transaction,
    locked: LockedAccount,
    enrollment: Enrollment,
    listed: FeedAccount,
    now: Instant,
  ): Promise<void> {
    const account = locked.heldBy(tx);
    const wanted: Partial<Account> = {
      ...factsOf(enrollment, listed),
      ...statusOf(listed.status, account.closedAt, now),
    };
    const changed = Object.entries(wanted).filter(([property, value]) => account[property as keyof Account] !== value);
    if (changed.length === 0) return;
    await this.accounts.update(tx, locked, {
      ...Object.fromEntries(changed),
      version: account.version + 1,
      updatedAt: now,
    });
  }
}

/** The currency is not among them: an account's lines are in it, and a bank does not change it. */
function factsOf(enrollment: Enrollment, { name, type, subtype, institution, lastFour, raw }: FeedAccount) {
  return {
    enrollmentId: enrollment.id,
    name,
    type,
    subtype,
    institutionId: institution.id,
    institutionName: institution.name,
    lastFour,
    raw,
  };
}

function statusOf(status: AccountStatus, closedAt: Instant | null, now: Instant): Pick<Account, 'status' | 'closedAt'> {
  return { status, closedAt: status === 'closed' ? (closedAt ?? now) : null };
}
