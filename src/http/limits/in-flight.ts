// How many requests are worked on at a time. What comes beyond is refused at once: a queue would only make everybody late.
import { type Socket } from 'node:net';
import { type ServerResponse } from 'node:http';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { LoopTurn } from './loop-turn.js';
import { Pace } from './pace.js';

interface Flight {
  readonly reply: FastifyReply;
  readonly began: number;
  /** The work is done, and the answer handed on. */
  isAnswered: boolean;
  /** The answer has gone out, or the client has gone away. */
  isClosed: boolean;
}

/**
 * A request is in flight until it is answered and the answer has gone out. One whose client went away stays until its work is done:
 * clients that give up and ask again would otherwise pile up more work than may be.
 */
export class InFlight {
  private readonly flights = new Map<ServerResponse, Flight>();
  private readonly watched = new WeakSet<Socket>();

  private readonly turn = new LoopTurn();
  private readonly pace: Pace;

  /** @param max however fast they are answered */
  constructor(max: number) {
    this.pace = new Pace(max);
  }

  get count(): number {
    return this.flights.size;
  }

  /** How many there may be just now. */
  get places(): number {
    return this.pace.places;
  }

  /** False when there is no place: the request is not to be worked on. */
  enter(request: FastifyRequest, reply: FastifyReply): boolean {
    if (this.count >= this.pace.places || this.turn.isOver) return false;
    const { raw } = reply;
    this.turn.take();
    this.flights.set(raw, { reply, began: performance.now(), isAnswered: false, isClosed: false });
    raw.once('close', () => this.close(raw));
    this.watch(request.raw.socket);
    return true;
  }

  stop(): void {
    this.turn.stop();
  }

  /** To be told of every answer before it is sent, also where nobody is there for it any more. */
  answer({ raw }: FastifyReply): void {
    const flight = this.flights.get(raw);
    if (flight === undefined) return;
    flight.isAnswered = true;
    if (flight.isClosed) this.letGo(raw, flight);
  }

  private close(raw: ServerResponse): void {
    const flight = this.flights.get(raw);
    if (flight === undefined) return;
    flight.isClosed = true;
    // What was hijacked is said to be sent, and is answered past Fastify.
    if (flight.isAnswered || flight.reply.sent) this.letGo(raw, flight);
  }

  private letGo(raw: ServerResponse, { began }: Flight): void {
    this.pace.ended(performance.now() - began, this.count);
    this.flights.delete(raw);
  }

  /** An answer that waits behind others on its connection is not told when that closes. */
  private watch(socket: Socket): void {
    if (this.watched.has(socket)) return;
    this.watched.add(socket);
    socket.once('close', () => {
      for (const raw of this.flights.keys()) if (raw.req.socket === socket) this.close(raw);
    });
  }
}
