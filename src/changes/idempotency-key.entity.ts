// What a request with an Idempotency-Key was answered, for its repetitions. The client's key itself is not kept, only its hash.
import { type Instant } from '../common/clock.js';
import { FlagColumn, InstantColumn, Table, TextColumn } from '../database/schema/entity.js';

@Table('idempotency_keys', { indexes: [['claimed_at']] })
export class IdempotencyKey {
  /** SHA-256 of whose key it is, the operation, and the key. */
  @TextColumn({ key: true }) id!: string;
  /** Method and path. */
  @TextColumn() operation!: string;
  /** SHA-256 of what was asked for: the same key stands for nothing else. */
  @TextColumn() fingerprint!: string;
  /** Made anew by each attempt: only the one that still has it may complete it. */
  @TextColumn() claim!: string;
  @InstantColumn() claimedAt!: Instant;
  /** The answer's body as JSON; null while the first request is under way. */
  @TextColumn({ nullable: true }) answer!: string | null;
  /** Whether the answer is encrypted by the client's key, because it holds a secret. */
  @FlagColumn() sealed!: boolean;
}
