// Transfers in the order of the chain, as far as somebody may see them.
import { Injectable } from '@nestjs/common';
import { civilDateOf } from '../common/clock.js';
import { type TransferId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import {
  type Order,
  type Place,
  TransactionsRepository,
  type TransferredFilter,
} from '../transactions/transactions.repository.js';
import { readEntry } from './entry.js';
import { type Transfer } from './transfer.entity.js';
import { TransfersRepository } from './transfers.repository.js';

@Injectable()
export class TransferLists {
  constructor(
    private readonly transfers: TransfersRepository,
    private readonly lines: TransactionsRepository,
  ) {}

  /** `beyond` is the place in the chain at which the page before ended. Of an owner or an account they are found by its lines, which lie in the same order. */
  async page(
    reader: Reader,
    filter: TransferredFilter,
    order: Order,
    beyond: bigint | undefined,
    limit: number,
  ): Promise<Transfer[]> {
    const { accountId, ...rest } = filter;
    if (accountId === undefined && ownerOf(reader.scope) === undefined)
      return this.transfers.list(reader, rest, order, beyond, limit);
    const ids = await this.idsByLines(reader, filter, order, await this.placeOf(reader, beyond, order), limit);
    const found = await this.transfers.findAll(reader, ids);
    return order === 'asc' ? found : found.reverse();
  }

  private async idsByLines(
    reader: Reader,
    filter: TransferredFilter,
    order: Order,
    beyond: Place | undefined,
    limit: number,
  ): Promise<TransferId[]> {
    const ids = new Set<TransferId>();
    // Several lines of one transfer may be meant: then more are read.
    const batch = limit * 2;
    for (let place = beyond; ids.size < limit;) {
      const lines = await this.lines.ofTransfers(reader, filter, order, place, batch);
      for (const { transferId } of lines) if (ids.size < limit) ids.add(transferId);
      if (lines.length < batch) break;
      place = lines.at(-1);
    }
    return [...ids];
  }

  /** That of the last line, in this order, of the transfer at a place of the chain. */
  private async placeOf(reader: Reader, seq: bigint | undefined, order: Order): Promise<Place | undefined> {
    const transfer = seq === undefined ? undefined : await this.transfers.findBySeq(reader, seq);
    if (transfer === undefined) return undefined;
    const { lines } = readEntry(transfer.entry);
    return { date: civilDateOf(transfer.at), id: lines.at(order === 'asc' ? -1 : 0)!.id };
  }
}
