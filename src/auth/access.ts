// What a route asks of its caller, said on the route: `@Requires('write')`, `@Public()`, `@SignedBySender()`, and `@Caller()` for who it is.
import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { RouterKnows } from '../http/router-knows.js';
import { SIGNED } from '../http/signed-body.js';
import { type KeyScope, type Principal } from './principal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that the route takes, that it is open to everybody, or to whoever signs the body. Left out: nothing of a controller's. */
    access?: KeyScope | 'public' | 'signed';
  }

  interface FastifyRequest {
    principal?: Principal;
  }
}

/** Said on each method, not on the class: the router knows it before the request comes to Nest. */
export function Requires(scope: KeyScope): MethodDecorator {
  return applyDecorators(RouterKnows({ access: scope }), ApiBearerAuth(), ApiSecurity('x-api-key'));
}

/** Open to everybody and never refused for load: probes. */
export function Public(): MethodDecorator {
  return RouterKnows({ access: 'public' });
}

/**
 * Without a key, for somebody who has none: who calls is known by a signature over the body, which the route itself looks at (see SignedBody).
 * Until then a stranger, and so limited as strangers are.
 */
export function SignedBySender(): MethodDecorator {
  return applyDecorators(RouterKnows({ access: 'signed' }), SetMetadata(SIGNED, true));
}

export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw new Error('A public route asks who calls.');
  return principal;
});
