// Fakes of those who watch: an OpenTelemetry collector, and the ingest of Sentry. Real servers, that keep what is sent to them.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Answers 200 to whatever is sent, and keeps it. */
export class Collector {
  readonly received: Received[] = [];
  private readonly server: Server;

  constructor(answer: (response: ServerResponse) => void = (response) => response.end('{}')) {
    this.server = createServer((request, response) => void this.take(request, response, answer));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }

  private async take(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (response: ServerResponse) => void,
  ): Promise<void> {
    let text = '';
    request.setEncoding('utf8');
    for await (const chunk of request) text += chunk;
    this.received.push({ path: request.url ?? '', headers: request.headers, text });
    answer(response);
  }
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2: an error. */
  readonly status: number;
}

interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number };
}

/** OTLP as JSON. */
export function spansIn({ text }: Received): Span[] {
  const { resourceSpans } = JSON.parse(text) as {
    resourceSpans: { scopeSpans: { spans: RawSpan[] }[] }[];
  };
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ attributes, status, startTimeUnixNano, endTimeUnixNano, ...span }) => ({
      ...span,
      startMs: Number(BigInt(startTimeUnixNano) / 1_000n) / 1_000,
      endMs: Number(BigInt(endTimeUnixNano) / 1_000n) / 1_000,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      status: status.code ?? 0,
    }));
}
