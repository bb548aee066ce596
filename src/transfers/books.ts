// The books while a batch is judged: what each account holds, changed in memory first, by rules that are told nothing of stores.
// What is refused leaves nothing behind; what stands is written by whoever holds the accounts' locks.
import { AccountNotFound } from '../accounts/accounts.errors.js';
import { type Account } from '../accounts/account.entity.js';
import { AMOUNT_MAX, type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type AccountId, type HoldId, type TransferId } from '../common/ids.js';
import { type Actor, ownerOf, type Scope } from '../database/scope.js';
import { type Entry, type Metadata } from './entry.js';
import { type Hold } from './hold.entity.js';
import { type Transfer } from './transfer.entity.js';
import { InsufficientFunds, LimitExceeded } from './transfers.errors.js';

/** What an account holds as far as the batch has come. */
export interface Standing {
  readonly account: Account;
  ledger: bigint;
  held: bigint;
  /** Whether a line or a hold of this batch changed it. */
  isMoved: boolean;
}

export interface Leg {
  readonly standing: Standing;
  readonly amount: Amount;
}

/** What a transfer shall be. */
export interface TransferPlan {
  readonly id: TransferId;
  readonly kind: string;
  readonly memo: string | null;
  readonly metadata: Metadata;
  readonly reverses: TransferId | null;
  readonly hold: HoldId | null;
  readonly by: Actor;
}

export interface DraftLine {
  readonly account: Account;
  readonly amount: Amount;
  /** The account's ledger after this line. */
  readonly balance: Amount;
}

/** A transfer that stands in the books and waits to be sealed. */
export interface Draft extends TransferPlan {
  readonly lines: readonly DraftLine[];
  /** Set once it has its place in the chain; never in a dry run. */
  sealed?: Sealed;
}

export interface Sealed {
  readonly entry: Entry;
  readonly hash: string;
}

/** What was read under the locks. */
export interface Known {
  readonly now: Instant;
  readonly accounts: readonly Account[];
  /** That stand already, of those that the deeds name or would make. */
  readonly transfers: readonly Transfer[];
  /** That take back one of those. */
  readonly reversals: readonly Transfer[];
  readonly holds: readonly Hold[];
  /** That nobody captured in time, on any of the accounts. */
  readonly expired: readonly Hold[];
}

/** A hold as it was when the batch began; null where it is new. */
export interface HoldChange {
  readonly before: Hold | null;
  readonly after: Hold;
  readonly by: Actor;
}

export class Books {
  readonly now: Instant;
  private readonly standings = new Map<string, Standing>();
  private readonly transfers = new Map<TransferId, Transfer | Draft>();
  private readonly reversals = new Map<TransferId, Transfer | Draft>();
  private readonly holds = new Map<HoldId, Hold>();
  private readonly holdChanges = new Map<HoldId, HoldChange>();
  private readonly drafted: Draft[] = [];
  /** How to take back what was done since, the latest last. */
  private readonly undoing: (() => void)[] = [];

  constructor(known: Known) {
    this.now = known.now;
    for (const account of known.accounts) {
      const standing: Standing = { account, ledger: account.ledger, held: account.held, isMoved: false };
      this.standings.set(account.id, standing);
      if (account.accountNumber !== null) this.standings.set(account.accountNumber, standing);
    }
    for (const transfer of known.transfers) this.transfers.set(transfer.id, transfer);
    for (const transfer of known.reversals) this.reversals.set(transfer.reverses!, transfer);
    for (const hold of [...known.holds, ...known.expired]) this.holds.set(hold.id, hold);
  }

  /** In the order in which they came to stand. */
  get drafts(): readonly Draft[] {
    return this.drafted;
  }

  get changedHolds(): readonly HoldChange[] {
    return [...this.holdChanges.values()];
  }

  get moved(): readonly Standing[] {
    return [...new Set(this.standings.values())].filter(({ isMoved }) => isMoved);
  }

