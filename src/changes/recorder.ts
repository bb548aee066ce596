// Writes down every change of a recorded table, in the transaction that makes it. It is told by the door; nobody calls it.
import { Clock } from '../common/clock.js';
import { type ChangeId, IdSource } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { type Database } from '../database/database.js';
import { type EntityColumn, type EntityDefinition, type Recorded } from '../database/schema/entity.js';
import { type RowChange, type Transaction, type Written } from '../database/transaction.js';
import { ownerless, sql, sqlText } from '../database/sql.js';
import { Change, type ChangeKind } from './change.entity.js';
import { recordedColumns, writeRow } from './recorded-row.js';

type Values = Readonly<Record<string, unknown>>;
type Noted = Pick<Change, 'owner' | 'kind' | 'valueBefore' | 'valueAfter'>;

export class Recorder {
  constructor(
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** From now on. Answers how to end it. */
  attach(database: Database): () => void {
    return database.observe(
      (tx, written) => this.record(tx, written),
      ({ recorded }) => recorded !== undefined,
    );
  }

  private async record(tx: Transaction, written: Written): Promise<void> {
    const { entity } = written;
    const { recorded } = entity;
    if (recorded === undefined) return;
    const rows = written.rows.filter(
      ({ before, after }) => before !== null || !has(after as Values, recorded.addedElsewhere),
    );
    if (rows.length === 0) return;
    await this.followEarlier(tx, rows);
    const at = this.clock.now();
    const { name: actor, requestId } = tx.scope.by;
    // By id: PostgreSQL gives back what it wrote in no order.
    const inOrder = rows.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
    const changes = inOrder.flatMap((row) => {
      const objectId = idOf(row);
      return notesOf(entity, recorded, row).map((noted): Change => ({
        ...noted,
        id: this.ids.next('change'),
        position: null,
        object: recorded.as,
        objectId,
        at,
        actor,
        requestId,
      }));
    });
    await tx.insert(Change, changes);
  }

  /**
   * Changes of one row come one after another, because its lock is held; their ids, by which they get their places, must do so too, also where
   * the clock of the process that changed it before is ahead.
   */
  private async followEarlier(tx: Transaction, rows: readonly RowChange[]): Promise<void> {
    const changed = rows.flatMap(({ before }) => (before === null ? [] : [(before as { id: string }).id]));
    if (changed.length === 0) return;
    // One probe of the index for each row: its own history may be long, and all of them together are the whole table.
    const newest = sqlText('(SELECT MAX(c.id) FROM changes c WHERE c.object_id = r.value)');
    const [last] = await tx.query(
      sql`SELECT MAX(${newest}) FROM ${tx.words.each(changed, 'r')} WHERE ${ownerless('a row may have been anybody’s before')}`,
      { id: 'text?' },
    );
    const id = last?.id ?? null;
    if (id !== null) this.ids.passOver(id as ChangeId);
  }
}

function idOf({ before, after }: RowChange): string {
  return ((after ?? before) as { id: string }).id;
}

/** One note; two where the owner changed: gone for the one and new for the other; none where nothing recorded became another. */
function notesOf(entity: EntityDefinition, recorded: Recorded, { before, after }: RowChange): Noted[] {
  const [was, is] = [before as Values | null, after as Values | null];
  if (was === null || is === null) return [noteOf(entity, recorded, was, is)];
  if (ownerOf(was) !== ownerOf(is)) return [noteOf(entity, recorded, was, null), noteOf(entity, recorded, null, is)];
  const differing = recordedColumns(entity).filter(({ property }) => was[property] !== is[property]);
  return differing.length === 0 ? [] : [noteOf(entity, recorded, was, is, differing)];
}

function noteOf(
  entity: EntityDefinition,
  recorded: Recorded,
  was: Values | null,
  is: Values | null,
  differing?: readonly EntityColumn[],
): Noted {
  return {
    owner: ownerOf((is ?? was)!),
    kind: kindOf(recorded, was, is),
    valueBefore: was === null ? null : writeRow(entity, was, differing),
    valueAfter: is === null ? null : writeRow(entity, is),
  };
}

function kindOf(recorded: Recorded, was: Values | null, is: Values | null): ChangeKind {
  if (is === null || isGone(recorded, is)) return 'removed';
  return was === null || isGone(recorded, was) ? 'added' : 'modified';
}

function isGone({ goneWhen }: Recorded, row: Values): boolean {
  return has(row, goneWhen);
}

/** Whether the row has these values; of none it has none. */
function has(row: Values, values: Readonly<Record<string, string>> = {}): boolean {
  const conditions = Object.entries(values);
  return conditions.length > 0 && conditions.every(([property, value]) => row[property] === value);
}

function ownerOf(row: Values): Owner | null {
  return (row['owner'] as Owner | undefined) ?? null;
}
