// Linked accounts follow what their bank lists: new ones are opened, known ones brought up to date, and taken over by a new consent of the same owner.
import { Injectable } from '@nestjs/common';
import { type Account } from '../../accounts/account.entity.js';
import { AccountsRepository } from '../../accounts/accounts.repository.js';
import { UNLINKED, WITHOUT_MONEY } from '../../accounts/accounts.service.js';
import { type LockedAccount } from '../../accounts/locked-account.js';
import { type Amount } from '../../common/amount.js';
import { Clock, type Instant } from '../../common/clock.js';
import { type Refusal } from '../../common/domain-error.js';
import { type AccountId, IdSource } from '../../common/ids.js';
import { ConstraintViolated } from '../../database/database.errors.js';
import { type Transaction } from '../../database/transaction.js';
import { FOLLOWING, isWorthAsking, stateOfAccountAfter, stateOfAccountListed } from './account-feed-state.js';
import { type ListedAccounts } from '../port/checked-feed.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { type FeedAccount } from '../port/feed.port.js';
import { FeedAnswerInvalid } from '../port/feeds.errors.js';

/** An enrollment and an account: each may have been opened meanwhile. */
const ATTEMPTS_MAX = 3;

/** Accounts that could not be taken as the bank lists them: why not, by external id. */
export type RefusedAccounts = ListedAccounts['refused'];

@Injectable()
export class LinkedAccounts {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly enrollments: EnrollmentsRepository,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /**
   * Writes what the bank listed for an enrollment: its own accounts, and new ones. Accounts that the bank no longer lists stay as they are, and
   * so do those that another consent took over since. Answers which were not taken as listed, and why, by external id.
   */
  follow(tx: Transaction, enrollment: Enrollment, listed: ListedAccounts): Promise<RefusedAccounts> {
    return this.write(tx, enrollment, listed, false);
  }

  /** As follow, for a consent just given: the owner's accounts that came by another one are its own from now on. */
  takeOver(tx: Transaction, enrollment: Enrollment, listed: ListedAccounts): Promise<RefusedAccounts> {
    return this.write(tx, enrollment, listed, true);
  }

  /**
   * The accounts that are worth a question, those first that have waited longest: a bank that limits its questions would else never be asked
   * about the last ones.
   */
  async toAsk(tx: Transaction, { id }: Enrollment, listed: ListedAccounts): Promise<Account[]> {
    const now = this.clock.now();
    const accounts = await this.accounts.findByEnrollment(tx, id);
    const ids = accounts.map((account) => account.id);
    const positions = new Map((await this.enrollments.findPositions(tx, ids)).map((one) => [one.accountId, one]));
    const asListed = new Map<string, 'open' | 'closed' | 'odd'>([
      ...listed.accounts.map(({ externalId, status }) => [externalId, status] as const),
      ...[...listed.refused.keys()].map((externalId) => [externalId, 'odd'] as const),
    ]);
    const rank = (account: Account) => `${positions.get(account.id)?.lastSyncedAt ?? ''} ${account.id}`;
    return accounts
      .filter((one) => isWorthAsking(one, asListed.get(one.externalId!), positions.get(one.id), now))
      .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }

  private async write(
    tx: Transaction,
    enrollment: Enrollment,
    listed: ListedAccounts,
    isNewConsent: boolean,
  ): Promise<RefusedAccounts> {
    const now = this.clock.now();
    const refused = new Map(listed.refused);
    const externalIds = listed.accounts.map((account) => account.externalId);
    const known = await this.accounts.findLinked(tx, enrollment, externalIds);
    const locked = await this.accounts.lock(
      tx,
      known.map((account) => account.id),
    );
    const byExternalId = new Map(locked.map((one) => [one.heldBy(tx).externalId, one]));
    for (const account of listed.accounts) {
      const there = byExternalId.get(account.externalId);
      if (there === undefined) await this.open(tx, enrollment, account, now);
      else if (there.heldBy(tx).currency !== account.currency) refused.set(account.externalId, otherCurrency(account));
      else if (isNewConsent || there.heldBy(tx).enrollmentId === enrollment.id)
        await this.change(tx, there, {
          ...factsOf(enrollment, account),
          ...stateOfAccountListed(account.status, there.heldBy(tx), isNewConsent, now),
        });
    }
    return refused;
  }

  /** The bank says of its own accord that there is something new for them: what it refused before is no reason to wait. */
  async askAgain(tx: Transaction, ids: readonly AccountId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.accounts.lock(tx, ids);
    for (const position of await this.enrollments.findPositions(tx, ids))
      await this.enrollments.savePosition(tx, { ...position, lastErrorAt: null });
  }

  /** Writes what the bank's answers about an account say of it, or what it refused. */
  async note(tx: Transaction, locked: LockedAccount, refusal?: Refusal): Promise<void> {
    const state = stateOfAccountAfter(refusal, locked.heldBy(tx), this.clock.now());
    if (state !== undefined) await this.change(tx, locked, state);
  }

  private async open(tx: Transaction, enrollment: Enrollment, listed: FeedAccount, now: Instant): Promise<void> {
    const account: Account = {
      ...UNLINKED,
      ...WITHOUT_MONEY,
      id: this.ids.next('account'),
      owner: enrollment.owner,
      kind: 'linked',
      name: listed.name,
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
      ...FOLLOWING,
      ...stateOfAccountListed(listed.status, FOLLOWING, true, now),
    };
    await this.accounts.insert(tx, [account]);
    const unread = {
      walked: false,
      walkCursor: null,
      walkBeganAt: null,
      walkEndedAt: null,
      walkLines: 0,
      newestSynced: null,
      lastSyncedAt: null,
      lastErrorCode: null,
      lastErrorDetail: null,
      lastErrorAt: null,
    };
    await this.enrollments.savePosition(tx, { ...unread, accountId: account.id, owner: account.owner, version: 1 });
  }

  /** Counts as an edit only where something is another than before. */
  private async change(tx: Transaction, locked: LockedAccount, wanted: Partial<Account>): Promise<void> {
    const account = locked.heldBy(tx);
    const changed = Object.entries(wanted).filter(([property, value]) => account[property as keyof Account] !== value);
    if (changed.length === 0) return;
    await this.accounts.update(tx, locked, {
      ...Object.fromEntries(changed),
      version: account.version + 1,
      updatedAt: this.clock.now(),
    });
  }
}

/** An account's lines are in its currency: it does not change. */
function otherCurrency({ externalId, currency }: FeedAccount): FeedAnswerInvalid {
  return new FeedAnswerInvalid(`The bank says that the account ${externalId} is in ${currency} now.`);
}

/** What follows the bank. The name does not: it is the bank's at first, and people's to change. */
function factsOf(enrollment: Enrollment, { type, subtype, institution, lastFour, raw }: FeedAccount) {
  return {
    enrollmentId: enrollment.id,
    type,
    subtype,
    institutionId: institution.id,
    institutionName: institution.name,
    lastFour,
    raw,
  };
}

/**
 * Runs again what opened something that somebody else opened just then: it then finds it there.
 * Only the unique keys can tell, since what is not there yet cannot be locked.
 */
export async function againWhenOpenedMeanwhile<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isTaken = error instanceof ConstraintViolated && error.kind === 'unique';
      if (!isTaken || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}
