// One history comes to pass: deed after deed, and what else happens at their steps.
import { expect } from 'vitest';
import { LEASE_MS } from '../../../src/feeds/turns/sync-due.js';
import { allPages, bodyOf } from '../../support/builders.js';
import { type Answer, type TestApp } from '../../support/test-app.js';
import { expectWhole, Follower } from '../../history/follower.js';
import { isLive } from '../linking.js';
import { type Fault, cuts, limitsRate, refuses, resets } from './fake-teller/faults.js';
import { processedEvent, signed, type Webhook } from './fake-teller/webhooks.js';
import { type BankAccount } from './fake-teller/account.js';
import {
  type Act,
  BEGINNING,
  type BankDeed,
  type Deed,
  type FaultWord,
  type History,
  picked,
  ROUND_MS,
} from './histories.js';
import { HistoryBank, type Person } from './histories-bank.js';
import { doAllThatIsDue, tick } from './histories-due.js';
import { type Asking, Judge, linesOf, seenOf } from './histories-judge.js';
import { type Doing, type Point } from './histories-process.js';
import { type HistoryWorld } from './histories-world.js';
import { consentOf } from './teller-app.js';
import { SECRETS, send } from './webhook-sending.js';

const LATE_MS = 4 * 60_000;
/** How often a question is asked before it is given up. */
const TRIES = 4;

const FAULT: Readonly<Record<FaultWord, readonly [times: number, fault: Fault]>> = {
  limits: [1, limitsRate('120')],
  'limits briefly': [1, limitsRate('1')],
  unavailable: [TRIES, refuses(502)],
  'unavailable briefly': [1, refuses(502)],
  cuts: [TRIES, cuts()],
  resets: [TRIES, resets()],
};

/** What a history came to, so that it is seen whether histories reach what they are about. */
export interface Reach {
  deaths: number;
  faults: number;
  takenOver: number;
  refused: number;
  announced: number;
}

export class HistoryRun {
  private readonly bank: HistoryBank;
  private readonly judge: Judge;
  private lastWebhook: { readonly webhook: Webhook; readonly account: BankAccount } | undefined;

  constructor(
    private readonly world: HistoryWorld,
    private readonly history: History,
    private readonly reach: Reach,
  ) {
    world.pageMax = history.pageMax;
    this.bank = new HistoryBank(world.teller.bank, history, [world.newOwner(), world.newOwner()]);
    this.judge = new Judge(this.bank);
  }

  async play(): Promise<void> {
    for (const step of [BEGINNING, ...this.history.steps]) {
      if ('look' in step) await this.look(step.look);
      else await this.do(step);
      if ('act' in step) await this.judge.judge(await this.app(0));
    }
    await this.comeToRest();
  }

  private async app(which: number): Promise<TestApp> {
    return (await this.world.process(which)).app;
  }

  private async do(deed: Deed): Promise<void> {
    // No two things happen at the same moment, but for those that are to race.
    this.world.pass(1);
    if ('bank' in deed) this.atBank(deed);
    else if ('waitMs' in deed) this.world.pass(deed.waitMs);
    else if ('note' in deed) await this.note(deed.note, deed.at);
    else if (deed.act === 'race') await Promise.all(deed.acts.map((act) => this.act(act)));
    else await this.act(deed);
  }

  private atBank(deed: BankDeed): void {
    for (const account of this.bank.do(deed)) this.judge.changed(account, this.world.nowMs);
    if (deed.bank === 'disconnect') this.judge.disturbed();
  }

  private async act(act: Act): Promise<void> {
    const process = await this.world.process(act.at);
    const startedMs = this.world.nowMs;
    const answer = await process.run(this.doing(act, process.app), () => this.perform(act, process.app));
    if (answer === 'died') this.reach.deaths += 1;
    // Those that were not met: what was ordered for one act is in the way of no other.
    this.world.teller.faults.clear();
    await this.judge.learn(await this.app(act.at), startedMs);
  }

