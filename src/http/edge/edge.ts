// Fastify as it stands around Nest: how long it waits, what it reads, and what every answer has, also those that no route gave.
import { type Socket } from 'node:net';
import {
  fastify,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { type HttpSettings } from '../../config/settings.js';
import { RequestUnreadable } from '../http.errors.js';
import { takeJsonOnly } from '../json-body.js';
import { type Log } from '../logger.js';
import { refusePath } from '../problem.filter.js';
import { RequestLog } from '../request-log.js';
import { answerUnreadable, followAnswers, refuseTunnel } from './client-errors.js';
import { requestIdOf } from './request-id.js';
import { giveStandingHeaders } from './standing-headers.js';

/** How often Node looks for connections that keep it waiting: by so much a timeout may be late. */
const LOOK_AROUND_MS_MAX = 500;

/** Told of every request when it begins, also of those that no route takes. */
export type RequestWatcher = (request: FastifyRequest, reply: FastifyReply) => void;

/** Nest is put on it afterwards, so that its hooks run after these: a preflight that they answer has these headers, too. */
export function openEdge(settings: HttpSettings, log: Log, watch: RequestWatcher = () => undefined): FastifyInstance {
  const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs, bodyLimitBytes } = settings;
  const headersTimeout = Math.min(headersTimeoutMs, requestTimeoutMs);
  const edge = fastify({
    http: {
      headersTimeout,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(LOOK_AROUND_MS_MAX, headersTimeout),
      // Node would refuse by itself, and not with a problem.
      requireHostHeader: false,
    },
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    trustProxy: proxyTrust(settings.trustedProxies),
    bodyLimit: bodyLimitBytes,
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: requestIdOf,
    logController: new RequestLog(log),
    frameworkErrors: (error, request, reply) => {
      begin(request, reply, watch);
      refusePath(error, request, reply);
    },
    clientErrorHandler: answerUnreadable,
    forceCloseConnections: 'idle',
    // Fastify would answer by itself, and not with a problem: whoever comes in while the server closes is answered like any other.
    return503OnClosing: false,
  });
  edge.addHook('onRequest', (request, reply, done) => {
    begin(request, reply, watch);
    const { headers, httpVersion } = request.raw;
    if (headers.host === undefined && httpVersion === '1.1') done(new RequestUnreadable('The header Host is missing.'));
    else done();
  });
  // Where somebody expects of a server what it does not know, it may go on as if nothing had been said (RFC 9110, 10.1.1).
  edge.server.on('checkExpectation', (request, response) => edge.server.emit('request', request, response));
  edge.server.on('connect', (_request, socket) => refuseTunnel(socket as Socket));
  takeJsonOnly(edge);
  return edge;
}

function begin(request: FastifyRequest, reply: FastifyReply, watch: RequestWatcher): void {
  watch(request, reply);
  giveStandingHeaders(request, reply);
  followAnswers(request, reply);
}

/** Fastify believes no mere count, since whoever connects past the proxies can write one's header. Who sets a count says that nobody can. */
function proxyTrust(proxies: HttpSettings['trustedProxies']): NonNullable<FastifyServerOptions['trustProxy']> {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  return proxies === undefined ? false : [...proxies];
}
