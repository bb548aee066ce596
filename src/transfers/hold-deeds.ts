// Money set aside, and what becomes of it.
import { OwnerForbidden } from '../auth/auth.errors.js';
import { type Amount, formatAmount, negated } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type Currencies } from '../common/currency.js';
import { type HoldId, type TransferId } from '../common/ids.js';
import { ownerOf, type Scope } from '../database/scope.js';
import { accountsNamed, type AskedMoney, legsOf, plainLegsOf, positive, refuseUnusable } from './asked-legs.js';
import { type Books } from './books.js';
import { type Deed, type Needs } from './deed.js';
import { type Metadata } from './entry.js';
import { type Hold } from './hold.entity.js';
import { type Made } from './transfer-deed.js';
import {
  CaptureTooLarge,
  HoldExpiresInPast,
  HoldNotActive,
  HoldNotFound,
  TransferIdTaken,
} from './transfers.errors.js';

export interface AskedHold {
  readonly id: HoldId;
  readonly isClientsId: boolean;
  readonly money: Extract<AskedMoney, { from: string }>;
  readonly kind: string;
  readonly memo: string | null;
  readonly metadata: Metadata;
  readonly expiresAt: Instant | null;
}

export class ReserveDeed implements Deed<Hold> {
  readonly weight = 1;
  readonly needs: Needs;

  constructor(
    private readonly asked: AskedHold,
    private readonly leave: Scope,
    private readonly currencies: Currencies,
  ) {
    this.needs = { accounts: accountsNamed(asked.money), [asked.isClientsId ? 'holds' : 'newHolds']: [asked.id] };
  }

  /**
   * Tried in this order: transfer_id_taken, accounts_must_differ, account_not_found, account_closed, account_not_book, currency_differs,
   * amount_invalid, amount_not_positive, hold_expires_in_past, insufficient_funds, limit_exceeded.
   */
  perform(books: Books): () => Hold {
    const { id, money, kind, memo, metadata, expiresAt } = this.asked;
    const there = books.hold(id);
    if (there !== undefined) {
      if (!this.isSame(there, books)) throw new TransferIdTaken(id);
      return () => there;
    }
    const [from, to] = legsOf(money, books, this.leave, this.currencies);
    if (expiresAt !== null && expiresAt <= books.now) throw new HoldExpiresInPast();
    const amount = to!.amount;
    books.reserve(from!.standing, amount);
    const { account } = from!.standing;
    const hold: Hold = {
      id,
      owner: account.owner,
      accountId: account.id,
      toAccountId: to!.standing.account.id,
      amount,
      captured: 0n as Amount,
      currency: account.currency,
      kind,
      memo,
      metadata: JSON.stringify(metadata),
      status: 'active',
      transferId: null,
      expiresAt,
      version: 1,
      createdAt: books.now,
      updatedAt: books.now,
    };
    books.keep(hold, this.leave.by);
    return () => hold;
  }

  private isSame(there: Hold, books: Books): boolean {
    const { money, kind, memo, metadata, expiresAt } = this.asked;
    const legs = plainLegsOf(money, books, this.leave, this.currencies);
    const { accountId, toAccountId, amount } = there;
    return (
      legs !== undefined &&
      JSON.stringify([legs, kind, memo, JSON.stringify(metadata), expiresAt]) ===
        JSON.stringify([
          [
            [accountId, String(negated(amount))],
            [toAccountId, String(amount)],
          ],
          there.kind,
          there.memo,
          there.metadata,
          there.expiresAt,
        ])
    );
  }
}

/** What a hold became, and the transfer that it became where it did. */
export interface EndedHold {
  readonly hold: Hold;
  readonly transfer: Made | undefined;
}

export class CaptureDeed implements Deed<EndedHold> {
  readonly weight = 1;
  readonly needs: Needs;

  constructor(
    private readonly asked: { hold: Hold; amount: string | undefined; transferId: TransferId },
    private readonly leave: Scope,
    private readonly currencies: Currencies,
  ) {
    const { hold, transferId } = asked;
    this.needs = { accounts: [hold.accountId, hold.toAccountId], holds: [hold.id], newTransfers: [transferId] };
  }

  /** Tried in this order: hold_not_found, hold_not_active, owner_forbidden, account_closed, amount_invalid, amount_not_positive, capture_too_large, limit_exceeded. */
  perform(books: Books): () => EndedHold {
    const { transferId } = this.asked;
    const hold = activeHold(books, this.asked.hold, this.leave, (found) => found.transferId === transferId);
    // Done before, in a commit that was lost on the way.
    if (hold.status === 'captured') return () => ({ hold, transfer: books.transfer(transferId) });
    const [from, to] = [books.locked(hold.accountId), books.locked(hold.toAccountId)];
    const owner = ownerOf(this.leave);
    if (owner !== undefined && owner !== to.account.owner) throw new OwnerForbidden();
    refuseUnusable([from.account, to.account]);
    const amount = this.amountOf(hold);
    books.reserve(from, negated(hold.amount));
    const { kind, memo } = hold;
    const metadata = JSON.parse(hold.metadata) as Metadata;
    const plan = { id: transferId, kind, memo, metadata, reverses: null, hold: hold.id, by: this.leave.by };
    const draft = books.post(plan, [
      { standing: from, amount: negated(amount) },
      { standing: to, amount },
    ]);
    const ended = ending(hold, { status: 'captured', captured: amount, transferId }, books.now);
    books.keep(ended, this.leave.by);
    return () => ({ hold: ended, transfer: draft });
  }

  private amountOf(hold: Hold): Amount {
    if (this.asked.amount === undefined) return hold.amount;
    const exponent = this.currencies.exponentOf(hold.currency);
    const amount = positive(this.asked.amount, exponent, '/amount');
    if (amount > hold.amount) throw new CaptureTooLarge(`${formatAmount(hold.amount, exponent)} ${hold.currency}`);
    return amount;
  }
}

export class ReleaseDeed implements Deed<EndedHold> {
  readonly weight = 1;
  readonly needs: Needs;

  constructor(
    private readonly hold: Hold,
    private readonly leave: Scope,
  ) {
    this.needs = { accounts: [hold.accountId], holds: [hold.id] };
  }

  /** Releasing what is released changes nothing. Tried in this order: hold_not_found, hold_not_active. */
  perform(books: Books): () => EndedHold {
    const hold = activeHold(books, this.hold, this.leave, ({ status }) => status === 'released');
    if (hold.status === 'released') return () => ({ hold, transfer: undefined });
    const ended = endHold(books, hold, 'released', this.leave);
    return () => ({ hold: ended, transfer: undefined });
  }
}

/** Lets go of what nobody captured in time. */
export function endHold(books: Books, hold: Hold, status: 'released' | 'expired', leave: Scope): Hold {
  books.reserve(books.locked(hold.accountId), negated(hold.amount));
  const ended = ending(hold, { status }, books.now);
  books.keep(ended, leave.by);
  return ended;
}

function activeHold(books: Books, { id }: Hold, leave: Scope, mayHaveEnded: (hold: Hold) => boolean): Hold {
  const hold = books.hold(id);
  const owner = ownerOf(leave);
  if (hold === undefined || (owner !== undefined && hold.owner !== owner)) throw new HoldNotFound(id);
  if (hold.status !== 'active' && !mayHaveEnded(hold)) throw new HoldNotActive(id, hold.status);
  return hold;
}

function ending(hold: Hold, set: Partial<Hold>, now: Instant): Hold {
  return { ...hold, ...set, version: hold.version + 1, updatedAt: now };
}
