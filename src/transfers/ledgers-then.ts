// What book accounts held in the past: the chain tells which line was the last one then, and the index leads from there.
import { Injectable } from '@nestjs/common';
import { PastLedgers } from '../balances/past-ledgers.js';
import { type Amount } from '../common/amount.js';
import { civilDateOf, type Instant } from '../common/clock.js';
import { type AccountId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { TransactionsRepository } from '../transactions/transactions.repository.js';
import { readEntry } from './entry.js';
import { TransfersRepository } from './transfers.repository.js';

@Injectable()
export class LedgersThen {
  constructor(
    pastLedgers: PastLedgers,
    private readonly transfers: TransfersRepository,
    private readonly lines: TransactionsRepository,
  ) {
    pastLedgers.answeredBy((reader, accountIds, at) => this.at(reader, accountIds, at));
  }

  /** Lines have their ids in the order of the chain, so that one place divides those until then from those after on every account. */
  private async at(reader: Reader, accountIds: readonly AccountId[], at: Instant): Promise<Map<AccountId, Amount>> {
    const last = await this.transfers.lastAt(reader, at);
    if (last === undefined) return new Map();
    const { lines } = readEntry(last.entry);
    return this.lines.ledgersAt(reader, accountIds, { date: civilDateOf(last.at), id: lines.at(-1)!.id });
  }
}
