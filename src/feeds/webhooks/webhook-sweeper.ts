// Takes receipts of webhooks away once no replay of theirs would be believed any more. Several processes may do so at once.
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, epochMsOf, instantOf } from '../../common/clock.js';
import { Database } from '../../database/database.js';
import { ofEveryOwner } from '../../database/scope.js';
import { WebhookReceipts } from './webhook-receipts.js';

const ALL_RECEIPTS = ofEveryOwner('receipts are forgotten by age');
/** Far longer than any signature is believed. */
const KEPT_MS = 3_600_000;
const EVERY_MS = KEPT_MS / 4;
const BATCH = 500;

@Injectable()
export class WebhookSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Webhooks');
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly receipts: WebhookReceipts,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweepQuietly(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    this.stopping = true;
    clearInterval(this.timer);
  }

  /** Answers how many were forgotten. */
  async sweep(): Promise<number> {
    const before = instantOf(epochMsOf(this.clock.now()) - KEPT_MS);
    let forgotten = 0;
    for (let last = BATCH; last === BATCH && !this.stopping; forgotten += last)
      last = await this.database.transact(ALL_RECEIPTS, (tx) => this.receipts.forget(tx, before, BATCH));
    return forgotten;
  }

  private async sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.log.warn(`Old receipts were not removed this time: ${error instanceof Error ? error.message : ''}`);
    }
  }
}
