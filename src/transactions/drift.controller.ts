import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccountNotFound } from '../accounts/accounts.errors.js';
import { Caller, Requires } from '../auth/access.js';
import { Principal } from '../auth/principal.js';
import { type AccountId } from '../common/ids.js';
import { IdParam } from '../http/id-param.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { DriftView } from './drift.dto.js';
import { DriftService } from './drift.service.js';

@ApiTags('transactions')
@Controller('v1')
export class DriftController {
  constructor(private readonly drifts: DriftService) {}

  /** Whether an account's lines add up to the balances that were stated of it; if not, since which day, and by how much. */
  @Get('accounts/:id/drift')
  @Requires('read')
  @ProblemAnswers(AccountNotFound)
  of(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) accountId: AccountId,
  ): Promise<DriftView> {
    return this.drifts.of(caller, accountId);
  }
}
