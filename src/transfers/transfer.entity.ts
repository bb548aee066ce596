// A transfer as it stands for ever: its sealed entry, and what is searched for.
import { type Instant } from '../common/clock.js';
import { type TransferId } from '../common/ids.js';
import { InstantColumn, PositionColumn, Table, TextColumn } from '../database/schema/entity.js';

/** Owned by nobody alone: its lines lie on accounts of several owners, and whoever owns one of them sees that. */
@Table('transfers', {
  indexes: [['at', 'seq']],
  unique: [['seq'], { columns: ['reverses'], where: 'reverses IS NOT NULL' }],
  checks: { seq: 'seq >= 1' },
})
export class Transfer {
  @TextColumn({ key: true }) id!: TransferId;
  /** Its place in the chain: 1, 2, 3 … without a gap, in the order of the commits. */
  @PositionColumn() seq!: bigint;
  @InstantColumn() at!: Instant;
  @TextColumn() kind!: string;
  /** The transfer that it takes back. */
  @TextColumn({ nullable: true }) reverses!: TransferId | null;
  /** On whose behalf, by which request. */
  @TextColumn() actor!: string;
  @TextColumn({ nullable: true }) requestId!: string | null;
  /** The entry as it was sealed: see entry.ts. */
  @TextColumn() entry!: string;
  /** SHA-256 of the hash before and the entry, in hexadecimal. */
  @TextColumn() hash!: string;
}
