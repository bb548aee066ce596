import { Module } from '@nestjs/common';
import { AccountNumbers } from './account-numbers.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';
import { OwnerChange } from './owner-change.js';

@Module({
  controllers: [AccountsController],
  providers: [AccountNumbers, AccountsRepository, AccountsService, OwnerChange],
  exports: [AccountsRepository, AccountsService, OwnerChange],
})
export class AccountsModule {}
