// Says no to a request for which there is no place, in as little time as can be: under a load of ten times what can be answered, nine of ten
// requests come here, and what they take is taken from the tenth. So the answer is made once, and not by the filter; and a line is logged
// now and then instead of one a request.
import { Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { problemOf } from '../problem.js';
import '../request-log.js';
import { Overloaded } from './limits.errors.js';

const REFUSAL = new Overloaded();
const BODY = JSON.stringify(problemOf(REFUSAL));
const HEADERS = {
  'content-type': 'application/problem+json; charset=utf-8',
  'retry-after': String(REFUSAL.retryAfterSeconds),
};
const TELL_MS = 10_000;

export class Overload {
  private readonly log = new Logger('Overload');
  private refused = 0;
  private toldAt = -Infinity;

  refuse(request: FastifyRequest, reply: FastifyReply): void {
    request.problem = REFUSAL.code;
    void reply.status(503).headers(HEADERS).send(BODY);
    this.refused++;
    const now = performance.now();
    if (now - this.toldAt < TELL_MS) return;
    this.log.warn(
      `There is more to do than can be done: ${this.refused} requests were refused since the last such line.`,
    );
    this.refused = 0;
    this.toldAt = now;
  }
}
