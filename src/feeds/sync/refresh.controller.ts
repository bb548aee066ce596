import { Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccountNotFound } from '../../accounts/accounts.errors.js';
import { Caller, Requires } from '../../auth/access.js';
import { Principal } from '../../auth/principal.js';
import { type AccountId } from '../../common/ids.js';
import { IdParam } from '../../http/id-param.js';
import { ProblemAnswers } from '../../http/problem-answers.js';
import {
  AccessTokenUnreadable,
  AccountNotLinked,
  EnrollmentDisconnected,
  EnrollmentLocked,
  EnrollmentNeedsLogin,
  FeedAccountClosed,
  FeedAccountUnknown,
  FeedAnswerInvalid,
  FeedEnvironmentMismatch,
  FeedMisconfigured,
  FeedRateLimited,
  FeedUnavailable,
  FeedUnknown,
  FeedUnsteady,
  SyncAlreadyRunning,
  SyncInterrupted,
} from '../port/feeds.errors.js';
import { RefreshQuery, RefreshView } from './refresh.dto.js';
import { RefreshService } from './refresh.service.js';

@ApiTags('accounts')
@Controller('v1/accounts')
export class RefreshController {
  constructor(private readonly refreshes: RefreshService) {}

  /** Asks the bank now about one account: its balance and its newest lines, which are stored and answered. */
  @Post(':id/refresh')
  @HttpCode(200)
  @Requires('write')
  @ProblemAnswers(
    AccountNotFound,
    AccountNotLinked,
    EnrollmentDisconnected,
    FeedAccountClosed,
    SyncAlreadyRunning,
    SyncInterrupted,
    FeedUnknown,
    AccessTokenUnreadable,
    FeedEnvironmentMismatch,
    EnrollmentNeedsLogin,
    EnrollmentLocked,
    FeedMisconfigured,
    FeedAccountUnknown,
    FeedRateLimited,
    FeedUnsteady,
    FeedAnswerInvalid,
    FeedUnavailable,
  )
  account(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) id: AccountId,
    @Query() query: RefreshQuery,
  ): Promise<RefreshView> {
    return this.refreshes.refresh(caller, id, query.limit);
  }
}
