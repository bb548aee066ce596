import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../auth/access.js';
import { Principal } from '../auth/principal.js';
import { type EnrollmentId } from '../common/ids.js';
import { IdParam } from '../http/id-param.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { EnrollmentNotFound } from './feeds.errors.js';
import { SyncStatusView } from './sync-status.dto.js';
import { SyncStatusService } from './sync-status.service.js';

@ApiTags('enrollments')
@Controller('v1/enrollments')
export class SyncStatusController {
  constructor(private readonly statuses: SyncStatusService) {}

  /** How the sync stands: whether one runs, when the next is due, and how far each account's history has been read. */
  @Get(':id/sync')
  @Requires('read')
  @ProblemAnswers(EnrollmentNotFound)
  get(
    @Caller() caller: Principal,
    @Param('id', IdParam('enrollment', EnrollmentNotFound)) id: EnrollmentId,
  ): Promise<SyncStatusView> {
    return this.statuses.get(caller, id);
  }
}
