// How far the lines of one linked account have been read.
import { type CivilDate } from '../../common/civil-date.js';
import { type Instant } from '../../common/clock.js';
import { type AccountId } from '../../common/ids.js';
import { type Owner } from '../../common/owner.js';
import {
  CivilDateColumn,
  CountColumn,
  FlagColumn,
  InstantColumn,
  Table,
  TextColumn,
} from '../../database/schema/entity.js';

@Table('feed_positions')
export class FeedPosition {
  @TextColumn({ key: true, references: 'accounts' }) accountId!: AccountId;
  @TextColumn() owner!: Owner;
  /** Whether the first sync has walked back to the oldest line. */
  @FlagColumn() walked!: boolean;
  /** Where that walk goes on; null at its beginning and after its end. */
  @TextColumn({ nullable: true }) walkCursor!: string | null;
  /** When that walk began, when it came to its end, and how many lines it has read so far. */
  @InstantColumn({ nullable: true }) walkBeganAt!: Instant | null;
  @InstantColumn({ nullable: true }) walkEndedAt!: Instant | null;
  @CountColumn({ default: 0 }) walkLines!: number;
  /** The newest line's day in the last complete read, or when the walk began. */
  @CivilDateColumn({ nullable: true }) newestSynced!: CivilDate | null;
  @InstantColumn({ nullable: true }) lastSyncedAt!: Instant | null;
  @TextColumn({ nullable: true }) lastErrorCode!: string | null;
  @TextColumn({ nullable: true }) lastErrorDetail!: string | null;
  @InstantColumn({ nullable: true }) lastErrorAt!: Instant | null;
  /** Goes up with every write, so that what was asked before another sync wrote is not written after it. */
  @CountColumn() version!: number;
}
