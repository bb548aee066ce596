// Many clients at once, in one process and in two on one PostgreSQL: whatever the order, it was one, and everybody was told the truth.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../src/common/ids.js';
import { moments } from '../crash/rounds.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { seed, share } from '../support/share.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { audit, type Books } from './audit.js';
import { Bank } from './bank.js';
import { Crowd, type CrowdDeed } from './crowd.js';
import { Oracle } from './oracle.js';
import { type Account } from './oracle-state.js';

const ROUNDS = share({ test: 12, prove: 300 });
const TOGETHER = 24;
const WAIT_MS = 90;

/** Each round some ask at once, some of them twice; then time passes, past the end of some holds. */
async function ask(apps: readonly TestApp[], crowd: Crowd): Promise<void> {
  const [{ key, clock }] = apps as [TestApp];
  let turn = 0;
  const send = async (deed: CrowdDeed) => {
    const once = deed.onceKey === undefined ? {} : { headers: { 'idempotency-key': deed.onceKey } };
    turn += 1;
    const { status, body } = await apps[turn % apps.length]!.post(deed.path, deed.body, { key, ...once });
    crowd.note(deed, { status, body });
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const deeds = Array.from({ length: TOGETHER }, () => crowd.next());
    await Promise.all([...deeds, ...deeds.filter((_, index) => index % 3 === 0)].map(send));
    clock.advance(WAIT_MS);
    // Asked again later, too: what was done is told again.
    await Promise.all(
      deeds
        .filter(({ replies }) => replies.some(({ status }) => status < 300))
        .slice(0, 5)
        .map(send),
    );
  }
}

/** Plays the chain's own order to the oracle: whatever was asked at once, it is a history that one after another could have made. */
function expectLegal({ entries, tables }: Books): void {
  const accounts = tables.get('accounts')!.map((row): Account => {
    const { id, owner, currency, system_role: role, overdraft_limit: limit } = row as Record<string, string>;
    const isSystem = role !== null;
    return {
      name: id!,
      number: id!,
      owner: owner!,
      currency: currency!,
      isSystem,
      isBook: true,
      isClosed: false,
      limit: BigInt(limit!),
      ledger: 0n,
      held: 0n,
    };
  });
  const state = {
    now: 0,
    seq: 0,
    stood: new Set<string>(),
    transfers: [],
    holds: new Map(),
    accounts: new Map(accounts.map((one) => [one.name, one])),
  };
  const oracle = new Oracle(state);
  for (const { lines, seq } of entries) {
    const cents = (minor: string) =>
      `${minor.startsWith('-') ? '-' : ''}${minor.replace('-', '').padStart(3, '0').replace(/(..)$/, '.$1')}`;
    const legs = lines.map(({ account, amount }: Record<string, string>) => ({
      account: account!,
      amount: cents(amount!),
    }));
    const told = oracle.answer({ deed: { do: 'transfer', asked: { legs } }, by: undefined, dryRun: false });
    const balances = lines.map(({ account, amount, balance }: Record<string, string>) => [
      account,
      cents(amount!),
      cents(balance!),
    ]);
    expect(told).toMatchObject({ status: 201, body: { seq, lines: balances } });
  }
}

async function expectTruth(store: TestStore, crowd: Crowd): Promise<void> {
  const books = await audit(store.settings);
  expect({ seed: seed(), faults: books.faults }).toEqual({ seed: seed(), faults: [] });
  expect({ seed: seed(), faults: crowd.judge(books) }).toEqual({ seed: seed(), faults: [] });
  expectLegal(books);
  const done = new Set(crowd.deeds.filter(({ replies }) => replies[0]!.status < 300).map(({ does }) => does));
  expect([...done].sort()).toEqual(['bulk', 'capture', 'hold', 'release', 'reverse', 'transfer']);
}

async function accountsOf(app: TestApp): Promise<string[]> {
  const bank = new Bank(app);
  const opened = [];
  for (const limit of ['0', '0', '5.00', '0', '20.00'])
    opened.push(await bank.account('30.00', { overdraftLimit: limit }));
  return opened.map(({ id, accountNumber }, index) => (index % 2 === 0 ? id : accountNumber));
}

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  it(`${ROUNDS} rounds of ${TOGETHER} at once`, async () => {
    const crowd = new Crowd('one', await accountsOf(app), moments(), () => Date.parse(app.clock.now()));
    await ask([app], crowd);
    await expectTruth(store, crowd);
  });
});

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  const apps: TestApp[] = [];
  beforeAll(async () => {
    store = await makeStore('postgres');
    const clock = new HeldClock();
    for (let count = 0; count < 2; count += 1)
      apps.push(await TestApp.start(store, clock, { ids: new UuidV7Source(clock) }));
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it(`${ROUNDS} rounds of ${TOGETHER} at once`, async () => {
    const crowd = new Crowd('two', await accountsOf(apps[0]!), moments(), () => Date.parse(apps[0]!.clock.now()));
    await ask(apps, crowd);
    await expectTruth(store, crowd);
  });
});
