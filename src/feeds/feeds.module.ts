import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BalancesModule } from '../balances/balances.module.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { Settings } from '../config/settings.js';
import { TransactionsModule } from '../transactions/transactions.module.js';
import { AccessTokens } from './access-tokens.js';
import { AccountSync } from './account-sync.js';
import { EnrollmentsController } from './enrollments.controller.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { EnrollmentsService } from './enrollments.service.js';
import { type Feed } from './feed.port.js';
import { FeedRegistry } from './feed-registry.js';
import { KeyRing } from './key-ring.js';
import { LineSync } from './line-sync.js';
import { LinkedAccounts } from './linked-accounts.js';
import { SandboxFeed } from './sandbox/sandbox.feed.js';
import { SyncEnds } from './sync-ends.js';
import { SyncService } from './sync.service.js';
import { SyncTurns } from './sync-turns.js';
import { SyncTurnsRepository } from './sync-turns.repository.js';

@Module({
  imports: [AccountsModule, BalancesModule, TransactionsModule],
  controllers: [EnrollmentsController],
  providers: [
    AccessTokens,
    AccountSync,
    EnrollmentsRepository,
    EnrollmentsService,
    LinkedAccounts,
    LineSync,
    SyncEnds,
    SyncService,
    SyncTurns,
    SyncTurnsRepository,
  ],
  exports: [EnrollmentsService, SyncService],
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
          provide: FeedRegistry,
          inject: [Settings, Clock, Currencies],
          useFactory: (settings: Settings, clock: Clock, currencies: Currencies) =>
            new FeedRegistry([new SandboxFeed(settings.sandboxSeed, clock), ...others], currencies),
        },
      ],
    };
  }
}
