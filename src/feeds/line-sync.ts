// Carries a bank's lines into the store: the first walk page by page, and later the whole window at once.
import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { type CivilDate } from '../common/civil-date.js';
import { Clock, civilDateOf } from '../common/clock.js';
import { type AccountId, IdSource, type TransactionId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Scope } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { type AccountTransaction } from '../transactions/account-transaction.entity.js';
import { amended, type LineFacts, newLine } from '../transactions/line.js';
import { type Amendment, PostingService } from '../transactions/posting.service.js';
import { TransactionsRepository } from '../transactions/transactions.repository.js';
import { type CheckedFeed } from './checked-feed.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { type FeedAccess, type FeedLine } from './feed.port.js';
import { type FeedPosition } from './feed-position.entity.js';
import { FeedUnsteady } from './feeds.errors.js';
import { lastErrorOf } from './last-error.js';
import { reconcile, type Reconciliation, type StoredLine } from './pending-posting.js';
import { readOlder, readWindow, windowFrom } from './window.js';

const PAGE_LINES = 250;
const ATTEMPTS_MAX = 3;
/** Before every day that a bank could name. */
const BEGINNING = '0001-01-01' as CivilDate;
/** After every day that has lines: of a window that begins here only the lines of the ids named are meant. */
const END = '9999-12-31' as CivilDate;

/** How many lines a sync changed. */
export interface LineCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly removed: number;
}

/** Whose lines, and by which way they are asked for. */
export interface LineSource {
  readonly scope: Scope;
  readonly accountId: AccountId;
  readonly externalId: string;
  readonly feed: CheckedFeed;
  readonly access: FeedAccess;
}

const NOTHING: LineCounts = { inserted: 0, updated: 0, removed: 0 };

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
  async sync(source: LineSource): Promise<LineCounts> {
    const walked = await this.walk(source);
    const window = await this.followWindow(source);
    return {
      inserted: walked.inserted + window.inserted,
      updated: walked.updated + window.updated,
      removed: window.removed,
    };
  }

  /** The first sync: newest to oldest, each page and the cursor behind it in one transaction. */
  private async walk(source: LineSource): Promise<LineCounts> {
    let counts = NOTHING;
    const asked = new Map<string | null, number>();
    for (let position = await this.position(source); !position.walked; position = await this.position(source)) {
      const times = (asked.get(position.walkCursor) ?? 0) + 1;
      if (times > ATTEMPTS_MAX) throw new FeedUnsteady('The pages of the bank lead back to where they were.');
      asked.set(position.walkCursor, times);
      const page = await readOlder(source.feed, source.access, source.externalId, position.walkCursor, PAGE_LINES);
      const changed = await this.write(source, position, async (tx, locked) => {
        const stored = await this.transactions.inWindow(
          tx,
          source.accountId,
          END,
          page.lines.map((line) => line.externalId),
        );
        const done = await this.apply(tx, locked, stored, matchedByExternalId(stored, page.lines));
        const next = { walked: page.next === undefined, walkCursor: page.next ?? null };
        return {
          done,
          position: { ...next, newestSynced: position.newestSynced ?? this.newest(page.lines.slice(0, 1)) },
        };
      });
      if (changed !== undefined)
        counts = { ...counts, inserted: counts.inserted + changed.inserted, updated: counts.updated + changed.updated };
    }
    return counts;
  }

  /** Later syncs: everything from the window's first day on, judged as a whole. */
  private async followWindow(source: LineSource): Promise<LineCounts> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { position, oldestPending } = await this.database.read(source.scope, async (reader) => ({
        position: await this.position(source),
        oldestPending: (await this.transactions.oldestPending(reader, source.accountId)) ?? null,
      }));
      const from = position.newestSynced === null ? null : windowFrom(position.newestSynced, oldestPending);
      const listed = await readWindow(source.feed, source.access, source.externalId, from, PAGE_LINES);
      const changed = await this.write(source, position, async (tx, locked) => {
        const stored = await this.transactions.inWindow(
          tx,
          source.accountId,
          from ?? BEGINNING,
          listed.map((line) => line.externalId),
        );
        const done = await this.apply(tx, locked, stored, reconcile(stored.map(judged), listed, from));
        return {
          done,
          position: {
            newestSynced: this.newest(listed, position.newestSynced),
            lastSyncedAt: this.clock.now(),
            ...lastErrorOf(undefined),
          },
        };
      });
      if (changed !== undefined) return changed;
    }
    throw new FeedUnsteady('Other syncs of this account wrote again and again while the bank was asked.');
  }

  /** Writes under the account's lock what was asked before; undefined, and nothing written, when another sync wrote meanwhile: its answer is newer. */
  private async write(
    source: LineSource,
    asked: FeedPosition,
    work: (tx: Transaction, locked: LockedAccount) => Promise<{ done: LineCounts; position: Partial<FeedPosition> }>,
  ): Promise<LineCounts | undefined> {
    return this.database.transact(source.scope, async (tx) => {
      const [locked] = await this.accounts.lock(tx, [source.accountId]);
      const now = await this.enrollments.findPosition(tx, source.accountId);
      if (now === null || now.version !== asked.version) return undefined;
      const { done, position } = await work(tx, locked!);
      await this.enrollments.savePosition(tx, { ...now, ...position, version: now.version + 1 });
      return done;
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
