// What an answer says of itself beside its body: its version, the page after it, where it stays, whether it was given before.
// A hook of the router and no interceptor, which would cost every request a third of what the bare route costs.
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { entityTagOf, readEntityTags } from './entity-tag.js';
import { type RouteFacts } from './route-facts.js';

const CREATED = 201;
const NOT_MODIFIED = 304;
const FIRST_THAT_IS_NO_SUCCESS = 300;

export function describeAnswers(fastify: FastifyInstance): void {
  fastify.addHook('preSerialization', (request, reply, answer, done) => {
    const { facts } = request;
    if (facts !== undefined && reply.statusCode < FIRST_THAT_IS_NO_SUCCESS && isRecord(answer))
      describe(request, reply, answer, facts);
    done(null, answer);
  });
}

type Described = Readonly<Record<string, unknown>>;

function isRecord(answer: unknown): answer is Described {
  return typeof answer === 'object' && answer !== null;
}

function describe(request: FastifyRequest, reply: FastifyReply, answer: Described, facts: RouteFacts): void {
  refuseForgotten(request, facts);
  if (request.once?.isReplayed === true) void reply.header('idempotency-replayed', 'true');
  if (facts.location !== undefined && reply.statusCode === CREATED)
    void reply.header('location', facts.location.replace('{id}', String(answer['id'])));
  if (typeof answer['nextCursor'] === 'string' && answer['hasMore'] !== false)
    addLink(reply, nextPageLink(request.url, answer['nextCursor']));
  if (typeof answer['version'] === 'number') sayVersion(request, reply, answer['version']);
}

/** The other half of what `Once` promises: a deed that did not go through it would be done twice. */
function refuseForgotten({ once }: FastifyRequest, { isExemptFromOnce, name }: RouteFacts): void {
  if (once !== undefined && !once.isUsed && !isExemptFromOnce)
    throw new Error(`${name} was sent an Idempotency-Key and did not perform its deed once.`);
}

/** RFC 8288: the same request with the cursor in place. */
export function nextPageLink(url: string, cursor: string): string {
  const [path, query] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `<${path}?${parameters.toString()}>; rel="next"`;
}

/** A deprecated route has a link already. */
function addLink(reply: FastifyReply, link: string): void {
  const there = reply.getHeader('link');
  void reply.header('link', there === undefined ? link : `${String(there)}, ${link}`);
}

function sayVersion({ method, headers }: FastifyRequest, reply: FastifyReply, version: number): void {
  const tag = entityTagOf(version);
  void reply.header('etag', tag);
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead || !isKnown(headers['if-none-match'], version)) return;
  void reply.code(NOT_MODIFIED).removeHeader('content-type');
  // Typed to give text, and null is nothing at all: an empty text would be given a length, which is not that of the answer left out.
  // Of an answer to HEAD the router itself takes off everything but its length.
  if (method === 'GET') void reply.serializer((() => null) as unknown as () => string);
}

/** Weak tags fit, too (RFC 9110, 13.1.2); what is no list of tags fits nothing. */
function isKnown(header: string | undefined, version: number): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || readEntityTags(header)?.some(({ tag }) => tag === String(version)) === true;
}
