// What a route asks of its caller, said on the route: `@Requires('write')`, `@Public()`, and `@Caller()` for who it is.
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { type KeyScope, type Principal } from './principal.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that the route takes, or that it is open to everybody. Left out: nothing of a controller's. */
    access?: KeyScope | 'public';
  }

  interface FastifyRequest {
    principal?: Principal;
  }
}

/** Said on each method, not on the class: the router knows it before the request comes to Nest. */
export function Requires(scope: KeyScope): MethodDecorator {
  return applyDecorators(RouteConfig({ access: scope }), ApiBearerAuth(), ApiSecurity('x-api-key'));
}

/** Open to everybody and never refused for load: probes. */
export function Public(): MethodDecorator {
  return RouteConfig({ access: 'public' });
}

export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw new Error('A public route asks who calls.');
  return principal;
});
