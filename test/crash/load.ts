// Writers of every kind at once, over HTTP, each of which notes what it was told; and afterwards the question whether the store holds just that.
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { addDays, type CivilDate } from '../../src/common/civil-date.js';
import { SystemClock } from '../../src/common/clock.js';
import { type AskedAccount, type FeedAccess } from '../../src/feeds/port/feed.port.js';
import { SandboxFeed } from '../../src/feeds/sandbox/sandbox.feed.js';
import { type Client, type Reply } from './server-process.js';

/** What a reply says of the write that was asked for. */
type Fate = 'there' | 'absent' | 'either';

interface Claim {
  fate: Fate;
  /** What was sent, and what must therefore be found. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** The whole of it, as it was answered. */
  answer?: unknown;
  /** Claims of the same group are there together or not at all. */
  readonly group?: string;
}

/** States of one thing that may be the one in the store; more than one after a write of which nobody knows. */
type Candidates = Readonly<Record<string, unknown>>[];

const PAUSE_AFTER_FAILURE_MS = 15;
/** Of a server that answers; only so that one that does not is no endless wait. */
const ACKNOWLEDGED_MS_MAX = 120_000;
const TURN_FREE_MS_MAX = 75_000;
const DAYS_UNSETTLED = 3;
const BANKS_MAX = 2;

export class Load {
  /** What went wrong while it ran. */
  readonly faults: string[] = [];
  private readonly accounts = new Map<string, string>();
  /** By account id and external id. */
  private readonly lines = new Map<string, Claim>();
  /** By name. */
  private readonly opened = new Map<string, Claim>();
  /** By moment. */
  private readonly balances = new Map<string, Claim>();
  private readonly edited: { id: string; candidates: Candidates }[] = [];
  private readonly hot = { id: '', acked: new Map<number, string>(), maybe: [] as string[] };
  private readonly owners: { id: string; candidates: Candidates } = { id: '', candidates: [{ owner: 'ada' }] };
  private readonly enrolled: { id: string; user: string; institution: string; day: string }[] = [];
  private readonly events = new EventEmitter();
  private writers: Promise<void>[] = [];
  private stopping = false;
  private count = 0;

  /** @param tag begins every name that this load gives; letters and digits. @param clients are used in turn. */
  constructor(
    private readonly tag: string,
    private clients: readonly Client[],
  ) {}

  /** Opens what the writers work on. Nothing may fail yet. */
  async prepare(): Promise<void> {
    for (const name of ['lines', 'bulk', 'edited', 'balances', 'flips', 'deleted'] as const) {
      const opened = await this.must('POST', '/v1/accounts', {
        kind: 'manual',
        name: `${this.tag} ${name}`,
        currency: 'USD',
        owner: 'ada',
      });
      this.accounts.set(name, opened.id as string);
    }
    this.hot.id = (await this.must('POST', '/v1/transactions', this.line('edited', 'hot'))).id as string;
    this.hot.acked.set(1, '');
    for (const name of ['one', 'two']) {
      const line = await this.must('POST', '/v1/transactions', this.line('edited', name));
      this.edited.push({ id: line.id as string, candidates: [{ version: 1, notes: null, amount: line.amount }] });
    }
    this.owners.id = this.account('flips');
    for (const name of ['a', 'b', 'c']) await this.must('POST', '/v1/transactions', this.line('flips', name));
    for (const day of ['2026-01-01', '2026-01-02']) {
      await this.must('POST', `/v1/accounts/${this.account('flips')}/balances`, {
        ledger: '5',
        asOf: `${day}T00:00:00Z`,
      });
    }
  }

