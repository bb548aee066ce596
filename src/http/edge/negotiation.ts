// Answers of the API are JSON: a client that rules that out is told so before anything is done for it.
import { type FastifyInstance } from 'fastify';
import { NotAcceptable } from '../http.errors.js';
import { acceptsJson } from './accept.js';

const API = '/v1/';

export function refuseOtherMediaTypes(edge: FastifyInstance): void {
  edge.addHook('onRequest', (request, _reply, done) => {
    const isRefused = !acceptsJson(request.headers.accept) && request.url.startsWith(API) && !request.is404;
    if (isRefused) done(new NotAcceptable());
    else done();
  });
}
