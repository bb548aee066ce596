// Every refusal leaves as problem+json; what is no refusal is a bug, logged whole and answered without its inner text.
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Refusal } from '../common/domain-error.js';
import {
  BodyTooLarge,
  BodyUnreadable,
  InternalFault,
  MediaTypeUnsupported,
  RequestInvalid,
  RouteUnknown,
} from './http.errors.js';
import { problemOf } from './problem.js';

/** Where a refusal knows nothing better. */
const RETRY_AFTER_SECONDS = 1;

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    answerProblem(request, http.getResponse<FastifyReply>(), this.refusalOf(thrown, request));
  }

  private refusalOf(thrown: unknown, { id: requestId, method, routeOptions }: FastifyRequest): Refusal {
    if (thrown instanceof Refusal) {
      // The line of the request says the code; what the store said is known here alone.
      if (thrown.kind === 'unavailable' && thrown.cause instanceof Error)
        this.log.warn({ requestId }, `${thrown.code}: ${thrown.message} (${thrown.cause.message})`);
      return thrown;
    }
    const known = thrown instanceof HttpException ? fromNest(thrown) : fromFastify(thrown);
    if (known !== undefined) return known;
    const route = `${method} ${routeOptions.url ?? '(no route)'}`;
    this.log.error({ requestId, route, err: thrown }, 'A fault of the service.');
    return new InternalFault();
  }
}

/** What the router in front of Nest cannot read never comes to the filter. */
export function refusePath(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  answerProblem(
    request,
    reply,
    new RequestInvalid([{ pointer: '', detail: 'the path has a broken percent-encoding, or a part that is too long' }]),
  );
}

function answerProblem(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
  const problem = problemOf(refusal);
  request.problem = problem.code;
  const retryAfter = retryAfterOf(refusal, request);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="passbook"');
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  void reply
    .status(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

/** In seconds; undefined where trying again is not right, or would do twice what may have been done already. */
function retryAfterOf(refusal: Refusal, { once }: FastifyRequest): number | undefined {
  if (refusal.mayHaveHappened && once === undefined) return undefined;
  const isPassing = refusal.kind === 'limited' || refusal.kind === 'unavailable';
  return refusal.retryAfterSeconds ?? (isPassing ? RETRY_AFTER_SECONDS : undefined);
}

function fromNest(exception: HttpException): Refusal | undefined {
  const status = exception.getStatus();
  if (status === 404) return new RouteUnknown(exception.message);
  if (status === 413) return new BodyTooLarge(exception.message);
  if (status === 415) return new MediaTypeUnsupported(exception.message);
  return status >= 400 && status < 500 ? new BodyUnreadable(exception.message) : undefined;
}

/** Errors of the parser in front of Nest. */
function fromFastify(thrown: unknown): Refusal | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || typeof thrown.statusCode !== 'number')
    return undefined;
  const { statusCode, message } = thrown;
  if (statusCode === 413) return new BodyTooLarge(message);
  if (statusCode === 415) return new MediaTypeUnsupported('Send the body with Content-Type: application/json.');
  if (statusCode === 414) return new RequestInvalid([{ pointer: '', detail: message }]);
  return statusCode >= 400 && statusCode < 500 ? new BodyUnreadable(message) : undefined;
}
