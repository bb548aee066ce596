// The only way in which lines come to stand, change or go. It takes the proof that the account is locked.
import { Injectable } from '@nestjs/common';
import { LockedAccount } from '../accounts/locked-account.js';
import { OwnerChange } from '../accounts/owner-change.js';
import { type TransactionId } from '../common/ids.js';
import { type Transaction } from '../database/transaction.js';
import { type AccountTransaction } from './account-transaction.entity.js';
import { TransactionsRepository } from './transactions.repository.js';

/** A change of one line: its id and the columns that become another. */
export interface Amendment {
  readonly id: TransactionId;
  readonly set: Partial<AccountTransaction>;
}

@Injectable()
export class PostingService {
  constructor(
    private readonly repository: TransactionsRepository,
    ownerChange: OwnerChange,
  ) {
    ownerChange.alsoHandOver((tx, locked, owner) => this.repository.handOver(tx, locked.heldBy(tx).id, owner));
  }

  /** Writes new lines on locked accounts. */
  async post(tx: Transaction, accounts: readonly LockedAccount[], lines: readonly AccountTransaction[]): Promise<void> {
    this.refuseUnlocked(tx, accounts, lines);
    await this.repository.insert(tx, lines);
  }

  /** Changes lines of a locked account. Amendments may set different columns: those that set the same go in one statement. */
  async amend(
    tx: Transaction,
    accounts: readonly LockedAccount[],
    lines: readonly AccountTransaction[],
    amendments: readonly Amendment[],
  ): Promise<void> {
    this.refuseUnlocked(tx, accounts, lines);
    const alike = new Map<string, Amendment[]>();
    for (const amendment of amendments) {
      const columns = Object.keys(amendment.set).sort();
      if (columns.length === 0) continue;
      alike.set(columns.join(), [...(alike.get(columns.join()) ?? []), amendment]);
    }
    for (const same of alike.values()) {
      const columns = Object.keys(same[0]!.set);
      const changes = same.map(({ id, set }) => ({
        key: { id },
        set: Object.fromEntries(columns.map((column) => [column, set[column as keyof AccountTransaction]])),
      }));
      await this.repository.update(tx, changes);
    }
  }

  /** Takes lines away for good. Only for manual accounts: a bank's line that goes is marked removed. */
  async erase(
    tx: Transaction,
    accounts: readonly LockedAccount[],
    lines: readonly AccountTransaction[],
  ): Promise<void> {
    this.refuseUnlocked(tx, accounts, lines);
    await this.repository.delete(
      tx,
      lines.map((line) => line.id),
    );
  }

  private refuseUnlocked(
    tx: Transaction,
    accounts: readonly LockedAccount[],
    lines: readonly AccountTransaction[],
  ): void {
    const held = new Set(accounts.map((account) => account.heldBy(tx).id));
    const stray = lines.find((line) => !held.has(line.accountId));
    if (stray !== undefined) throw new Error(`The account ${stray.accountId} is not locked.`);
  }
}
