import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type ApiKeyId } from '../common/ids.js';
import { IdParam } from '../http/id-param.js';
import { ProblemAnswers } from '../http/problem-answers.js';
import { RequestInvalid } from '../http/http.errors.js';
import { Caller, Requires } from './access.js';
import { ApiKeyList, ApiKeyView, apiKeyView, CreateApiKeyRequest, NewApiKeyView } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeyNotFound, OwnerForbidden } from './auth.errors.js';
import { Principal } from './principal.js';

@ApiTags('keys')
@Requires('admin')
@Controller('v1/keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  /** Makes a key. The answer is the only place where it is ever shown. */
  @Post()
  @ProblemAnswers(RequestInvalid, OwnerForbidden)
  async create(@Caller() caller: Principal, @Body() body: CreateApiKeyRequest): Promise<NewApiKeyView> {
    refuseBound(caller);
    const { key, apiKey } = await this.keys.create(body);
    return { ...apiKeyView(apiKey), key };
  }

  /** Every key, without the keys themselves. */
  @Get()
  @ProblemAnswers(OwnerForbidden)
  async list(@Caller() caller: Principal): Promise<ApiKeyList> {
    refuseBound(caller);
    return { data: (await this.keys.list()).map(apiKeyView), nextCursor: null };
  }

  /** Revokes a key: within a second no process takes it any more. */
  @Delete(':id')
  @ProblemAnswers(ApiKeyNotFound, OwnerForbidden)
  async revoke(
    @Caller() caller: Principal,
    @Param('id', IdParam('apiKey', ApiKeyNotFound)) id: ApiKeyId,
  ): Promise<ApiKeyView> {
    refuseBound(caller);
    return apiKeyView(await this.keys.revoke(id));
  }
}

/** Keys belong to the installation: one that is bound to an owner, even an admin's, does not see them. */
function refuseBound(caller: Principal): void {
  if (caller.owner !== undefined) throw new OwnerForbidden();
}
