// POSTs that ask a bank: the key is claimed before the question and completed with the effect. What becomes of twins meanwhile, of claims whose
// process died, and of those who were taken for dead.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IdempotencyKey } from '../../src/changes/idempotency-key.entity.js';
import { CLAIM_STALE_MS } from '../../src/changes/once.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { Enrollment } from '../../src/feeds/stored/enrollment.entity.js';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { FakeFeed, fakeAccount, fakeLine, type Question } from '../feeds/fake-feed.js';
import { enroll } from '../feeds/linking.js';
import { expectRefusal } from '../support/builders.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { type Answer, HeldClock, TestApp } from '../support/test-app.js';
import { newOnceKey, send, withOnceKey } from './posts.js';
import { counts, rowsOf } from './tables.js';

const isReplayed = ({ headers }: Answer) => headers['idempotency-replayed'] === 'true';

/** Holds the bank's answers one by one: `asked(n)` comes when the n-th question was asked, `answer(n)` lets it be answered. */
class HeldQuestions {
  private readonly gates: {
    asked: Promise<void>;
    come: () => void;
    free: Promise<void>;
    go: (error?: Error) => void;
  }[] = [];
  private count = 0;

  constructor(feed: FakeFeed, method: Question['method']) {
    feed.before = async (question) => {
      if (question.method !== method) return;
      const gate = this.gate(this.count++);
      gate.come();
      await gate.free;
    };
  }

  asked(index: number): Promise<void> {
    return this.gate(index).asked;
  }

  answer(index: number, error?: Error): void {
    this.gate(index).go(error);
  }

  get howMany(): number {
    return this.count;
  }

  private gate(index: number) {
    while (this.gates.length <= index) {
      let come!: () => void;
      let go!: (error?: Error) => void;
      const asked = new Promise<void>((resolve) => (come = resolve));
      const free = new Promise<void>((resolve, reject) => {
        go = (error) => (error === undefined ? resolve() : reject(error));
      });
      this.gates.push({ asked, come, free, go });
    }
    return this.gates[index]!;
  }
}

