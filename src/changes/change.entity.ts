// One change of one row, kept for ever: read by position by those who follow the data, and whole by auditors.
import { type Instant } from '../common/clock.js';
import { type ChangeId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { InstantColumn, PositionColumn, Table, TextColumn } from '../database/schema/entity.js';

export const CHANGE_KINDS = ['added', 'modified', 'removed'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

@Table('changes', {
  indexes: [
    { columns: ['id'], where: 'position IS NULL' },
    { columns: ['owner', 'position'], where: 'position IS NOT NULL' },
    ['object_id', 'id'],
  ],
  unique: [{ columns: ['position'], where: 'position IS NOT NULL' }],
  checks: {
    kind: "kind IN ('added', 'modified', 'removed')",
    position: 'position >= 1',
  },
})
export class Change {
  @TextColumn({ key: true }) id!: ChangeId;
  /** Its place in the feed. Written without one; the sequencer gives it once it is committed. */
  @PositionColumn({ nullable: true }) position!: bigint | null;
  /** Null: what changed belongs to the installation. */
  @TextColumn({ nullable: true }) owner!: Owner | null;
  /** What kind of thing changed: account, transaction … */
  @TextColumn() object!: string;
  @TextColumn() objectId!: string;
  @TextColumn() kind!: ChangeKind;
  @InstantColumn() at!: Instant;
  /** An API key's id, or a name in words. */
  @TextColumn() actor!: string;
  @TextColumn({ nullable: true }) requestId!: string | null;
  /** JSON, as recorded-row.ts writes it. Of a modified row the properties that became others; of a removed one all; null of an added one. */
  @TextColumn({ nullable: true }) valueBefore!: string | null;
  /** JSON of the whole row; null of one that is gone. */
  @TextColumn({ nullable: true }) valueAfter!: string | null;
}
