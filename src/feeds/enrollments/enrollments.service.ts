// Enrolls at a feed, lists what was enrolled, and ends it.
import { Injectable } from '@nestjs/common';
import { AccountsRepository } from '../../accounts/accounts.repository.js';
import { OwnerChange } from '../../accounts/owner-change.js';
import { type Principal } from '../../auth/principal.js';
import { Once } from '../../changes/once.js';
import { Clock } from '../../common/clock.js';
import { Refusal, ValueInvalid } from '../../common/domain-error.js';
import { type EnrollmentId, IdSource, parseId } from '../../common/ids.js';
import { type Owner } from '../../common/owner.js';
import { Settings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import { type Reader } from '../../database/reader.js';
import { ownerOf } from '../../database/scope.js';
import { type Transaction } from '../../database/transaction.js';
import { readCursor, writeCursor } from '../../http/cursor.js';
import { RequestInvalid } from '../../http/http.errors.js';
import { problemOf } from '../../http/problem.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../../http/page.dto.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { type CheckedFeed, type ListedAccounts } from '../port/checked-feed.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import {
  type EnrollmentView,
  type EnrollRequest,
  type FeedList,
  type FeedView,
  type ListEnrollmentsQuery,
} from './enrollments.dto.js';
import { EnrollmentsRepository } from '../stored/enrollments.repository.js';
import { accessOf } from '../port/feed-access.js';
import { type FeedEnrollment, type FeedInstitution } from '../port/feed.port.js';
import { FeedRegistry } from '../port/feed-registry.js';
import { EnrollmentNotFound } from '../port/feeds.errors.js';
import { enrollmentView } from './enrollments.view.js';
import { BY_REQUEST, CONNECTED, disconnected, stateAfter, SUPERSEDED } from './enrollment-state.js';
import { lastErrorOf } from './last-error.js';
import { againWhenOpenedMeanwhile, LinkedAccounts } from './linked-accounts.js';
import { SyncTurns } from '../turns/sync-turns.js';

@Injectable()
export class EnrollmentsService {
  private readonly applicationId: string | null;

  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly repository: EnrollmentsRepository,
    private readonly accounts: AccountsRepository,
    private readonly linkedAccounts: LinkedAccounts,
    private readonly feeds: FeedRegistry,
    private readonly tokens: AccessTokens,
    private readonly turns: SyncTurns,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    ownerChange: OwnerChange,
    settings: Settings,
  ) {
    this.applicationId = settings.teller?.applicationId ?? null;
    ownerChange.alsoHandOver((tx, locked, owner) => this.repository.handOver(tx, locked.heldBy(tx).id, owner));
  }

  async feedList(): Promise<FeedList> {
    return { data: await Promise.all(this.feeds.all().map(feedView)), nextCursor: null };
  }

  /**
   * Enrolls at the feed and opens the accounts that it lists; their balances and lines come with the first sync. The same consent again
   * connects the same enrollment again, and another consent of the same person takes the owner's accounts over.
   * Tried in this order: owner_forbidden, feed_unknown, then what the feed refuses.
   */
  enroll(caller: Principal, request: EnrollRequest): Promise<EnrollmentView> {
    return this.once.performOutside(caller, async (complete) => {
      const owner = caller.ownerOfNew(request.owner);
      const feed = this.feeds.named(request.feed);
      const consented = await enrollAt(feed, owner, request);
      const listed = await feed.accounts(accessOf(consented));
      const given = { ...consented, institution: institutionOf(consented, listed) };
      const write = async (tx: Transaction): Promise<EnrollmentView> => {
        const enrollment = await this.connect(tx, owner, feed.name, given);
        const [refusal] = (await this.linkedAccounts.takeOver(tx, enrollment, listed)).values();
        const lastError = lastErrorOf(refusal);
        if (refusal !== undefined) await this.repository.update(tx, enrollment.id, lastError);
        await this.turns.markFirst(tx, enrollment.id);
        return complete(tx, await this.viewOf(tx, { ...enrollment, ...lastError }));
      };
      return againWhenOpenedMeanwhile(() => this.database.transact(caller.leaveFor(owner), write));
    });
  }

  /** Tried in this order: owner_forbidden, cursor_invalid. */
  async list(caller: Principal, query: ListEnrollmentsQuery): Promise<Page<EnrollmentView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, ...filter } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'enrollments', owner: ownerOf(leave), ...filter };
    const [after] = cursor === undefined ? [] : readCursor(cursor, bound, [(text) => parseId('enrollment', text)]);
    return this.database.read(leave, async (reader) => {
      const rows = await this.repository.list(reader, filter, after, limit + 1);
      const accounts = await this.accounts.findByEnrollments(
        reader,
        rows.map((row) => row.id),
      );
      const view = (row: Enrollment): EnrollmentView =>
        enrollmentView(
          row,
          accounts.filter((account) => account.enrollmentId === row.id),
          this.applicationId,
        );
      return pageOf(rows, limit, view, (last) => writeCursor([last.id], bound));
    });
  }

  /** @throws EnrollmentNotFound */
  get(caller: Principal, id: EnrollmentId): Promise<EnrollmentView> {
    return this.database.read(caller.leave, async (reader) => this.viewOf(reader, await this.findOne(reader, id)));
  }

  /**
   * Ends the consent at the feed and here. What was stored stays. Doing it again changes nothing.
   * Tried in this order: enrollment_not_found, feed_unknown, then what the feed refuses.
   */
  async disconnect(caller: Principal, id: EnrollmentId): Promise<EnrollmentView> {
    const enrollment = await this.database.read(caller.leave, (reader) => this.findOne(reader, id));
    const feed = this.feeds.named(enrollment.feed);
    if (enrollment.status !== 'disconnected') await feed.disconnect(this.tokens.accessOf(enrollment));
    const now = this.clock.now();
    return this.database.transact(caller.leave, async (tx) => {
      const there = await this.repository.lock(tx, id);
      // Connected anew meanwhile, by another token than the one that was ended: that is the newer wish.
      if (there.status !== 'disconnected' && this.tokens.isSame(there, enrollment))
        await this.repository.update(tx, id, { ...disconnected(BY_REQUEST, now), updatedAt: now });
      return this.viewOf(tx, await this.findOne(tx, id));
    });
  }

  /**
   * How the bank took a question about the whole consent is how it stands from now on; undefined: it answered. What the bank refuses for other
   * reasons says nothing about it, and neither does what it said of a token that another one has replaced since.
   * A disconnect keeps its first moment and reason, and only another consent ends it.
   * @param asked as it stood when the bank was asked
   */
  async followOutcome(tx: Transaction, asked: Enrollment, refusal: Refusal | undefined): Promise<void> {
    const enrollment = await this.repository.lock(tx, asked.id);
    if (enrollment.status === 'disconnected' || !this.tokens.isSame(enrollment, asked)) return;
    const now = this.clock.now();
    const told = stateAfter(refusal, now);
    if (told === undefined) return;
    const isOver = told.status !== 'connected' && (await this.isSuperseded(tx, enrollment));
    const state = isOver ? disconnected(SUPERSEDED, now) : told;
    if (state.status === enrollment.status && state.statusReason === enrollment.statusReason) return;
    await this.repository.update(tx, asked.id, { ...state, updatedAt: now });
  }

  async findOne(reader: Reader, id: EnrollmentId): Promise<Enrollment> {
    const enrollment = await this.repository.find(reader, id);
    if (enrollment === null) throw new EnrollmentNotFound(`There is no enrollment ${id}.`);
    return enrollment;
  }

  async viewOf(reader: Reader, enrollment: Enrollment): Promise<EnrollmentView> {
    return enrollmentView(enrollment, await this.accounts.findByEnrollment(reader, enrollment.id), this.applicationId);
  }

  /** Whether another consent took all its accounts over: then nobody needs to mend it. */
  private async isSuperseded(tx: Transaction, enrollment: Enrollment): Promise<boolean> {
    const own = await this.accounts.findByEnrollment(tx, enrollment.id);
    return own.length === 0 && (await this.repository.hasAnother(tx, enrollment));
  }

  private async connect(tx: Transaction, owner: Owner, feed: string, given: GivenEnrollment): Promise<Enrollment> {
    const key = { owner, feed, environment: given.environment, externalId: given.externalId };
    const there = await this.repository.findByExternalId(tx, key);
    const now = this.clock.now();
    const id = there?.id ?? this.ids.next('enrollment');
    const connected = {
      ...CONNECTED,
      ...lastErrorOf(undefined),
      userExternalId: given.userExternalId,
      accessToken: given.accessToken === null ? null : this.tokens.seal(id, given.accessToken),
      institutionId: given.institution.id,
      institutionName: given.institution.name,
      updatedAt: now,
    };
    if (there !== null) {
      await this.repository.update(tx, id, connected);
      return { ...there, ...connected };
    }
    const enrollment: Enrollment = { ...key, ...connected, id, lastSyncedAt: null, createdAt: now };
    await this.repository.insert(tx, enrollment);
    return enrollment;
  }
}

/** An enrollment whose institution is known. */
type GivenEnrollment = FeedEnrollment & { readonly institution: FeedInstitution };

async function enrollAt(
  feed: CheckedFeed,
  owner: Owner,
  { institutionId, consent }: EnrollRequest,
): Promise<FeedEnrollment> {
  try {
    return await feed.enroll({ owner, institutionId: institutionId ?? null, consent: consent ?? {} });
  } catch (error) {
    if (error instanceof ValueInvalid) throw new RequestInvalid([{ pointer: '/consent', detail: error.message }]);
    throw error;
  }
}

/** One feed that cannot be asked does not hide the others. */
async function feedView(feed: CheckedFeed): Promise<FeedView> {
  const { name } = feed;
  try {
    return { name, institutions: [...(await feed.institutions())] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { name, institutions: [], problem: problemOf(error) };
  }
}

/** Where neither the consent nor an account says its id, its name is all that is known. */
function institutionOf({ institution }: FeedEnrollment, { accounts }: ListedAccounts): FeedInstitution {
  const { id, name } = institution;
  return id === null ? (accounts[0]?.institution ?? { id: name, name }) : { id, name };
}
