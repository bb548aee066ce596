// Sets money aside, and ends what was set aside.
import { Injectable } from '@nestjs/common';
import { OwnerChange } from '../accounts/owner-change.js';
import { type Principal } from '../auth/principal.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { type HoldId, IdSource, parseId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import { Batches } from './batches.js';
import { orderedMetadata } from './entry.js';
import { type Hold } from './hold.entity.js';
import { CaptureDeed, type EndedHold, ReleaseDeed, ReserveDeed } from './hold-deeds.js';
import { HoldsRepository } from './holds.repository.js';
import {
  type CaptureRequest,
  type EndedHoldView,
  type HoldView,
  type ListHoldsQuery,
  type NewHoldRequest,
  type ReleaseRequest,
} from './transfers.dto.js';
import { HoldNotFound } from './transfers.errors.js';
import { holdView, madeView } from './transfers.view.js';

@Injectable()
export class HoldsService {
  constructor(
    private readonly database: Database,
    private readonly batches: Batches,
    private readonly repository: HoldsRepository,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    ownerChange: OwnerChange,
  ) {
    ownerChange.alsoHandOver((tx, locked, owner) => this.repository.handOver(tx, locked.heldBy(tx).id, owner));
  }

  /**
   * Tried in this order: transfer_id_taken, accounts_must_differ, account_not_found, account_closed, account_not_book, currency_differs,
   * amount_invalid, amount_not_positive, hold_expires_in_past, insufficient_funds, limit_exceeded.
   */
  async reserve(caller: Principal, request: NewHoldRequest): Promise<HoldView> {
    const { id, from, to, amount, currency, kind = 'transfer', memo = null, metadata = {}, expiresAt = null } = request;
    const asked = {
      id: id ?? this.ids.next('hold'),
      isClientsId: id !== undefined,
      money: { from, to, amount, currency },
      kind,
      memo,
      metadata: orderedMetadata(metadata),
      expiresAt,
    };
    const deed = new ReserveDeed(asked, caller.leave, this.currencies);
    return this.batches.ask(caller, deed, request.dryRun, (hold) => this.view(hold));
  }

  /** Tried in this order: hold_not_found, hold_not_active, owner_forbidden, account_closed, amount_invalid, amount_not_positive, capture_too_large, limit_exceeded. */
  async capture(caller: Principal, id: HoldId, { amount, dryRun }: CaptureRequest): Promise<EndedHoldView> {
    const hold = await this.database.read(caller.leave, (reader) => this.findOne(reader, id));
    const asked = { hold, amount, transferId: this.ids.next('transfer') };
    const deed = new CaptureDeed(asked, caller.leave, this.currencies);
    return this.batches.ask(caller, deed, dryRun, (ended) => this.endedView(ended));
  }

  /** Letting go of what was let go changes nothing. Tried in this order: hold_not_found, hold_not_active. */
  async release(caller: Principal, id: HoldId, { dryRun }: ReleaseRequest): Promise<EndedHoldView> {
    const hold = await this.database.read(caller.leave, (reader) => this.findOne(reader, id));
    return this.batches.ask(caller, new ReleaseDeed(hold, caller.leave), dryRun, (ended) => this.endedView(ended));
  }

  async get(caller: Principal, id: HoldId): Promise<HoldView> {
    return this.view(await this.database.read(caller.leave, (reader) => this.findOne(reader, id)));
  }

  /** Newest first. Tried in this order: owner_forbidden, cursor_invalid. */
  async list(caller: Principal, query: ListHoldsQuery): Promise<Page<HoldView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, ...filter } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'holds', owner: ownerOf(leave), ...filter };
    const [before] = cursor === undefined ? [] : readCursor(cursor, bound, [(text) => parseId('hold', text)]);
    const rows = await this.database.read(leave, (reader) => this.repository.list(reader, filter, before, limit + 1));
    return pageOf(
      rows,
      limit,
      (hold) => this.view(hold),
      (last) => writeCursor([last.id], bound),
    );
  }

  private view(hold: Hold): HoldView {
    return holdView(hold, this.currencies);
  }

  private endedView({ hold, transfer }: EndedHold): EndedHoldView {
    const made = transfer === undefined ? null : madeView(transfer, this.clock.now(), this.currencies);
    return { ...this.view(hold), transfer: made };
  }

  private async findOne(reader: Reader, id: HoldId): Promise<Hold> {
    const hold = await this.repository.find(reader, id);
    if (hold === undefined) throw new HoldNotFound(id);
    return hold;
  }
}
