// What changed: for those who follow the data, and for auditors.
import { Injectable } from '@nestjs/common';
import { type Principal } from '../auth/principal.js';
import { type Change } from '../changes/change.entity.js';
import { ChangeLog, lastPosition } from '../changes/change-log.js';
import { Sequencer } from '../changes/sequencer.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ofEveryOwner, ownerOf } from '../database/scope.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { CursorInvalid } from '../http/http.errors.js';
import { type Page, PAGE_LIMIT_DEFAULT } from '../http/page.dto.js';
import {
  type AuditEntryView,
  type AuditQuery,
  type ChangeList,
  type ChangeView,
  type ListChangesQuery,
} from './history.dto.js';
import { TransferLists } from '../transfers/transfer-lists.js';
import { type Transfer } from '../transfers/transfer.entity.js';
import { TransfersRepository } from '../transfers/transfers.repository.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { endOf, newestFirst, parseChangeId, parseSeq } from './audit-merge.js';
import { BEGIN, parsePlace, writePlace } from './feed-place.js';
import { RECORDED_AND_FOLLOWED, type RecordedRow, RecordedViews } from './recorded-views.js';

const TRANSFER = 'transfer';
const SURROUNDINGS = ofEveryOwner('what a view says beside its row may have changed hands since');

@Injectable()
export class HistoryService {
  constructor(
    private readonly database: Database,
    private readonly log: ChangeLog,
    private readonly sequencer: Sequencer,
    private readonly views: RecordedViews,
    private readonly transfers: TransfersRepository,
    private readonly lists: TransferLists,
    private readonly transferViews: TransfersService,
  ) {}

