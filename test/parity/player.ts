// Plays programs on one service: it knows the callers' keys, and what the program has seen.
import { HoldSweeper } from '../../src/transfers/hold-sweeper.js';
import { signed } from '../feeds/teller/fake-teller/webhooks.js';
import { type TestStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { type Call, type Caller, Seen, type Step, urlEncoded } from './program.js';

interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{id}` where one goes. */
  readonly path: string;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

/** A request as it goes out. */
export interface Request {
  readonly method: Operation['method'];
  readonly url: string;
  readonly payload: string | undefined;
}

export const WEBHOOK_SECRET = 'whsec_of-both-engines';
const STRANGER = `pbk_${'x'.repeat(43)}`;

export class Player {
  private seen = new Seen();
  /** Requests are named alike on both engines. */
  private sent = 0;
  private made: string | undefined;

  private constructor(
    readonly store: TestStore,
    readonly app: TestApp,
    readonly operations: ReadonlyMap<string, Operation>,
    private readonly keys: ReadonlyMap<Caller, string>,
  ) {}

  /** Takes the store over: it is disposed of with the player. */
  static async start(store: TestStore): Promise<Player> {
    const app = await TestApp.start(store);
    const keys = new Map<Caller, string>([
      ['admin', app.key],
      ['stranger', STRANGER],
    ]);
    for (const scope of ['write', 'read'] as const) keys.set(scope, await app.keyFor({ scope }));
    for (const scope of ['admin', 'write', 'read'] as const)
      keys.set(`ada:${scope}`, await app.keyFor({ scope, owner: 'ada' }));
    keys.set('bob:write', await app.keyFor({ scope: 'write', owner: 'bob' }));
    const { body } = await app.get('/openapi.json');
    return new Player(store, app, operationsIn(body as OpenApi), keys);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.store.dispose();
  }

  /** From now on the program has seen nothing: what earlier ones left is there, but not referred to. */
  forget(): void {
    this.seen = new Seen();
    this.made = undefined;
  }

  /** One step: the answers to it, a page each; none to a wait. */
  async play(step: Step): Promise<{ readonly request: Request; readonly answer: Answer }[]> {
    if ('waitMs' in step) {
      this.app.clock.advance(step.waitMs);
      // The service would do it within a second of its own, in the middle of a step.
      await this.app.app.get(HoldSweeper, { strict: false }).sweep();
      return [];
    }
    const pages: { request: Request; answer: Answer }[] = [];
    for (let cursor: string | undefined; pages.length <= (step.follow ?? 0);) {
      const request = this.requestOf(step, cursor);
      const answer = await this.send(step, request);
      pages.push({ request, answer });
      cursor = answer.body?.nextCursor ?? undefined;
      if (cursor === undefined) break;
    }
    return pages;
  }

  private requestOf(call: Call, cursor: string | undefined): Request {
    const operation = this.operations.get(call.op);
    if (operation === undefined) throw new Error(`There is no operation ${call.op}.`);
    const path = operation.path.replace('{id}', () => urlEncoded(this.seen.text(call.id ?? '')));
    const asked = (call.query ?? []).filter(([name]) => cursor === undefined || name !== 'cursor');
    const query = [...asked, ...(cursor === undefined ? [] : [['cursor', cursor] as const])]
      .map(([name, value]) => `${urlEncoded(name)}=${urlEncoded(this.seen.text(value))}`)
      .join('&');
    const body = call.body === undefined ? undefined : JSON.stringify(this.seen.resolve(call.body));
    return {
      method: operation.method,
      url: query === '' ? path : `${path}?${query}`,
      payload: call.payload ?? body,
    };
  }

  private async send(call: Call, { method, url, payload }: Request): Promise<Answer> {
    const answer = await this.app.call(method, url, {
      key: call.as === 'made' ? this.made : this.keys.get(call.as),
      ...(payload === undefined ? {} : { payload }),
      headers: {
        'x-request-id': `parity-${(this.sent += 1)}`,
        ...(call.type === undefined ? {} : { 'content-type': call.type }),
        ...(call.once === undefined ? {} : { 'idempotency-key': call.once }),
        ...(call.ifMatch === undefined ? {} : { 'if-match': call.ifMatch }),
        ...(call.signed === undefined ? {} : this.signatureOf(payload ?? '')),
      },
    });
    if (answer.status === 201 && typeof answer.body?.key === 'string') this.made = answer.body.key as string;
    this.seen.learn(answer.body);
    return answer;
  }

  private signatureOf(payload: string): Readonly<Record<string, string>> {
    return signed(payload, { secrets: [WEBHOOK_SECRET], at: Date.parse(this.app.clock.now()) }).headers;
  }
}

function operationsIn({ paths }: OpenApi): ReadonlyMap<string, Operation> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => {
        return [operationId, { method: method.toUpperCase() as Operation['method'], path }] as const;
      }),
    ),
  );
}
