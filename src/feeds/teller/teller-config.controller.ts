import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../../auth/access.js';
import { OwnerForbidden } from '../../auth/auth.errors.js';
import { Principal } from '../../auth/principal.js';
import { Settings } from '../../config/settings.js';
import { ProblemAnswers } from '../../http/problem-answers.js';
import { FeedNotConfigured } from '../port/feeds.errors.js';
import { TellerConfigQuery, TellerConfigView } from './teller-config.dto.js';
import { TellerNonces } from './teller-nonces.js';

@ApiTags('enrollments')
@Controller('v1/config')
export class TellerConfigController {
  constructor(
    private readonly settings: Settings,
    private readonly nonces: TellerNonces,
  ) {}

  /** What a front end needs to open Teller Connect. What that hands back is a consent for POST /v1/enrollments. */
  @Get('teller')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, FeedNotConfigured)
  show(@Caller() caller: Principal, @Query() query: TellerConfigQuery): TellerConfigView {
    const owner = caller.ownerOfNew(query.owner);
    const { teller } = this.settings;
    if (teller === undefined) throw new FeedNotConfigured('Without TELLER_ENVIRONMENT, the feed teller is off.');
    return {
      applicationId: teller.applicationId ?? null,
      environment: teller.environment,
      nonce: teller.signingKey === undefined ? null : this.nonces.give(owner),
    };
  }
}
