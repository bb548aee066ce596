import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { BalancesController } from './balances.controller.js';
import { BalancesRepository } from './balances.repository.js';
import { BalancesService } from './balances.service.js';
import { PastLedgers } from './past-ledgers.js';

@Module({
  imports: [AccountsModule],
  controllers: [BalancesController],
  providers: [BalancesRepository, BalancesService, PastLedgers],
  exports: [BalancesService, PastLedgers],
})
export class BalancesModule {}