  /** One of its steps after the other, with what happens meanwhile. */
  private doing(act: Act, app: TestApp): Doing {
    const asking: Asking = { startedMs: this.world.nowMs, turns: new Map() };
    const isSync = act.act === 'sync' || act.act === 'tick' || act.act === 'refresh';
    return {
      steps: 0,
      reach: (point, step) => this.meanwhile(act, point, step),
      asks: async (enrollment) => {
        if (isSync) await this.judge.asks(app, asking, enrollment);
      },
    };
  }

  private async meanwhile(act: Act, point: Point, step: number): Promise<'lives' | 'dies'> {
    let fate: 'lives' | 'dies' = 'lives';
    for (const { happens, ...at } of act.meanwhile) {
      // While a transaction is open nobody else has the time.
      const when = happens === 'dies' || at.point === 'after' ? at.point : 'before';
      if (at.step !== step || when !== point) continue;
      if (happens === 'dies') fate = 'dies';
      else if ('fault' in happens) this.order(happens.fault);
      else for (const deed of happens) await this.do(deed);
    }
    return fate;
  }

  private order(word: FaultWord): void {
    const [times, fault] = FAULT[word];
    this.world.teller.faults.times(times, () => true, fault);
    this.reach.faults += 1;
    this.judge.disturbed();
  }

  private async perform(act: Act, app: TestApp): Promise<void> {
    switch (act.act) {
      case 'tick':
        await tick(app);
        break;
      case 'sync': {
        const id = picked(this.enrollmentIds(), act.nth);
        if (id !== undefined) this.took(await app.post(`/v1/enrollments/${id}/sync`), [200, 409, 502, 503]);
        break;
      }
      case 'refresh': {
        const seen = [...(await seenOf(app, this.bank.people[act.nth % 2]!)).values()];
        const id = picked(seen, act.nth)?.account.id;
        if (id !== undefined) this.took(await app.post(`/v1/accounts/${id}/refresh`), [200, 409, 502, 503]);
        break;
      }
      case 'leave': {
        const id = picked(this.enrollmentIds(), act.nth);
        this.judge.disturbed();
        if (id !== undefined) this.took(await app.delete(`/v1/enrollments/${id}`), [200, 502, 503]);
        break;
      }
      case 'webhook':
        await this.hear(act, app);
        break;
      case 'enroll':
      case 'stranger':
        await this.enroll(app, this.bank.people[act.act === 'enroll' ? 0 : 1], act.nth);
    }
  }

  private took({ status, text, body }: Answer, statuses: readonly number[]): void {
    if (!statuses.includes(status)) throw new Error(`${status}: ${text}`);
    if (status >= 400) this.reach.refused += 1;
    if (body?.code === 'sync_already_running' && /taken/.test(body.detail)) this.reach.takenOver += 1;
  }

  private enrollmentIds(): string[] {
    return this.bank.people.flatMap(({ consents }) => consents.flatMap(({ enrollmentId: id }) => id ?? []));
  }

  /** Goes through Teller Connect anew, or brings once more what it handed over; the older consents end there, or not. */
  private async enroll(app: TestApp, person: Person, nth: number): Promise<void> {
    const { newest } = person;
    const isWaiting = newest !== undefined && newest.enrollmentId === undefined && !newest.atBank.isRevoked;
    const consent = isWaiting && nth % 2 === 0 ? newest : person.consent();
    const answer = await app.post('/v1/enrollments', consentOf(consent.atBank, { owner: person.owner }));
    this.judge.consented(person);
    this.took(answer, [201, 409, 502, 503]);
    if (answer.status !== 201) return;
    consent.enrollmentId = answer.body.id;
    if (nth % 3 === 0) for (const old of person.consents) if (old !== person.newest) old.atBank.revoke();
  }

