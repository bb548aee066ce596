// Faults of the service itself, told to Sentry or what speaks like it. Loaded only where one is named. What is told is what the log says: the
// error without the values that drivers hang on theirs, the request's id and its route; no body, no header, no key.
import { hostname } from 'node:os';
import { createStackParser, createTransport, type ErrorEvent, type Exception, Scope } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import { VERSION } from '../../common/version.js';
import { type ReportSettings } from '../../config/telemetry-settings.js';
import { type LoggedError, loggedError } from '../../http/logged-error.js';
import { type LoggedFault } from '../../http/nest-log.js';

const SEND_MS_MAX = 5_000;
/** A fault in every request would else be a request for every request. */
const PER_MINUTE_MAX = 30;
const MINUTE_MS = 60_000;
const parseStack = createStackParser(nodeStackLineParser());

export function openReports({ dsn, environment }: ReportSettings): FaultReports {
  const client = new ServerRuntimeClient({
    dsn: dsn.reveal(),
    environment,
    release: `passbook@${VERSION}`,
    platform: 'node',
    runtime: { name: 'node', version: process.version },
    serverName: hostname(),
    integrations: [],
    stackParser: parseStack,
    sendClientReports: false,
    // No spans come from here.
    traceLifecycle: 'static',
    transport: (options) => createTransport(options, ({ body }) => send(options.url, options.headers ?? {}, body)),
  });
  client.init();
  return new FaultReports(client);
}

export class FaultReports {
  private countedFrom = -Infinity;
  private told = 0;

  constructor(private readonly client: ServerRuntimeClient) {}

  tell(fault: LoggedFault): void {
    const now = performance.now();
    if (now - this.countedFrom >= MINUTE_MS) {
      this.countedFrom = now;
      this.told = 0;
    }
    if (++this.told > PER_MINUTE_MAX) return;
    this.client.captureEvent(eventOf(fault), {}, new Scope());
  }

  /** Never fails, and takes no longer than `ms`. */
  async flush(ms: number): Promise<void> {
    await this.client.flush(ms);
  }
}

function eventOf({ err, text, part, requestId, route }: LoggedFault): ErrorEvent {
  return {
    type: undefined,
    level: 'error',
    message: text,
    exception: { values: exceptionsOf(loggedError(err)) },
    tags: { part, request_id: requestId, route },
  };
}

/** The innermost cause first, as Sentry has it. */
function exceptionsOf({ type, message, stack, cause }: LoggedError): Exception[] {
  const own = { type, value: message, ...(stack === undefined ? {} : { stacktrace: { frames: parseStack(stack) } }) };
  return [...(cause === undefined ? [] : exceptionsOf(cause)), own];
}

async function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Promise<{ statusCode: number; headers: { 'x-sentry-rate-limits': string | null; 'retry-after': string | null } }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : Buffer.from(body),
    signal: AbortSignal.timeout(SEND_MS_MAX),
  });
  // A body that nobody reads keeps its connection.
  await answer.arrayBuffer();
  const said = (name: string): string | null => answer.headers.get(name);
  return {
    statusCode: answer.status,
    headers: { 'x-sentry-rate-limits': said('x-sentry-rate-limits'), 'retry-after': said('retry-after') },
  };
}
