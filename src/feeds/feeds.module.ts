import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BalancesModule } from '../balances/balances.module.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { type TellerSettings } from '../config/feed-settings.js';
import { Settings } from '../config/settings.js';
import { TransactionsModule } from '../transactions/transactions.module.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { AccountSync } from './sync/account-sync.js';
import { ConcernedEnrollments } from './webhooks/concerned-enrollments.js';
import { EnrollmentsController } from './enrollments/enrollments.controller.js';
import { EnrollmentsRepository } from './stored/enrollments.repository.js';
import { EnrollmentsService } from './enrollments/enrollments.service.js';
import { type Feed } from './port/feed.port.js';
import { FeedRegistry } from './port/feed-registry.js';
import { FeedTally } from './port/feed-tally.js';
import { KeyRing } from './tokens/key-ring.js';
import { LineSync } from './lines/line-sync.js';
import { LinkedAccounts } from './enrollments/linked-accounts.js';
import { SandboxFeed } from './sandbox/sandbox.feed.js';
import { RefreshController } from './sync/refresh.controller.js';
import { RefreshService } from './sync/refresh.service.js';
import { SyncEnds } from './sync/sync-ends.js';
import { SyncSchedule } from './sync/sync-schedule.js';
import { SyncController } from './sync/sync.controller.js';
import { SyncStatusService } from './sync/sync-status.service.js';
import { SyncService } from './sync/sync.service.js';
import { SyncTurns } from './turns/sync-turns.js';
import { SyncTurnsRepository } from './turns/sync-turns.repository.js';
import { TellerConfigController } from './teller/teller-config.controller.js';
import { TellerClient } from './teller/teller.client.js';
import { TellerConnect } from './teller/teller.connect.js';
import { TellerFeed } from './teller/teller.feed.js';
import { TellerNonces } from './teller/teller-nonces.js';
import { TellerWebhooksController } from './teller/teller-webhooks.controller.js';
import { TellerWebhooksService } from './teller/teller-webhooks.service.js';
import { WebhookCounts } from './webhooks/webhook-counts.js';
import { WebhookReceipts } from './webhooks/webhook-receipts.js';
import { WebhookSweeper } from './webhooks/webhook-sweeper.js';

@Module({
  imports: [AccountsModule, BalancesModule, TransactionsModule],
  controllers: [
    EnrollmentsController,
    RefreshController,
    SyncController,
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
