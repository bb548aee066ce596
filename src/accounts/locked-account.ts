// The proof that an account's row is locked. Only the repository's lock makes one, so that nothing can be posted without it.
import { type Transaction } from '../database/transaction.js';
import { type Account } from './account.entity.js';

const proofs = new WeakMap<LockedAccount, Transaction>();

export class LockedAccount {
  private constructor(readonly account: Account) {}

  /** For accounts/ alone: whoever has read the row under its lock in `tx`. */
  static underLock(tx: Transaction, account: Account): LockedAccount {
    const locked = new LockedAccount(account);
    proofs.set(locked, tx);
    return locked;
  }

  /** The row as it was read under the lock. @throws Error when the lock was another transaction's: a bug of the caller. */
  heldBy(tx: Transaction): Account {
    if (proofs.get(this) !== tx) throw new Error(`The account ${this.account.id} is not locked by this transaction.`);
    return this.account;
  }
}
