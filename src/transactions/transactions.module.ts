import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BulkTransactionsService } from './bulk-transactions.service.js';
import { DriftController } from './drift.controller.js';
import { DriftRepository } from './drift.repository.js';
import { DriftService } from './drift.service.js';
import { ManualLines } from './manual-lines.js';
import { PostingService } from './posting.service.js';
import { StatementsController } from './statements.controller.js';
import { StatementsService } from './statements.service.js';
import { TransactionsController } from './transactions.controller.js';
import { TransactionsRepository } from './transactions.repository.js';
import { TransactionsService } from './transactions.service.js';

@Module({
  imports: [AccountsModule],
  controllers: [TransactionsController, StatementsController, DriftController],
  providers: [
    TransactionsRepository,
    PostingService,
    ManualLines,
    TransactionsService,
    BulkTransactionsService,
    StatementsService,
    DriftRepository,
    DriftService,
  ],
  exports: [TransactionsRepository, PostingService],
})
export class TransactionsModule {}
