// Where histories come to pass: a store, its processes, a clock and a bank. Several histories in a row share one, each with owners of its own.
import { daysBetween, parseCivilDate } from '../../../src/common/civil-date.js';
import { civilDateOf, epochMsOf } from '../../../src/common/clock.js';
import { type Engine, makeStore, type TestStore } from '../../support/each-store.js';
import { HeldClock } from '../../support/test-app.js';
import { FakeTeller } from './fake-teller/server.js';
import { MortalProcess } from './histories-process.js';
import { withTeller } from './teller-app.js';
import { SECRETS } from './webhook-sending.js';

const VARIABLES = {
  TELLER_WEBHOOK_SECRETS: SECRETS.join(','),
  // One after the other, so that a history comes to pass again as it did.
  SYNC_CONCURRENCY: '1',
  // Nobody waits for the dead.
  SHUTDOWN_GRACE_MS: '0',
};

export class HistoryWorld {
  pageMax = 250;
  private readonly processes: (MortalProcess | undefined)[] = [];
  private readonly graves: Promise<void>[] = [];
  private count = 0;

  private constructor(
    readonly engine: Engine,
    readonly clock: HeldClock,
    readonly teller: FakeTeller,
    private readonly made: TestStore,
    private readonly store: TestStore,
  ) {}

  static async make(engine: Engine): Promise<HistoryWorld> {
    const [teller, made] = await Promise.all([FakeTeller.start(), makeStore(engine)]);
    const world = new HistoryWorld(engine, new HeldClock(), teller, made, withTeller(made, teller, VARIABLES));
    teller.bank.today = civilDateOf(world.clock.now());
    return world;
  }

  get nowMs(): number {
    return epochMsOf(this.clock.now());
  }

  /** Nobody else's in this world. */
  newOwner(): string {
    return `owner${(this.count += 1)}`;
  }

  /** Alive: where it died, another one begins. A file has one server, so there both are the same. */
  async process(which: number): Promise<MortalProcess> {
    const place = this.engine === 'sqlite' ? 0 : which % 2;
    const there = this.processes[place];
    if (there !== undefined && !there.isDead) return there;
    if (there !== undefined) this.graves.push(there.bury());
    const { store, clock, teller } = this;
    return (this.processes[place] = await MortalProcess.start({ store, clock, teller, pageMax: () => this.pageMax }));
  }

  /** Here, and at the bank. */
  pass(ms: number): void {
    this.clock.advance(ms);
    const { bank } = this.teller;
    const today = civilDateOf(this.clock.now());
    bank.advance(daysBetween(parseCivilDate(bank.today), today));
  }

  async end(): Promise<void> {
    for (const process of this.processes) if (process !== undefined) this.graves.push(process.bury());
    await Promise.all(this.graves);
    await this.teller.stop();
    await this.made.dispose();
  }
}
