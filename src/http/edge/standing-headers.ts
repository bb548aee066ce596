// What every answer says, whoever gives it: helmet's headers, that nothing of it may be kept, and which request it is for.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import helmet from 'helmet';
import { REQUEST_ID_HEADER } from './request-id.js';

/** The same for every answer, so worked out once: asked for each request, helmet takes as long as a small route. */
export const STANDING_HEADERS: Readonly<Record<string, string>> = {
  ...helmetHeaders(),
  // Whose money it is changes with the key, which no cache knows of.
  'cache-control': 'no-store',
};

export function giveStandingHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers(STANDING_HEADERS as Record<string, string>).header(REQUEST_ID_HEADER, request.id);
}

function helmetHeaders(): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  // TLS ends elsewhere: a page that is served without must not be made to ask for its scripts with it.
  const secure = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  secure(request, response, (error) => {
    if (error !== undefined) throw error instanceof Error ? error : new Error('helmet gave no headers');
  });
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}
