// Sends what was thought up, one after the other, and judges every answer.
import { type KeyScope } from '../../src/auth/principal.js';
import { signed } from '../feeds/teller/fake-teller/webhooks.js';
import { SECRETS } from '../feeds/teller/webhook-sending.js';
import { bodyOf, keepLine, openAccount, stateBalance } from '../support/builders.js';
import { breachesOf } from '../support/contract.js';
import { OPERATIONS, operationOf } from '../support/document.js';
import { keepSecret } from '../support/run-log.js';
import { TestApp } from '../support/test-app.js';
import { type TestStore } from '../support/each-store.js';
import { differenceOf, digestOf } from './digest.js';
import { curlOf, type Incoming, type Outgoing, outgoing, send, urlOf } from './exchange.js';
import { Known, Ref } from './known.js';
import { simplest } from './simpler.js';
import { CALLERS, type Caller, type Sketch } from './sketches.js';

/** What is wrong with an answer: a kind, by which a simpler request is known to fail in the same way, and the words. */
interface Fault {
  readonly kind: 'fault' | 'contract' | 'change' | 'create' | 'owner' | 'once' | 'page';
  readonly words: string;
}

/** How often each operation was answered with which status. */
export type Tally = Map<string, Map<number, number>>;

export class Fuzzer {
  private readonly known = new Known();
  private readonly keys = new Map<Caller, string>();
  private digest = '';

  private constructor(
    private readonly app: TestApp,
    private readonly tally: Tally,
  ) {}

  static async start(store: TestStore, tally: Tally): Promise<Fuzzer> {
    const fuzzer = new Fuzzer(await TestApp.start(store), tally);
    await fuzzer.makeKeys();
    await fuzzer.begin();
    return fuzzer;
  }

  stop(): Promise<void> {
    return this.app.stop();
  }

  /** Something to work on: refusals alone say little. */
  private async begin(): Promise<void> {
    for (const owner of ['ada', 'bob']) {
      const account = await openAccount(this.app, { owner });
      await stateBalance(this.app, account, { ledger: '100.00' });
      const line = await keepLine(this.app, account);
      const bank = { feed: 'sandbox', institutionId: 'harbor_bank', owner };
      const enrollment = await bodyOf(this.app.post('/v1/enrollments', bank));
      const book = { kind: 'book', owner, overdraftLimit: '1000.00' };
      const [payer, payee] = [await openAccount(this.app, book), await openAccount(this.app, book)];
      const payment = { from: payer.id, to: payee.id, amount: '1.00' };
      const transfer = await bodyOf(this.app.post('/v1/transfers', payment));
      const hold = await bodyOf(this.app.post('/v1/holds', payment));
      for (const one of [account, line, enrollment, payer, payee, transfer, hold]) this.known.learn(one);
    }
    this.digest = await digestOf(this.app);
  }

  /** @throws Error that says what is wrong, with the request as a line for a shell */
  async try(sketch: Sketch, place: string): Promise<void> {
    // So that a row that was changed now is told from one that was changed before.
    this.app.clock.advance(1);
    const request = this.signed(outgoing(sketch, this.known, this.keyOf(sketch.caller)), sketch);
    const answer = await send(this.app, request);
    const fault = await this.judge(request, answer, sketch.caller);
    if (fault !== undefined) throw await this.failure(request, answer, fault, { caller: sketch.caller, place });
    this.note(sketch, request, answer);
    // One of ours may be among those that were revoked.
    if (sketch.operation.id === 'ApiKeys_revoke' && answer.status === 200) await this.makeKeys();
  }

  /** What somebody signs comes signed, mostly: without that nothing of it would be read. */
  private signed(request: Outgoing, { operation, caller }: Sketch): Outgoing {
    const isSigned = operation.parameters.some(({ name }) => name === 'Teller-Signature');
    if (!isSigned || caller === 'made') return request;
    const at = Date.parse(this.app.clock.now());
    const { headers } = signed(request.payload ?? '', { secrets: SECRETS, at });
    return { ...request, headers: { ...request.headers, 'teller-signature': headers['teller-signature']! } };
  }

  private async judge(request: Outgoing, answer: Incoming, caller: Caller): Promise<Fault | undefined> {
    if (answer.status >= 500 && answer.status !== 502) return { kind: 'fault', words: `was answered ${answer.status}` };
    const asked = { method: request.method, url: urlOf(request) };
    const breaches = breachesOf(asked, answer);
    if (breaches.length > 0) return { kind: 'contract', words: `breaks the contract: ${breaches.join('; ')}` };
    const before = this.digest;
    this.digest = await digestOf(this.app);
    const mayChange = answer.status < 400 && !['GET', 'HEAD', 'OPTIONS'].includes(request.method) && !isDryRun(request);
    if (!mayChange && before !== this.digest) {
      return { kind: 'change', words: `changed the store: ${differenceOf(before, this.digest)}` };
    }
    return (
      ownerFault(caller, answer) ??
      (await this.unread(request, answer)) ??
      (await this.unrepeated(request, answer)) ??
      this.unfollowed(request, answer)
    );
  }

  /** A page that names a next one leads there. */
  private async unfollowed(request: Outgoing, answer: Incoming): Promise<Fault | undefined> {
    const cursor = (answer.body as { nextCursor?: unknown } | undefined)?.nextCursor;
    if (request.method !== 'GET' || answer.status !== 200 || typeof cursor !== 'string') return undefined;
    const query = [
      ...request.query.filter(([name]) => name !== 'cursor'),
      ['cursor', encodeURIComponent(cursor)] as const,
    ];
    const next = { ...request, query };
    const page = await send(this.app, next);
    const breaches = breachesOf({ method: 'GET', url: urlOf(next) }, page);
    if (page.status === 200 && breaches.length === 0) return undefined;
    return {
      kind: 'page',
      words: `leads to a page that cannot be had: ${page.status} ${page.text} ${breaches.join('; ')}`,
    };
  }

