// The whole service over a test's store, called through its own router as a client would call it.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiKeysService, type KeyRequest } from '../../src/auth/api-keys.service.js';
import { Clock, type Instant, instantOf, parseInstant } from '../../src/common/clock.js';
import { type Id, ID_PREFIXES, type IdNoun, IdSource } from '../../src/common/ids.js';
import { type Owner } from '../../src/common/owner.js';
import { StoreKeeper } from '../../src/database/store-keeper.js';
import { createServer, type ServerOptions } from '../../src/server.js';
import { holdToContract } from './contract.js';
import { type TestStore } from './each-store.js';
import { keepSecret, runLog } from './run-log.js';

const OPEN_MS_MAX = 30_000;

/** Stands still until it is moved. */
export class HeldClock extends Clock {
  constructor(private moment: Instant = parseInstant('2026-11-21T12:00:00Z')) {
    super();
  }

  override now(): Instant {
    return this.moment;
  }

  set(moment: string): void {
    this.moment = parseInstant(moment);
  }

  advance(ms: number): void {
    this.moment = instantOf(Date.parse(this.moment) + ms);
  }
}

/** The same ids in the same order, whatever the store and the hour. */
export class CountedIds extends IdSource {
  private count = 0;

  override next<Noun extends IdNoun>(noun: Noun): Id<Noun> {
    this.count += 1;
    return `${ID_PREFIXES[noun]}_${this.count.toString(16).padStart(32, '0')}` as Id<Noun>;
  }

  override passOver(id: Id<IdNoun>): void {
    this.count = Math.max(this.count, Number.parseInt(id.slice(-12), 16));
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The parsed body; undefined when there is none. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

export interface CallOptions {
  readonly key?: string | undefined;
  readonly body?: unknown;
  /** Instead of `body`: sent as it is. */
  readonly payload?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service starts without its store where that makes it wait; a test that needs it waits longer. */
async function untilOpen(keeper: StoreKeeper): Promise<void> {
  const deadline = Date.now() + OPEN_MS_MAX;
  while (!keeper.isOpen && Date.now() < deadline) await sleep(20);
}

/** A key that was made by this call, and what makes its repetition known. */
function keepSecretsOf(headers: CallOptions['headers'], body: { key?: unknown } | undefined): void {
  const once = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() === 'idempotency-key');
  keepSecret(...once.map(([, value]) => value));
  if (typeof body?.key === 'string') keepSecret(body.key);
}

export class TestApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly clock: HeldClock,
    /** Of scope admin, bound to no owner. */
    readonly key: string,
  ) {}

  /** @param given what else than the usual it is put together with: feeds of a test's own, ids for a second service on the same store. */
  static async start(
    store: TestStore,
    clock = new HeldClock(),
    given: Pick<ServerOptions, 'feeds' | 'ids' | 'log'> = {},
  ): Promise<TestApp> {
    const app = await createServer(store.settings, { clock, ids: new CountedIds(), log: runLog, ...given });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    await untilOpen(app.get(StoreKeeper));
    const { key } = await app.get(ApiKeysService).create({ name: 'test', scope: 'admin' });
    keepSecret(key);
    return new TestApp(app, clock, key);
  }

  async keyFor(request: Partial<Omit<KeyRequest, 'owner'>> & { owner?: string }): Promise<string> {
    const { key } = await this.app
      .get(ApiKeysService)
      .create({ name: 'test', scope: 'write', ...request, owner: request.owner as Owner });
    keepSecret(key);
    return key;
  }

  async call(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    const key = 'key' in options ? options.key : this.key;
    const payload = options.payload ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    // Requests on a socket come one a turn; injected into a service that never pauses they would all make one turn without an end.
    await nextTurn();
    const answer = await this.app.inject({
      method,
      url,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
    holdToContract({ method, url }, { status: answer.statusCode, headers: answer.headers, text: answer.body });
    const isJson = /json/.test(String(answer.headers['content-type'] ?? ''));
    const body = isJson && answer.body !== '' ? JSON.parse(answer.body) : undefined;
    keepSecretsOf(options.headers, body);
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body };
  }

  get = (url: string, options?: CallOptions): Promise<Answer> => this.call('GET', url, options);
  post = (url: string, body?: unknown, options?: CallOptions): Promise<Answer> =>
    this.call('POST', url, { body, ...options });
  patch = (url: string, body?: unknown, options?: CallOptions): Promise<Answer> =>
    this.call('PATCH', url, { body, ...options });
  delete = (url: string, options?: CallOptions): Promise<Answer> => this.call('DELETE', url, options);

  stop(): Promise<void> {
    return this.app.close();
  }
}
