// Random programs of writers that are quick, slow, failing and in each other's way, at one service and at two whose clocks differ; and of followers who
// read whenever they like. Whoever has folded the feed holds what is there.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../src/common/ids.js';
import { FakeFeed, fakeAccount, fakeLine } from '../feeds/fake-feed.js';
import { lineFor } from '../support/builders.js';
import { type Engine, makeStore, type TestStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { type Answer, HeldClock, TestApp } from '../support/test-app.js';
import { expectWhole, Follower, OBJECTS } from './follower.js';
import { type Meant, SlowWrites } from './slow-writes.js';

const PROGRAMS = share({ test: 5, prove: 250 });
/** A store that grows takes ever longer to compare. */
const PROGRAMS_A_STORE = 8;
const SLOW_MAX = 3;
/** Long enough for a write that nothing stops. */
const REACH_MS = 40;
const STEPS_MAX = 60;
const BEHIND_MS = 10_000;
const OWNERS = ['ann', 'bob'] as const;
const MANY_CONNECTIONS = { DB_POOL_SIZE: '40' };

/** What a writer asks for; `nth` picks what it is about among what is known. */
type Asked = (nth: number, program: Program) => { method: 'POST' | 'PATCH' | 'DELETE'; url: string; body?: unknown };

const WRITES: Readonly<Record<string, Asked>> = {
  open: (nth) => ({
    method: 'POST',
    url: '/v1/accounts',
    body: { kind: 'manual', name: `Account ${nth}`, currency: 'USD', owner: OWNERS[nth % 2] },
  }),
  rename: (nth, { account }) => ({ method: 'PATCH', url: account(nth), body: { name: `Name ${nth}` } }),
  handOver: (nth, { account }) => ({ method: 'PATCH', url: account(nth), body: { owner: OWNERS[nth % 2] } }),
  close: (nth, { account }) => ({ method: 'POST', url: `${account(nth)}/close` }),
  reopen: (nth, { account }) => ({ method: 'PATCH', url: account(nth), body: { status: 'open' } }),
  state: (nth, { account }) => ({ method: 'POST', url: `${account(nth)}/balances`, body: { ledger: String(nth) } }),
  line: (nth, { accountId }) => ({ method: 'POST', url: '/v1/transactions', body: lineFor({ id: accountId(nth) }) }),
  bulk: (nth, { accountId }) => ({
    method: 'POST',
    url: '/v1/transactions/bulk',
    body: {
      mode: 'independent',
      transactions: [0, 1, 2].map((more) => lineFor({ id: accountId(nth + more) }, { notes: `of ${nth}` })),
    },
  }),
  note: (nth, { line }) => ({ method: 'PATCH', url: line(nth), body: { notes: `note ${nth}` } }),
  erase: (nth, { line }) => ({ method: 'DELETE', url: line(nth) }),
  eraseMany: (nth, { lineId }) => ({
    method: 'POST',
    url: '/v1/transactions/bulk-delete',
    body: { mode: 'independent', ids: [lineId(nth), lineId(nth + 1)] },
  }),
  enroll: (nth) => ({ method: 'POST', url: '/v1/enrollments', body: { feed: 'fake', owner: OWNERS[nth % 2] } }),
  sync: (nth, { enrollment }) => ({ method: 'POST', url: `${enrollment(nth)}/sync` }),
  disconnect: (nth, { enrollment }) => ({ method: 'DELETE', url: enrollment(nth) }),
};

interface Write {
  readonly write: string;
  readonly nth: number;
  /** Which of the services is asked. */
  readonly at: number;
  readonly way: 'quick' | 'slow' | 'failing';
}

type Step =
  | Write
  | { readonly letGo: number }
  | { readonly follow: number; readonly pages: number }
  | { readonly again: number }
  | { readonly wait: number };

const nth = fc.integer({ min: 0, max: 1_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      write: fc.constantFrom(...Object.keys(WRITES), 'line', 'bulk', 'note', 'handOver'),
      nth,
      at: fc.integer({ min: 0, max: 1 }),
      way: fc.constantFrom('quick', 'quick', 'quick', 'slow', 'failing'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ letGo: nth }) },
  { weight: 5, arbitrary: fc.record({ follow: nth, pages: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ again: nth }) },
  { weight: 1, arbitrary: fc.record({ wait: fc.constantFrom(0, 1, 1_000, BEHIND_MS) }) },
);
/** Programs begin with something to work on: a program of refusals alone says little. */
const BEGINNING: readonly Step[] = [
  ...['open', 'open', 'enroll', 'sync', 'bulk'].map((write, index) => quick(write, index)),
  { ...quick('line', 0), way: 'failing' },
  { ...quick('line', 1), way: 'slow' },
];