  private async hear({ webhook: kind = 'good', nth }: Act, app: TestApp): Promise<void> {
    const account = picked(this.bank.accounts, nth)!;
    const at = this.world.nowMs - (kind === 'late' ? LATE_MS : 0);
    const secrets = [kind === 'forged' ? 'not the secret that is known' : SECRETS[nth % SECRETS.length]!];
    const fresh = {
      account,
      webhook: signed(processedEvent(account, account.list().slice(0, 3), at), { secrets, at }),
    };
    const sent = kind === 'again' ? (this.lastWebhook ?? fresh) : fresh;
    if (kind === 'good') this.lastWebhook = sent;
    const { status, text } = await send(app, sent.webhook);
    const expected = { good: [200, 503], again: [200, 401, 409, 503], forged: [401], late: [401] }[kind];
    if (!expected.includes(status)) throw new Error(`${status}: ${text}`);
    if (status !== 200) return;
    this.judge.announce(sent.account);
    this.reach.announced += 1;
  }

  /** A person writes on a line. */
  private async note(nth: number, at: number): Promise<void> {
    const process = await this.world.process(at);
    const still: Doing = { steps: 0, reach: async () => 'lives', asks: async () => undefined };
    await process.run(still, async () => {
      const { app } = process;
      const seen = [...(await seenOf(app, this.bank.people[0])).values()];
      const rows = (await Promise.all(seen.map(({ account }) => linesOf(app, account)))).flat().filter(isLive);
      const row = picked(rows, nth);
      if (row === undefined) return;
      const own = { notes: `on ${row.externalId}`, category: 'mine' };
      await bodyOf(app.patch(`/v1/transactions/${row.id}`, own));
      this.judge.note({ ...row, ...own });
    });
  }

  /** Turns of the dead run out, and what is due is done: what was announced must be there. */
  private async look(at: number): Promise<void> {
    this.world.pass(LEASE_MS + 1);
    await this.doAllThatIsDue(at);
    await this.judge.judgeAnnounced(await this.app(at));
  }

  private doAllThatIsDue(at: number): Promise<void> {
    let which = at;
    return doAllThatIsDue(() => {
      this.world.pass(1);
      return this.app(which++);
    });
  }

  /** People mend what is theirs to mend, time passes, and the service does the rest by itself. */
  private async comeToRest(): Promise<void> {
    await this.look(0);
    this.bank.do({ bank: 'repair' });
    const app = await this.app(1);
    for (const person of this.bank.people) {
      if (person.newest === undefined || person.isFollowed) continue;
      await this.enroll(app, person, 0);
      expect(person.isFollowed).toBe(true);
    }
    this.world.pass(ROUND_MS);
    await this.doAllThatIsDue(1);
    const last = await this.app(0);
    await this.judge.judgeAll(last);
    await this.judgeViews(last);
    await this.leaveNothing(last);
  }

  private async judgeViews(app: TestApp): Promise<void> {
    const people = this.bank.people.filter(({ newest }) => newest !== undefined);
    for (const { newest } of people) {
      const view = await bodyOf(app.get(`/v1/enrollments/${newest!.enrollmentId}/sync`));
      expect(view).toMatchObject({ state: 'idle', heldUntil: null, failures: 0, lastError: null });
      const states = this.bank.accounts.map(({ status }) => (status === 'closed' ? 'closed' : 'following'));
      expect(view.accounts.map(({ state }: { state: string }) => state).sort()).toEqual(states.sort());
    }
    await expectWhole(
      app,
      people.map(({ owner }) => new Follower(app, { name: owner, owner, limit: 500 })),
    );
  }

  /** What is never due again is in no later history's way. */
  private async leaveNothing(app: TestApp): Promise<void> {
    for (const { owner } of this.bank.people)
      for (const { id, status } of await allPages(app, `/v1/enrollments?owner=${owner}`))
        if (status !== 'disconnected') await bodyOf(app.delete(`/v1/enrollments/${id}`));
    this.world.teller.asked.length = 0;
  }
}
