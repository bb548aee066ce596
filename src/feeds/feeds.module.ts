import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BalancesModule } from '../balances/balances.module.js';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { TransactionsModule } from '../transactions/transactions.module.js';
import { EnrollmentsController } from './enrollments.controller.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { EnrollmentsService } from './enrollments.service.js';
import { FeedRegistry } from './feed-registry.js';
import { LineSync } from './line-sync.js';
import { LinkedAccounts } from './linked-accounts.js';
import { SandboxFeed } from './sandbox/sandbox.feed.js';
import { SyncService } from './sync.service.js';

@Module({
  imports: [AccountsModule, BalancesModule, TransactionsModule],
  controllers: [EnrollmentsController],
  providers: [
    EnrollmentsRepository,
    EnrollmentsService,
    LinkedAccounts,
    LineSync,
    SyncService,
    {
      provide: FeedRegistry,
      inject: [Settings, Clock],
      useFactory: (settings: Settings, clock: Clock) =>
        new FeedRegistry([new SandboxFeed(settings.sandboxSeed, clock)]),
    },
  ],
  exports: [EnrollmentsService, SyncService],
})
export class FeedsModule {}
