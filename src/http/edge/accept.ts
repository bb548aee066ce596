// Whether a client can do with what is answered here: JSON.
import { type FastifyContextConfig } from 'fastify';
import { RouterKnows } from '../router-knows.js';
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

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In which the route answers besides JSON. */
    alsoAnswers?: string;
  }
}

/** The route answers whoever would rather have it in this type, too. */
export function AlsoAnswers(type: string): MethodDecorator {
  return RouterKnows({ alsoAnswers: type });
}

/** Whether the client names a type that a route of this configuration has besides JSON. */
export function acceptsOther(header: string | undefined, { alsoAnswers }: FastifyContextConfig): boolean {
  return alsoAnswers !== undefined && weightOf(header, alsoAnswers) > 0;
}

/** Whether the client names that type, and no form of JSON that it would rather have. */
export function prefersOther(header: string | undefined, type: string): boolean {
  return weightOf(header, type) > Math.max(...JSON_RANGES.map((range) => weightOf(header, range)));
}

function weightOf(header: string | undefined, range: string): number {
  return (header === undefined ? undefined : readWeighted(header))?.get(range) ?? 0;
}