  /** What was created can be read, and is what the answer said; not where an earlier answer was given again. */
  private async unread(request: Outgoing, answer: Incoming): Promise<Fault | undefined> {
    if (answer.status !== 201 || answer.headers['idempotency-replayed'] !== undefined || isDryRun(request))
      return undefined;
    const { id } = answer.body as { id?: string };
    const operation = operationOf(request.method, urlOf(request))!;
    if (!OPERATIONS.some(({ method, path }) => method === 'GET' && path === `${operation.path}/{id}`)) return undefined;
    const { authorization } = request.headers;
    const path = `${operation.path}/${id}`;
    const read = await send(this.app, { method: 'GET', path, query: [], headers: { authorization: authorization! } });
    const isSame = read.status === 200 && isSaid(read.body, answer.body);
    return isSame ? undefined : { kind: 'create', words: `created what reads otherwise: ${read.status} ${read.text}` };
  }

  /** A request with an Idempotency-Key has one effect and one answer. */
  private async unrepeated(request: Outgoing, answer: Incoming): Promise<Fault | undefined> {
    if (request.method !== 'POST' || request.headers['idempotency-key'] === undefined || answer.status >= 300)
      return undefined;
    if (isDryRun(request)) return undefined;
    const operation = operationOf(request.method, urlOf(request))!;
    if (!operation.parameters.some(({ name }) => name.toLowerCase() === 'idempotency-key')) return undefined;
    const again = await send(this.app, request);
    const digest = await digestOf(this.app);
    const isSame =
      again.status === answer.status && again.text === answer.text && again.headers['idempotency-replayed'] === 'true';
    if (isSame && digest === this.digest) return undefined;
    const change = differenceOf(this.digest, digest);
    this.digest = digest;
    return { kind: 'once', words: `was done twice: ${again.status} ${again.text.slice(0, 500)} ${change}` };
  }

  private async failure(
    request: Outgoing,
    answer: Incoming,
    { kind, words }: Fault,
    { caller, place }: { caller: Caller; place: string },
  ): Promise<Error> {
    let said = words;
    const simpler = await simplest(request, async (candidate) => {
      this.app.clock.advance(1);
      const fault = await this.judge(candidate, await send(this.app, candidate), caller);
      if (fault?.kind === kind) said = fault.words;
      return fault?.kind === kind;
    });
    return new Error(
      [
        `${place}: a request by ${caller} ${words.slice(0, 2_000)}`,
        curlOf(request),
        `the answer: ${answer.status} ${answer.text.slice(0, 1_000)}`,
        ...(simpler === request ? [] : [`simpler, and as wrong (${said.slice(0, 500)}):`, curlOf(simpler)]),
      ].join('\n'),
    );
  }

  private note(sketch: Sketch, request: Outgoing, answer: Incoming): void {
    if (answer.status < 300) this.known.learn(answer.body);
    if (sketch.operation.id === 'ApiKeys_create') keepSecret(this.known.find(new Ref('secret', 0)));
    const name = request.method === sketch.operation.method ? sketch.operation.id : 'another method';
    const statuses = this.tally.get(name) ?? new Map<number, number>();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    this.tally.set(name, statuses);
  }

  private keyOf(caller: Caller): string | undefined {
    if (caller === 'nobody') return undefined;
    if (caller === 'stranger') return 'pbk_of_a_stranger';
    if (caller === 'made') return this.known.find(new Ref('secret', 0));
    return this.keys.get(caller);
  }

  private async makeKeys(): Promise<void> {
    for (const caller of CALLERS) {
      const [, owner, scope] = /^(?:(\w+):)?(admin|write|read)$/.exec(caller) ?? [];
      if (scope === undefined) continue;
      const named = { name: caller, scope: scope as KeyScope };
      this.keys.set(caller, await this.app.keyFor(owner === undefined ? named : { ...named, owner }));
    }
    this.digest = await digestOf(this.app);
  }
}

/** Whether it asks only what would become of it: that leaves nothing behind. */
function isDryRun({ payload }: Outgoing): boolean {
  try {
    return (JSON.parse(payload ?? '') as { dryRun?: unknown } | null)?.dryRun === true;
  } catch {
    return false;
  }
}

/** Everything in an answer to a bound key is its owner's. */
function ownerFault(caller: Caller, { body, status }: Incoming): Fault | undefined {
  const [owner, scope] = caller.split(':');
  if (scope === undefined || status >= 300) return undefined;
  const others = ownersIn(body).filter((one) => one !== owner);
  return others.length === 0 ? undefined : { kind: 'owner', words: `shows ${owner!} what is ${others.join(', ')}'s` };
}

function ownersIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) =>
    name === 'owner' && typeof inside === 'string' ? [inside] : ownersIn(inside),
  );
}

/** Whether what is read has everything that was said; what is said once only (a key) is not read again, and what came later may be read. */
function isSaid(read: unknown, said: unknown): boolean {
  const [there, expected] = [read, said] as [Record<string, unknown>, Record<string, unknown>];
  const names = Object.keys(there).filter((name) => name !== 'reversedBy');
  return names.every((name) => JSON.stringify(there[name]) === JSON.stringify(expected[name]));
}