  /** Comes back with the first write that is acknowledged: from then on there is something to lose. */
  async start(): Promise<void> {
    const acknowledged = this.acknowledged();
    this.stopping = false;
    this.writers = [
      ...[0, 1, 2].map(() => () => this.writeLine()),
      () => this.writeTwins(),
      () => this.writeAtomic(),
      () => this.writeIndependent(),
      ...this.edited.map((line) => () => this.edit(line)),
      ...[0, 1].map(() => () => this.editHot()),
      () => this.stateBalance(),
      () => this.open(),
      () => this.flip(),
      () => this.eraseSome(),
      () => this.linkBank(),
    ].map((write) => this.repeat(write));
    await acknowledged;
  }

  /** Comes back with the next write that is acknowledged. @throws Error when none is for very long */
  async acknowledged(): Promise<void> {
    await once(this.events, 'acknowledged', { signal: AbortSignal.timeout(ACKNOWLEDGED_MS_MAX) });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.writers);
  }

  private async repeat(write: () => Promise<boolean>): Promise<void> {
    while (!this.stopping) if (!(await write())) await sleep(PAUSE_AFTER_FAILURE_MS);
  }

  private async writeLine(): Promise<boolean> {
    const sent = this.line('lines', this.next());
    return this.claimLines([sent], await this.call('POST', '/v1/transactions', sent), undefined, ({ body }) => [body]);
  }

  /** Two requests for one external id at the same time: one of them at most makes a line. */
  private async writeTwins(): Promise<boolean> {
    const name = this.next();
    const sent = ['first', 'second'].map((twin) => ({ ...this.line('lines', name), description: `${name} ${twin}` }));
    const replies = await Promise.all(sent.map((one) => this.call('POST', '/v1/transactions', one, [409])));
    const fates = replies.map((reply) => fateOf(reply));
    const made = fates.indexOf('there');
    if (fates.lastIndexOf('there') !== made) this.faults.push(`${name}: both of two twins were made`);
    const taken = replies.some(({ status }) => status === 409);
    const open = fates.indexOf('either');
    if (made < 0 && taken && open < 0) this.faults.push(`${name}: taken, though nobody made it`);
    const index = made >= 0 ? made : Math.max(open, 0);
    // Refused as taken: so the other one stands, whatever was said to whoever asked for it.
    const fate = made >= 0 || (taken && fates.filter((one) => one === 'either').length === 1) ? 'there' : fates[index]!;
    const bothOpen = fates.every((one) => one === 'either');
    const { description: _either, ...alike } = sent[index]!;
    this.lines.set(this.key(sent[0]!), {
      fate,
      sent: bothOpen ? alike : sent[index]!,
      ...(made < 0 ? {} : { answer: replies[made]!.body }),
    });
    return made >= 0;
  }

  private async writeAtomic(): Promise<boolean> {
    const name = this.next();
    const rows = Array.from({ length: 2 + (this.count % 60) }, (_, index) =>
      this.line(index % 2 === 0 ? 'lines' : 'bulk', `${name}.${index}`),
    );
    const reply = await this.call('POST', '/v1/transactions/bulk', { mode: 'atomic', transactions: rows });
    return this.claimLines(rows, reply, name, transactionsOf);
  }

  /** One transaction, too: the good rows come together or not at all, and the bad ones never. */
  private async writeIndependent(): Promise<boolean> {
    const name = this.next();
    const good = Array.from({ length: 1 + (this.count % 9) }, (_, index) => this.line('bulk', `${name}.${index}`));
    const bad = { ...this.line('bulk', `${name}.bad`), amount: '0.001' };
    const reply = await this.call('POST', '/v1/transactions/bulk', {
      mode: 'independent',
      transactions: [...good, bad],
    });
    this.lines.set(this.key(bad), { fate: 'absent', sent: bad });
    return this.claimLines(good, reply, name, transactionsOf);
  }

  private async edit(line: { id: string; candidates: Candidates }): Promise<boolean> {
    const set = { notes: this.next(), amount: `-${this.count}.00` };
    const reply = await this.call('PATCH', `/v1/transactions/${line.id}`, set);
    const after = line.candidates.map(({ version }) => ({ ...set, version: (version as number) + 1 }));
    if (fateOf(reply) === 'there' && !after.some((one) => contains(reply.body, one))) {
      this.faults.push(
        `${line.id}: an edit answered ${JSON.stringify(reply.body)} after ${JSON.stringify(line.candidates)}`,
      );
    }
    line.candidates = settled(line.candidates, after, reply);
    return reply.status === 200;
  }

  /** Many edit one line: each edit counts, and none is lost. */
  private async editHot(): Promise<boolean> {
    const notes = this.next();
    const reply = await this.call('PATCH', `/v1/transactions/${this.hot.id}`, { notes });
    const fate = fateOf(reply);
    if (fate === 'either') this.hot.maybe.push(notes);
    if (fate !== 'there') return false;
    const version = reply.body.version as number;
    if (this.hot.acked.has(version)) this.faults.push(`two edits of one line were both made its version ${version}`);
    this.hot.acked.set(version, notes);
    return true;
  }

  private async stateBalance(): Promise<boolean> {
    this.next();
    const asOf = new Date(Date.UTC(2026, 5, 1) + this.count * 1_000).toISOString();
    const sent = { ledger: `${this.count}.00`, available: `-${this.count}.50`, asOf };
    const reply = await this.call('POST', `/v1/accounts/${this.account('balances')}/balances`, sent);
    this.balances.set(asOf, { fate: fateOf(reply), sent, answer: reply.body });
    return reply.status === 201;
  }

  private async open(): Promise<boolean> {
    const sent = { kind: 'book', name: this.next(), currency: 'JPY', overdraftLimit: `${this.count}` };
    const reply = await this.call('POST', '/v1/accounts', sent);
    this.opened.set(sent.name, { fate: fateOf(reply), sent, answer: reply.body });
    return reply.status === 201;
  }

  private async flip(): Promise<boolean> {
    const owner = this.count % 2 === 0 ? 'ada' : 'bob';
    const reply = await this.call('PATCH', `/v1/accounts/${this.owners.id}`, { owner });
    this.owners.candidates = settled(this.owners.candidates, [{ owner }], reply);
    return reply.status === 200;
  }

  /** Lines that are made, and then taken away again together or one by one. */
  private async eraseSome(): Promise<boolean> {
    const name = this.next();
    const rows = [0, 1, 2].map((index) => this.line('deleted', `${name}.${index}`));
    const made = await this.call('POST', '/v1/transactions/bulk', { mode: 'atomic', transactions: rows });
    if (!this.claimLines(rows, made, name, transactionsOf)) return false;
    const ids = transactionsOf(made).map((line) => (line as { id: string }).id);
    if (this.count % 2 === 0) {
      const reply = await this.call('POST', '/v1/transactions/bulk-delete', { mode: 'atomic', ids });
      for (const row of rows) this.claimGone(row, reply);
      return reply.status === 200;
    }
    const reply = await this.call('DELETE', `/v1/transactions/${ids[0]!}`);
    // It goes by itself, without the others of its group.
    this.claimGone(rows[0]!, reply, true);
    return reply.status === 204;
  }

  /** A few banks, and again and again the newest of them; each by two requests at once, which make one enrollment and no line twice. */
  private async linkBank(): Promise<boolean> {
    const newest = this.enrolled.at(-1);
    if (newest !== undefined && this.enrolled.length >= BANKS_MAX) return this.syncBank(newest.id);
    const institutionId = this.count % 2 === 0 ? 'pearl_trust' : 'sakura_bank';
    const user = this.next().replaceAll(' ', '-');
    const body = { feed: 'sandbox', institutionId, consent: { user } };
    const replies = await Promise.all([0, 1].map(() => this.call('POST', '/v1/enrollments', body)));
    const made = replies.filter(({ status }) => status === 201).map((reply) => reply.body);
    const ids = new Set(made.map(({ id }) => id as string));
    if (ids.size > 1) this.faults.push(`one consent made the enrollments ${[...ids].join(' and ')}`);
    const [id] = ids;
    if (id === undefined) return false;
    this.enrolled.push({ id, user, institution: institutionId, day: (made[0].createdAt as string).slice(0, 10) });
    return this.syncBank(id);
  }

  private async syncBank(id: string): Promise<boolean> {
    const replies = await Promise.all(
      [0, 1].map(() => this.call('POST', `/v1/enrollments/${id}/sync`, undefined, [409])),
    );
    return replies.some(({ status }) => status === 200);
  }

  /** What the store holds that it should not, or lacks that it should hold. A server runs, and nothing writes. @param client the server's, where it is another now */
  async judge(client: Client = this.clients[0]!): Promise<string[]> {
    this.clients = [client];
    const faults = [...this.faults];
    faults.push(...judged('line', this.lines, await this.found('lines', 'bulk', 'edited', 'flips', 'deleted')));
    const accounts = await this.pages('/v1/accounts?limit=500&kind=book');
    faults.push(
      ...judged(
        'account',
        this.opened,
        byKey(
          accounts.filter(({ name }) => this.isOurs(name)),
          ({ name }) => name,
        ),
      ),
    );
    const history = await this.pages(`/v1/accounts/${this.account('balances')}/balances?limit=500`);
    faults.push(
      ...judged(
        'balance',
        this.balances,
        byKey(history, ({ asOf }) => asOf),
      ),
    );
    for (const { id, candidates } of this.edited)
      faults.push(...this.among(candidates, await this.must('GET', `/v1/transactions/${id}`)));
    faults.push(...this.among(this.owners.candidates, await this.must('GET', `/v1/accounts/${this.owners.id}`)));
    faults.push(...this.judgeHot(await this.must('GET', `/v1/transactions/${this.hot.id}`)));
    for (const enrollment of this.enrolled) faults.push(...(await this.judgeBank(enrollment)));
    return faults;
  }

  private judgeHot({ version, notes }: any): string[] {
    const { acked, maybe } = this.hot;
    const edits = (version as number) - 1;
    const told = acked.size - 1;
    if (edits < told || edits > told + maybe.length) {
      return [`the hot line has ${edits} edits: ${told} were acknowledged, ${maybe.length} are open`];
    }
    const known = acked.get(version as number);
    const fits = known === undefined ? maybe.includes(notes as string) : known === (notes ?? '');
    return fits ? [] : [`the hot line says ${notes}, which is not its edit ${version}`];
  }

  /** A sync that was interrupted, and goes on now, ends with the bank's lines: no more, no less, none twice. */
  private async judgeBank({
    id,
    user,
    institution,
    day,
  }: {
    id: string;
    user: string;
    institution: string;
    day: string;
  }): Promise<string[]> {
    const { accounts } = await this.syncInTurn(id);
    const faults: string[] = [];
    const feed = new SandboxFeed('passbook', new SystemClock());
    const access: FeedAccess = {
      environment: 'sandbox',
      enrollmentExternalId: `enr_${institution}.${user}.${day}`,
      accessToken: null,
    };
    const truth = (
      await Promise.all((await feed.accounts(access)).map((account) => linesOf(feed, access, account)))
    ).flat();
    const found: any[] = [];
    for (const { accountId, outcome } of accounts as { accountId: string; outcome: string }[]) {
      if (outcome !== 'synced') faults.push(`${accountId}: ${outcome}`);
      found.push(...(await this.pages(`/v1/accounts/${accountId}/transactions?limit=500`)));
    }
    const until = addDays(new Date().toISOString().slice(0, 10) as CivilDate, -DAYS_UNSETTLED);
    const settledOf = (lines: readonly any[]): string =>
      lines
        .filter(({ status, date }) => status === 'posted' && date < until)
        .map(({ externalId }) => externalId as string)
        .sort()
        .join('\n');
    if (settledOf(found) !== settledOf(truth))
      faults.push(`enrollment ${id} holds ${found.length} lines, the bank has ${truth.length}`);
    return faults;
  }

  private among(candidates: Candidates, found: any): string[] {
    if (candidates.some((one) => contains(found, one))) return [];
    return [`${found.id} is ${JSON.stringify(found)}, and should be one of ${JSON.stringify(candidates)}`];
  }

  /** Every line on these accounts, by account and external id. */
  private async found(...names: readonly string[]): Promise<Map<string, any[]>> {
    const lines: any[] = [];
    for (const name of names)
      lines.push(...(await this.pages(`/v1/accounts/${this.account(name)}/transactions?limit=500`)));
    return byKey(
      lines.filter(({ externalId }) => this.isOurs(externalId) && this.isCounted(externalId)),
      (line) => this.key(line),
    );
  }

  private isCounted(externalId: string): boolean {
    return /^\S+ \d+/.test(externalId);
  }

  private isOurs(name: unknown): boolean {
    return typeof name === 'string' && name.startsWith(`${this.tag} `);
  }

  private line(
    account: string,
    name: string,
  ): { accountId: string; externalId: string; date: string; amount: string; description: string } {
    const externalId = name.startsWith(this.tag) ? name : `${this.tag} ${name}`;
    const amount = `${(this.count % 100_000) + 1}.25`;
    return {
      accountId: this.account(account),
      externalId,
      date: '2026-11-01',
      amount,
      description: `says ${externalId}`,
    };
  }

  private key({ accountId, externalId }: { accountId: string; externalId: string }): string {
    return `${accountId}/${externalId}`;
  }

  private account(name: string): string {
    return this.accounts.get(name)!;
  }

  private next(): string {
    this.count += 1;
    return `${this.tag} ${this.count}`;
  }

  private claimLines(
    sent: readonly ReturnType<Load['line']>[],
    reply: Reply,
    group: string | undefined,
    answers: (reply: Reply) => readonly unknown[],
  ): boolean {
    const fate = fateOf(reply);
    const answered = fate === 'there' ? answers(reply) : [];
    if (fate === 'there' && answered.length !== sent.length)
      this.faults.push(`${group}: ${answered.length} of ${sent.length} rows`);
    for (const [index, one] of sent.entries()) {
      const answer = answered[index];
      this.lines.set(this.key(one), {
        fate,
        sent: one,
        ...(answer === undefined ? {} : { answer }),
        ...(group === undefined ? {} : { group }),
      });
    }
    return fate === 'there';
  }

  private claimGone(row: ReturnType<Load['line']>, reply: Reply, alone = false): void {
    const claim = this.lines.get(this.key(row))!;
    const fate = fateOf(reply);
    if (fate === 'absent') return;
    const { group: _group, ...ungrouped } = claim;
    this.lines.set(this.key(row), { ...(alone ? ungrouped : claim), fate: fate === 'there' ? 'absent' : 'either' });
  }

  private async call(method: string, path: string, body?: unknown, expected: readonly number[] = []): Promise<Reply> {
    const client = this.clients[Math.floor(Math.random() * this.clients.length)]!;
    const reply = await client.call(method, path, body);
    const { status } = reply;
    if (status >= 200 && status < 300) this.events.emit('acknowledged');
    const isFine = status === 0 || status < 300 || status === 503 || expected.includes(status);
    if (!isFine) this.faults.push(`${method} ${path} answered ${status} ${JSON.stringify(reply.body)}`);
    if (reply.hung === true) this.faults.push(`${method} ${path} had no answer in ${Math.round(reply.tookMs)} ms`);
    return reply;
  }

  /** Whoever died while it synced, or lost its store, is believed to be at it for another minute. */
  private async syncInTurn(id: string): Promise<any> {
    for (const until = Date.now() + TURN_FREE_MS_MAX; Date.now() < until; await sleep(500)) {
      const reply = await this.clients[0]!.call('POST', `/v1/enrollments/${id}/sync`);
      if (reply.status === 200) return reply.body;
      if (reply.body?.code !== 'sync_already_running') break;
    }
    return this.must('POST', `/v1/enrollments/${id}/sync`);
  }

  private async must(method: string, path: string, body?: unknown): Promise<any> {
    const reply = await this.clients[0]!.call(method, path, body);
    if (reply.status >= 200 && reply.status < 300) return reply.body;
    throw new Error(`${method} ${path} answered ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  private async pages(path: string): Promise<any[]> {
    const rows: any[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: any = await this.must('GET', `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      rows.push(...page.data);
      cursor = page.nextCursor;
    }
    return rows;
  }
}

