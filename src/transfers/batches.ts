// Deeds of many requests stand together: one batch is one transaction, in which each is judged by itself, exactly as if they came one
// after another. A crash leaves the whole batch or none of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { KeptAnswers, type Sender } from '../changes/kept-answers.js';
import { type Amount } from '../common/amount.js';
import { Clock, type Instant } from '../common/clock.js';
import { Refusal } from '../common/domain-error.js';
import { type AccountId, ID_PREFIXES, IdSource } from '../common/ids.js';
import { OutcomeUnknown } from '../database/database.errors.js';
import { Database } from '../database/database.js';
import { ofEveryOwner } from '../database/scope.js';
import { type Reader } from '../database/reader.js';
import { type Transaction } from '../database/transaction.js';
import { type OnceKey } from '../http/once-key.js';
import { type AccountTransaction } from '../transactions/account-transaction.entity.js';
import { PostingService } from '../transactions/posting.service.js';
import { Books, type Known, type Standing } from './books.js';
import { Coalescer } from './coalescer.js';
import { type Asked, type Deed } from './deed.js';
import { HoldsRepository } from './holds.repository.js';
import { endHold } from './hold-deeds.js';
import { type Answered, Judgement } from './judgement.js';
import { seal } from './seal.js';
import { TransfersRepository } from './transfers.repository.js';

const TOGETHER = ofEveryOwner('deeds of many callers stand together; each was judged by its own leave');
/** Transfers a batch: enough to share a commit among, few enough to hold up nobody for long. */
const WEIGHT_MAX = 500;
const OVERTAKEN_MAX = 10;
const LOOKS_AFTER_LOST_COMMIT = 3;
const LOST_COMMIT_PAUSE_MS = 200;
/** Keys that this process remembers to have seen: retries come soon, and mostly to the same process. */
const RECENT_MAX = 20_000;

/** Whoever asks for a deed, and whether it shall have one effect however often it is asked for. */
interface Asker extends Sender {
  readonly once?: OnceKey | undefined;
}

interface Waiting extends Asked {
  readonly resolve: (answer: object) => void;
  readonly reject: (error: unknown) => void;
}

@Injectable()
export class Batches {
  private readonly coalescer = new Coalescer<Waiting>(
    (batch) => this.settle(batch),
    ({ deed }) => deed.weight,
    WEIGHT_MAX,
  );
  private readonly recent = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly answers: KeptAnswers,
    private readonly accounts: AccountsRepository,
    private readonly posting: PostingService,
    private readonly transfers: TransfersRepository,
    private readonly holds: HoldsRepository,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** Does a deed, or only says what it would come to. */
  ask<Made extends object, Answer extends object>(
    asker: Asker,
    deed: Deed<Made>,
    dryRun: boolean | undefined,
    present: (made: Made) => Answer,
  ): Promise<Answer> {
    return dryRun === true ? this.rehearse(asker, deed, present) : this.do(asker, deed, present);
  }

  /** Does a deed once, durably, and answers; or refuses it. @throws OutcomeUnknown when the store was lost during the commit and did not come back */
  do<Made extends object, Answer extends object>(
    asker: Asker,
    deed: Deed<Made>,
    present: (made: Made) => Answer,
  ): Promise<Answer> {
    const { once } = asker;
    once?.markUsed();
    const key = once === undefined ? undefined : this.answers.begin(asker, once, false);
    return new Promise<object>((resolve, reject) => {
      this.coalescer.add({ deed, present: present as unknown as Asked['present'], once, key, resolve, reject });
    }) as Promise<Answer>;
  }

  /** What the deed would come to just now. Nothing is locked, written or kept. */
  private async rehearse<Made extends object, Answer extends object>(
    asker: Asker,
    deed: Deed<Made>,
    present: (made: Made) => Answer,
  ): Promise<Answer> {
    const { once } = asker;
    once?.markUsed();
    return this.database.snapshot(TOGETHER, async (reader) => {
      await this.refuseReused(reader, asker);
      const accounts = await this.accounts.findAll(reader, await this.accountsNamed(reader, [deed]));
      const books = this.booksOf(await this.known(reader, accounts, [deed], true));
      return present(deed.perform(books)());
    });
  }

