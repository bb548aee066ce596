import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccountClosed, AccountNotBook, AccountNotFound, AmountInvalid } from '../accounts/accounts.errors.js';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { type TransferId } from '../common/ids.js';
import { CursorInvalid } from '../http/http.errors.js';
import { IdParam } from '../http/id-param.js';
import { LocatedAt } from '../http/located-at.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { BulkRefused, CurrencyDiffers } from '../transactions/transactions.errors.js';
import {
  BulkTransferRequest,
  BulkTransferResult,
  ListTransfersQuery,
  NewTransferRequest,
  ReverseRequest,
  TransferList,
  TransferView,
} from './transfers.dto.js';
import {
  AccountsMustDiffer,
  AmountNotPositive,
  InsufficientFunds,
  LegsUnbalanced,
  LimitExceeded,
  TransferIdTaken,
  TransferIsReversal,
  TransferNotFound,
} from './transfers.errors.js';
import { TransfersService } from './transfers.service.js';

const TransferParam = Param('id', IdParam('transfer', TransferNotFound));

@ApiTags('transfers')
@Controller('v1/transfers')
export class TransfersController {
  constructor(private readonly transfers: TransfersService) {}

  /** Moves money between book accounts: from one to another, or by any legs that sum to zero in each currency. */
  @Post()
  @LocatedAt('/v1/transfers/{id}')
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
    LegsUnbalanced,
    InsufficientFunds,
    LimitExceeded,
  )
  create(@Caller() caller: Principal, @Body() body: NewTransferRequest): Promise<TransferView> {
    return this.transfers.create(caller, body);
  }

  /** Up to 1,000 transfers, and says of each what became of it. */
  @Post('bulk')
  @HttpCode(200)
  @Requires('write')
  @ProblemAnswers(BulkRefused)
  createMany(@Caller() caller: Principal, @Body() body: BulkTransferRequest): Promise<BulkTransferResult> {
    return this.transfers.createMany(caller, body);
  }

  /** Takes a transfer back, whole, by one that moves the same money the other way. Asked for again, it is answered as the first time. */
  @Post(':id/reverse')
  @LocatedAt('/v1/transfers/{id}')
  @Requires('write')
  @ProblemAnswers(
    TransferNotFound,
    TransferIsReversal,
    OwnerForbidden,
    AccountClosed,
    AccountNotBook,
    InsufficientFunds,
    LimitExceeded,
  )
  reverse(
    @Caller() caller: Principal,
    @TransferParam id: TransferId,
    @Body() body: ReverseRequest,
  ): Promise<TransferView> {
    return this.transfers.reverse(caller, id, body);
  }

  /** Transfers in the order of the chain, newest first unless asked otherwise. */
  @Get()
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  list(@Caller() caller: Principal, @Query() query: ListTransfersQuery): Promise<TransferList> {
    return this.transfers.list(caller, query);
  }

  /** One transfer. */
  @Get(':id')
  @Requires('read')
  @ProblemAnswers(TransferNotFound)
  get(@Caller() caller: Principal, @TransferParam id: TransferId): Promise<TransferView> {
    return this.transfers.get(caller, id);
  }
}
