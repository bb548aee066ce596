// What changed: for those who follow the data, and for auditors.
import { Injectable } from '@nestjs/common';
import { type Principal } from '../auth/principal.js';
import { type Change } from '../changes/change.entity.js';
import { ChangeLog, lastPosition } from '../changes/change-log.js';
import { Sequencer } from '../changes/sequencer.js';
import { ValueInvalid } from '../common/domain-error.js';
import { parseId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { ofEveryOwner, ownerOf } from '../database/scope.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { CursorInvalid } from '../http/http.errors.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import {
  type AuditEntryView,
  type AuditQuery,
  type ChangeList,
  type ChangeView,
  type ListChangesQuery,
} from './history.dto.js';
import { FOLLOWED_OBJECTS, type RecordedRow, RecordedViews } from './recorded-views.js';

const SURROUNDINGS = ofEveryOwner('what a view says beside its row may have changed hands since');

@Injectable()
export class HistoryService {
  constructor(
    private readonly database: Database,
    private readonly log: ChangeLog,
    private readonly sequencer: Sequencer,
    private readonly views: RecordedViews,
  ) {}

  /** What is committed before the request is in the answer, or `hasMore` says that it comes later. Tried in this order: owner_forbidden, cursor_invalid. */
  async changes(caller: Principal, query: ListChangesQuery): Promise<ChangeList> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, object } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'changes', owner: ownerOf(leave), object };
    const [after] = cursor === undefined ? [0n] : readCursor(cursor, bound, [parsePosition]);
    const isCaughtUp = await this.sequencer.catchUp();
    const objects = object === undefined ? FOLLOWED_OBJECTS : [object];
    const { end, found } = await this.database.read(leave, async (reader) => ({
      // Before the changes: those up to here are then all seen, whatever comes meanwhile.
      end: await lastPosition(reader),
      found: await this.log.following(reader, after, objects, limit + 1),
    }));
    // No place is ever taken back: what lies beyond the last was given by another store.
    if (after > end) throw new CursorInvalid();
    const shown = found.slice(0, limit);
    const isFull = found.length > limit;
    const seen = shown.at(-1)?.position ?? after;
    // Where nothing more is meant for this caller, the next question begins behind what is meant for others.
    const next = isFull || seen > end ? seen : end;
    return {
      data: await this.changeViews(shown),
      nextCursor: writeCursor([String(next)], bound),
      hasMore: isFull || !isCaughtUp,
    };
  }

  /** Newest first. Tried in this order: owner_forbidden, cursor_invalid. */
  async audit(caller: Principal, query: AuditQuery): Promise<Page<AuditEntryView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, ...filter } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'audit', owner: ownerOf(leave), ...filter };
    const [before] = cursor === undefined ? [] : readCursor(cursor, bound, [(text) => parseId('change', text)]);
    const rows = await this.database.read(leave, (reader) => this.log.audit(reader, filter, before, limit + 1));
    const page = pageOf(
      rows,
      limit,
      (row) => row,
      (last) => writeCursor([last.id], bound),
    );
    return { ...page, data: await this.auditViews(page.data) };
  }

  private async changeViews(changes: readonly Change[]): Promise<ChangeView[]> {
    const data = await this.show(changes.map((change) => this.after(change) ?? this.before(change)!));
    return changes.map(({ object, objectId, kind, at, owner }, index) => ({
      object,
      objectId,
      change: kind,
      at,
      owner: owner!,
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

function parsePosition(text: string): bigint {
  if (!/^\d{1,15}$/.test(text)) throw new ValueInvalid('must be a position');
  return BigInt(text);
}
