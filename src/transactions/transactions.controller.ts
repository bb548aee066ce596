import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  AccountClosed,
  AccountNotFound,
  AccountNotManual,
  AmountInvalid,
  CurrencyUnknown,
} from '../accounts/accounts.errors.js';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { type AccountId, type TransactionId } from '../common/ids.js';
import { CursorInvalid, VersionStale } from '../http/http.errors.js';
import { ExpectedVersion, IfMatch } from '../http/expected-version.js';
import { IdParam } from '../http/id-param.js';
import { LocatedAt } from '../http/located-at.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { BulkTransactionsService } from './bulk-transactions.service.js';
import {
  BulkCreateRequest,
  BulkDeleteRequest,
  BulkResult,
  EditTransactionRequest,
  ListAccountTransactionsQuery,
  ListTransactionsQuery,
  NewTransactionRequest,
  Totals,
  TotalsQuery,
  TransactionList,
  TransactionView,
} from './transactions.dto.js';
import {
  BankFactNotEditable,
  BulkRefused,
  CurrencyDiffers,
  ExternalIdTaken,
  TransactionNotFound,
} from './transactions.errors.js';
import { TransactionsService } from './transactions.service.js';

const TransactionParam = Param('id', IdParam('transaction', TransactionNotFound));

@ApiTags('transactions')
@Controller('v1')
export class TransactionsController {
  constructor(
    private readonly transactions: TransactionsService,
    private readonly bulk: BulkTransactionsService,
  ) {}

  /** Lines across accounts, by date and then id. */
  @Get('transactions')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid, AccountNotFound, CurrencyUnknown, AmountInvalid)
  list(@Caller() caller: Principal, @Query() query: ListTransactionsQuery): Promise<TransactionList> {
    return this.transactions.list(caller, query);
  }

  /** Lines of one account, by date and then id. */
  @Get('accounts/:id/transactions')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid, AccountNotFound, CurrencyUnknown, AmountInvalid)
  listOfAccount(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) accountId: AccountId,
    @Query() query: ListAccountTransactionsQuery,
  ): Promise<TransactionList> {
    return this.transactions.list(caller, { ...query, accountId });
  }

  /** What came in, what went out, the difference and how many lines, for each currency, over any filter. */
  @Get('transactions/totals')
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, AccountNotFound, CurrencyUnknown, AmountInvalid)
  totals(@Caller() caller: Principal, @Query() query: TotalsQuery): Promise<Totals> {
    return this.transactions.totals(caller, query);
  }

  /** One line. */
  @Get('transactions/:id')
  @Requires('read')
  @ProblemAnswers(TransactionNotFound)
  get(@Caller() caller: Principal, @TransactionParam id: TransactionId): Promise<TransactionView> {
    return this.transactions.get(caller, id);
  }

  /** Writes a line on a manual account. */
  @Post('transactions')
  @LocatedAt('/v1/transactions/{id}')
  @Requires('write')
  @ProblemAnswers(AccountNotFound, AccountNotManual, AccountClosed, CurrencyDiffers, AmountInvalid, ExternalIdTaken)
  create(@Caller() caller: Principal, @Body() body: NewTransactionRequest): Promise<TransactionView> {
    return this.transactions.create(caller, body);
  }

  /** Writes up to 1,000 lines on manual accounts, and says of each what became of it. */
  @Post('transactions/bulk')
  @HttpCode(200)
  @Requires('write')
  @ProblemAnswers(BulkRefused)
  createMany(@Caller() caller: Principal, @Body() body: BulkCreateRequest): Promise<BulkResult> {
    return this.bulk.create(caller, body);
  }

  /** Deletes up to 1,000 lines of manual accounts, and says of each what became of it. */
  @Post('transactions/bulk-delete')
  @HttpCode(200)
  @Requires('write')
  @ProblemAnswers(BulkRefused)
  deleteMany(@Caller() caller: Principal, @Body() body: BulkDeleteRequest): Promise<BulkResult> {
    return this.bulk.delete(caller, body);
  }

  /** Changes what is named; the rest stays. What a bank said is not edited: only category and notes can be set there. */
  @Patch('transactions/:id')
  @Requires('write')
  @ProblemAnswers(TransactionNotFound, VersionStale, BankFactNotEditable, AccountClosed, AmountInvalid)
  edit(
    @Caller() caller: Principal,
    @TransactionParam id: TransactionId,
    @Body() body: EditTransactionRequest,
    @IfMatch() expected: ExpectedVersion,
  ): Promise<TransactionView> {
    return this.transactions.edit(caller, id, body, expected);
  }

  /** Deletes a line of a manual account. */
  @Delete('transactions/:id')
  @HttpCode(204)
  @Requires('write')
  @ProblemAnswers(TransactionNotFound, VersionStale, AccountNotManual, AccountClosed)
  async delete(
    @Caller() caller: Principal,
    @TransactionParam id: TransactionId,
    @IfMatch() expected: ExpectedVersion,
  ): Promise<void> {
    await this.transactions.delete(caller, id, expected);
  }
}
