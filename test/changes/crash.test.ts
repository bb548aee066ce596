// kill -9 of the server between effect and answer, while clients send every request with its key until they are answered: each key has one effect
// and one answer, and what changed is recorded once.
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Look } from '../crash/look.js';
import { moments, TEST_MS_MAX } from '../crash/rounds.js';
import { type Client, type Reply, ServerProcess } from '../crash/server-process.js';
import { type KillableStore, killableStore } from '../crash/stores.js';
import { ENGINES } from '../support/each-store.js';
import { seed, share } from '../support/share.js';

const ROUNDS = share({ test: 2, prove: 20 });
const LOAD_MS_MAX = 1_200;
const LOAD_MS_AFTER = 400;
const PAUSE_MS = 20;
const ANSWERED_MS_MAX = 60_000;
const NO_LIMITS = { RATE_LIMIT_KEY_PER_MINUTE: '0', RATE_LIMIT_ADDRESS_PER_MINUTE: '0' };

type Row = Readonly<Record<string, unknown>>;

interface Deed {
  readonly path: string;
  readonly body?: unknown;
  readonly onceKey: string;
  /** Of which table how many rows belong to it, and by which value of which column. */
  readonly effect: readonly [table: string, column: string, value: string, rows: number];
  answer?: Reply;
  sent: number;
}

/** Clients that send one deed after another, each until it is answered. */
class Senders {
  readonly deeds: Deed[] = [];
  private stopping = false;
  private running: Promise<void>[] = [];
  private account = '';
  private enrollment = '';

  constructor(
    private readonly tag: string,
    private client: Client,
  ) {}

  async start(): Promise<void> {
    const account = { kind: 'manual', name: `${this.tag} base`, currency: 'USD' };
    this.account = (await this.client.post('/v1/accounts', account)).body.id as string;
    const consent = { feed: 'sandbox', institutionId: 'old_mill', owner: `${this.tag}base` };
    this.enrollment = (await this.client.post('/v1/enrollments', consent)).body.id as string;
    const kinds = [this.opened, this.line, this.bulk, this.balance, this.enrolled, this.synced];
    this.running = [...kinds, ...kinds].map((kind, index) => this.repeat((nth) => kind.call(this, `${index}.${nth}`)));
  }

  /** From now on another server is asked. */
  goOnWith(client: Client): void {
    this.client = client;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running);
  }

  private async repeat(next: (nth: number) => Deed): Promise<void> {
    for (let nth = 0; !this.stopping; nth += 1) {
      const deed = next(nth);
      this.deeds.push(deed);
      for (const until = Date.now() + ANSWERED_MS_MAX; Date.now() < until; await sleep(PAUSE_MS)) {
        deed.sent += 1;
        const answer = await this.client.call('POST', deed.path, deed.body, { 'idempotency-key': deed.onceKey });
        if (answer.status < 200 || answer.status > 299) continue;
        deed.answer = answer;
        break;
      }
    }
  }

  private deed(path: string, body: unknown, effect: Deed['effect']): Deed {
    return { path, body, onceKey: `${this.tag}-${this.deeds.length}`, effect, sent: 0 };
  }

  private opened(name: string): Deed {
    const value = `${this.tag} account ${name}`;
    return this.deed('/v1/accounts', { kind: 'manual', name: value, currency: 'USD' }, ['accounts', 'name', value, 1]);
  }

  private line(name: string): Deed {
    const value = `${this.tag} line ${name}`;
    return this.deed('/v1/transactions', this.lineOf(value), ['transactions', 'description', value, 1]);
  }

  private bulk(name: string): Deed {
    const value = `${this.tag} bulk ${name}`;
    const transactions = Array.from({ length: 40 }, () => this.lineOf(value));
    const body = { mode: 'atomic', transactions };
    return this.deed('/v1/transactions/bulk', body, ['transactions', 'description', value, transactions.length]);
  }

  /** A moment of its own for each: nanoseconds are cut, and milliseconds are many. */
  private balance(name: string): Deed {
    const [index, nth] = name.split('.').map(Number) as [number, number];
    const asOf = new Date(Date.UTC(2020, 0, 1 + index) + nth).toISOString();
    const ledger = `${index}${String(nth).padStart(6, '0')}${this.tag.replace(/\D/g, '')}.25`;
    const minor = ledger.replace('.', '').replace(/^0+/, '');
    const path = `/v1/accounts/${this.account}/balances`;
    return this.deed(path, { ledger, asOf }, ['balances', 'ledger', minor, 1]);
  }

  private enrolled(name: string): Deed {
    const owner = `${this.tag}${name.replace('.', '_')}`;
    const body = { feed: 'sandbox', institutionId: 'old_mill', owner };
    return this.deed('/v1/enrollments', body, ['enrollments', 'owner', owner, 1]);
  }

  private synced(): Deed {
    const path = `/v1/enrollments/${this.enrollment}/sync`;
    return this.deed(path, undefined, ['enrollments', 'id', this.enrollment, 1]);
  }

  private lineOf(description: string): object {
    return { accountId: this.account, date: '2026-11-01', amount: '-1', description };
  }
}

