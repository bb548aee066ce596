import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BalancesModule } from '../balances/balances.module.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { type TellerSettings } from '../config/feed-settings.js';
import { Settings } from '../config/settings.js';
import { TransactionsModule } from '../transactions/transactions.module.js';
import { AccessTokens } from './access-tokens.js';
import { AccountSync } from './account-sync.js';
import { ConcernedEnrollments } from './concerned-enrollments.js';
import { EnrollmentsController } from './enrollments.controller.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { EnrollmentsService } from './enrollments.service.js';
import { type Feed } from './feed.port.js';
import { FeedRegistry } from './feed-registry.js';
import { FeedTally } from './feed-tally.js';
import { KeyRing } from './key-ring.js';
import { LineSync } from './line-sync.js';
import { LinkedAccounts } from './linked-accounts.js';
import { SandboxFeed } from './sandbox/sandbox.feed.js';
import { RefreshController } from './refresh.controller.js';
import { RefreshService } from './refresh.service.js';
import { SyncEnds } from './sync-ends.js';
import { SyncSchedule } from './sync-schedule.js';
import { SyncStatusController } from './sync-status.controller.js';
import { SyncStatusService } from './sync-status.service.js';
import { SyncService } from './sync.service.js';
import { SyncTurns } from './sync-turns.js';
import { SyncTurnsRepository } from './sync-turns.repository.js';
import { TellerConfigController } from './teller/teller-config.controller.js';
import { TellerClient } from './teller/teller.client.js';
import { TellerConnect } from './teller/teller.connect.js';
import { TellerFeed } from './teller/teller.feed.js';
import { TellerNonces } from './teller/teller-nonces.js';
import { TellerWebhooksController } from './teller/teller-webhooks.controller.js';
import { TellerWebhooksService } from './teller/teller-webhooks.service.js';
import { WebhookCounts } from './webhook-counts.js';
import { WebhookReceipts } from './webhook-receipts.js';
import { WebhookSweeper } from './webhook-sweeper.js';

@Module({
  imports: [AccountsModule, BalancesModule, TransactionsModule],
  controllers: [
    EnrollmentsController,
    RefreshController,
    SyncStatusController,
    TellerConfigController,
    TellerWebhooksController,
  ],
  providers: [
    AccessTokens,
    AccountSync,
    ConcernedEnrollments,
    EnrollmentsRepository,
    EnrollmentsService,
    FeedTally,
    LinkedAccounts,
    LineSync,
    RefreshService,
    SyncEnds,
    SyncSchedule,
    SyncService,
    SyncStatusService,
    SyncTurns,
    SyncTurnsRepository,
    TellerWebhooksService,
    WebhookCounts,
    WebhookReceipts,
    WebhookSweeper,
  ],
  exports: [EnrollmentsService, SyncService, WebhookCounts],
})
export class FeedsModule {
  /** @param others feeds beside those that come with the service. */
  static register(others: readonly Feed[]): DynamicModule {
    return {
      module: FeedsModule,
      providers: [
        {
          provide: KeyRing,
          inject: [Settings],
          useFactory: ({ encryptionKeys }: Settings) => new KeyRing(encryptionKeys),
        },
        {
          provide: TellerNonces,
          inject: [KeyRing, Clock],
          useFactory: (ring: KeyRing, clock: Clock) => new TellerNonces(ring, clock),
        },
        {
          provide: FeedRegistry,
          inject: [Settings, Clock, Currencies, TellerNonces, FeedTally],
          useFactory: (
            settings: Settings,
            clock: Clock,
            currencies: Currencies,
            nonces: TellerNonces,
            tally: FeedTally,
          ) => {
            const { sandboxSeed, teller } = settings;
            const feeds = [new SandboxFeed(sandboxSeed, clock), ...tellerFeeds(teller, clock, currencies, nonces)];
            return new FeedRegistry([...feeds, ...others], currencies, tally);
          },
        },
      ],
    };
  }
}

/** Of real banks only where it is turned on. */
function tellerFeeds(
  settings: TellerSettings | undefined,
  clock: Clock,
  currencies: Currencies,
  nonces: TellerNonces,
): readonly Feed[] {
  if (settings === undefined) return [];
  const client = new TellerClient(settings, clock);
  return [new TellerFeed(settings, client, new TellerConnect(settings, nonces), currencies, clock)];
}
