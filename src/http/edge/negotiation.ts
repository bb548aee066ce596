// Answers of the API are JSON, unless their route says what else: a client that rules that out is told so before anything is done for it.
import { type FastifyInstance } from 'fastify';
import { NotAcceptable } from '../http.errors.js';
import { acceptsJson, acceptsOther } from './accept.js';

const API = '/v1/';

export function refuseOtherMediaTypes(edge: FastifyInstance): void {
  edge.addHook('onRequest', (request, _reply, done) => {
    const { accept } = request.headers;
    const isRefused =
      !acceptsJson(accept) &&
      request.url.startsWith(API) &&
      !request.is404 &&
      !acceptsOther(accept, request.routeOptions.config);
    if (isRefused) done(new NotAcceptable());
    else done();
  });
}