function fateOf({ status, body, unsent }: Reply): Fate {
  if (status >= 200 && status < 300) return 'there';
  if (status === 0) return unsent === true ? 'absent' : 'either';
  // Every other refusal says that nothing was written.
  return body?.code === 'outcome_unknown' ? 'either' : 'absent';
}

function settled(before: Candidates, after: Candidates, reply: Reply): Candidates {
  const fate = fateOf(reply);
  if (fate === 'absent') return before;
  if (fate === 'either') return [...before, ...after];
  return after.filter((one) => contains(reply.body, one));
}

function contains(found: any, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([name, value]) => found[name] === value);
}

function transactionsOf({ body }: Reply): unknown[] {
  return (body.data as { transaction?: unknown }[]).flatMap(({ transaction }) =>
    transaction === undefined ? [] : [transaction],
  );
}

function byKey(rows: readonly any[], keyOf: (row: any) => string): Map<string, any[]> {
  const found = new Map<string, any[]>();
  for (const row of rows) found.set(keyOf(row), [...(found.get(keyOf(row)) ?? []), row]);
  return found;
}

/** What is claimed against what is found: exactly once and just so, or not at all; groups whole. */
function judged(
  noun: string,
  claims: ReadonlyMap<string, Claim>,
  found: ReadonlyMap<string, readonly any[]>,
): string[] {
  const faults: string[] = [];
  const groups = new Map<string, Set<boolean>>();
  for (const [key, { fate, sent, answer, group }] of claims) {
    const rows = found.get(key) ?? [];
    if (rows.length > 1) faults.push(`${noun} ${key} is there ${rows.length} times`);
    if (fate === 'there' && rows.length === 0) faults.push(`${noun} ${key} was acknowledged and is not there`);
    if (fate === 'absent' && rows.length > 0)
      faults.push(`${noun} ${key} is there, though it was said that nothing was written`);
    if (rows.length === 1 && !contains(rows[0], sent))
      faults.push(`${noun} ${key} is ${JSON.stringify(rows[0])}, and was sent as ${JSON.stringify(sent)}`);
    if (
      rows.length === 1 &&
      fate === 'there' &&
      answer !== undefined &&
      JSON.stringify(rows[0]) !== JSON.stringify(answer)
    ) {
      faults.push(`${noun} ${key} is ${JSON.stringify(rows[0])}, and was answered as ${JSON.stringify(answer)}`);
    }
    if (group !== undefined) groups.set(group, (groups.get(group) ?? new Set()).add(rows.length > 0));
  }
  for (const [group, states] of groups)
    if (states.size > 1) faults.push(`of the ${noun}s of ${group} some are there and some are not`);
  for (const key of found.keys()) if (!claims.has(key)) faults.push(`${noun} ${key} is there, and nobody sent it`);
  return faults;
}

async function linesOf(feed: SandboxFeed, access: FeedAccess, account: AskedAccount): Promise<unknown[]> {
  const lines: unknown[] = [];
  for (let before: string | undefined; ;) {
    const page = await feed.page(access, account, { count: 500, ...(before === undefined ? {} : { before }) });
    lines.push(...page.lines);
    if (page.next === undefined) return lines;
    before = page.next;
  }
}
