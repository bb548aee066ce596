// Carries a bank's lines into the store: the first walk page by page, and later the whole window at once.
import { Injectable } from '@nestjs/common';
import { AccountsService } from '../../accounts/accounts.service.js';
import { type LockedAccount } from '../../accounts/locked-account.js';
import { type CivilDate } from '../../common/civil-date.js';
import { Clock, civilDateOf } from '../../common/clock.js';
import { type AccountId, type EnrollmentId, IdSource, type TransactionId } from '../../common/ids.js';
import { Database } from '../../database/database.js';
import { type Scope } from '../../database/scope.js';
import { type Transaction } from '../../database/transaction.js';
import { type AccountTransaction } from '../../transactions/account-transaction.entity.js';
import { amended, type LineFacts, newLine } from '../../transactions/line.js';
import { type Amendment, PostingService } from '../../transactions/posting.service.js';
import { TransactionsRepository } from '../../transactions/transactions.repository.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { type AskedAccount, type FeedAccess, type FeedLine } from '../port/feed.port.js';
import { type FeedPosition } from '../stored/feed-position.entity.js';
import { FeedUnsteady } from '../port/feeds.errors.js';
import { lastErrorOf } from '../enrollments/last-error.js';
import { reconcile, type Reconciliation, type StoredLine } from './pending-posting.js';
import { type CheckedFeed } from '../port/checked-feed.js';
import { readOlder, readWindow, windowFrom } from './window.js';

/** A transaction, and a question to the bank, for each: more would make neither cheaper by much. */
const PAGE_LINES = 500;
const ATTEMPTS_MAX = 3;
/** Before every day that a bank could name. */
const BEGINNING = '0001-01-01' as CivilDate;
/** After every day that has lines: of a window that begins here only the lines of the ids named are meant. */
const END = '9999-12-31' as CivilDate;

/** How many lines a sync has changed so far. */
export interface LineCounts {
  inserted: number;
  updated: number;
  removed: number;
}

/** Whose lines, and by which way they are asked for. */
export interface LineSource {
  readonly scope: Scope;
  readonly accountId: AccountId;
  /** The consent by which the bank is asked. */
  readonly enrollmentId: EnrollmentId;
  /** As the feed knows it. */
  readonly asked: AskedAccount;
  readonly feed: Pick<CheckedFeed, 'page'>;
  readonly access: FeedAccess;
  /** Goes up with every page that is written; what is counted stands, also when the sync fails after it. */
  readonly counts: LineCounts;
}

/** `outrun`: another sync wrote while the bank was asked. `elsewhere`: another consent has the account now, whose own sync brings the rest. */
type Written = 'written' | 'outrun' | 'elsewhere';

@Injectable()
export class LineSync {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountsService,
    private readonly transactions: TransactionsRepository,
    private readonly posting: PostingService,
    private readonly enrollments: EnrollmentsRepository,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** Brings an account's lines to what the bank lists now. Interrupted, it goes on next time where it was. @throws what Feed.page throws */
  async sync(source: LineSource): Promise<void> {
    if ((await this.walk(source)) !== 'elsewhere') await this.followWindow(source);
  }

  /** Brings the newest lines to what the bank lists now; of a first sync that has not begun no more than its first page. @throws as sync does */
  async refresh(source: LineSource): Promise<void> {
    const position = await this.position(source);
    const isFirst = !position.walked && position.walkBeganAt === null;
    if (isFirst && (await this.walkOn(source, position)) === 'elsewhere') return;
    await this.followWindow(source);
  }

  /** The first sync: newest to oldest. */
  private async walk(source: LineSource): Promise<Written> {
    const asked = new Map<string | null, number>();
    for (let position = await this.position(source); !position.walked; position = await this.position(source)) {
      const times = (asked.get(position.walkCursor) ?? 0) + 1;
      if (times > ATTEMPTS_MAX) throw new FeedUnsteady('The pages of the bank lead back to where they were.');
      asked.set(position.walkCursor, times);
      if ((await this.walkOn(source, position)) === 'elsewhere') return 'elsewhere';
    }
    return 'written';
  }

  /** One page of the first sync, and the cursor behind it, in one transaction. */
  private async walkOn(source: LineSource, position: FeedPosition): Promise<Written> {
    const walkBeganAt = position.walkBeganAt ?? this.clock.now();
    const page = await readOlder(source.feed, source.access, source.asked, position.walkCursor, PAGE_LINES);
    return this.write(source, position, async (tx, locked) => {
      const stored = await this.stored(tx, source, END, page.lines);
      const done = await this.apply(tx, locked, stored, matchedByExternalId(stored, page.lines));
      const walked = page.next === undefined;
      const progress = {
        walked,
        walkCursor: page.next ?? null,
        walkBeganAt,
        walkEndedAt: walked ? this.clock.now() : null,
        // A walk that begins anew reads lines again, and they are no more for it.
        walkLines: position.walkLines + done.inserted,
        newestSynced: position.newestSynced ?? this.newest(page.lines.slice(0, 1)),
      };
      return { done, position: progress };
    });
  }

