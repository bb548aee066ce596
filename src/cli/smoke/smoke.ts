// What a deployed service must be able to do, tried from outside over its public API: one round trip of reading and writing.
import { randomUUID } from 'node:crypto';

export interface Step {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What was seen, or why it was skipped. */
  readonly detail: string;
  readonly ms: number;
}

export interface SmokeOptions {
  /** Without a trailing slash. */
  readonly url: string;
  /** Undefined: only what is open to everybody is tried. */
  readonly key: string | undefined;
  readonly writes: boolean;
  /** For each request. */
  readonly timeoutMs: number;
}

/** Lines are posted to an account of this name, and taken away again; the account stays for the next time. */
export const SMOKE_ACCOUNT = 'Passbook smoke test';
/** Whose account it is, with a key that is bound to nobody. */
const SMOKE_OWNER = 'smoke';
/** How its lines begin, and when one of an earlier run is nobody's any more. */
const MARK = 'smoke ';
const LEFT_OVER_MS = 3_600_000;
const AMOUNT = '0.01';
const CURRENCY = 'USD';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

interface Line {
  readonly accountId: string;
  readonly id: string;
}

interface ListedLine {
  readonly id: string;
  readonly description: string;
  readonly createdAt: string;
}

/** What a step says of itself when it finds something wrong. */
class Wrong extends Error {}
class Skipped extends Error {}

/** Every step is tried; those that need what an earlier one did not get are skipped. What was written is taken away whatever happens. */
export async function smoke(options: SmokeOptions): Promise<readonly Step[]> {
  return new SmokeRun(options).run();
}

class SmokeRun {
  private readonly steps: Step[] = [];
  private readonly marker = `${MARK}${randomUUID()}`;
  private readonly onceKey = randomUUID();
  private accountId: string | undefined;
  private line: Line | undefined;

  constructor(private readonly options: SmokeOptions) {}

  async run(): Promise<readonly Step[]> {
    await this.step('alive', () => this.alive());
    await this.step('ready', () => this.ready());
    await this.step('closed to strangers', () => this.closedToStrangers());
    await this.step('read with the key', () => this.read());
    await this.step('an account to write to', () => this.account());
    await this.step('write', () => this.write());
    await this.step('the same write again is the same line', () => this.writeAgain());
    await this.step('read back what was written', () => this.readBack());
    await this.step('clean up', () => this.cleanUp());
    return this.steps;
  }

  private async alive(): Promise<string> {
    const { status } = await this.call('GET', '/livez');
    expectStatus(status, 200);
    return `${this.options.url}/livez`;
  }

  private async ready(): Promise<string> {
    const { status, body } = await this.call('GET', '/readyz');
    const store = storeOf(body);
    if (status !== 200) throw new Wrong(store.message ?? `status ${status}`);
    return `store ${store.driver}, schema ${store.schema}`;
  }

  private async closedToStrangers(): Promise<string> {
    const { status } = await this.call('GET', '/v1/accounts?limit=1', { withKey: false });
    expectStatus(status, 401);
    return 'without a key: 401';
  }

  private async read(): Promise<string> {
    this.requireKey();
    const { status, body } = await this.call('GET', '/v1/accounts?limit=1');
    expectStatus(status, 200, body);
    if (!Array.isArray(body['data'])) throw new Wrong('the answer is no list');
    return 'GET /v1/accounts';
  }

  private async account(): Promise<string> {
    this.requireWrites();
    const found = await this.standingAccount();
    if (found !== undefined) return this.useAccount(found, 'there already');
    const wanted = { kind: 'manual', name: SMOKE_ACCOUNT, currency: CURRENCY };
    let answer = await this.call('POST', '/v1/accounts', { body: { ...wanted, owner: SMOKE_OWNER } });
    // A key that is bound to an owner writes for that one only.
    if (answer.body['code'] === 'owner_forbidden') answer = await this.call('POST', '/v1/accounts', { body: wanted });
    expectStatus(answer.status, 201, answer.body);
    return this.useAccount(String(answer.body['id']), 'opened');
  }

