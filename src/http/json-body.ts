// Which bodies are read: JSON in UTF-8 and nothing else. A form that a browser sends across sites is no request here.
import { isUtf8 } from 'node:buffer';
import { type IncomingHttpHeaders } from 'node:http';
import { type FastifyInstance } from 'fastify';
import { BodyUnreadable, MediaTypeUnsupported } from './http.errors.js';
import { SignedBody } from './signed-body.js';

const CHARSET = /;[ \t]*charset[ \t]*=[ \t]*"?([^\s;"]*)/i;

/** Of a name that stands twice in an object, the last counts, as JSON.parse has it. */
export function takeJsonOnly(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  // Of a request that ended while it was still being let in nothing more comes, not even its end: it would be waited for without end.
  fastify.addHook('preParsing', (_request, _reply, payload, done) => {
    const isGone = 'destroyed' in payload && payload.destroyed === true;
    done(isGone ? new BodyUnreadable('The client went away before its request was read.') : null, payload);
  });
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Clients that always send the header send it with no body, too, to routes that take none.
    if (body.length === 0) done(null, undefined);
    else if (!isPlainUtf8(request.headers))
      done(new MediaTypeUnsupported('Send the body in UTF-8 and not compressed.'));
    else if (request.routeOptions.config.access === 'signed') {
      const parseLater = (text: string): unknown => {
        let parsed: unknown;
        void parse(request, text, (error, value) => {
          if (error !== null) throw error;
          parsed = value;
        });
        return parsed;
      };
      done(null, new SignedBody(body, parseLater));
    }
    // Decoding would put U+FFFD for what it cannot read, and a description would be kept mangled.
    else if (!isUtf8(body)) done(new BodyUnreadable('The body is not UTF-8.'));
    else void parse(request, body.toString(), done);
  });
}

/** What the headers say of it; of another coding than they say, it is no JSON. */
function isPlainUtf8(headers: IncomingHttpHeaders): boolean {
  const coding = headers['content-encoding'] ?? 'identity';
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  return coding.toLowerCase() === 'identity' && charset.toLowerCase() === 'utf-8';
}
