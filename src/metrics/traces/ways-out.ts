// What is asked of others by HTTP while a request is worked on: a span each, and the trace given on. Heard from undici itself, so that no
// feed knows of it. The host alone is told: paths name accounts.
import { channel } from 'node:diagnostics_channel';
import { type Context, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { traceParentOf } from './trace-parent.js';

interface Asked {
  readonly origin: string;
  readonly method: string;
  addHeader(name: string, value: string): void;
}

type Listener = (message: unknown) => void;

export class WaysOut {
  private readonly spans = new WeakMap<Asked, Span>();
  private readonly heard: readonly (readonly [string, Listener])[];

  constructor(tracer: Tracer, active: () => Context) {
    const on = (name: string, hear: (asked: Asked, message: Readonly<Record<string, unknown>>) => void) =>
      [
        `undici:request:${name}`,
        (message: unknown) => hear((message as { request: Asked }).request, message as Record<string, unknown>),
      ] as const;
    this.heard = [
      on('create', (asked) => this.begin(asked, tracer, active())),
      on('headers', (asked, { response }) =>
        this.spans
          .get(asked)
          ?.setAttribute('http.response.status_code', (response as { statusCode: number }).statusCode),
      ),
      on('trailers', (asked) => this.end(asked)),
      on('error', (asked) => this.end(asked, true)),
    ];
    for (const [name, listener] of this.heard) channel(name).subscribe(listener);
  }

  close(): void {
    for (const [name, listener] of this.heard) channel(name).unsubscribe(listener);
  }

  private begin(asked: Asked, tracer: Tracer, context: Context): void {
    if (trace.getSpan(context)?.isRecording() !== true) return;
    const host = new URL(asked.origin).host;
    const attributes = { 'http.request.method': asked.method, 'server.address': host };
    const span = tracer.startSpan(`${asked.method} ${host}`, { kind: SpanKind.CLIENT, attributes }, context);
    this.spans.set(asked, span);
    asked.addHeader('traceparent', traceParentOf(span.spanContext()));
  }

  private end(asked: Asked, isFailed = false): void {
    const span = this.spans.get(asked);
    this.spans.delete(asked);
    if (isFailed) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }
}
