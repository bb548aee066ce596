// Real servers over a bank that changes while it is read, killed at any of its questions: whoever comes after them ends with the bank's lines.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { civilDateOf, instantOf } from '../../../src/common/clock.js';
import { UuidV7Source } from '../../../src/common/ids.js';
import { LEASE_MS } from '../../../src/feeds/turns/sync-due.js';
import { freeTurns } from '../../crash/free-turns.js';
import { faultsIn } from '../../crash/look.js';
import { moments } from '../../crash/rounds.js';
import { ServerProcess } from '../../crash/server-process.js';
import { type KillableStore, killableStore } from '../../crash/stores.js';
import { expectWhole, Follower } from '../../history/follower.js';
import { ENGINES, type TestStore } from '../../support/each-store.js';
import { seed, share } from '../../support/share.js';
import { HeldClock, TestApp } from '../../support/test-app.js';
import { FakeTeller } from './fake-teller/server.js';
import { bankDeed, type History, ROUND_MS, type Shown } from './histories.js';
import { HistoryBank } from './histories-bank.js';
import { doAllThatIsDue } from './histories-due.js';
import { Judge } from './histories-judge.js';
import { consentOf, withTeller } from './teller-app.js';

const ROUNDS = share({ test: 1, prove: 25 });
const TEST_MS_MAX = share({ test: 600_000, prove: 3 * 3_600_000 });
/** More than one page of a first sync, and more than one of a window. */
const LINES = 600;
const DAYS_OF_LINES = 20;
/** About as many as it takes to read it all. */
const QUESTIONS_MAX = 30;
const MS_AFTER_QUESTION_MAX = 20;
const CHANGES_PER_QUESTION = 0.15;
/** Before it is asked again whether the other server still has the turn. */
const BUSY_MS = 10;

const opening = Array.from({ length: LINES }, (_, index): Shown => ({
  amount: '-4.50',
  merchant: index % 4,
  back: index % DAYS_OF_LINES,
}));
const HISTORY: History = {
  accounts: [
    { type: 'depository', opening },
    { type: 'credit', opening: opening.slice(0, LINES / 2) },
  ],
  pageMax: LINES,
  steps: [],
};

/** A bank that changes now and then when it is asked, and tells how often it was. */
class Restless {
  private asked = 0;
  private waiting: { readonly count: number; readonly reached: () => void } | undefined;
  private readonly deeds = fc
    .sample(bankDeed, { seed: seed(), numRuns: 500 })
    .filter(({ bank }) => bank !== 'disconnect');

  constructor(teller: FakeTeller, bank: HistoryBank, random: () => number) {
    // Never a fault: it only looks on.
    const look = () => {
      if (random() < CHANGES_PER_QUESTION) bank.do(this.deeds[this.asked % this.deeds.length]!);
      this.asked += 1;
      if (this.waiting?.count === this.asked) this.waiting.reached();
      return false;
    };
    teller.faults.always(look, () => undefined);
  }

  /** When it will have been asked so many times more. */
  after(questions: number): Promise<void> {
    return new Promise((reached) => (this.waiting = { count: this.asked + questions, reached }));
  }
}

/** Syncs again and again until the server is gone; somebody else may have the turn. */
async function keepSyncing({ client }: ServerProcess, enrollmentId: string): Promise<void> {
  for (let status = 1; status !== 0;) {
    ({ status } = await client.post(`/v1/enrollments/${enrollmentId}/sync`));
    expect([0, 200, 409, 503]).toContain(status);
    if (status === 409) await sleep(BUSY_MS);
  }
}

describe.each(ENGINES)('on %s', (engine) => {
  let store: KillableStore;
  let told: TestStore;
  let teller: FakeTeller;
  beforeAll(async () => {
    [store, teller] = [await killableStore(engine), await FakeTeller.start()];
    told = withTeller(store, teller, { SYNC_SCHEDULE: 'false' });
  });
  afterAll(async () => {
    await teller.stop();
    await store.dispose();
  });

  it(`our lines are the bank’s after its servers were killed, ${ROUNDS} times`, { timeout: TEST_MS_MAX }, async () => {
    const random = moments();
    for (let round = 0; round < ROUNDS; round += 1) {
      teller.bank.today = civilDateOf(instantOf(Date.now()));
      const bank = new HistoryBank(teller.bank, HISTORY, [`owner${round}`, 'nobody']);
      const [person] = bank.people;
      const servers: ServerProcess[] = [];
      for (let count = 0; count < (engine === 'sqlite' ? 1 : 2); count += 1)
        servers.push(await ServerProcess.start(told.environment, store.key));
      const consent = person.consent();
      const body = consentOf(consent.atBank, { owner: person.owner });
      consent.enrollmentId = (await servers[0]!.client.post('/v1/enrollments', body)).body.id;

      const restless = new Restless(teller, bank, random);
      const syncing = servers.map((server) => keepSyncing(server, consent.enrollmentId!));
      for (const server of servers) {
        await restless.after(1 + Math.floor(random() * QUESTIONS_MAX));
        await sleep(random() * MS_AFTER_QUESTION_MAX);
        await server.kill();
        await freeTurns(store);
      }
      await Promise.all(syncing);
      teller.faults.clear();

      expect({ round, seed: seed(), faults: await faultsIn(store.settings) }).toEqual({
        round,
        seed: seed(),
        faults: [],
      });
      await expectTheBanks(bank);
    }
  });

  /** Once the turns of the dead have run out, and all has been due. */
  async function expectTheBanks(bank: HistoryBank): Promise<void> {
    const clock = new HeldClock(instantOf(Date.now() + LEASE_MS));
    const app = await TestApp.start(told, clock, { ids: new UuidV7Source(clock) });
    for (const ms of [0, ROUND_MS]) {
      clock.advance(ms);
      await doAllThatIsDue(async () => app);
    }
    await new Judge(bank).judgeAll(app);
    const { owner } = bank.people[0];
    await expectWhole(app, [new Follower(app, { name: owner, owner, limit: 500 })]);
    for (const { enrollmentId } of bank.people[0].consents) await app.delete(`/v1/enrollments/${enrollmentId}`);
    await app.stop();
  }
});
