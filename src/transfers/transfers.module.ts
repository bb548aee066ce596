import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { TransactionsModule } from '../transactions/transactions.module.js';
import { Batches } from './batches.js';
import { HoldsController } from './holds.controller.js';
import { HoldsRepository } from './holds.repository.js';
import { HoldsService } from './holds.service.js';
import { TransfersController } from './transfers.controller.js';
import { TransfersRepository } from './transfers.repository.js';
import { TransfersService } from './transfers.service.js';

@Module({
  imports: [AccountsModule, TransactionsModule],
  controllers: [TransfersController, HoldsController],
  providers: [Batches, HoldsRepository, HoldsService, TransfersRepository, TransfersService],
  exports: [TransfersRepository, TransfersService],
})
export class TransfersModule {}
