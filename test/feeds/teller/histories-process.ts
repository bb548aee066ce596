// A process of the service that may die between any two of its steps, and is then as silent as one that was killed: what it was doing never goes on,
// what it had not committed is taken back, and nothing is cleaned up.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Currencies } from '../../../src/common/currency.js';
import { UuidV7Source } from '../../../src/common/ids.js';
import { ENGINE } from '../../../src/database/database.module.js';
import { type Engine, type WritingConnection } from '../../../src/database/engine.js';
import { type Feed, type FeedAccess, type FeedPageRequest } from '../../../src/feeds/port/feed.port.js';
import { KeyRing } from '../../../src/feeds/tokens/key-ring.js';
import { TellerConnect } from '../../../src/feeds/teller/teller.connect.js';
import { TellerFeed } from '../../../src/feeds/teller/teller.feed.js';
import { TellerNonces } from '../../../src/feeds/teller/teller-nonces.js';
import { type TestStore } from '../../support/each-store.js';
import { type HeldClock, TestApp } from '../../support/test-app.js';
import { clientOf } from './asking.js';
import { type FakeTeller } from './fake-teller/server.js';

export type Point = 'before' | 'within' | 'after';

/** Something that a process does, step by step. */
export interface Doing {
  /** What comes to pass at a point of one of its steps. `within`: in a transaction that is still to be committed. */
  readonly reach: (point: Point, step: number) => Promise<'lives' | 'dies'>;
  /** Before it asks the bank about an enrollment, by the bank's id. */
  readonly asks: (enrollment: string) => Promise<void>;
  steps: number;
}

interface Surroundings {
  readonly store: TestStore;
  readonly clock: HeldClock;
  readonly teller: FakeTeller;
  /** How many lines the bank gives in a page, at this moment. */
  readonly pageMax: () => number;
}

class Died extends Error {}

const SANDBOX = { environment: 'sandbox', signingKey: undefined } as const;

export class MortalProcess {
  private readonly doings = new AsyncLocalStorage<Doing>();
  private isBuried = false;
  private die: () => void = () => undefined;
  private readonly death = new Promise<'died'>((resolve) => (this.die = () => resolve('died')));
  isDead = false;
  app!: TestApp;
  private engine!: Engine;
  private disconnect: () => Promise<void> = async () => undefined;

  private constructor(private readonly surroundings: Surroundings) {}

  static async start(surroundings: Surroundings): Promise<MortalProcess> {
    const process = new MortalProcess(surroundings);
    const { store, clock, teller } = surroundings;
    const feed = process.observed(tellerFeed(teller, clock), surroundings.pageMax);
    process.app = await TestApp.start(store, clock, { feeds: [feed], ids: new UuidV7Source(clock) });
    process.engine = process.app.app.get<Engine>(ENGINE);
    process.interpose();
    return process;
  }

  /** What it answers, if it lives so long. */
  run<T>(doing: Doing, work: () => Promise<T>): Promise<T | 'died'> {
    return Promise.race([this.doings.run(doing, work), this.death]);
  }

  /** Whoever waits for it hears nothing more. Comes back when the system has taken back what it held: its connections and its locks. */
  async kill(): Promise<void> {
    if (this.isDead) return;
    this.isDead = true;
    this.die();
    const closed = this.disconnect();
    // A connection that is still in use holds up nobody else, but a file has one server.
    if (this.surroundings.store.engine === 'sqlite') await closed;
  }

  /** Takes away what is left of it in this test. */
  async bury(): Promise<void> {
    this.isBuried = true;
    await this.app.stop();
  }

  private interpose(): void {
    const { engine } = this;
    const [read, snapshot, transact, close] = [
      engine.read.bind(engine),
      engine.snapshot.bind(engine),
      engine.transact.bind(engine),
      engine.close.bind(engine),
    ];
    engine.read = (work) => this.unlessDead(() => read(work));
    engine.snapshot = (work) => this.unlessDead(() => snapshot(work));
    engine.transact = <T>(work: (connection: WritingConnection) => Promise<T>) =>
      this.step((within) =>
        transact(async (connection) => {
          const result = await work(connection);
          await within();
          return result;
        }),
      );
    let closing: Promise<void> | undefined;
    this.disconnect = () => (closing ??= close());
    engine.close = this.disconnect;
  }

  /** The bank's questions are steps, too. */
  private observed(feed: Feed, pageMax: () => number): Feed {
    const asked = <T>(access: FeedAccess, ask: () => Promise<T>): Promise<T> =>
      this.step(async (within) => {
        await within();
        await this.doings.getStore()?.asks(access.enrollmentExternalId);
        return ask();
      });
    const limited = ({ count, ...rest }: FeedPageRequest) => ({ ...rest, count: Math.min(count, pageMax()) });
    return {
      name: feed.name,
      institutions: () => feed.institutions(),
      enroll: (request) => feed.enroll(request),
      accounts: (access) => asked(access, () => feed.accounts(access)),
      balance: (access, account) => asked(access, () => feed.balance(access, account)),
      page: (access, account, request) => asked(access, () => feed.page(access, account, limited(request))),
      disconnect: (access) => asked(access, () => feed.disconnect(access)),
      close: () => feed.close!(),
    };
  }

  private step<T>(work: (within: () => Promise<void>) => Promise<T>): Promise<T> {
    return this.unlessDead(async () => {
      const doing = this.doings.getStore();
      const number = doing === undefined ? 0 : (doing.steps += 1);
      const reach = async (point: Point): Promise<void> => {
        if ((await doing?.reach(point, number)) === 'dies') await this.kill();
        if (this.isDead) throw new Died();
      };
      await reach('before');
      const result = await work(async () => {
        // Not killed here, but by whoever called this: a transaction is taken back before its connection is closed.
        if ((await doing?.reach('within', number)) === 'dies' || this.isDead) throw new Died();
      }).catch(async (error: unknown) => {
        if (error instanceof Died) await this.kill();
        throw error;
      });
      await reach('after');
      return result;
    });
  }

  /** A dead process never hears how anything ended. */
  private async unlessDead<T>(work: () => Promise<T>): Promise<T> {
    if (this.isBuried) throw new Error('This process is dead.');
    if (this.isDead) return nothing();
    try {
      const result = await work();
      return this.isDead ? await nothing() : result;
    } catch (error) {
      if (this.isDead && !this.isBuried) return nothing();
      throw error;
    }
  }
}

function nothing(): Promise<never> {
  return new Promise(() => undefined);
}

/** As the service makes it, but for its patience. */
function tellerFeed(teller: FakeTeller, clock: HeldClock): TellerFeed {
  const connect = new TellerConnect(SANDBOX, new TellerNonces(new KeyRing([]), clock));
  return new TellerFeed(SANDBOX, clientOf(teller, [], { clock }), connect, new Currencies(), clock);
}
