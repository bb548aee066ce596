// Moves money between book accounts, and tells of what was moved.
import { Injectable } from '@nestjs/common';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { type Principal } from '../auth/principal.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { Refusal, ValueInvalid } from '../common/domain-error.js';
import { type AccountId, IdSource, type TransferId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { RequestInvalid } from '../http/http.errors.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import { problemOf } from '../http/problem.js';
import { readRow } from '../http/read-row.js';
import { type AskedMoney } from './asked-legs.js';
import { Batches } from './batches.js';
import { BulkDeed, type BulkMade } from './bulk-deed.js';
import { type Entry, orderedMetadata, readEntry } from './entry.js';
import { ReversalDeed } from './reversal-deed.js';
import { type Transfer } from './transfer.entity.js';
import { type Made, TransferDeed } from './transfer-deed.js';
import {
  type BulkTransferOutcome,
  type BulkTransferRequest,
  type BulkTransferResult,
  type ListTransfersQuery,
  NewTransferRequest,
  type ReverseRequest,
  type TransferView,
} from './transfers.dto.js';
import { TransferNotFound } from './transfers.errors.js';
import { TransferLists } from './transfer-lists.js';
import { TransfersRepository } from './transfers.repository.js';
import { entryView, madeView } from './transfers.view.js';

/** A thousand rows of nothing but faults must not make an answer of megabytes. */
const FAULTS_OF_ROW_MAX = 5;

@Injectable()
export class TransfersService {
  constructor(
    private readonly database: Database,
    private readonly batches: Batches,
    private readonly accounts: AccountsRepository,
    private readonly repository: TransfersRepository,
    private readonly lists: TransferLists,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /**
   * Tried in this order: transfer_id_taken, accounts_must_differ, account_not_found, account_closed, account_not_book, currency_differs,
   * amount_invalid, amount_not_positive, legs_unbalanced, insufficient_funds, limit_exceeded.
   */
  async create(caller: Principal, request: NewTransferRequest): Promise<TransferView> {
    return this.batches.ask(caller, this.deedOf(caller, request, ''), request.dryRun, (made) => this.view(made));
  }

  /** @throws BulkRefused when atomic and any transfer is refused, with the reasons of every one. */
  async createMany(caller: Principal, { mode, transfers, dryRun }: BulkTransferRequest): Promise<BulkTransferResult> {
    const rows = transfers.map((row, index) => this.readTransfer(caller, row, `/transfers/${index}`));
    const deed = new BulkDeed(rows, mode === 'atomic');
    return this.batches.ask(caller, deed, dryRun, (made) => this.resultOf(made.rows));
  }

  /**
   * Once and whole: what was taken back already is answered as it was then.
   * Tried in this order: transfer_not_found, transfer_is_reversal, owner_forbidden, account_closed, account_not_book, insufficient_funds, limit_exceeded.
   */
  async reverse(caller: Principal, id: TransferId, { memo, dryRun }: ReverseRequest): Promise<TransferView> {
    const { entry } = await this.database.read(caller.leave, (reader) => this.findSeen(reader, id));
    const deed = new ReversalDeed(this.ids.next('transfer'), readEntry(entry), memo, caller.leave);
    return this.batches.ask(caller, deed, dryRun, (made) => this.view(made));
  }

  async get(caller: Principal, id: TransferId): Promise<TransferView> {
    return this.database.read(caller.leave, async (reader) => {
      const transfer = await this.findSeen(reader, id);
      const [view] = await this.views(reader, [transfer]);
      return view!;
    });
  }

  /** By their places in the chain. Tried in this order: owner_forbidden, cursor_invalid. */
  async list(caller: Principal, query: ListTransfersQuery): Promise<Page<TransferView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, order = 'desc', owner, ...filter } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'transfers', order, owner: ownerOf(leave), ...filter };
    const [beyond] = cursor === undefined ? [] : readCursor(cursor, bound, [parseSeq]);
    return this.database.read(leave, async (reader) => {
      const rows = await this.lists.page(reader, filter, order, beyond, limit + 1);
      const page = pageOf(
        rows,
        limit,
        (row) => row,
        (last) => writeCursor([String(last.seq)], bound),
      );
      return { ...page, data: await this.views(reader, page.data) };
    });
  }

  /** As a reader may see them: to one that is bound to an owner, the lines on that owner's accounts. Says which were taken back since. */
  async views(reader: Reader, transfers: readonly Transfer[]): Promise<TransferView[]> {
    const entries = transfers.map(({ entry }) => readEntry(entry));
    const isSeen = await this.seenAccounts(reader, entries);
    const ids = transfers.map(({ id }) => id);
    const reversals = new Map(
      (await this.repository.reversalsOf(reader, ids)).map(({ id, reverses }) => [reverses, id]),
    );
    return entries.map((entry, index) => {
      const lines = entry.lines.filter(({ account }) => isSeen(account));
      const reversedBy = reversals.get(entry.id) ?? null;
      return entryView({ ...entry, lines }, transfers[index]!.hash, this.currencies, reversedBy);
    });
  }

  private view(made: Made): TransferView {
    return madeView(made, this.clock.now(), this.currencies);
  }

  private deedOf(caller: Principal, request: NewTransferRequest, pointer: string): TransferDeed {
    const { id, kind = 'transfer', memo = null, metadata = {} } = request;
    const asked = {
      id: id ?? this.ids.next('transfer'),
      isClientsId: id !== undefined,
      money: moneyOf(request, pointer),
      kind,
      memo,
      metadata: orderedMetadata(metadata),
      pointer,
    };
    return new TransferDeed(asked, caller.leave, this.currencies);
  }

  private readTransfer(caller: Principal, row: unknown, pointer: string): TransferDeed | Refusal {
    try {
      const request = readRow(NewTransferRequest, row, pointer);
      // Said of one row it would move money for somebody who meant only to look.
      if (request.dryRun !== undefined)
        throw new RequestInvalid([{ pointer: `${pointer}/dryRun`, detail: 'is said once, of all transfers' }]);
      return this.deedOf(caller, request, pointer);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  private resultOf(rows: readonly BulkMade[]): BulkTransferResult {
    const data = rows.map((row, index): BulkTransferOutcome =>
      'made' in row
        ? { index, outcome: 'posted', transfer: this.view(row.made) }
        : { index, outcome: 'refused', problem: problemOf(row.refusal, FAULTS_OF_ROW_MAX) },
    );
    const refused = data.filter(({ outcome }) => outcome === 'refused').length;
    return { succeeded: data.length - refused, refused, data };
  }

  /** @throws TransferNotFound where there is none, or none of its lines is the leave's owner's */
  private async findSeen(reader: Reader, id: TransferId): Promise<Transfer> {
    const transfer = await this.repository.find(reader, id);
    if (transfer === undefined) throw new TransferNotFound(id);
    const entry = readEntry(transfer.entry);
    const isSeen = await this.seenAccounts(reader, [entry]);
    if (!entry.lines.some(({ account }) => isSeen(account))) throw new TransferNotFound(id);
    return transfer;
  }

  private async seenAccounts(reader: Reader, entries: readonly Entry[]): Promise<(id: AccountId) => boolean> {
    if (ownerOf(reader.scope) === undefined) return () => true;
    const named = new Set(entries.flatMap(({ lines }) => lines.map(({ account }) => account)));
    const seen = new Set((await this.accounts.findAll(reader, [...named])).map(({ id }) => id));
    return (id) => seen.has(id);
  }
}

/** @throws RequestInvalid unless it is from, to and amount, or legs */
function moneyOf({ from, to, amount, legs, currency }: NewTransferRequest, at: string): AskedMoney {
  const pair = { from, to, amount };
  const names = Object.keys(pair) as (keyof typeof pair)[];
  if (legs !== undefined) {
    const given = names.filter((name) => pair[name] !== undefined);
    if (given.length > 0)
      throw new RequestInvalid(given.map((name) => ({ pointer: `${at}/${name}`, detail: 'does not go with legs' })));
    return { legs, currency };
  }
  if (from !== undefined && to !== undefined && amount !== undefined) return { from, to, amount, currency };
  const missing = names.filter((name) => pair[name] === undefined);
  throw new RequestInvalid(missing.map((name) => ({ pointer: `${at}/${name}`, detail: 'is missing' })));
}

function parseSeq(text: string): bigint {
  if (!/^\d{1,15}$/.test(text)) throw new ValueInvalid('must be a place');
  return BigInt(text);
}
