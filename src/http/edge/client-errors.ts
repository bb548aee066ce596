// What never becomes a request: bytes that are no HTTP, a head that is too large, and clients that keep the server waiting.
import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { type ConnectionError, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Refusal } from '../../common/domain-error.js';
import { BodyTooLarge, HeadTooLarge, RequestTooSlow, RequestUnreadable, RouteUnknown } from '../http.errors.js';
import { problemOf } from '../problem.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { STANDING_HEADERS } from './standing-headers.js';

/** A connection that is closed with bytes unread is reset, and its client may never see the answer: so long they are still read. */
const LINGER_MS = 500;

interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The youngest on each connection. Answers go out in the order of requests, so with its own all of them are out. */
const youngest = new WeakMap<Socket, Exchange>();
/** Node says it again of every further byte. */
const given = new WeakSet<Socket>();

export function followAnswers({ id, raw }: FastifyRequest, reply: FastifyReply): void {
  youngest.set(raw.socket, { id, request: raw, response: reply.raw });
}

/** Answers once, as a problem, where an answer can still be understood; then the connection is closed. */
export function answerUnreadable(error: ConnectionError, socket: Socket): void {
  if (given.has(socket)) return;
  given.add(socket);
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else refuseInTurn(socket, refusalOf(error));
}

/** CONNECT, which Node hands to no route. */
export function refuseTunnel(socket: Socket): void {
  // Node has let go of it: nobody else hears that it broke, which would end the process, or reads what comes in.
  socket.on('error', () => socket.destroy()).resume();
  refuseInTurn(socket, new RouteUnknown('No tunnel begins here.'));
}

function refuseInTurn(socket: Socket, refusal: Refusal): void {
  const last = youngest.get(socket);
  const refuseAnew = (): void => refuse(socket, refusal, requestIdOf({ headers: {} }));
  if (last === undefined) refuseAnew();
  else if (last.request.complete) {
    // What is wrong came after the last whole request, whose answer comes first.
    if (last.response.writableFinished) refuseAnew();
    else last.response.once('close', refuseAnew);
  } else if (last.response.headersSent) {
    // Broken off in its body, and answered already: a second answer would be taken for that of the next request.
    close(socket);
  } else refuse(socket, refusal, last.id);
}

function refusalOf({ code }: ConnectionError): Refusal {
  if (String(code) === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTooSlow();
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadTooLarge();
  if (String(code) === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new BodyTooLarge('The chunks say too much beside the body.');
  return new RequestUnreadable();
}

function refuse(socket: Socket, refusal: Refusal, requestId: string): void {
  const problem = problemOf(refusal);
  const body = JSON.stringify(problem);
  const headers = {
    ...STANDING_HEADERS,
    [REQUEST_ID_HEADER]: requestId,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  close(socket, `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${head.join('')}\r\n${body}`);
}

function close(socket: Socket, lastWords = ''): void {
  if (socket.destroyed) return;
  socket.end(lastWords);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
