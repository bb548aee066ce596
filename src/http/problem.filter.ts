// Every refusal leaves as problem+json; what is no refusal is a bug, logged whole and answered without its inner text.
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
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

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    answerProblem(reply, this.refusalOf(thrown));
  }

  private refusalOf(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) {
      if (thrown.kind === 'unavailable') this.log.warn(`${thrown.code}: ${thrown.message} ${causeOf(thrown)}`);
      return thrown;
    }
    const known = thrown instanceof HttpException ? fromNest(thrown) : fromFastify(thrown);
    if (known !== undefined) return known;
    this.log.error(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    return new InternalFault();
  }
}

/** What the router in front of Nest cannot read never comes to the filter. */
export function refusePath(_error: Error, _request: unknown, reply: FastifyReply): void {
  answerProblem(
    reply,
    new RequestInvalid([{ pointer: '', detail: 'the path has a broken percent-encoding, or a part that is too long' }]),
  );
}

function answerProblem(reply: FastifyReply, refusal: Refusal): void {
  const problem = problemOf(refusal);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="passbook"');
  if (problem.status === 503) void reply.header('retry-after', String(refusal.retryAfterSeconds ?? 1));
  void reply
    .status(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

function causeOf(refusal: Refusal): string {
  return refusal.cause instanceof Error ? `(${refusal.cause.message})` : '';
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