function quick(write: string, which: number): Write {
  return { write, nth: which, at: which, way: 'quick' };
}

const steps = fc.array(step, { minLength: 10, maxLength: STEPS_MAX, size: 'max' });

/** What is known to be there, and what is under way. */
class Program {
  private readonly accounts: string[] = [];
  private readonly lines: string[] = [];
  private readonly enrollments: string[] = [];
  private slow: Meant[] = [];
  private underWay: Promise<void>[] = [];
  readonly counts = { done: 0, refused: 0, failed: 0, slow: 0 };

  constructor(
    private readonly apps: readonly TestApp[],
    private readonly writes: SlowWrites,
    private readonly followers: readonly Follower[],
    /** Where one writer waits for another, nobody reads while one is held. */
    private readonly takesTurns: boolean,
    private readonly pass: (ms: number) => void,
  ) {}

  accountId = (which: number): string => picked(this.accounts, which) ?? `acc_${'0'.repeat(32)}`;
  lineId = (which: number): string => picked(this.lines, which) ?? `txn_${'0'.repeat(32)}`;
  account = (which: number): string => `/v1/accounts/${this.accountId(which)}`;
  line = (which: number): string => `/v1/transactions/${this.lineId(which)}`;
  enrollment = (which: number): string =>
    `/v1/enrollments/${picked(this.enrollments, which) ?? `enr_${'0'.repeat(32)}`}`;

  async play(one: Step): Promise<void> {
    if ('write' in one) return this.write(one);
    if ('letGo' in one) return this.letGo(one.letGo);
    if ('wait' in one) return this.pass(one.wait);
    if (this.takesTurns) await this.settle();
    if ('follow' in one) {
      const follower = picked(this.followers, one.follow)!;
      follower.goOnAt(picked(this.apps, one.pages)!);
      await follower.follow(one.pages);
    } else {
      const follower = picked(this.followers, one.again)!;
      if (follower.cursor === null) return;
      const { before, again } = await follower.askAgain(one.again);
      expect(again).toEqual(before);
    }
  }

  /** Lets everybody come to an end. */
  async settle(): Promise<void> {
    this.writes.letAllGo();
    this.slow = [];
    await Promise.all(this.underWay);
    this.underWay = [];
  }

  private async write({ write, nth: which, at, way }: Write): Promise<void> {
    const { method, url, body } = WRITES[write]!(which, this);
    const isSlow = way === 'slow' && this.slow.length < (this.takesTurns ? 1 : SLOW_MAX);
    const meant = isSlow ? this.writes.slow() : way === 'failing' ? this.writes.failing() : { headers: {} };
    const asked = picked(this.apps, at)!.call(method, url, { ...(body === undefined ? {} : { body }), ...meant });
    const ended = asked.then((answer) => this.learn(answer));
    this.underWay.push(ended);
    if (isSlow) {
      this.slow.push(meant);
      this.counts.slow += 1;
      await Promise.race([this.writes.reached(meant), ended, sleep(REACH_MS)]);
    } else if (this.slow.length === 0) await ended;
  }

  private async letGo(which: number): Promise<void> {
    const [meant] = this.slow.splice(which % Math.max(this.slow.length, 1), 1);
    if (meant !== undefined) this.writes.letGo(meant);
    if (this.slow.length === 0) await this.settle();
  }

