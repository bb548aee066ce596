// Before a route is asked: what it says of itself is noted for its answer, and what it does not take is refused.
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Fault } from '../common/domain-error.js';
import { RequestInvalid } from './http.errors.js';
import { pointerStep } from './plain-json.js';
import { type RouteFacts, routeFactsOf } from './route-facts.js';

@Injectable()
export class RouteGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const facts = routeFactsOf(context.getClass(), context.getHandler());
    request.facts = facts;
    if (facts.deprecation !== undefined) http.getResponse<FastifyReply>().headers({ ...facts.deprecation });
    const faults = strayIn(request, facts);
    if (faults.length > 0) throw new RequestInvalid(faults);
    return true;
  }
}

/** What came in and would be passed over in silence: the pipe sees only what a route has a parameter for. */
function strayIn({ query, body }: FastifyRequest, { takesQuery, takesBody }: RouteFacts): Fault[] {
  const names = takesQuery ? [] : Object.keys(query as object);
  const faults = names.map((name) => ({ pointer: `?${pointerStep(name)}`, detail: 'is not known here' }));
  if (!takesBody && body !== undefined && !isEmptyObject(body))
    faults.push({ pointer: '', detail: 'takes no body here' });
  return faults;
}

/** As clients send it that must send something. */
function isEmptyObject(body: unknown): boolean {
  return typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length === 0;
}
