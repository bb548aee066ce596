import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { TrialBalance } from './trial-balance.dto.js';
import { TrialBalanceService } from './trial-balance.service.js';

@ApiTags('transfers')
@Controller('v1/trial-balance')
export class TrialBalanceController {
  constructor(private readonly balance: TrialBalanceService) {}

  /** What all book accounts hold together, for each currency: the sum is zero, or something is wrong. */
  @Get()
  @Requires('read')
  @ProblemAnswers(OwnerForbidden)
  of(@Caller() caller: Principal): Promise<TrialBalance> {
    return this.balance.of(caller);
  }
}
