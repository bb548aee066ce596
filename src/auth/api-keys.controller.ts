import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Once } from '../changes/once.js';
import { type ApiKeyId } from '../common/ids.js';
import { type Transaction } from '../database/transaction.js';
import { CursorInvalid } from '../http/http.errors.js';
import { IdParam } from '../http/id-param.js';
import { LocatedAt } from '../http/located-at.js';
import { PageQuery } from '../http/page.dto.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { Caller, Requires } from './access.js';
import { ApiKeyList, ApiKeyView, CreateApiKeyRequest, newApiKeyView, NewApiKeyView } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeyNotFound, OwnerForbidden } from './auth.errors.js';
import { Principal } from './principal.js';

@ApiTags('keys')
@Controller('v1/keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly once: Once,
  ) {}

  /** Makes a key. The answer is the only place where it is ever shown. */
  @Post()
  @LocatedAt('/v1/keys/{id}')
  @Requires('admin')
  @ProblemAnswers(OwnerForbidden)
  async create(@Caller() caller: Principal, @Body() body: CreateApiKeyRequest): Promise<NewApiKeyView> {
    refuseBound(caller);
    const work = async (tx: Transaction) => newApiKeyView(await this.keys.createIn(tx, body));
    return this.once.perform(caller, work, { secret: true });
  }

  /** Keys in the order of their making, without the keys themselves. */
  @Get()
  @Requires('admin')
  @ProblemAnswers(OwnerForbidden, CursorInvalid)
  async list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<ApiKeyList> {
    refuseBound(caller);
    return this.keys.list(query);
  }

  /** One key, without the key itself. */
  @Get(':id')
  @Requires('admin')
  @ProblemAnswers(OwnerForbidden, ApiKeyNotFound)
  async get(
    @Caller() caller: Principal,
    @Param('id', IdParam('apiKey', ApiKeyNotFound)) id: ApiKeyId,
  ): Promise<ApiKeyView> {
    refuseBound(caller);
    return this.keys.get(id);
  }

  /** Revokes a key: within a second no process takes it any more. */
  @Delete(':id')
  @Requires('admin')
  @ProblemAnswers(OwnerForbidden, ApiKeyNotFound)
  async revoke(
    @Caller() caller: Principal,
    @Param('id', IdParam('apiKey', ApiKeyNotFound)) id: ApiKeyId,
  ): Promise<ApiKeyView> {
    refuseBound(caller);
    return this.keys.revoke(id, caller.leave);
  }
}

/** Keys belong to the installation: one that is bound to an owner, even an admin's, does not see them. */
function refuseBound(caller: Principal): void {
  if (caller.owner !== undefined) throw new OwnerForbidden();
}