  /** @param named an account's id or number. @throws AccountNotFound where there is none, or the leave does not reach it */
  standing(named: string, leave: Scope): Standing {
    const standing = this.standings.get(named);
    const owner = ownerOf(leave);
    if (standing === undefined || (owner !== undefined && owner !== standing.account.owner))
      throw new AccountNotFound(named);
    return standing;
  }

  /** For what names accounts that it was allowed to name before. */
  locked(id: AccountId): Standing {
    const standing = this.standings.get(id);
    if (standing === undefined) throw new AccountNotFound(id);
    return standing;
  }

  transfer(id: TransferId): Transfer | Draft | undefined {
    return this.transfers.get(id);
  }

  reversalOf(id: TransferId): Transfer | Draft | undefined {
    return this.reversals.get(id);
  }

  hold(id: HoldId): Hold | undefined {
    return this.holds.get(id);
  }

  /** All that `work` does to the books, or nothing of it where it throws. */
  attempt<T>(work: () => T): T {
    const mark = this.undoing.length;
    try {
      return work();
    } catch (error) {
      while (this.undoing.length > mark) this.undoing.pop()!();
      throw error;
    }
  }

  /**
   * Moves the money. The legs sum to zero; an account that they leave with less must be able to pay.
   * Tried in this order: insufficient_funds, limit_exceeded.
   */
  post(plan: TransferPlan, legs: readonly Leg[]): Draft {
    const before = new Map(legs.map(({ standing }) => [standing, standing.ledger]));
    const lines = legs.map(({ standing, amount }): DraftLine => {
      const balance = (standing.ledger + amount) as Amount;
      this.set(standing, 'ledger', balance);
      return { account: standing.account, amount, balance };
    });
    for (const [standing, ledger] of before) if (standing.ledger < ledger) refuseOverdrawn(standing);
    for (const { account, balance } of lines) refuseBeyondLimit(account, balance);
    const draft: Draft = { ...plan, lines };
    this.drafted.push(draft);
    this.undoing.push(() => void this.drafted.pop());
    this.put(this.transfers, plan.id, draft);
    if (plan.reverses !== null) this.put(this.reversals, plan.reverses, draft);
    return draft;
  }

  /** Sets money aside, or lets it go with a negative amount. Tried in this order: insufficient_funds, limit_exceeded. */
  reserve(standing: Standing, amount: bigint): void {
    this.set(standing, 'held', standing.held + amount);
    if (amount <= 0n) return;
    refuseOverdrawn(standing);
    refuseBeyondLimit(standing.account, standing.held);
  }

  /** A new hold, or what became of one. */
  keep(hold: Hold, by: Actor): void {
    const changed = this.holdChanges.get(hold.id);
    const before = changed === undefined ? (this.holds.get(hold.id) ?? null) : changed.before;
    this.put(this.holds, hold.id, hold);
    this.put(this.holdChanges, hold.id, { before, after: hold, by });
  }

  private set(standing: Standing, what: 'ledger' | 'held', value: bigint): void {
    const { [what]: was, isMoved } = standing;
    this.undoing.push(() => {
      standing[what] = was;
      standing.isMoved = isMoved;
    });
    standing[what] = value;
    standing.isMoved = true;
  }

  private put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const was = map.get(key);
    map.set(key, value);
    this.undoing.push(() => void (was === undefined ? map.delete(key) : map.set(key, was)));
  }
}

/** Of system accounts alone no limit is asked for. */
function refuseOverdrawn({ account, ledger, held }: Standing): void {
  if (account.systemRole === null && ledger - held + account.overdraftLimit < 0n)
    throw new InsufficientFunds(account.id);
}

function refuseBeyondLimit({ id }: { id: AccountId }, balance: bigint): void {
  if (balance > AMOUNT_MAX || balance < -AMOUNT_MAX) throw new LimitExceeded(id);
}
