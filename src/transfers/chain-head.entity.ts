// Where the chain of transfers ends: one row, held until the commit by whoever lengthens the chain.
import { type Instant } from '../common/clock.js';
import { type TransactionId } from '../common/ids.js';
import { InstantColumn, PositionColumn, Table, TextColumn } from '../database/schema/entity.js';

export const THE_CHAIN = 'transfers';

@Table('chain_heads', { checks: { seq: 'seq >= 0' } })
export class ChainHead {
  @TextColumn({ key: true }) id!: string;
  /** How many transfers there are. */
  @PositionColumn() seq!: bigint;
  @TextColumn() hash!: string;
  /** Moments of later transfers are not before it, whatever the clock of the process says that makes them. */
  @InstantColumn({ nullable: true }) at!: Instant | null;
  /** Ids of later lines sort after it, whichever process makes them. */
  @TextColumn({ nullable: true }) lastLineId!: TransactionId | null;
}
