// What changed, as routes: the change feed and the audit log.
import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { TransfersModule } from '../transfers/transfers.module.js';
import { HistoryController } from './history.controller.js';
import { HistoryService } from './history.service.js';
import { RecordedViews } from './recorded-views.js';

@Module({
  imports: [AccountsModule, TransfersModule],
  controllers: [HistoryController],
  providers: [HistoryService, RecordedViews],
})
export class HistoryModule {}
