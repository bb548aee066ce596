// What else belongs to an account's owner and has to change hands with it. Floors above register themselves; accounts/ knows none of them.
import { Injectable } from '@nestjs/common';
import { type Owner } from '../common/owner.js';
import { type Transaction } from '../database/transaction.js';
import { type LockedAccount } from './locked-account.js';

export type HandOver = (tx: Transaction, account: LockedAccount, to: Owner) => Promise<void>;

@Injectable()
export class OwnerChange {
  private readonly handOvers: HandOver[] = [];

  alsoHandOver(handOver: HandOver): void {
    this.handOvers.push(handOver);
  }

  async handOver(tx: Transaction, account: LockedAccount, to: Owner): Promise<void> {
    for (const handOver of this.handOvers) await handOver(tx, account, to);
  }
}
