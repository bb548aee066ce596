import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccountClosed, AccountNotFound, AccountNotManual, AmountInvalid } from '../accounts/accounts.errors.js';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { type AccountId } from '../common/ids.js';
import { CursorInvalid } from '../http/http.errors.js';
import { IdParam } from '../http/id-param.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import {
  BalanceAtQuery,
  BalanceHistoryQuery,
  BalanceList,
  BalanceView,
  LatestBalancesQuery,
  StateBalanceRequest,
} from './balances.dto.js';
import { BalanceAlreadyStated, BalanceEmpty, BalanceInFuture, BalanceUnknown } from './balances.errors.js';
import { BalancesService } from './balances.service.js';

const AccountParam = Param('id', IdParam('account', AccountNotFound));

@ApiTags('balances')
@Controller('v1')
export class BalancesController {
  constructor(private readonly balances: BalancesService) {}

  /** The balance of every account of which one is known: the latest, or as it was known to be at a moment. */
  @Get('balances')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  latest(@Caller() caller: Principal, @Query() query: LatestBalancesQuery): Promise<BalanceList> {
    return this.balances.latest(caller, query);
  }

  /** One account's balance: the latest, or as it was known to be at a moment. */
  @Get('accounts/:id/balance')
  @Requires('read')
  @ProblemAnswers(AccountNotFound, BalanceUnknown)
  of(@Caller() caller: Principal, @AccountParam id: AccountId, @Query() query: BalanceAtQuery): Promise<BalanceView> {
    return this.balances.of(caller, id, query.at);
  }

  /** Every balance that was stated of an account, newest first. */
  @Get('accounts/:id/balances')
  @Requires('read')
  @ProblemAnswers(CursorInvalid, AccountNotFound)
  history(
    @Caller() caller: Principal,
    @AccountParam id: AccountId,
    @Query() query: BalanceHistoryQuery,
  ): Promise<BalanceList> {
    return this.balances.history(caller, id, query);
  }

  /** States what a manual account holds. Stating the same of the same moment again changes nothing. */
  @Post('accounts/:id/balances')
  @Requires('write')
  @ProblemAnswers(
    AccountNotFound,
    AccountNotManual,
    AccountClosed,
    BalanceEmpty,
    BalanceInFuture,
    AmountInvalid,
    BalanceAlreadyStated,
  )
  state(
    @Caller() caller: Principal,
    @AccountParam id: AccountId,
    @Body() body: StateBalanceRequest,
  ): Promise<BalanceView> {
    return this.balances.stateByHand(caller, id, body);
  }
}