/** All rows, by table. */
async function tablesOf(store: KillableStore): Promise<Map<string, Row[]>> {
  const look = await Look.at(store.settings);
  const tables = new Map<string, Row[]>();
  let rows: Row[] = [];
  for (const text of (await look.everything()).split('\n')) {
    if (text.startsWith('{')) rows.push(JSON.parse(text) as Row);
    else tables.set(text, (rows = []));
  }
  await look.close();
  return tables;
}

/** As if two minutes had passed since the process died: claims of requests that call outside are stale then, and turns to sync are free. */
async function letTimePass({ settings: { store } }: KillableStore): Promise<void> {
  const aged =
    "UPDATE idempotency_keys SET claimed_at = '2020-01-01T00:00:00.000Z' WHERE answer IS NULL; " +
    "UPDATE sync_turns SET held_until = '2020-01-01T00:00:00.000Z' WHERE holder IS NOT NULL";
  if (store.engine === 'sqlite') {
    const database = new SqliteDatabase(store.path);
    database.exec(aged);
    return void database.close();
  }
  const { host, port, user, database, password } = store;
  const client = new pg.Client({ host, port, user, database, password: password?.reveal() });
  await client.connect();
  await client.query(aged);
  await client.end();
}

describe.each(ENGINES)('on %s', (engine) => {
  let store: KillableStore;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    store = await killableStore(engine);
    environment = { ...store.environment, ...NO_LIMITS };
  });
  afterAll(() => store.dispose());

  /** That rows and their record stand together: each that came to stand was added once. */
  function recordFaults(tables: ReadonlyMap<string, Row[]>): string[] {
    const added = new Map<unknown, number>();
    for (const { kind, object_id: id } of tables.get('changes')!)
      if (kind === 'added') added.set(id, (added.get(id) ?? 0) + 1);
    return ['accounts', 'balances', 'transactions', 'enrollments'].flatMap((table) =>
      tables.get(table)!.flatMap(({ id }) => (added.get(id) === 1 ? [] : [`${table} ${String(id)}: ${added.get(id)}`])),
    );
  }

  it(
    `each key has one effect and one answer, though the server is killed ${ROUNDS} times`,
    { timeout: TEST_MS_MAX },
    async () => {
      const random = moments();
      let resent = 0;
      let server = await ServerProcess.start(environment, store.key);
      for (let round = 0; round < ROUNDS; round++) {
        const senders = new Senders(`k${round}`, server.client);
        await senders.start();
        await sleep(random() * LOAD_MS_MAX);
        await server.kill();
        server = await ServerProcess.start(environment, store.key);
        // Not at once: a commit of the killed server may still come to stand.
        await letTimePass(store);
        senders.goOnWith(server.client);
        await sleep(LOAD_MS_AFTER);
        await senders.stop();

        const tables = await tablesOf(store);
        for (const { path, body, onceKey, effect, answer, sent } of senders.deeds) {
          const where = { seed: seed(), round, path, onceKey };
          const [table, column, value, expected] = effect;
          const rows = tables.get(table)!.filter((row) => String(row[column]) === value).length;
          expect({ ...where, rows, answered: answer?.status }).toMatchObject({ rows: expected });
          expect(answer?.status, JSON.stringify(where)).toBeLessThan(300);
          const again = await server.client.call('POST', path, body, { 'idempotency-key': onceKey });
          expect({ ...where, status: again.status, body: again.body }).toEqual({
            ...where,
            status: answer!.status,
            body: answer!.body,
          });
          if (sent > 1) resent += 1;
        }
        expect(recordFaults(tables)).toEqual([]);
      }
      await server.kill();
      expect(resent).toBeGreaterThan(ROUNDS);
    },
  );
});
