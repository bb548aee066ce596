import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccountClosed, AccountNotBook, AccountNotFound, AmountInvalid } from '../accounts/accounts.errors.js';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { type HoldId } from '../common/ids.js';
import { CursorInvalid } from '../http/http.errors.js';
import { IdParam } from '../http/id-param.js';
import { LocatedAt } from '../http/located-at.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { CurrencyDiffers } from '../transactions/transactions.errors.js';
import { HoldsService } from './holds.service.js';
import {
  CaptureRequest,
  EndedHoldView,
  HoldList,
  HoldView,
  ListHoldsQuery,
  NewHoldRequest,
  ReleaseRequest,
} from './transfers.dto.js';
import {
  AccountsMustDiffer,
  AmountNotPositive,
  CaptureTooLarge,
  HoldExpiresInPast,
  HoldNotActive,
  HoldNotFound,
  InsufficientFunds,
  LimitExceeded,
  TransferIdTaken,
} from './transfers.errors.js';

const HoldParam = Param('id', IdParam('hold', HoldNotFound));

@ApiTags('holds')
@Controller('v1/holds')
export class HoldsController {
  constructor(private readonly holds: HoldsService) {}

  /** Sets money aside on one book account for another: it cannot be spent until it is captured, released, or expires. */
  @Post()
  @LocatedAt('/v1/holds/{id}')
  @Requires('write')
  @ProblemAnswers(
    TransferIdTaken,
    AccountsMustDiffer,
    AccountNotFound,
    AccountClosed,
    AccountNotBook,
    CurrencyDiffers,
    AmountInvalid,
    AmountNotPositive,
    HoldExpiresInPast,
    InsufficientFunds,
    LimitExceeded,
  )
  reserve(@Caller() caller: Principal, @Body() body: NewHoldRequest): Promise<HoldView> {
    return this.holds.reserve(caller, body);
  }

  /** Makes a transfer of what is held, or of a part: the rest is let go. */
  @Post(':id/capture')
  @LocatedAt('/v1/holds/{id}')
  @Requires('write')
  @ProblemAnswers(
    HoldNotFound,
    HoldNotActive,
    OwnerForbidden,
    AccountClosed,
    AmountInvalid,
    AmountNotPositive,
    CaptureTooLarge,
    LimitExceeded,
  )
  capture(@Caller() caller: Principal, @HoldParam id: HoldId, @Body() body: CaptureRequest): Promise<EndedHoldView> {
    return this.holds.capture(caller, id, body);
  }

  /** Lets what is held go. */
  @Post(':id/release')
  @LocatedAt('/v1/holds/{id}')
  @Requires('write')
  @ProblemAnswers(HoldNotFound, HoldNotActive)
  release(@Caller() caller: Principal, @HoldParam id: HoldId, @Body() body: ReleaseRequest): Promise<EndedHoldView> {
    return this.holds.release(caller, id, body);
  }

  /** Holds, newest first. */
  @Get()
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  list(@Caller() caller: Principal, @Query() query: ListHoldsQuery): Promise<HoldList> {
    return this.holds.list(caller, query);
  }

  /** One hold. */
  @Get(':id')
  @Requires('read')
  @ProblemAnswers(HoldNotFound)
  get(@Caller() caller: Principal, @HoldParam id: HoldId): Promise<HoldView> {
    return this.holds.get(caller, id);
  }
}
