// The whole service, put together. It is told its settings, so that a test hands in its own.
import { type DynamicModule, Module } from '@nestjs/common';
import { MIGRATIONS } from '../migrations/index.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { AuthModule } from './auth/auth.module.js';
import { BalancesModule } from './balances/balances.module.js';
import { ChangesModule } from './changes/changes.module.js';
import { type Clock } from './common/clock.js';
import { CommonModule } from './common/common.module.js';
import { type IdSource } from './common/ids.js';
import { AppConfigModule } from './config/config.module.js';
import { type Settings } from './config/settings.js';
import { DatabaseModule } from './database/database.module.js';
import { ENTITIES } from './entities.js';
import { type Feed } from './feeds/port/feed.port.js';
import { FeedsModule } from './feeds/feeds.module.js';
import { HealthModule } from './health/health.module.js';
import { HistoryModule } from './history/history.module.js';
import { HttpModule } from './http/http.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { type Telemetry } from './metrics/telemetry.js';
import { TransactionsModule } from './transactions/transactions.module.js';
import { TransfersModule } from './transfers/transfers.module.js';

/** What a test or a replay holds in its own hands. */
export interface Given {
  readonly clock?: Clock;
  readonly ids?: IdSource;
  /** Feeds beside those that come with the service. */
  readonly feeds?: readonly Feed[];
}

@Module({})
export class AppModule {
  static register(settings: Settings, telemetry: Telemetry, given: Given = {}): DynamicModule {
    const migrations = MIGRATIONS.map(({ id }) => id);
    return {
      module: AppModule,
      imports: [
        AppConfigModule.register(settings),
        CommonModule.register({ currencies: settings.privateCurrencies, ...given }),
        DatabaseModule.register(settings, ENTITIES),
        HttpModule,
        ChangesModule,
        AuthModule,
        AccountsModule,
        BalancesModule,
        TransactionsModule,
        TransfersModule,
        FeedsModule.register(given.feeds ?? []),
        HistoryModule,
        HealthModule.register(migrations),
        MetricsModule.register(telemetry, migrations),
      ],
    };
  }
}
