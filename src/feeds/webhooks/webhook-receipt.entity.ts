// A webhook that came in, kept as long as its signature would be believed, so that a replay is known. Stays in its store.
import { type Instant } from '../../common/clock.js';
import { InstantColumn, Table, TextColumn } from '../../database/schema/entity.js';

@Table('webhook_receipts', { indexes: [['received_at']] })
export class WebhookReceipt {
  /** Digest of the signature and what it stands for. */
  @TextColumn({ key: true }) id!: string;
  @TextColumn() feed!: string;
  @TextColumn() type!: string;
  @InstantColumn() receivedAt!: Instant;
}
