// Spans of requests, of their statements and of what is asked of others meanwhile, sent to an OpenTelemetry collector. Loaded only where one is
// named. Of values there is nothing in them: names of routes, statuses, verbs and tables.
import {
  type Context,
  createContextKey,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import '../../auth/access.js';
import { VERSION } from '../../common/version.js';
import { type StoreTarget } from '../../config/store-target.js';
import { type TraceSettings } from '../../config/telemetry-settings.js';
import { type StatementObserver } from '../../database/statement-log.js';
import { TraceClock } from './trace-clock.js';
import { parentOf } from './trace-parent.js';
import { WaysOut } from './ways-out.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What belongs to its trace runs within this; undefined where it is not traced. */
    traceContext?: Context;
  }
}

/** A collector that is down or slow costs this much memory, and the spans that do not fit. */
const QUEUE_MAX = 4_096;
const BATCH_MAX = 512;
const SEND_EVERY_MS = 2_000;
const SEND_MS_MAX = 5_000;
const CLOCK = createContextKey('the clock of a trace');
const SYSTEMS = { sqlite: 'sqlite', postgres: 'postgresql' } as const;

export function openTraces(settings: TraceSettings, engine: StoreTarget['engine']): Traces {
  const exporter = new OTLPTraceExporter({
    url: settings.url,
    headers: Object.fromEntries(settings.headers.map(([name, value]) => [name, value.reveal()])),
    timeoutMillis: SEND_MS_MAX,
  });
  const processor = new BatchSpanProcessor(exporter, {
    maxQueueSize: QUEUE_MAX,
    maxExportBatchSize: BATCH_MAX,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: SEND_MS_MAX,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': settings.serviceName, 'service.version': VERSION }),
    // Who brings a trace has decided; of those that begin here, a share.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.share) }),
    spanProcessors: [processor],
  });
  return new Traces(provider, SYSTEMS[engine]);
}

export class Traces {
  private readonly contexts = new AsyncLocalStorageContextManager().enable();
  private readonly tracer: Tracer;
  private readonly waysOut: WaysOut;

  constructor(
    private readonly provider: BasicTracerProvider,
    private readonly system: string,
  ) {
    this.tracer = provider.getTracer('passbook', VERSION);
    this.waysOut = new WaysOut(this.tracer, () => this.contexts.active());
  }

  follow(edge: FastifyInstance): void {
    edge.addHook('onRequest', (request, reply, done) => {
      const context = this.begin(request, reply);
      if (context === undefined) return done();
      request.traceContext = context;
      this.contexts.with(context, done);
    });
    // The body comes in by events of the connection, which belong to no request.
    edge.addHook('preValidation', ({ traceContext }, _reply, done) => {
      if (traceContext === undefined) done();
      else this.contexts.with(traceContext, done);
    });
  }

  /** A statement that has just ended, within the work that asked for it. */
  readonly statement: StatementObserver = (operation, tookMs) => {
    const context = this.contexts.active();
    if (trace.getSpan(context)?.isRecording() !== true) return;
    const clock = context.getValue(CLOCK) as TraceClock;
    const now = clock.now();
    const attributes = { 'db.system.name': this.system, 'db.query.summary': operation };
    this.tracer.startSpan(operation, { kind: SpanKind.CLIENT, startTime: now - tookMs, attributes }, context).end(now);
  };

  /** Never fails, and takes no longer than `ms`. */
  async flush(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([this.provider.forceFlush().catch(() => undefined), late]);
    clearTimeout(timer);
  }

  close(): void {
    this.waysOut.close();
    this.contexts.disable();
    // What a dead collector did not take by now is lost.
    void this.provider.shutdown().catch(() => undefined);
  }

  /** Probes are asked every few seconds by machines, and say the same each time. */
  private begin(request: FastifyRequest, reply: FastifyReply): Context | undefined {
    const { url, config } = request.routeOptions;
    if (config.access === 'public') return undefined;
    const clock = new TraceClock();
    const parent = parentOf(request.headers);
    const from = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const route = request.is404 ? undefined : url;
    const span = this.tracer.startSpan(
      `${request.method}${route === undefined ? '' : ` ${route}`}`,
      {
        kind: SpanKind.SERVER,
        startTime: clock.now(),
        attributes: {
          'http.request.method': request.method,
          'passbook.request_id': request.id,
          ...(route === undefined ? {} : { 'http.route': route }),
        },
      },
      from,
    );
    reply.raw.once('close', () => {
      if (!reply.raw.headersSent) span.setAttribute('error.type', 'aborted');
      else span.setAttribute('http.response.status_code', reply.raw.statusCode);
      if (request.problem !== undefined) span.setAttribute('passbook.problem', request.problem);
      if (reply.raw.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(clock.now());
    });
    return trace.setSpan(from, span).setValue(CLOCK, clock);
  }
}
