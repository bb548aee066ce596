import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BalancesModule } from '../balances/balances.module.js';
import { TransactionsModule } from '../transactions/transactions.module.js';
import { Batches } from './batches.js';
import { HoldSweeper } from './hold-sweeper.js';
import { HoldsController } from './holds.controller.js';
import { HoldsRepository } from './holds.repository.js';
import { HoldsService } from './holds.service.js';
import { LedgersThen } from './ledgers-then.js';
import { TransfersController } from './transfers.controller.js';
import { TransferLists } from './transfer-lists.js';
import { TransfersRepository } from './transfers.repository.js';
import { TransfersService } from './transfers.service.js';
import { TrialBalanceController } from './trial-balance.controller.js';
import { TrialBalanceService } from './trial-balance.service.js';

@Module({
  imports: [AccountsModule, BalancesModule, TransactionsModule],
  controllers: [TransfersController, HoldsController, TrialBalanceController],
  providers: [
    Batches,
    HoldSweeper,
    HoldsRepository,
    HoldsService,
    LedgersThen,
    TransferLists,
    TransfersRepository,
    TransfersService,
    TrialBalanceService,
  ],
  exports: [TransferLists, TransfersRepository, TransfersService],
})
export class TransfersModule {}