  private learn({ status, body, text }: Answer): void {
    if (status === 500) this.counts.failed += 1;
    else if (status >= 300) this.counts.refused += 1;
    else this.counts.done += 1;
    if (status > 500) throw new Error(text);
    const made = [body, ...(body?.data ?? []).map((row: { transaction?: object }) => row.transaction)];
    for (const { id } of made.filter((one) => one?.id !== undefined) as { id: string }[]) {
      const known = { acc: this.accounts, txn: this.lines, enr: this.enrollments }[id.slice(0, 3)];
      if (known !== undefined && !known.includes(id)) known.push(id);
    }
  }
}

function picked<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(from.length, 1)];
}

/** Lines come and go: what the bank lists depends on how often it was asked. */
function restless(): FakeFeed {
  const feed = new FakeFeed();
  let asked = 0;
  const listed = ['l1', 'l2', 'l3', 'l4', 'l5'];
  const lines = () => listed.filter((_, index) => (asked >> index) % 2 === 0).map((id) => fakeLine(id));
  feed.accountsListed = [fakeAccount('a', lines)];
  feed.before = ({ method }) => {
    if (method === 'balance') asked += 1;
  };
  return feed;
}

describe.each<[string, Engine, number]>([
  ['on sqlite', 'sqlite', 1],
  ['on postgres', 'postgres', 1],
  ['at two services on one PostgreSQL, the clock of one 10 s behind', 'postgres', 2],
])('%s', (_, engine, services) => {
  let store: TestStore;
  let apps: TestApp[];
  let clocks: HeldClock[];
  let writes: SlowWrites;
  let followers: Follower[];
  let programs = 0;
  const counts = { done: 0, refused: 0, failed: 0, slow: 0 };

  async function begin(): Promise<void> {
    store = await makeStore(engine, engine === 'postgres' ? MANY_CONNECTIONS : {});
    clocks = [new HeldClock(), new HeldClock()].slice(0, services);
    clocks[1]?.advance(-BEHIND_MS);
    apps = [];
    const feed = restless();
    for (const clock of clocks)
      apps.push(await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) }));
    writes = new SlowWrites(apps);
    const [app] = apps as [TestApp];
    const all = { key: app.key };
    followers = [
      new Follower(app, { name: 'all, in large pages', limit: 500, ...all }),
      new Follower(app, { name: 'all, one by one', limit: 1, ...all }),
      new Follower(app, { name: 'all, seldom', limit: 7, ...all }),
      new Follower(app, { name: 'of ann, by the admin', owner: 'ann', ...all }),
    ];
    for (const owner of OWNERS) {
      const key = await app.keyFor({ owner, scope: 'read' });
      followers.push(new Follower(app, { name: `of ${owner}`, key, limit: 3 }));
    }
    for (const object of OBJECTS) {
      followers.push(new Follower(app, { name: `${object}s`, object, limit: 2, ...all }));
      const key = await app.keyFor({ owner: 'ann', scope: 'read' });
      followers.push(new Follower(app, { name: `${object}s of ann`, object, key }));
    }
  }
  async function end(): Promise<void> {
    for (const app of apps) await app.stop();
    await store.dispose();
  }
  beforeAll(begin);
  afterAll(end);

  const pass = (ms: number): void => {
    for (const clock of clocks) clock.advance(ms);
  };

  it(`in ${PROGRAMS} random programs every follower comes to hold what is there`, { timeout: 3_600_000 }, async () => {
    const property = fc.asyncProperty(steps, async (all) => {
      if (programs++ % PROGRAMS_A_STORE === PROGRAMS_A_STORE - 1) {
        await end();
        await begin();
      }
      // The third one reads only between programs.
      const busy = followers.filter(({ options: { name } }) => name !== 'all, seldom');
      const program = new Program(apps, writes, busy, engine === 'sqlite', pass);
      try {
        for (const one of [...BEGINNING, ...all]) await program.play(one);
      } finally {
        await program.settle();
      }
      for (const [name, count] of Object.entries(program.counts)) counts[name as keyof typeof counts] += count;
      await expectWhole(apps[0]!, followers);
    });
    await fc.assert(property, { seed: seed(), numRuns: PROGRAMS, endOnFailure: true });
    expect(counts.done).toBeGreaterThan(10 * PROGRAMS);
    expect(Math.min(counts.failed, counts.slow)).toBeGreaterThan(0);
  });
});
