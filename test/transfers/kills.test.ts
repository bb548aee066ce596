// kill -9 of the server and of PostgreSQL while many move money and ask again: what was acknowledged stands once, nothing is doubled, and
// whoever asks again is told what was told first.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/common/clock.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { moments, TEST_MS_MAX } from '../crash/rounds.js';
import { type Client, ServerProcess } from '../crash/server-process.js';
import { type KillableStore, killableStore } from '../crash/stores.js';
import { ENGINES } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { audit } from './audit.js';
import { Bank } from './bank.js';
import { Crowd, type CrowdDeed } from './crowd.js';

const ROUNDS = share({ test: 2, prove: 100 });
const ROUNDS_OF_TWO = share({ test: 1, prove: 100 });
const CLIENTS = 16;
const LOAD_MS_MAX = 700;
const LOAD_MS_AFTER = 300;
const PAUSE_MS = 20;
const ANSWERED_MS_MAX = 60_000;
const REPEATED = 40;

/** Clients that ask for one thing after another, each until it is answered, by whichever server is there. */
class Clients {
  private stopping = false;
  private running: Promise<void>[] = [];

  constructor(
    readonly crowd: Crowd,
    private servers: readonly Client[],
  ) {}

  start(): void {
    this.running = Array.from({ length: CLIENTS }, (_, index) => this.work(index));
  }

  goOnWith(...servers: readonly Client[]): void {
    this.servers = servers;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running);
  }

  async ask(deed: CrowdDeed, index: number): Promise<void> {
    const headers: Record<string, string> = deed.onceKey === undefined ? {} : { 'idempotency-key': deed.onceKey };
    for (const until = Date.now() + ANSWERED_MS_MAX; Date.now() < until; await sleep(PAUSE_MS)) {
      const { status, body } = await this.servers[index % this.servers.length]!.call(
        'POST',
        deed.path,
        deed.body,
        headers,
      );
      this.crowd.note(deed, { status, body });
      if (status > 0 && status < 500) return;
    }
    throw new Error(`${deed.memo} was not answered: ${JSON.stringify(deed.replies.at(-1))}`);
  }

  private async work(index: number): Promise<void> {
    while (!this.stopping) await this.ask(this.crowd.next(), index);
  }
}

async function openAccounts(store: KillableStore): Promise<string[]> {
  const clock = new HeldClock(new SystemClock().now());
  const app = await TestApp.start(store, clock, { ids: new UuidV7Source(clock) });
  const bank = new Bank(app);
  const opened = [];
  for (const limit of ['0', '0', '10.00', '0']) opened.push(await bank.account('200.00', { overdraftLimit: limit }));
  await app.stop();
  return opened.map(({ id, accountNumber }, index) => (index % 2 === 0 ? id : accountNumber));
}

async function expectTruth(store: KillableStore, clients: Clients, round: number): Promise<void> {
  const { crowd } = clients;
  const told = crowd.deeds.filter(({ replies }) => replies.some(({ status }) => status > 0 && status < 300));
  for (const [index, deed] of told.slice(-REPEATED).entries()) await clients.ask(deed, index);
  const books = await audit(store.settings);
  const where = { round, seed: seed() };
  expect({ ...where, faults: books.faults }).toEqual({ ...where, faults: [] });
  expect({ ...where, faults: crowd.judge(books) }).toEqual({ ...where, faults: [] });
  expect(told.length).toBeGreaterThan(CLIENTS);
}

describe.each(ENGINES)('on %s', (engine) => {
  let store: KillableStore;
  let accounts: string[];
  beforeAll(async () => {
    store = await killableStore(engine);
    accounts = await openAccounts(store);
  });
  afterAll(() => store.dispose());

  const victims = engine === 'sqlite' ? (['the server'] as const) : (['the server', 'PostgreSQL', 'both'] as const);

  it(`money outlives its servers, ${ROUNDS} times`, { timeout: TEST_MS_MAX }, async () => {
    const random = moments();
    let server = await ServerProcess.start(store.environment, store.key);
    for (let round = 0; round < ROUNDS; round += 1) {
      const victim = victims[Math.floor(random() * victims.length)]!;
      const clients = new Clients(new Crowd(`k${round}`, accounts, random), [server.client]);
      clients.start();
      await sleep(LOAD_MS_AFTER + random() * LOAD_MS_MAX);
      await Promise.all([
        victim === 'PostgreSQL' ? undefined : server.kill(),
        victim === 'the server' ? undefined : store.postgres!.kill(),
      ]);
      if (victim !== 'the server') await store.postgres!.start();
      if (victim !== 'PostgreSQL') server = await ServerProcess.start(store.environment, store.key);
      clients.goOnWith(server.client);
      await sleep(LOAD_MS_AFTER);
      await clients.stop();
      await expectTruth(store, clients, round);
    }
    await server.kill();
  });
});

describe('two servers on one PostgreSQL', () => {
  let store: KillableStore;
  beforeAll(async () => {
    store = await killableStore('postgres');
  });
  afterAll(() => store.dispose());

  it(`one is killed ${ROUNDS_OF_TWO} times, and the other does the rest`, { timeout: TEST_MS_MAX }, async () => {
    const random = moments();
    const accounts = await openAccounts(store);
    const stays = await ServerProcess.start(store.environment, store.key);
    for (let round = 0; round < ROUNDS_OF_TWO; round += 1) {
      const goes = await ServerProcess.start(store.environment, store.key);
      const clients = new Clients(new Crowd(`t${round}`, accounts, random), [stays.client, goes.client]);
      clients.start();
      await sleep(LOAD_MS_AFTER + random() * LOAD_MS_MAX);
      await goes.kill();
      clients.goOnWith(stays.client);
      await sleep(LOAD_MS_AFTER);
      await clients.stop();
      await expectTruth(store, clients, round);
    }
    await stays.kill();
  });
});
