// What a route asks of its caller, said on the route: `@Requires('write')`, `@Public()`, and `@Caller()` for who it is.
import { createParamDecorator, type ExecutionContext, SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { ProblemAnswers } from '../http/problem-answers.js';
import { type FastifyRequest } from 'fastify';
import { KeyMissing, KeyUnknown, ScopeInsufficient } from './auth.errors.js';
import { type KeyScope, type Principal } from './principal.js';

export const REQUIRED_SCOPE = 'passbook:scope';
export const PUBLIC_ROUTE = 'passbook:public';

export interface AuthenticatedRequest extends FastifyRequest {
  principal?: Principal;
}

export function Requires(scope: KeyScope): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(REQUIRED_SCOPE, scope),
    ApiBearerAuth(),
    ApiSecurity('x-api-key'),
    ProblemAnswers(KeyMissing, KeyUnknown, ScopeInsufficient),
  );
}

/** Open to everybody: probes and documents. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC_ROUTE, true);
}

export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (principal === undefined) throw new Error('A public route asks who calls.');
  return principal;
});
