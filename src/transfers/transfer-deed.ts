// Money between accounts, moved once: the id under which it is moved was made before it was asked for.
import { type Currencies } from '../common/currency.js';
import { type TransferId } from '../common/ids.js';
import { type Actor, type Scope } from '../database/scope.js';
import { accountsNamed, type AskedMoney, legsOf, plainLegsOf } from './asked-legs.js';
import { type Books, type Draft } from './books.js';
import { type Deed, type Needs } from './deed.js';
import { type Metadata, readEntry } from './entry.js';
import { type Transfer } from './transfer.entity.js';
import { TransferIdTaken } from './transfers.errors.js';

export interface AskedTransfer {
  readonly id: TransferId;
  /** Whether the client made the id: it may then stand already. */
  readonly isClientsId: boolean;
  readonly money: AskedMoney;
  readonly kind: string;
  readonly memo: string | null;
  /** Its names in order. */
  readonly metadata: Metadata;
  /** Where the request says it. */
  readonly pointer: string;
}

/** Made by a deed, or found standing. */
export type Made = Draft | Transfer;

export class TransferDeed implements Deed<Made> {
  readonly weight = 1;
  readonly needs: Needs;

  constructor(
    private readonly asked: AskedTransfer,
    private readonly leave: Scope,
    private readonly currencies: Currencies,
  ) {
    const { id, isClientsId, money } = asked;
    this.needs = { accounts: accountsNamed(money), [isClientsId ? 'transfers' : 'newTransfers']: [id] };
  }

  /**
   * Tried in this order: transfer_id_taken, accounts_must_differ, account_not_found, account_closed, account_not_book, currency_differs,
   * amount_invalid, amount_not_positive, legs_unbalanced, insufficient_funds, limit_exceeded.
   */
  perform(books: Books): () => Made {
    const { id, money, kind, memo, metadata, pointer } = this.asked;
    const there = books.transfer(id);
    // What has been done is answered first, whatever became of the accounts since.
    if (there !== undefined) {
      if (!this.isSame(there, books)) throw new TransferIdTaken(id);
      return () => there;
    }
    const legs = legsOf(money, books, this.leave, this.currencies, pointer);
    const draft = books.post({ id, kind, memo, metadata, reverses: null, hold: null, by: this.by }, legs);
    return () => draft;
  }

  private get by(): Actor {
    return this.leave.by;
  }

  private isSame(there: Made, books: Books): boolean {
    const { money, kind, memo, metadata } = this.asked;
    const legs = plainLegsOf(money, books, this.leave, this.currencies);
    return legs !== undefined && factsOf(there) === JSON.stringify([kind, memo, metadata, null, null, legs]);
  }
}

/** What a client says of a transfer, as text. */
function factsOf(there: Made): string {
  if ('entry' in there) {
    const { kind, memo, metadata, reverses, hold, lines } = readEntry(there.entry);
    return JSON.stringify([
      kind,
      memo,
      metadata,
      reverses,
      hold,
      lines.map(({ account, amount }) => [account, amount]),
    ]);
  }
  const { kind, memo, metadata, reverses, hold, lines } = there;
  const legs = lines.map(({ account, amount }) => [account.id, String(amount)]);
  return JSON.stringify([kind, memo, metadata, reverses, hold, legs]);
}
