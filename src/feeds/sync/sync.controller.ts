import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../../auth/access.js';
import { Principal } from '../../auth/principal.js';
import { type EnrollmentId } from '../../common/ids.js';
import { IdParam } from '../../http/id-param.js';
import { ProblemAnswers } from '../../http/problem-answers.js';
import { SyncResultView } from '../enrollments/enrollments.dto.js';
import {
  AccessTokenUnreadable,
  EnrollmentDisconnected,
  EnrollmentLocked,
  EnrollmentNeedsLogin,
  EnrollmentNotFound,
  FeedAnswerInvalid,
  FeedEnvironmentMismatch,
  FeedMisconfigured,
  FeedRateLimited,
  FeedUnavailable,
  FeedUnknown,
  SyncAlreadyRunning,
  SyncInterrupted,
} from '../port/feeds.errors.js';
import { SyncStatusView } from './sync-status.dto.js';
import { SyncStatusService } from './sync-status.service.js';
import { SyncService } from './sync.service.js';

const EnrollmentParam = Param('id', IdParam('enrollment', EnrollmentNotFound));

@ApiTags('enrollments')
@Controller('v1/enrollments')
export class SyncController {
  constructor(
    private readonly syncs: SyncService,
    private readonly statuses: SyncStatusService,
  ) {}

  /** Asks the bank now for accounts, balances and lines. Interrupted or limited, the next sync goes on where this one was. */
  @Post(':id/sync')
  @HttpCode(200)
  @Requires('write')
  @ProblemAnswers(
    EnrollmentNotFound,
    EnrollmentDisconnected,
    SyncAlreadyRunning,
    SyncInterrupted,
    FeedUnknown,
    AccessTokenUnreadable,
    EnrollmentNeedsLogin,
    EnrollmentLocked,
    FeedEnvironmentMismatch,
    FeedMisconfigured,
    FeedRateLimited,
    FeedAnswerInvalid,
    FeedUnavailable,
  )
  sync(@Caller() caller: Principal, @EnrollmentParam id: EnrollmentId): Promise<SyncResultView> {
    return this.syncs.sync(caller, id);
  }

  /** How the sync stands: whether one runs, when the next is due, and how far each account's history has been read. */
  @Get(':id/sync')
  @Requires('read')
  @ProblemAnswers(EnrollmentNotFound)
  get(@Caller() caller: Principal, @EnrollmentParam id: EnrollmentId): Promise<SyncStatusView> {
    return this.statuses.get(caller, id);
  }
}
