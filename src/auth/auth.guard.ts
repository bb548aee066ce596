// Lets in whoever brings a key that may do what the route does. A route that says nothing needs `admin`.
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { OnceKey } from '../http/once-key.js';
import { type AuthenticatedRequest, PUBLIC_ROUTE, REQUIRED_SCOPE } from './access.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyMissing, ScopeInsufficient } from './auth.errors.js';
import { type KeyScope, Principal } from './principal.js';

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeysService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, places) === true) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const holder = await this.keys.authenticate(keyOf(request));
    const once = request.method === 'POST' ? OnceKey.of(request.headers['idempotency-key'], () => request) : undefined;
    const principal = new Principal(holder, { name: holder.keyId, requestId: request.id }, once);
    const needed = this.reflector.getAllAndOverride<KeyScope | undefined>(REQUIRED_SCOPE, places) ?? 'admin';
    if (!principal.may(needed))
      throw new ScopeInsufficient(`This takes a key of scope ${needed}; this one has ${principal.scope}.`);
    request.principal = principal;
    if (once !== undefined) request.once = once;
    return true;
  }
}

function keyOf({ headers }: AuthenticatedRequest): string {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  const key = bearer ?? headers['x-api-key'];
  if (typeof key !== 'string' || key === '') throw new KeyMissing();
  return key;
}
