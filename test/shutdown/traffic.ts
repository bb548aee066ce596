// A steady stream of reads and writes over connections that are kept, as a balancer sends it: it looks at readiness, and heeds `Connection: close`.
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from '../support/gate.js';

const PER_SECOND = 200;
const TICK_MS = 1_000 / PER_SECOND;
/** What a balancer holds back it sends elsewhere: nothing waits here for a connection. */
const UNDER_WAY_MAX = 32;
const PROBE_EVERY_MS = 50;
/** How long a balancer goes on sending after it has seen that a server is not ready, and how many answers it has had by then. */
const INERTIA_MS = 200;
const ANSWERED_UNREADY_MIN = 5;

interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class Traffic {
  /** External ids of the lines whose writing was acknowledged. */
  readonly acknowledged: string[] = [];
  /** What came of requests that had no good answer. */
  readonly faults: string[] = [];
  answered = 0;
  /** Good answers to requests that were sent when readiness was off already. */
  answeredUnready = 0;
  /** Answers that were the last on their connection. */
  lastOnes = 0;
  private readonly agent = new Agent({ keepAlive: true });
  private readonly probes = new Agent({ keepAlive: true });
  private readonly underWay = new Set<Promise<void>>();
  private unreadySince: number | undefined;
  private isOver = false;
  private readonly firstAnswer = new Gate();
  private running: Promise<unknown> | undefined;
  /** When it sent its last request, by `performance.now()`. */
  leftAt = Infinity;

  constructor(
    private readonly port: number,
    private readonly key: string,
    private readonly tag: string,
    private readonly accountId: string,
  ) {}

  /** Comes back with the first answer. */
  async start(): Promise<void> {
    this.running = Promise.all([this.send(), this.probe()]);
    await this.firstAnswer.passed;
  }

  /** Comes back when the server has been left, and every request that was sent to it has ended. */
  async left(): Promise<void> {
    await this.running;
    await Promise.all(this.underWay);
    this.agent.destroy();
    this.probes.destroy();
  }

  private async send(): Promise<void> {
    const began = performance.now();
    for (let count = 0; !this.isOver; count++) {
      // At its own pace, however long answers take.
      await sleep(Math.max(0, began + count * TICK_MS - performance.now()));
      if (this.isOver || this.underWay.size >= UNDER_WAY_MAX) continue;
      const one = (count % 2 === 0 ? this.write(`${this.tag}-${count}`) : this.read()).finally(() =>
        this.underWay.delete(one),
      );
      this.underWay.add(one);
    }
  }

  private async probe(): Promise<void> {
    while (!this.isOver) {
      const { status } = await this.ask(this.probes, 'GET', '/readyz');
      if (status !== 200) this.unreadySince ??= performance.now();
      this.isOver = this.hasSeenEnough();
      await sleep(PROBE_EVERY_MS);
    }
    this.leftAt = performance.now();
  }

  private hasSeenEnough(): boolean {
    if (this.unreadySince === undefined || performance.now() - this.unreadySince <= INERTIA_MS) return false;
    return this.answeredUnready >= ANSWERED_UNREADY_MIN || this.faults.length > 0;
  }

  private async write(externalId: string): Promise<void> {
    const line = { accountId: this.accountId, date: '2026-11-01', amount: '-1', description: 'Groceries', externalId };
    if (await this.isGood(201, 'POST', '/v1/transactions', line)) this.acknowledged.push(externalId);
  }

  private async read(): Promise<void> {
    await this.isGood(200, 'GET', '/v1/transactions?limit=20');
  }

  private async isGood(expected: number, method: string, path: string, body?: unknown): Promise<boolean> {
    const wasUnready = this.unreadySince !== undefined;
    const { status, headers, text } = await this.ask(this.agent, method, path, body);
    this.firstAnswer.open();
    if (status !== expected) this.faults.push(`${method} ${path}: ${status} ${text}`);
    else {
      this.answered += 1;
      if (wasUnready) this.answeredUnready += 1;
      if (headers.connection === 'close') this.lastOnes += 1;
    }
    return status === expected;
  }

  /** `status` 0: no answer came. */
  private ask(agent: Agent, method: string, path: string, body?: unknown): Promise<Heard> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve) => {
      const lost = (error: NodeJS.ErrnoException): void =>
        resolve({ status: 0, headers: {}, text: `${error.code} ${error.message}` });
      const asked = request(
        {
          agent,
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          headers: {
            authorization: `Bearer ${this.key}`,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.on('error', lost);
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        },
      );
      asked.on('error', lost);
      asked.end(payload);
    });
  }
}
