// Requests: how many, how they were answered, how long they took. By the route's pattern, because of paths there is no end.
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import '../http/request-log.js';

const NO_ROUTE = 'none';
/** The client went away before it was answered. */
const ABORTED = 'aborted';
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class HttpMetrics {
  private readonly requests: Counter<'method' | 'route' | 'status'>;
  private readonly durations: Histogram<'method' | 'route'>;
  private readonly refusals: Counter<'code'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'passbook_http_requests_total',
      help: 'Requests that are over, by route and status; `aborted` where the client went away first.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.durations = new Histogram({
      name: 'passbook_http_request_duration_seconds',
      help: 'From the head of the request to the end of the answer.',
      labelNames: ['method', 'route'],
      buckets: SECONDS,
      registers,
    });
    this.refusals = new Counter({
      name: 'passbook_http_refusals_total',
      help: 'Requests that were refused, by the code of the problem (docs/errors.md).',
      labelNames: ['code'],
      registers,
    });
  }

  /** To be told of every request when it begins, also of those that no route takes. */
  watch(request: FastifyRequest, reply: FastifyReply): void {
    const began = performance.now();
    // Comes once, whether the answer went out or the client went away before.
    reply.raw.once('close', () => this.count(request, reply, performance.now() - began));
  }

  private count(request: FastifyRequest, { raw }: FastifyReply, tookMs: number): void {
    const { method, problem } = request;
    const route = (request.is404 ? undefined : request.routeOptions.url) ?? NO_ROUTE;
    const status = raw.headersSent ? String(raw.statusCode) : ABORTED;
    this.requests.inc({ method, route, status });
    this.durations.observe({ method, route }, tookMs / 1_000);
    if (problem !== undefined) this.refusals.inc({ code: problem });
  }
}
