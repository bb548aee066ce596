// Large answers go out compressed. At these levels that takes less time than writing the JSON took, so it is done in place.
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { readWeighted } from './weighted.js';

/** In characters. What is smaller fits into the first packets anyway. */
const LARGE_FROM = 4_096;

/** The ones that are preferred first. Higher levels cost several times as much for some percent less. */
const CODINGS: readonly (readonly [string, (text: string) => Buffer])[] = [
  ['br', (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ['gzip', (text) => gzipSync(text, { level: 1 })],
];

/** @param secretRoutes whose answers hold a secret beside what the client wrote: their length would tell of it (BREACH) */
export function compressLargeAnswers(edge: FastifyInstance, secretRoutes: readonly string[]): void {
  edge.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' || payload.length < LARGE_FROM) return done(null, payload);
    // A strong tag names these very bytes.
    if (reply.hasHeader('etag') || secretRoutes.includes(request.routeOptions.url ?? '')) return done(null, payload);
    addToVary(reply, 'Accept-Encoding');
    // The answer to HEAD has the length of the bare one; its body is taken off later.
    const [name, compress] = request.method === 'HEAD' ? [] : (codingFor(request.headers['accept-encoding']) ?? []);
    if (name === undefined || compress === undefined) return done(null, payload);
    const compressed = compress(payload);
    void reply.header('content-encoding', name).header('content-length', compressed.length);
    done(null, compressed);
  });
}

/** The one that the client takes most gladly; none where it would rather have the answer as it is. */
function codingFor(header: string | string[] | undefined): (typeof CODINGS)[number] | undefined {
  const weights = typeof header === 'string' ? readWeighted(header) : undefined;
  if (weights === undefined) return undefined;
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0;
  const [best] = CODINGS.toSorted(([a], [b]) => weightOf(b) - weightOf(a));
  const isTaken = best !== undefined && weightOf(best[0]) > 0 && weightOf(best[0]) >= (weights.get('identity') ?? 0);
  return isTaken ? best : undefined;
}

function addToVary(reply: FastifyReply, name: string): void {
  const there = reply.getHeader('vary');
  void reply.header('vary', there === undefined ? name : `${String(there)}, ${name}`);
}
