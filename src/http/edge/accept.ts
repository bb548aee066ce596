// Whether a client can do with what is answered here: JSON.
import { readWeighted } from './weighted.js';

/** What most clients send, so that it is not read anew each time. */
const USUAL = new Set(['*/*', 'application/json', 'application/json, text/plain, */*']);
const MEDIA_RANGE = /^(?:\*\/\*|[^*/]+\/[^/]+)$/;
const JSON_RANGES = ['application/json', 'application/*', '*/*'];

/** A header that cannot be read asks for nothing. Of ranges that all fit, the narrowest counts (RFC 9110, 12.5.1). */
export function acceptsJson(header: string | undefined): boolean {
  if (header === undefined || USUAL.has(header)) return true;
  const weights = readWeighted(header);
  if (weights === undefined || weights.size === 0 || ![...weights.keys()].every((name) => MEDIA_RANGE.test(name)))
    return true;
  // A client that names problems alone is told of them alone.
  if ((weights.get('application/problem+json') ?? 0) > 0) return true;
  const range = JSON_RANGES.find((one) => weights.has(one));
  return range !== undefined && weights.get(range)! > 0;
}
