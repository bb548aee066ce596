import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../../auth/access.js';
import { OwnerForbidden } from '../../auth/auth.errors.js';
import { Principal } from '../../auth/principal.js';
import { type EnrollmentId } from '../../common/ids.js';
import { CursorInvalid } from '../../http/http.errors.js';
import { IdParam } from '../../http/id-param.js';
import { LocatedAt } from '../../http/located-at.js';
import { ProblemAnswers } from '../../http/problem-answers.js';
import { EnrollmentList, EnrollmentView, EnrollRequest, FeedList, ListEnrollmentsQuery } from './enrollments.dto.js';
import { EnrollmentsService } from './enrollments.service.js';
import {
  AccessTokenUnreadable,
  ConsentSignatureInvalid,
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
  InstitutionUnknown,
} from '../port/feeds.errors.js';

const EnrollmentParam = Param('id', IdParam('enrollment', EnrollmentNotFound));

@ApiTags('enrollments')
@Controller('v1')
export class EnrollmentsController {
  constructor(private readonly enrollments: EnrollmentsService) {}

  /** Where data can come from, and the banks that each offers. */
  @Get('feeds')
  @Requires('read')
  feeds(): Promise<FeedList> {
    return this.enrollments.feedList();
  }

  /** Links a bank: keeps the consent and opens its accounts. Their balances and lines come with the first sync. */
  @Post('enrollments')
  @LocatedAt('/v1/enrollments/{id}')
  @Requires('write')
  @ProblemAnswers(
    OwnerForbidden,
    FeedUnknown,
    InstitutionUnknown,
    AccessTokenUnreadable,
    ConsentSignatureInvalid,
    FeedEnvironmentMismatch,
    EnrollmentDisconnected,
    EnrollmentNeedsLogin,
    EnrollmentLocked,
    FeedMisconfigured,
    FeedRateLimited,
    FeedAnswerInvalid,
    FeedUnavailable,
  )
  enroll(@Caller() caller: Principal, @Body() body: EnrollRequest): Promise<EnrollmentView> {
    return this.enrollments.enroll(caller, body);
  }

  /** Enrollments in the order of their making, each with how it stands. */
  @Get('enrollments')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  list(@Caller() caller: Principal, @Query() query: ListEnrollmentsQuery): Promise<EnrollmentList> {
    return this.enrollments.list(caller, query);
  }

  /** One enrollment and how it stands. */
  @Get('enrollments/:id')
  @Requires('read')
  @ProblemAnswers(EnrollmentNotFound)
  get(@Caller() caller: Principal, @EnrollmentParam id: EnrollmentId): Promise<EnrollmentView> {
    return this.enrollments.get(caller, id);
  }

  /** Ends the consent, here and at the feed. Accounts, balances and lines stay readable. */
  @Delete('enrollments/:id')
  @Requires('write')
  @ProblemAnswers(
    EnrollmentNotFound,
    FeedUnknown,
    AccessTokenUnreadable,
    FeedMisconfigured,
    FeedRateLimited,
    FeedAnswerInvalid,
    FeedUnavailable,
  )
  disconnect(@Caller() caller: Principal, @EnrollmentParam id: EnrollmentId): Promise<EnrollmentView> {
    return this.enrollments.disconnect(caller, id);
  }
}