  /** What is committed before the request is in the answer, or `hasMore` says that it comes later. Tried in this order: owner_forbidden, cursor_invalid. */
  async changes(caller: Principal, query: ListChangesQuery): Promise<ChangeList> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, object } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'changes', owner: ownerOf(leave), object };
    const [after] = cursor === undefined ? [BEGIN] : readCursor(cursor, bound, [parsePlace]);
    // The chain's end before the record's: what a transfer rests on is then told before it, or with it.
    const chainEnd = await this.database.read(leave, async (reader) => (await this.transfers.head(reader))?.seq ?? 0n);
    const isCaughtUp = await this.sequencer.catchUp();
    return this.database.read(leave, async (reader) => {
      const record = await this.recordPage(reader, after.position, object, limit);
      const room = limit - record.shown.length;
      const chain = await this.chainPage(reader, { after: after.seq, end: chainEnd, object }, record.isFull ? 0 : room);
      const next = { position: record.next, seq: chain.next };
      return {
        data: [...(await this.changeViews(record.shown)), ...(await this.transferChanges(reader, chain.shown))],
        nextCursor: writeCursor([writePlace(next)], bound),
        hasMore: record.isFull || chain.isFull || !isCaughtUp,
      };
    });
  }

  private async recordPage(reader: Reader, after: bigint, object: string | undefined, limit: number) {
    const objects = object === undefined ? RECORDED_AND_FOLLOWED : [object];
    // Before the changes: those up to here are then all seen, whatever comes meanwhile.
    const end = await lastPosition(reader);
    // No place is ever taken back: what lies beyond the last was given by another store.
    if (after > end) throw new CursorInvalid();
    const found = object === TRANSFER ? [] : await this.log.following(reader, after, objects, limit + 1);
    const shown = found.slice(0, limit);
    const isFull = found.length > limit;
    const seen = shown.at(-1)?.position ?? after;
    // Where nothing more is meant for this caller, the next question begins behind what is meant for others.
    return { shown, isFull, next: isFull || seen > end ? seen : end };
  }

  /** Transfers have their own order, the chain's, and come after what the record holds. */
  private async chainPage(
    reader: Reader,
    { after, end, object }: { after: bigint; end: bigint; object: string | undefined },
    room: number,
  ): Promise<{ shown: Transfer[]; isFull: boolean; next: bigint }> {
    if (after > end) throw new CursorInvalid();
    if (object !== undefined && object !== TRANSFER) return { shown: [], isFull: false, next: after };
    if (room === 0) return { shown: [], isFull: after < end, next: after };
    const found = await this.lists.page(reader, {}, 'asc', after, room + 1);
    const known = found.filter(({ seq }) => seq <= end);
    const shown = known.slice(0, room);
    const isFull = known.length > room;
    return { shown, isFull, next: isFull ? shown.at(-1)!.seq : end };
  }

  private async transferChanges(reader: Reader, transfers: readonly Transfer[]): Promise<ChangeView[]> {
    const views = await this.transferViews.views(reader, transfers);
    const owner = ownerOf(reader.scope) ?? null;
    return views.map((data) => ({ object: TRANSFER, objectId: data.id, change: 'added', at: data.at, owner, data }));
  }

  /** Newest first. Tried in this order: owner_forbidden, cursor_invalid. */
  async audit(caller: Principal, query: AuditQuery): Promise<Page<AuditEntryView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, object, ...filter } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'audit', owner: ownerOf(leave), object, ...filter };
    const before = cursor === undefined ? undefined : readCursor(cursor, bound, [parseChangeId, parseSeq]);
    return this.database.read(leave, async (reader) => {
      const [changes, transfers] = [
        object === TRANSFER
          ? []
          : await this.log.audit(
              reader,
              { ...filter, ...(object === undefined ? {} : { object }) },
              before?.[0],
              limit + 1,
            ),
        object !== undefined && object !== TRANSFER
          ? []
          : await this.transfers.audit(reader, filter, before?.[1], limit + 1),
      ];
      const merged = newestFirst(changes, transfers);
      const shown = merged.slice(0, limit);
      const entries = await this.auditEntries(reader, shown);
      return { data: entries, nextCursor: merged.length > limit ? writeCursor(endOf(shown, before), bound) : null };
    });
  }

  private async auditEntries(reader: Reader, shown: readonly (Change | Transfer)[]): Promise<AuditEntryView[]> {
    const changes = shown.filter((one): one is Change => !('seq' in one));
    const transfers = shown.filter((one): one is Transfer => 'seq' in one);
    const ofChanges = (await this.auditViews(changes)).values();
    const views = (await this.transferViews.views(reader, transfers)).values();
    return shown.map((one): AuditEntryView => {
      if (!('seq' in one)) return ofChanges.next().value!;
      const { id, at, actor, requestId } = one;
      const after = views.next().value!;
      return {
        id,
        at,
        actor,
        requestId,
        owner: null,
        object: TRANSFER,
        objectId: id,
        change: 'added',
        before: null,
        after,
      };
    });
  }

  private async changeViews(changes: readonly Change[]): Promise<ChangeView[]> {
    const data = await this.show(changes.map((change) => this.after(change) ?? this.before(change)!));
    return changes.map(({ object, objectId, kind, at, owner }, index) => ({
      object,
      objectId,
      change: kind,
      at,
      owner,
      data: data[index]!,
    }));
  }

  private async auditViews(changes: readonly Change[]): Promise<AuditEntryView[]> {
    const rows = changes.map((change) => ({ change, before: this.before(change), after: this.after(change) }));
    const views = (
      await this.show(rows.flatMap(({ before, after }) => [before, after].filter((row) => row !== null)))
    ).values();
    const next = (row: RecordedRow | null): object | null => (row === null ? null : views.next().value!);
    return rows.map(({ change, before, after }) => {
      const { id, at, actor, requestId, owner, object, objectId, kind } = change;
      return {
        id,
        at,
        actor,
        requestId,
        owner,
        object,
        objectId,
        change: kind,
        before: next(before),
        after: next(after),
      };
    });
  }

  private show(rows: readonly RecordedRow[]): Promise<object[]> {
    return this.database.read(SURROUNDINGS, (reader) => this.views.show(reader, rows));
  }

  private after({ object, valueAfter }: Change): RecordedRow | null {
    return valueAfter === null ? null : { object, values: this.views.read(object, valueAfter) };
  }

  /** Of a row that was modified only what became another is kept: the rest is as it is after. */
  private before({ object, valueBefore, valueAfter }: Change): RecordedRow | null {
    if (valueBefore === null) return null;
    const rest = valueAfter === null ? {} : this.views.read(object, valueAfter);
    return { object, values: { ...rest, ...this.views.read(object, valueBefore) } };
  }
}
