// What can go wrong between the fake Teller and whoever asks it: on demand, for the questions that are meant.
import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { answer, type Answer, type Question, refusal } from './routes.js';

/** How a question is answered instead. `planned` does what was asked for and gives what would have been answered; `reset` breaks the connection. */
export type Fault = (response: ServerResponse, planned: () => Answer, reset: () => void) => void | Promise<void>;

/** One that needs nothing but the answer: it can be part of another. */
type Reply = (response: ServerResponse, planned: () => Answer, reset?: () => void) => void | Promise<void>;

/** Which questions are meant: a method and a part of the path (`GET /transactions`), a path's part alone, or a rule. */
export type Meant = string | ((question: Question) => boolean);

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const length = status === 204 ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** Any status with Teller's error body. */
export function refuses(status: number, code = `status_${status}`, headers: Answer['headers'] = {}): Reply {
  return (response) => send(response, refusal(status, code, `Refused with ${status}`, headers));
}

/** 429; `retryAfter` as it stands in the header: seconds or an HTTP date. */
export function limitsRate(retryAfter?: string): Reply {
  return refuses(429, 'too_many_requests', retryAfter === undefined ? {} : { 'retry-after': retryAfter });
}

/** Something else than what is documented, with whatever status. */
export function says(body: string | Uint8Array, status = 200, contentType = 'application/json'): Reply {
  return (response) => send(response, answer(status, body, { 'content-type': contentType }));
}

/** As it would have answered, with the body written anew. */
export function rewrites(change: (body: string) => string): Reply {
  return (response, planned) => {
    const { status, headers, body } = planned();
    send(response, { status, headers, body: change(Buffer.from(body).toString()) });
  };
}

/** The connection breaks before the first byte of the answer. `afterDoing`: what was asked for is done all the same. */
export function resets({ afterDoing = false } = {}): Fault {
  return (_, planned, reset) => {
    if (afterDoing) planned();
    reset();
  };
}

/** The head comes, and of the body only so much before the connection breaks. */
export function cuts(share = 0.5): Reply {
  return async (response, planned) => {
    await begin(response, planned(), share);
    response.socket?.destroy();
  };
}

/** The head comes, and of the body only so much; then nothing until whoever asked gives up. */
export function stalls(share = 0.5): Reply {
  return async (response, planned) => {
    await begin(response, planned(), share);
    await gone(response);
  };
}

/** Not even a head comes until whoever asked gives up. */
export function hangs(): Reply {
  return (response) => gone(response);
}

/** One byte at a time, every so many milliseconds: no read of it is slow, all of it is. */
export function trickles(everyMs: number): Reply {
  return async (response, planned) => {
    const { status, headers, body } = planned();
    response.writeHead(status, { ...headers, 'content-length': `${Buffer.byteLength(body)}` });
    const bytes = Buffer.from(body);
    let at = 0;
    const timer = setInterval(() => {
      response.write(bytes.subarray(at, (at += 1)));
      if (at >= bytes.length) response.end();
    }, everyMs);
    await gone(response);
    clearInterval(timer);
  };
}

/** A list that goes on and on, up to so many bytes. `withLength`: the head says beforehand how long it will be. */
export function floods(bytes: number, { withLength = false } = {}): Reply {
  return async (response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(withLength ? { 'content-length': `${bytes}` } : {}),
    });
    const chunk = Buffer.alloc(65_536, ' ');
    for (let sent = 0; sent < bytes && !response.destroyed; sent += chunk.length) {
      const isFull = !response.write(chunk.subarray(0, Math.min(chunk.length, bytes - sent)));
      if (isFull) await Promise.race([once(response, 'drain'), gone(response)]);
    }
    response.end();
  };
}

/** Waits for something of the test's own, then answers as usual. */
export function waitsFor(gate: Promise<unknown>): Reply {
  return after(() => gate);
}

/** Something happens at the bank, or anywhere, before the question is answered as usual. */
export function after(deed: () => unknown): Reply {
  return async (response, planned) => {
    await deed();
    send(response, planned());
  };
}

interface Order {
  readonly meant: Meant;
  readonly fault: Fault;
  /** How many questions it is for. */
  left: number;
}

/** The faults that are ordered, the oldest first. */
export class Faults {
  private orders: Order[] = [];

  /** For the next question that is meant. */
  once(meant: Meant, fault: Fault): void {
    this.times(1, meant, fault);
  }

  times(count: number, meant: Meant, fault: Fault): void {
    this.orders.push({ meant, fault, left: count });
  }

  /** Until `clear`. */
  always(meant: Meant, fault: Fault): void {
    this.times(Number.POSITIVE_INFINITY, meant, fault);
  }

  clear(): void {
    this.orders = [];
  }

  take(question: Question): Fault | undefined {
    const order = this.orders.find(({ meant, left }) => left > 0 && isMeant(meant, question));
    if (order !== undefined) order.left -= 1;
    return order?.fault;
  }
}

function isMeant(meant: Meant, question: Question): boolean {
  if (typeof meant !== 'string') return meant(question);
  const [first = '', second] = meant.split(' ');
  return second === undefined
    ? question.path.includes(first)
    : question.method === first && question.path.includes(second);
}

async function begin(response: ServerResponse, { status, headers, body }: Answer, share: number): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': `${bytes.length}` });
  await new Promise((resolve) => response.write(bytes.subarray(0, Math.floor(bytes.length * share)), resolve));
}

async function gone(response: ServerResponse): Promise<void> {
  if (!response.destroyed) await once(response, 'close');
}
