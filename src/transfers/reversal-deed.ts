// A transfer taken back: whole, once, by one that moves the same money the other way.
import { OwnerForbidden } from '../auth/auth.errors.js';
import { type Amount } from '../common/amount.js';
import { type TransferId } from '../common/ids.js';
import { ownerOf, type Scope } from '../database/scope.js';
import { refuseUnusable } from './asked-legs.js';
import { type Books, type Leg } from './books.js';
import { type Deed, type Needs } from './deed.js';
import { type Entry } from './entry.js';
import { type Made } from './transfer-deed.js';
import { TransferIsReversal } from './transfers.errors.js';

export class ReversalDeed implements Deed<Made> {
  readonly weight = 1;
  readonly needs: Needs;

  constructor(
    private readonly id: TransferId,
    /** Of what is taken back: it never changes, so it was read before. */
    private readonly entry: Entry,
    private readonly memo: string | undefined,
    private readonly leave: Scope,
  ) {
    this.needs = { accounts: entry.lines.map(({ account }) => account), reverses: entry.id };
  }

  /** What was taken back already is answered as it was then. Tried in this order: transfer_is_reversal, owner_forbidden, account_closed, insufficient_funds, limit_exceeded. */
  perform(books: Books): () => Made {
    const { id: reverses, lines } = this.entry;
    if (this.entry.reverses !== null) throw new TransferIsReversal(reverses);
    const legs = lines.map(({ account, amount }): Leg => {
      const standing = books.locked(account);
      const owner = ownerOf(this.leave);
      if (owner !== undefined && owner !== standing.account.owner) throw new OwnerForbidden();
      return { standing, amount: -BigInt(amount) as Amount };
    });
    // Only to whoever may see all of it.
    const there = books.reversalOf(reverses);
    if (there !== undefined) return () => there;
    refuseUnusable(legs.map(({ standing }) => standing.account));
    const memo = this.memo ?? this.entry.memo;
    const plan = { id: this.id, kind: 'reversal', memo, metadata: {}, reverses, hold: null, by: this.leave.by };
    const draft = books.post(plan, legs);
    return () => draft;
  }
}
