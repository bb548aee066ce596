// What comes over a connection and is no proper HTTP: it is answered by a refusal or by the end of the connection, and nobody else notices.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { breachesOf } from '../support/contract.js';
import { eachStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { seed, share } from '../support/share.js';
import { TestApp } from '../support/test-app.js';
import { Wire } from '../support/wire.js';
import { differenceOf, digestOf } from './digest.js';
import { bytesOf, type RawRequest, rawRequest } from './raw-requests.js';

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const PATIENCE_MS = 60;

const HEAD = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/;

/** Everything that came, answer by answer. @throws Error for bytes that are no part of one */
function answersIn(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; rest !== '';) {
    const [head, status, lines = ''] = HEAD.exec(rest) ?? [];
    if (head === undefined)
      throw new Error(`came what is no answer: ${JSON.stringify(rest)} in ${JSON.stringify(received)}`);
    const headers = Object.fromEntries(
      lines
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => [line.split(':', 1)[0]!.toLowerCase(), line.replace(/^[^:]*: ?/, '')]),
    );
    rest = rest.slice(head.length);
    // An answer to HEAD says how long it would be.
    const isBare = rest === '' || rest.startsWith('HTTP/1.1 ');
    const body = isBare ? '' : bodyAtStart(rest, headers);
    rest = rest.slice(body.length);
    answers.push({ status: Number(status), headers, text: Buffer.from(body, 'latin1').toString('utf8') });
  }
  return answers;
}

/** As it was sent: in one piece, with the length said before. */
function bodyAtStart(rest: string, headers: Readonly<Record<string, string>>): string {
  return rest.slice(0, Number(headers['content-length'] ?? 0));
}

/** As a string of JavaScript, in which each letter is a byte. */
function shown(request: RawRequest): string {
  return JSON.stringify(bytesOf(request, '$KEY').toString('latin1').slice(0, 3_000));
}

eachStore((store) => {
  let app: TestApp;
  let url: string;
  beforeAll(async () => {
    app = await TestApp.start(store);
    url = await listening(app);
  });
  afterAll(() => app.stop());

  async function exchange(request: RawRequest): Promise<RawAnswer[]> {
    const wire = await Wire.to(url);
    try {
      wire.send(bytesOf(request, app.key));
      // One that says its end is no longer waited for by Node, and one that does not may wait for the rest of a body.
      const deadline = performance.now() + PATIENCE_MS;
      while (!wire.pending.includes('\r\n\r\n') && !wire.isClosed && performance.now() < deadline) await sleep(1);
      wire.socket.end();
      await wire.closed();
      return answersIn(wire.pending);
    } finally {
      wire.cut();
    }
  }

  /** What is wrong with them, if anything. */
  function faultOf(answers: readonly RawAnswer[]): string | undefined {
    for (const answer of answers) {
      if (answer.status >= 500) return `was answered ${answer.status} ${answer.text}`;
      // A refusal may have come before anybody knew which operation was meant.
      const isBare = answer.text === '' && answer.headers['content-type'] !== undefined;
      if (answer.status < 400 || isBare) continue;
      const breaches = breachesOf({ method: 'GET', url: '/nowhere' }, answer);
      if (breaches.length > 0)
        return `was refused in a way that is not described: ${breaches.join('; ')} ${answer.status} ${answer.text}`;
    }
    return undefined;
  }

  it('no bytes bring the server to a fault, and none that are refused change anything', async () => {
    const count = share({ test: 300, prove: 4_000 });
    const statuses = new Map<number, number>();
    for (const [index, request] of fc.sample(rawRequest, { seed: seed(), numRuns: count }).entries()) {
      app.clock.advance(1);
      const before = await digestOf(app);
      const told = (words: string): Error =>
        new Error(`TEST_SEED=${seed()}, request ${index} ${words}\n${shown(request)}`);
      const answers = await exchange(request).catch((error: unknown) => {
        throw told(String(error));
      });
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const after = await digestOf(app);
      // No answer says nothing: the client went before one came, and what it asked for may still be done.
      if (answers.length === 0) await sleep(PATIENCE_MS);
      const isRefused = answers.length > 0 && answers.every(({ status }) => status >= 400);
      const fault =
        faultOf(answers) ??
        (isRefused && before !== after ? `changed the store: ${differenceOf(before, after)}` : undefined);
      if (fault !== undefined) throw told(fault);
    }
    // Else it was no test: some must get through, and some must not.
    for (const status of [200, 400, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(0);
    expect((await app.get('/livez', { key: undefined })).status).toBe(200);
  });
});
