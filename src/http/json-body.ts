// Which bodies are read: JSON and nothing else. A form that a browser sends across sites is no request here.
import { type FastifyInstance } from 'fastify';

export function takeJsonOnly(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Clients that always send the header send it with no body, too, to routes that take none.
    if (body === '') done(null, undefined);
    else void parse(request, body as string, done);
  });
}
