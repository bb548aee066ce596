// Whose trace a request belongs to, as W3C Trace Context says it. What cannot be read is as if it were not there.
import { type IncomingHttpHeaders } from 'node:http';
import { createTraceState, isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** Of later versions the beginning is the same. */
const FORM = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const STATE_LENGTH_MAX = 512;

export function parentOf({ traceparent, tracestate }: IncomingHttpHeaders): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] = FORM.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  const traceFlags = Number.parseInt(flags, 16) & 1;
  const hasState = typeof tracestate === 'string' && tracestate.length <= STATE_LENGTH_MAX;
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    ...(hasState ? { traceState: createTraceState(tracestate) } : {}),
  };
  return isSpanContextValid(context) ? context : undefined;
}

export function traceParentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1).toString().padStart(2, '0')}`;
}
