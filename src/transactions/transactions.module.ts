import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BulkTransactionsService } from './bulk-transactions.service.js';
import { ManualLines } from './manual-lines.js';
import { PostingService } from './posting.service.js';
import { TransactionsController } from './transactions.controller.js';
import { TransactionsRepository } from './transactions.repository.js';
import { TransactionsService } from './transactions.service.js';

@Module({
  imports: [AccountsModule],
  controllers: [TransactionsController],
  providers: [TransactionsRepository, PostingService, ManualLines, TransactionsService, BulkTransactionsService],
  exports: [TransactionsRepository, PostingService],
})
export class TransactionsModule {}
