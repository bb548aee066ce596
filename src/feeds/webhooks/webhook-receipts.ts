// The rows of webhooks that came in.
import { Injectable } from '@nestjs/common';
import { type Instant } from '../../common/clock.js';
import { ownerless, sql, sqlText } from '../../database/sql.js';
import { type Transaction } from '../../database/transaction.js';
import { WebhookReceipt } from './webhook-receipt.entity.js';

@Injectable()
export class WebhookReceipts {
  /** False where the same one came before, in whichever process; one that is just being taken is waited for. */
  keep(tx: Transaction, receipt: WebhookReceipt): Promise<boolean> {
    return tx.insertNew(WebhookReceipt, receipt);
  }

  /** Removes up to `limit` that came before a moment. Answers how many. */
  async forget(tx: Transaction, before: Instant, limit: number): Promise<number> {
    const old = await tx.query(
      sql`SELECT w.id FROM webhook_receipts w WHERE ${ownerless('webhooks are nobody’s')} AND w.received_at < ${before} ORDER BY w.received_at LIMIT ${sqlText(String(limit))}`,
      { id: 'text' },
    );
    return tx.delete(WebhookReceipt, old);
  }
}