eachStore((store) => {
  let app: TestApp;
  const fake = new FakeFeed();
  let owners = 0;
  const enrolling = () => ({ url: '/v1/enrollments', body: { feed: 'fake', owner: `owner${(owners += 1)}` } });

  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [fake] });
  });
  beforeEach(() => {
    fake.before = () => undefined;
    fake.accountsListed = [fakeAccount('a', () => [fakeLine('l1'), fakeLine('l2')])];
  });
  afterAll(() => app.stop());

  it('a twin waits for the first, and has its answer; the bank is asked once', async () => {
    for (const method of ['enroll', 'accounts'] as const) {
      const post = enrolling();
      const held = new HeldQuestions(fake, method);
      const options = withOnceKey(newOnceKey());
      const first = send(app, post, options);
      await held.asked(0);
      const twins = Array.from({ length: 5 }, () => send(app, post, options));
      held.answer(0);
      const answers = await Promise.all([first, ...twins]);
      expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(6).fill([201, answers[0]!.text]));
      expect(answers.map(isReplayed)).toEqual([false, ...Array<boolean>(5).fill(true)]);
      expect(held.howMany).toBe(1);
    }
  });

  it('a twin with another body does not wait', async () => {
    const post = enrolling();
    const held = new HeldQuestions(fake, 'enroll');
    const options = withOnceKey(newOnceKey());
    const first = send(app, post, options);
    await held.asked(0);
    expectRefusal(await send(app, enrolling(), options), 422, 'idempotency_key_reused');
    held.answer(0);
    expect((await first).status).toBe(201);
  });

  it('where the first one fails, one of the twins does it', async () => {
    const post = enrolling();
    const held = new HeldQuestions(fake, 'accounts');
    const options = withOnceKey(newOnceKey());
    const first = send(app, post, options);
    await held.asked(0);
    const twins = Array.from({ length: 3 }, () => send(app, post, options));
    held.answer(0, new FeedUnavailable('down'));
    expectRefusal(await first, 502, 'feed_unavailable');
    await held.asked(1);
    held.answer(1);
    const answers = await Promise.all(twins);
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([201, answers[0]!.text]));
    expect(answers.filter(isReplayed)).toHaveLength(2);
    expect(held.howMany).toBe(2);
  });

  it('a claim whose process died is waited for until it is stale, and then it is anybody’s', async () => {
    const post = enrolling();
    const options = withOnceKey(newOnceKey());
    const first = await send(app, post, options);
    expect(first.status).toBe(201);
    // As a process leaves it that dies between its claim and its end.
    const [last] = (await rowsOf(app, IdempotencyKey)).sort((a, b) => (a.claimedAt < b.claimedAt ? 1 : -1));
    const claimed = (await rowsOf(app, IdempotencyKey)).find(({ answer }) => answer === first.text) ?? last!;
    await app.app
      .get(Database)
      .transact({ everyOwner: true, why: 'a test', by: { name: 'test', requestId: null } }, (tx) =>
        tx.update(IdempotencyKey, [{ key: { id: claimed.id }, set: { answer: null, claimedAt: app.clock.now() } }]),
      );
    app.clock.advance(CLAIM_STALE_MS - 1);
    const waited = await send(app, post, options);
    expectRefusal(waited, 409, 'idempotency_in_progress');
    expect(Number(waited.headers['retry-after'])).toBeGreaterThan(0);
    app.clock.advance(1);
    const again = await send(app, post, options);
    expect([again.status, isReplayed(again), again.body.id]).toEqual([201, false, first.body.id]);
    expect(await send(app, post, options)).toMatchObject({ status: 201, text: again.text });
  }, 60_000);

  it.each([
    ['after', [1, 0]],
    ['before', [0, 1]],
  ] as const)(
    'one that was taken for dead and ends %s the one that took over leaves the deed to it',
    async (_, order) => {
      const post = enrolling();
      const held = new HeldQuestions(fake, 'accounts');
      const options = withOnceKey(newOnceKey());
      const before = await counts(app);
      const asked = [send(app, post, options)];
      await held.asked(0);
      app.clock.advance(CLAIM_STALE_MS);
      asked.push(send(app, post, options));
      await held.asked(1);
      const answers: Answer[] = [];
      for (const index of order) {
        held.answer(index);
        answers[index] = await asked[index]!;
      }
      expectRefusal(answers[0]!, 409, 'idempotency_in_progress');
      expect([answers[1]!.status, isReplayed(answers[1]!)]).toEqual([201, false]);
      const after = await counts(app);
      expect([after['enrollments']! - before['enrollments']!, after['accounts']! - before['accounts']!]).toEqual([
        1, 1,
      ]);
      const again = await send(app, post, options);
      expect([again.text, isReplayed(again)]).toEqual([answers[1]!.text, true]);
    },
  );
});

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  let apps: [TestApp, TestApp];
  const clock = new HeldClock();
  const feeds = [new FakeFeed(), new FakeFeed()] as const;
  beforeAll(async () => {
    store = await makeStore('postgres');
    const started = [];
    for (const feed of feeds) {
      feed.accountsListed = [fakeAccount('a', () => [fakeLine('l1'), fakeLine('l2')])];
      started.push(await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) }));
    }
    apps = started as [TestApp, TestApp];
  });
  beforeEach(() => {
    for (const feed of feeds) feed.before = () => undefined;
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it('a sync that was taken for dead brings no line twice, and one of the two completes', async () => {
    const [dead, other] = apps;
    const key = dead.key;
    const { id } = await enroll(other, { feed: 'fake', owner: 'two' }, { key });
    const held = new HeldQuestions(feeds[0], 'page');
    const options = withOnceKey(newOnceKey(), { key });
    const post = { url: `/v1/enrollments/${id}/sync` };
    const first = send(dead, post, options);
    await held.asked(0);
    clock.advance(CLAIM_STALE_MS);
    const second = await send(other, post, options);
    for (let index = 0; index < 10; index += 1) held.answer(index);
    expectRefusal(await first, 409, 'sync_already_running');
    expect(second).toMatchObject({ status: 200, body: { accounts: [{ outcome: 'synced', inserted: 2 }] } });
    for (const app of apps) expect(await send(app, post, options)).toMatchObject({ status: 200, text: second.text });
    expect(await rowsOf(other, AccountTransaction)).toHaveLength(2);
  });

  it('a twin in another process waits for the claim of the first', async () => {
    const held = new HeldQuestions(feeds[0], 'enroll');
    const options = withOnceKey(newOnceKey(), { key: apps[0].key });
    const post = { url: '/v1/enrollments', body: { feed: 'fake', owner: 'waiting' } };
    const before = (await rowsOf(apps[1], Enrollment)).length;
    const first = send(apps[0], post, options);
    await held.asked(0);
    const second = send(apps[1], post, options);
    held.answer(0);
    expect((await second).text).toBe((await first).text);
    expect([isReplayed(await first), isReplayed(await second)]).toEqual([false, true]);
    expect((await rowsOf(apps[1], Enrollment)).length).toBe(before + 1);
  });
});
