// Takes Teller's webhooks. They are believed to come from Teller and for nothing else: each only makes syncs due, which find out what is so.
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Refusal } from '../../common/domain-error.js';
import { type TellerSettings } from '../../config/feed-settings.js';
import { Settings } from '../../config/settings.js';
import { Database } from '../../database/database.js';
import { ofEveryOwner } from '../../database/scope.js';
import { type SignedBody } from '../../http/signed-body.js';
import { type Concerned, ConcernedEnrollments } from '../webhooks/concerned-enrollments.js';
import { TELLER_FEED } from '../port/feed-names.js';
import { FeedNotConfigured } from '../port/feeds.errors.js';
import { LinkedAccounts } from '../enrollments/linked-accounts.js';
import { SyncTurns } from '../turns/sync-turns.js';
import { WebhookCounts } from '../webhooks/webhook-counts.js';
import { type WebhookReceipt } from '../webhooks/webhook-receipt.entity.js';
import { WebhookReceipts } from '../webhooks/webhook-receipts.js';
import { WebhookNotTaken, WebhookReplayed } from '../webhooks/webhooks.errors.js';
import { inTime, TooLate } from './in-time.js';
import { type TellerWebhookReceived } from './teller-webhooks.dto.js';
import { verifySignature } from './teller-webhooks.signature.js';
import { readWebhook, type TellerWebhook } from './teller-webhooks.wire.js';

const ALL_ENROLLMENTS = ofEveryOwner('a bank knows no owners: whoever linked the account is meant');
/** So many may wait for the store at a time. */
const WAITING_MAX = 64;

@Injectable()
export class TellerWebhooksService {
  /** For the store, just now; those among them whose sender does not wait any more. */
  readonly waiting = { count: 0 };
  private readonly log = new Logger('Webhooks');

  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly receipts: WebhookReceipts,
    private readonly counts: WebhookCounts,
    private readonly enrollments: ConcernedEnrollments,
    private readonly accounts: LinkedAccounts,
    private readonly turns: SyncTurns,
    private readonly clock: Clock,
  ) {}

  /**
   * Tried in this order: feed_not_configured, webhook_signature_invalid, webhook_stale, webhook_replayed, webhook_not_taken.
   * The body is read as soon as it is known to be Teller's.
   */
  async receive(body: SignedBody, signature: string | undefined): Promise<TellerWebhookReceived> {
    let type = 'unverified';
    try {
      const teller = this.configured();
      const id = verifySignature(signature, body.bytes, teller.webhookSecrets, this.clock.now());
      const webhook = readWebhook(body.json());
      type = webhook.type;
      const receipt = { id, feed: TELLER_FEED, type: webhook.type, receivedAt: this.clock.now() };
      const { ids, unknown } = await this.take(receipt, teller, webhook);
      this.counts.note(type, ids.length === 0 ? 'nothing_due' : 'due', unknown);
      this.log.log(`${type}: ${ids.length} enrollments are due, ${unknown} ids are unknown.`);
      return { received: true, type: webhook.type, due: ids.length };
    } catch (error) {
      this.counts.note(type, error instanceof Refusal ? error.code : 'fault');
      throw error;
    }
  }

  private configured(): TellerSettings {
    const { teller } = this.settings;
    if (teller === undefined || teller.webhookSecrets.length === 0)
      throw new FeedNotConfigured('Without TELLER_WEBHOOK_SECRETS, no webhooks of teller are taken.');
    return teller;
  }

  /** The receipt and what it makes due stand together or not at all, and never once its sender was told to send it again. */
  private async take(receipt: WebhookReceipt, teller: TellerSettings, { named }: TellerWebhook): Promise<Concerned> {
    const { environment, webhookTimeoutMs } = teller;
    if (this.waiting.count >= WAITING_MAX) throw new WebhookNotTaken();
    this.waiting.count++;
    const work = inTime(webhookTimeoutMs, (refuseLate) =>
      this.database
        .transact(ALL_ENROLLMENTS, async (tx) => {
          refuseLate();
          if (!(await this.receipts.keep(tx, receipt))) throw new WebhookReplayed();
          const concerned = await this.enrollments.find(tx, { feed: TELLER_FEED, environment }, named);
          await this.accounts.askAgain(tx, concerned.refused);
          for (const id of concerned.ids) await this.turns.markDue(tx, id, 'webhook', receipt.receivedAt);
          refuseLate();
          return concerned;
        })
        .finally(() => void this.waiting.count--),
    );
    try {
      return await work;
    } catch (error) {
      const isOfStore = error instanceof Refusal && error.kind === 'unavailable';
      throw isOfStore || error instanceof TooLate ? new WebhookNotTaken({ cause: error }) : error;
    }
  }
}