  /** Those it opened before; the oldest one, so that runs at the same time settle on one. */
  private async standingAccount(): Promise<string | undefined> {
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await this.call('GET', `/v1/accounts?kind=manual&status=open&limit=100${query}`);
      expectStatus(status, 200, body);
      const accounts = body['data'] as readonly { id: string; name: string; currency: string }[];
      const found = accounts.find(({ name, currency }) => name === SMOKE_ACCOUNT && currency === CURRENCY);
      if (found !== undefined) return found.id;
      cursor = body['nextCursor'] as string | null;
    }
    return undefined;
  }

  private useAccount(id: string, how: string): string {
    this.accountId = id;
    return `${id}, ${how}`;
  }

  private async write(): Promise<string> {
    const { accountId } = this;
    if (accountId === undefined) throw new Skipped('there is no account to write to');
    const { status, body } = await this.post(accountId);
    expectStatus(status, 201, body);
    this.line = { accountId, id: String(body['id']) };
    return this.line.id;
  }

  private async writeAgain(): Promise<string> {
    const { accountId, id } = this.requireLine();
    const { status, body } = await this.post(accountId);
    expectStatus(status, 201, body);
    if (body['id'] !== id) throw new Wrong(`another line was written: ${String(body['id'])}`);
    return 'by its Idempotency-Key';
  }

  private async readBack(): Promise<string> {
    const { accountId, id } = this.requireLine();
    const one = await this.call('GET', `/v1/transactions/${id}`);
    expectStatus(one.status, 200, one.body);
    if (one.body['amount'] !== AMOUNT || one.body['description'] !== this.marker)
      throw new Wrong('it reads otherwise than it was written');
    const times = (await this.linesOf(accountId)).filter((line) => line.id === id).length;
    if (times !== 1) throw new Wrong(`it stands in the list ${times} times`);
    return 'alone and in its list, once';
  }

  /** Also where it is not known whether the write came through, and what a run left behind that was cut off. */
  private async cleanUp(): Promise<string> {
    const { accountId } = this;
    if (accountId === undefined) throw new Skipped('there is no account that was written to');
    const left = (await this.linesOf(accountId)).filter((line) => this.isLeftOver(line));
    for (const { id } of left) {
      const { status, body } = await this.call('DELETE', `/v1/transactions/${id}`);
      if (status !== 404) expectStatus(status, 204, body);
    }
    if ((await this.linesOf(accountId)).some((line) => this.isLeftOver(line))) throw new Wrong('lines are still there');
    return `lines taken away: ${left.length}`;
  }

  private isLeftOver({ description, createdAt }: ListedLine): boolean {
    const isOld = Date.parse(createdAt) < Date.now() - LEFT_OVER_MS;
    return description === this.marker || (isOld && description.startsWith(MARK));
  }

  private async linesOf(accountId: string): Promise<readonly ListedLine[]> {
    const { status, body } = await this.call('GET', `/v1/accounts/${accountId}/transactions?limit=100`);
    expectStatus(status, 200, body);
    return body['data'] as readonly ListedLine[];
  }

  private post(accountId: string): Promise<Answer> {
    const date = new Date().toISOString().slice(0, 10);
    const body = { accountId, date, amount: AMOUNT, description: this.marker };
    return this.call('POST', '/v1/transactions', { body, headers: { 'idempotency-key': this.onceKey } });
  }

  private requireKey(): void {
    if (this.options.key === undefined) throw new Skipped('no key was given');
  }

  private requireWrites(): void {
    this.requireKey();
    if (!this.options.writes) throw new Skipped('asked not to write');
  }

  private requireLine(): Line {
    if (this.line === undefined) throw new Skipped('nothing was written');
    return this.line;
  }

  private async step(name: string, work: () => Promise<string>): Promise<void> {
    const began = performance.now();
    const ended = (outcome: Step['outcome'], detail: string): void =>
      void this.steps.push({ name, outcome, detail, ms: Math.round(performance.now() - began) });
    try {
      ended('passed', await work());
    } catch (error) {
      if (error instanceof Skipped) ended('skipped', error.message);
      else ended('failed', error instanceof Wrong ? error.message : reasonOf(error));
    }
  }

  private async call(
    method: string,
    path: string,
    sent: { body?: object; headers?: Record<string, string>; withKey?: boolean } = {},
  ): Promise<Answer> {
    const { key, url, timeoutMs } = this.options;
    const withKey = key !== undefined && sent.withKey !== false;
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: 'application/json',
        ...(withKey ? { authorization: `Bearer ${key}` } : {}),
        ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...sent.headers,
      },
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text, response.status) };
  }
}

function parsed(text: string, status: number): Record<string, unknown> {
  if (text === '') return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Wrong(`status ${status}, and no JSON: is this Passbook?`);
  }
}

function expectStatus(status: number, wanted: number, body: Record<string, unknown> = {}): void {
  if (status === wanted) return;
  const why = typeof body['detail'] === 'string' ? ` (${String(body['code'])}: ${body['detail']})` : '';
  throw new Wrong(`status ${status} instead of ${wanted}${why}`);
}

function storeOf(body: Record<string, unknown>): { driver?: string; schema?: string; message?: string } {
  const details = body['details'] as { store?: object } | undefined;
  return details?.store ?? {};
}

/** Of what fetch throws, the inner error says more. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}
