// By what a request is called in its answer and in the log: the client's own `X-Request-Id`, or a new one.
import { randomUUID } from 'node:crypto';
import { type IncomingMessage } from 'node:http';

export const REQUEST_ID_HEADER = 'x-request-id';
const FORM = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** What has another form is not handed on: it would stand in answers and logs. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && FORM.test(given) ? given : randomUUID();
}