  /** Later syncs: everything from the window's first day on, judged as a whole. */
  private async followWindow(source: LineSource): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const position = await this.position(source);
      const from = position.newestSynced === null ? null : await this.firstDay(source, position.newestSynced);
      const listed = await readWindow(source.feed, source.access, source.asked, from, PAGE_LINES);
      const written = await this.write(source, position, async (tx, locked) => {
        const stored = await this.stored(tx, source, from ?? BEGINNING, listed);
        const done = await this.apply(tx, locked, stored, reconcile(stored.map(judged), listed, from));
        const newestSynced = this.newest(listed, position.newestSynced);
        const now = this.clock.now();
        return {
          done,
          position: { newestSynced, lastSyncedAt: now, ...lastErrorOf(undefined), lastErrorAt: null },
        };
      });
      if (written !== 'outrun') return;
    }
    throw new FeedUnsteady('Other syncs of this account wrote again and again while the bank was asked.');
  }

  private async firstDay({ scope, accountId }: LineSource, newestSynced: CivilDate): Promise<CivilDate> {
    const oldestPending = await this.database.read(scope, (reader) =>
      this.transactions.oldestPending(reader, accountId),
    );
    return windowFrom(newestSynced, oldestPending ?? null);
  }

  private stored(
    tx: Transaction,
    { accountId }: LineSource,
    from: CivilDate,
    listed: readonly FeedLine[],
  ): Promise<AccountTransaction[]> {
    const externalIds = listed.map((line) => line.externalId);
    return this.transactions.inWindow(tx, accountId, from, externalIds);
  }

  /** Writes under the account's lock what was asked before, or nothing. */
  private async write(
    { scope, accountId, enrollmentId, counts }: LineSource,
    asked: FeedPosition,
    work: (tx: Transaction, locked: LockedAccount) => Promise<{ done: LineCounts; position: Partial<FeedPosition> }>,
  ): Promise<Written> {
    return this.database.transact(scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [accountId]);
      if (locked!.heldBy(tx).enrollmentId !== enrollmentId) return 'elsewhere';
      const now = await this.enrollments.findPosition(tx, accountId);
      if (now === null || now.version !== asked.version) return 'outrun';
      const { done, position } = await work(tx, locked!);
      await this.enrollments.savePosition(tx, { ...now, ...position, version: now.version + 1 });
      tx.afterCommit(() => {
        counts.inserted += done.inserted;
        counts.updated += done.updated;
        counts.removed += done.removed;
      });
      return 'written';
    });
  }

  private async position({ scope, accountId }: LineSource): Promise<FeedPosition> {
    const position = await this.database.read(scope, (reader) => this.enrollments.findPosition(reader, accountId));
    if (position === null) throw new Error(`The account ${accountId} is read from a feed and has no position.`);
    return position;
  }

  /** The newest line's day, today at the latest: what a bank dates ahead says nothing about the days until then. */
  private newest(lines: readonly FeedLine[], known: CivilDate | null = null): CivilDate | null {
    const today = civilDateOf(this.clock.now());
    const days = lines.map(({ date }) => (date < today ? date : today));
    return days.reduce((latest, day) => (latest === null || day > latest ? day : latest), known);
  }

  private async apply(
    tx: Transaction,
    locked: LockedAccount,
    stored: readonly AccountTransaction[],
    found: Reconciliation<TransactionId, FeedLine>,
  ): Promise<LineCounts> {
    const account = locked.heldBy(tx);
    const now = this.clock.now();
    const byId = new Map(stored.map((line) => [line.id, line]));
    const line = (id: TransactionId): AccountTransaction => byId.get(id)!;
    const updates = found.updates.map(([id, listed]): Amendment => ({
      id,
      set: amended(line(id), wantedOf(line(id), listed), now),
    }));
    const removals = found.removals.map((id): Amendment => ({
      id,
      set: amended(line(id), { status: 'removed' }, now),
    }));
    const changed = updates.filter(({ set }) => Object.keys(set).length > 0);
    const touched = [...changed, ...removals];
    await this.posting.amend(
      tx,
      [locked],
      touched.map(({ id }) => line(id)),
      touched,
    );
    const fresh = found.inserts.map((listed) =>
      newLine(account, factsOf(listed), { id: this.ids.next('transaction'), source: 'feed', now }),
    );
    await this.posting.post(tx, [locked], fresh);
    return { inserted: fresh.length, updated: changed.length, removed: removals.length };
  }
}

function judged(line: AccountTransaction): StoredLine<TransactionId> {
  const { id, externalId, date, amount, description, status } = line;
  return {
    id,
    externalId: externalId!,
    date,
    amount,
    description,
    status: status === 'posted' ? 'posted' : 'pending',
    removed: status === 'removed',
  };
}

/** While the walk goes on nothing is said to be gone: only what is listed counts. */
function matchedByExternalId(
  stored: readonly AccountTransaction[],
  listed: readonly FeedLine[],
): Reconciliation<TransactionId, FeedLine> {
  const known = new Map(stored.map((line) => [line.externalId, line.id]));
  const updates = listed.flatMap((line): (readonly [TransactionId, FeedLine])[] => {
    const id = known.get(line.externalId);
    return id === undefined ? [] : [[id, line]];
  });
  return { updates, inserts: listed.filter((line) => !known.has(line.externalId)), removals: [] };
}

function factsOf({
  externalId,
  date,
  amount,
  description,
  status,
  category,
  counterparty,
  type,
  runningBalance,
  raw,
}: FeedLine): LineFacts {
  return { externalId, date, amount, description, status, category, counterparty, type, runningBalance, raw };
}

/** What a stored line becomes by what the bank says now. A category that a person set stays. */
function wantedOf(line: AccountTransaction, listed: FeedLine): Partial<AccountTransaction> {
  const { category, ...facts } = factsOf(listed);
  return {
    ...facts,
    ...(line.categorySet ? {} : { category }),
    ...(line.externalId === listed.externalId ? {} : { pendingExternalId: line.externalId }),
  };
}
