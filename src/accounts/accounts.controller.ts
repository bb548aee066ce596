import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller, Requires } from '../auth/access.js';
import { OwnerForbidden } from '../auth/auth.errors.js';
import { Principal } from '../auth/principal.js';
import { type AccountId } from '../common/ids.js';
import { CursorInvalid, VersionStale } from '../http/http.errors.js';
import { ExpectedVersion, IfMatch } from '../http/expected-version.js';
import { IdParam } from '../http/id-param.js';
import { LocatedAt } from '../http/located-at.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { AccountList, AccountView, EditAccountRequest, ListAccountsQuery, OpenAccountRequest } from './accounts.dto.js';
import {
  AccountIsLinked,
  AccountNotEmpty,
  AccountNotFound,
  AccountNumberTaken,
  AmountInvalid,
  CurrencyUnknown,
  OverdraftInUse,
  OverdraftNotBook,
} from './accounts.errors.js';
import { AccountsService } from './accounts.service.js';

@ApiTags('accounts')
@Controller('v1/accounts')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  /** Opens a manual or a book account. */
  @Post()
  @LocatedAt('/v1/accounts/{id}')
  @Requires('write')
  @ProblemAnswers(OwnerForbidden, CurrencyUnknown, OverdraftNotBook, AmountInvalid, AccountNumberTaken)
  open(@Caller() caller: Principal, @Body() body: OpenAccountRequest): Promise<AccountView> {
    return this.accounts.open(caller, body);
  }

  /** Accounts in the order of their opening, each with its latest balance. */
  @Get()
  @Requires('read')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  list(@Caller() caller: Principal, @Query() query: ListAccountsQuery): Promise<AccountList> {
    return this.accounts.list(caller, query);
  }

  /** One account with its latest balance. */
  @Get(':id')
  @Requires('read')
  @ProblemAnswers(AccountNotFound)
  get(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) id: AccountId,
  ): Promise<AccountView> {
    return this.accounts.get(caller, id);
  }

  /** Changes what is named; the rest stays. */
  @Patch(':id')
  @Requires('write')
  @ProblemAnswers(
    OwnerForbidden,
    AccountNotFound,
    VersionStale,
    AccountIsLinked,
    OverdraftNotBook,
    AmountInvalid,
    OverdraftInUse,
    AccountNotEmpty,
  )
  edit(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) id: AccountId,
    @Body() body: EditAccountRequest,
    @IfMatch() expected: ExpectedVersion,
  ): Promise<AccountView> {
    return this.accounts.edit(caller, id, body, expected);
  }

  /** Closes an account: it stays readable and takes no new lines. Closing it again changes nothing. */
  @Post(':id/close')
  @HttpCode(200)
  @Requires('write')
  @ProblemAnswers(AccountNotFound, VersionStale, AccountIsLinked, AccountNotEmpty)
  close(
    @Caller() caller: Principal,
    @Param('id', IdParam('account', AccountNotFound)) id: AccountId,
    @IfMatch() expected: ExpectedVersion,
  ): Promise<AccountView> {
    return this.accounts.close(caller, id, expected);
  }
}
