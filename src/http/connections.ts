// The connections of a server that is to end: each is told so with its next answer, and none is cut while a request is under way on it.
import { type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** A connection that was made just before has yet to say what it wants. */
const SILENCE_MS_MAX = 500;

export class Connections {
  /** Answers that are due on each, in the order in which they will go out. */
  private readonly due = new Map<Socket, Set<ServerResponse>>();
  private isLeaving = false;
  private isClosing = false;

  /** Before the server listens. */
  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.due.set(socket, new Set());
      socket.once('close', () => this.due.delete(socket));
    });
    // Before whoever answers, who may do so at once.
    server.prependListener('request', ({ socket }, response) => this.begin(socket, response));
  }

  /** From now on an answer is the last on its connection: whoever asks again does so on a new one, which may lead elsewhere. */
  leave(): void {
    this.isLeaving = true;
    for (const due of this.due.values()) sayLast(due);
  }

  /**
   * To be called when the server is about to close, by which Node closes those on which nothing is being asked. Those that have not said
   * anything it counts among the others, and would wait for them.
   */
  close(): void {
    this.isClosing = true;
    setTimeout(() => {
      for (const [socket, due] of this.due) if (due.size === 0) socket.destroy();
    }, SILENCE_MS_MAX).unref();
  }

  private begin(socket: Socket, response: ServerResponse): void {
    const due = this.due.get(socket);
    // Of a connection that is gone there is nothing left to see to.
    if (due === undefined) return;
    due.add(response);
    response.once('close', () => this.end(socket, due, response));
    if (this.isLeaving) sayLast(due);
  }

  private end(socket: Socket, due: Set<ServerResponse>, response: ServerResponse): void {
    due.delete(response);
    // Its answer had begun before it could say that it was the last.
    if (this.isClosing && due.size === 0) socket.destroySoon();
  }
}

/** Of requests that came one behind the other only the last may say it: nothing is answered after that. */
function sayLast(due: ReadonlySet<ServerResponse>): void {
  const last = [...due].at(-1);
  for (const response of due) {
    if (response.headersSent) continue;
    if (response === last) response.setHeader('connection', 'close');
    else response.removeHeader('connection');
  }
}