  /** A key that stands for what was done stands for no rehearsal. @throws IdempotencyKeyReused */
  private async refuseReused(reader: Reader, asker: Asker): Promise<void> {
    const { once } = asker;
    if (once === undefined) return;
    const kept = await this.answers.find(reader, this.answers.begin(asker, once, false));
    if (kept !== null) this.answers.answerOf(kept, once);
  }

  private async settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const answered = await this.stand(batch);
      batch.forEach((waiting, index) => tell(waiting, answered[index]!));
    } catch (error) {
      if (batch.length === 1 || isOfStore(error)) return batch.forEach(({ reject }) => reject(error));
      // One of them is more than the store can take: the others shall not fail for it.
      const half = batch.length >> 1;
      await this.settle(batch.slice(0, half));
      await this.settle(batch.slice(half));
    } finally {
      for (const { key } of batch) if (key !== undefined) this.remember(key.id);
    }
  }

  /** Because each deed has its ids before it is done, what nobody knows after a lost commit can be found out: by doing it again. */
  private async stand(batch: readonly Asked[]): Promise<readonly Answered[]> {
    let isDoubtful = batch.some(({ key }) => key !== undefined && this.recent.has(key.id));
    let lost: OutcomeUnknown | undefined;
    let looks = 0;
    for (let overtaken = 0; ;) {
      try {
        return await this.database.transact(TOGETHER, (tx) => this.write(tx, batch, isDoubtful));
      } catch (error) {
        isDoubtful = true;
        if (error instanceof Overtaken && (overtaken += 1) <= OVERTAKEN_MAX) continue;
        if (error instanceof OutcomeUnknown) lost ??= error;
        if (lost === undefined || !isOfStore(error)) throw error;
        if (looks === LOOKS_AFTER_LOST_COMMIT) throw lost;
        await sleep(LOST_COMMIT_PAUSE_MS * 2 ** looks);
        looks += 1;
      }
    }
  }

  /**
   * Locks in one order, in every process: accounts by their ids, then the head of the chain. Keys and ids are written under the head, so that
   * nobody else writes any meanwhile.
   * @param isDoubtful whether something of the batch may stand already
   */
  private async write(tx: Transaction, batch: readonly Asked[], isDoubtful: boolean): Promise<readonly Answered[]> {
    const deeds = batch.map(({ deed }) => deed);
    const locked = await this.accounts.lock(tx, await this.accountsNamed(tx, deeds));
    const known = await this.known(
      tx,
      locked.map(({ account }) => account),
      deeds,
      isDoubtful,
    );
    const judgement = await this.judge(tx, batch, known, isDoubtful);
    const { books } = judgement;
    if (books.drafts.length === 0 && books.moved.length === 0) {
      await this.keep(tx, judgement);
      return judgement.answers;
    }
    const sealed = seal(await this.transfers.lockHead(tx), books.drafts, this.clock.now(), this.ids);
    await this.keep(tx, judgement);
    if ((await this.transfers.insert(tx, sealed.transfers)) < sealed.transfers.length) throw new Overtaken();
    await this.posting.post(tx, locked, sealed.lines);
    await this.moveAccounts(tx, locked, books.moved, sealed.lines);
    if (!(await this.holds.save(tx, books.changedHolds))) throw new Overtaken();
    await this.transfers.moveHead(tx, sealed.head);
    return judgement.answers;
  }

  /** A repetition is answered as the first time. Whether something is one is looked for where it is likely, or where it would be refused. */
  private async judge(tx: Transaction, batch: readonly Asked[], known: Known, isDoubtful: boolean): Promise<Judgement> {
    if (!isDoubtful) {
      const judgement = new Judgement(batch, this.booksOf(known), new Map(), this.answers);
      if (!judgement.refusesRepeatable) return judgement;
    }
    const keys = batch.flatMap(({ key }) => (key === undefined ? [] : [key]));
    return new Judgement(batch, this.booksOf(known), await this.answers.findAll(tx, keys), this.answers);
  }

  private async keep(tx: Transaction, judgement: Judgement): Promise<void> {
    const rows = judgement.answersToKeep();
    if ((await this.answers.insertAll(tx, rows)) < rows.length) throw new Overtaken();
  }

  private booksOf(known: Known): Books {
    const books = new Books(known);
    for (const hold of known.expired) endHold(books, hold, 'expired', TOGETHER);
    return books;
  }

  private async known(
    reader: Reader,
    accounts: Known['accounts'],
    deeds: readonly Deed[],
    isDoubtful: boolean,
  ): Promise<Known> {
    const now = this.clock.now();
    const all = <Id>(of: (needs: Deed['needs']) => readonly Id[] | undefined): Id[] => [
      ...new Set(deeds.flatMap(({ needs }) => of(needs) ?? [])),
    ];
    const ours = <Id>(ids: readonly Id[]): readonly Id[] => (isDoubtful ? ids : []);
    const onHold = accounts.filter(({ held }) => held > 0n).map(({ id }) => id);
    return {
      now,
      accounts,
      transfers: await this.transfers.findAll(reader, [
        ...all(({ transfers }) => transfers),
        ...ours(all(({ newTransfers }) => newTransfers)),
      ]),
      reversals: await this.transfers.reversalsOf(
        reader,
        all(({ reverses }) => (reverses === undefined ? [] : [reverses])),
      ),
      holds: await this.holds.findAll(reader, [...all(({ holds }) => holds), ...ours(all(({ newHolds }) => newHolds))]),
      expired: await this.holds.expired(reader, onHold, now),
    };
  }

  /** Their ids; what is no account's number names none. */
  private async accountsNamed(reader: Reader, deeds: readonly Deed[]): Promise<AccountId[]> {
    const named = [...new Set(deeds.flatMap(({ needs }) => needs.accounts))];
    const ids = named.filter((name) => name.startsWith(ID_BEGIN));
    if (ids.length === named.length) return ids as AccountId[];
    const numbers = named.filter((name) => !name.startsWith(ID_BEGIN));
    return [...ids, ...(await this.accounts.idsOfNumbers(reader, numbers))] as AccountId[];
  }

  private moveAccounts(
    tx: Transaction,
    locked: readonly LockedAccount[],
    moved: readonly Standing[],
    lines: readonly AccountTransaction[],
  ): Promise<void> {
    const proofs = new Map(locked.map((proof) => [proof.account.id, proof]));
    const lastLineAt = new Map<AccountId, Instant>(lines.map(({ accountId, createdAt }) => [accountId, createdAt]));
    return this.accounts.moveMoney(
      tx,
      moved.map(({ account, ledger, held }) => ({
        locked: proofs.get(account.id)!,
        ledger: ledger as Amount,
        held: held as Amount,
        lastLineAt: lastLineAt.get(account.id) ?? account.lastLineAt,
      })),
    );
  }

  private remember(id: string): void {
    this.recent.add(id);
    const [oldest] = this.recent;
    if (this.recent.size > RECENT_MAX) this.recent.delete(oldest!);
  }
}

const ID_BEGIN = `${ID_PREFIXES.account}_`;

/** Somebody else wrote one of the batch's keys or ids since they were looked for. Seen by nobody. */
class Overtaken extends Error {}

function tell({ resolve, reject }: Waiting, answered: Answered): void {
  if ('refusal' in answered) reject(answered.refusal);
  else resolve(answered.answer);
}

/** The store could not be asked: that says nothing of what stands in it. */
function isOfStore(error: unknown): boolean {
  return error instanceof Refusal && error.kind === 'unavailable';
}
