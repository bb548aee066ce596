// One line for each request, when it is over: what was asked of which route, by which key, and how it went. No values, no addresses.
import { Logger } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import './key-id.js';
import { type Log } from './logger.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the refusal that it was answered with. */
    problem?: string;
  }
}

/** Stands where Fastify's own log of requests would, which is told of every one: also of those that no route takes. */
export class RequestLog extends LogController {
  private readonly faults = new Logger('Http');
  private readonly lines: Log;

  constructor(log: Log) {
    // Of the lines that Fastify would write none is wanted.
    super({ disableRequestLogging: true });
    // What stands in these lines is named below: looking for secrets in them would take four times as long as writing them.
    this.lines = log.child({}, { redact: [] });
  }

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    const began = performance.now();
    let isAnswered = false;
    reply.raw.once('finish', () => (isAnswered = true));
    // Comes once, whether the answer went out or the client went away before.
    reply.raw.once('close', () => this.write(request, reply, performance.now() - began, isAnswered));
  }

  /** A fault of the service that shows only while the answer is written. */
  override streamError(error: Error & { code?: string }, request: FastifyRequest): void {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') this.fault(error, request);
  }

  override writeHeadError(error: Error, request: FastifyRequest): void {
    this.fault(error, request);
  }

  override serializerError(error: Error, request: FastifyRequest): void {
    this.fault(error, request);
  }

  private fault(err: Error, { id: requestId, method, routeOptions }: FastifyRequest): void {
    const route = `${method} ${routeOptions.url ?? '(no route)'}`;
    this.faults.error({ requestId, route, err }, 'The answer could not be written.');
  }

  private write(request: FastifyRequest, reply: FastifyReply, tookMs: number, isAnswered: boolean): void {
    const { raw } = reply;
    const { url, access } = request.routeOptions.config;
    const route = request.is404 ? null : url;
    const status = raw.headersSent ? raw.statusCode : null;
    const level = levelOf(status, access === 'public' || request.problem === 'overloaded');
    if (!this.lines.isLevelEnabled(level)) return;
    const bytes = Number(reply.getHeader('content-length'));
    this.lines[level](
      {
        context: 'Http',
        method: request.method,
        route,
        status,
        problem: request.problem,
        ms: Math.round(tookMs * 10) / 10,
        requestId: request.id,
        keyId: request.keyId,
        bytes: Number.isNaN(bytes) ? undefined : bytes,
        aborted: isAnswered ? undefined : true,
      },
      `${request.method} ${route ?? '(no route)'} ${isAnswered ? status : 'aborted'}`,
    );
  }
}

/**
 * What is asked every few seconds by a machine would fill the log, and lines of what is refused for load would add to the load. A fault of the
 * service is one wherever it shows.
 */
function levelOf(status: number | null, isQuiet: boolean): 'error' | 'warn' | 'info' | 'debug' {
  if (status === 500) return 'error';
  if (isQuiet) return 'debug';
  return status !== null && status > 500 ? 'warn' : 'info';
}
