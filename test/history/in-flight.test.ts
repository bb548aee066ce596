// What has no place in the feed yet, because its transaction is slow, comes later and is not skipped; and the order holds, whoever gives the places
// and whatever their clocks say. SQLite has one writer at a time: there nothing is in flight while another commits.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Account } from '../../src/accounts/account.entity.js';
import { Balance } from '../../src/balances/balance.entity.js';
import { Change } from '../../src/changes/change.entity.js';
import { Sequencer } from '../../src/changes/sequencer.js';
import { UuidV7Source } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { type EntityClass } from '../../src/database/schema/entity.js';
import { openDatabase } from '../../src/database/standalone.js';
import { ENTITIES } from '../../src/entities.js';
import { AccountTransaction } from '../../src/transactions/account-transaction.entity.js';
import { bodyOf, EVERYBODY, type Json, keepLine, lineFor, openAccount } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import { expectWhole, Follower } from './follower.js';
import { SlowWrites } from './slow-writes.js';

const BEHIND_MS = 10_000;
/** Long enough for a sequencer that nothing stops. */
const SOON_MS = 250;

describe('two services on one PostgreSQL, the clock of one 10 s behind', () => {
  let store: TestStore;
  let ahead: TestApp;
  let behind: TestApp;
  let writes: SlowWrites;
  let follower: Follower;
  beforeAll(async () => {
    store = await makeStore('postgres', { DB_POOL_SIZE: '30' });
    const clocks = [new HeldClock(), new HeldClock()] as const;
    clocks[1].advance(-BEHIND_MS);
    ahead = await TestApp.start(store, clocks[0], { ids: new UuidV7Source(clocks[0]) });
    behind = await TestApp.start(store, clocks[1], { ids: new UuidV7Source(clocks[1]) });
    writes = new SlowWrites([ahead, behind]);
  });
  beforeEach(async () => {
    follower = new Follower(ahead, { name: 'all' });
    await follower.follow();
  });
  afterAll(async () => {
    await ahead.stop();
    await behind.stop();
    await store.dispose();
  });

  const changed = (): Promise<Change[]> =>
    ahead.app.get(Database).read(EVERYBODY, (reader) => reader.rows(Change).find({ order: { position: 'ASC' } }));
  const ids = ({ data }: Json): string[] => data.map(({ objectId }: { objectId: string }) => objectId);

  it.each(['ahead', 'behind'])(
    'a commit that was in flight at the one %s when the cursor was given comes after it',
    async (which) => {
      const slowApp = which === 'ahead' ? ahead : behind;
      const [one, two] = [await openAccount(ahead), await openAccount(ahead)];
      await follower.follow();
      const meant = writes.slow();
      const slow = slowApp.post('/v1/transactions', lineFor(one), meant);
      await writes.reached(meant);
      const quick = [await keepLine(ahead, two), await keepLine(behind, two)];
      const first = await follower.ask(follower.cursor);
      expect(ids(first).sort()).toEqual(quick.map(({ id }) => id).sort());
      await follower.follow();
      writes.letGo(meant);
      const { id } = await bodyOf(slow);
      expect(ids(await follower.ask(follower.cursor))).toEqual([id]);
      await expectWhole(ahead, [follower]);
    },
  );

  it('a transaction that is undone leaves no gap and no change', async () => {
    const account = await openAccount(ahead);
    expect((await behind.post('/v1/transactions', lineFor(account), writes.failing())).status).toBe(500);
    const line = await keepLine(behind, account);
    // Of two things either may come first, where two services wrote them.
    expect(ids(await follower.ask(follower.cursor)).sort()).toEqual([account.id, line.id].sort());
    await follower.follow();
    const positions = (await changed()).map(({ position }) => position);
    expect(positions).toEqual(positions.map((_, index) => BigInt(index + 1)));
  });

  it('changes of one thing come in the order in which they were committed', async () => {
    const account = await openAccount(ahead);
    const line = await keepLine(ahead, account);
    // Those of the clock that is behind come after those of the one that is ahead, and before them.
    const editors = [behind, ahead, behind, behind, ahead, behind];
    for (const [index, app] of editors.entries()) {
      await bodyOf(app.patch(`/v1/transactions/${line.id}`, { notes: `note ${index}` }));
      await bodyOf(app.patch(`/v1/accounts/${account.id}`, { name: `name ${index}` }));
    }
    await bodyOf(behind.patch(`/v1/accounts/${account.id}`, { owner: 'bob' }));
    await behind.delete(`/v1/transactions/${line.id}`);
    const { data } = await follower.ask(follower.cursor);
    const of = (id: string) => data.filter(({ objectId }) => objectId === id);
    const notes = of(line.id).map(({ change, data: it }) => [change, (it as Json).notes]);
    expect(notes).toEqual([
      ['added', null],
      ...editors.map((_, index) => ['modified', `note ${index}`]),
      ['removed', 'note 5'],
      ['added', 'note 5'],
      ['removed', 'note 5'],
    ]);
    const names = of(account.id).map(({ change, data: it }) => [change, (it as Json).name]);
    expect(names.slice(1)).toEqual([
      ...editors.map((_, index) => ['modified', `name ${index}`]),
      ['removed', 'name 5'],
      ['added', 'name 5'],
    ]);
    await expectWhole(ahead, [follower]);
  });

  it('who gives places waits for whoever is giving them: else a place that was read would go to another', async () => {
    const account = await openAccount(ahead);
    let go!: () => void;
    let reach!: () => void;
    const free = new Promise<void>((resolve) => (go = resolve));
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const stop = ahead.app.get(Database).observe(async (_, { entity, verb }) => {
      if (entity.name !== 'changes' || verb !== 'update') return;
      reach();
      await free;
    });
    const first = ahead.get('/v1/changes');
    await reached;
    // Its id is lower than those that are being numbered: it would take the place of one of them.
    await keepLine(behind, account);
    const second = behind.get('/v1/changes', { key: ahead.key });
    await sleep(SOON_MS);
    go();
    stop();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    const places = (await changed()).map(({ position }) => position);
    expect(places).toEqual(places.map((_, index) => BigInt(index + 1)));
    await expectWhole(ahead, [follower]);
  });

  it('many sequencers at once give each change one place, and leave no gap', async () => {
    const account = await openAccount(ahead);
    const transactions = Array.from({ length: 200 }, () => lineFor(account));
    const bulk = (app: TestApp) => bodyOf(app.post('/v1/transactions/bulk', { mode: 'atomic', transactions }));
    const sequencers = [ahead, behind].map((app) => app.app.get(Sequencer));
    const numbering = async (): Promise<void> => {
      for (let times = 0; times < 10; times += 1) await Promise.all(sequencers.map((one) => one.catchUp()));
    };
    const others = [ahead, behind].map((app, index) => new Follower(app, { name: `other ${index}`, key: ahead.key }));
    await Promise.all([
      ...[ahead, behind, ahead, behind].map(bulk),
      numbering(),
      numbering(),
      ...others.map((one) => one.follow()),
    ]);
    await follower.follow();
    const all = (await changed()).map(({ position }) => position);
    expect(all).toEqual(all.map((_, index) => BigInt(index + 1)));
    await expectWhole(ahead, [follower, ...others]);
  });
});

/** Row by row and as they are, past whoever records: as a store is moved. */
async function copyEverything(source: TestApp, to: TestStore): Promise<void> {
  const raw = await openDatabase(to.settings, ENTITIES, { serves: false });
  for (const entity of [Account, Balance, AccountTransaction, Change] as readonly EntityClass[]) {
    const rows = await source.app.get(Database).read(EVERYBODY, (reader) => reader.rows(entity).find());
    await raw.database.transact(EVERYBODY, (tx) => tx.insert(entity, rows));
  }
  await raw.close();
}

describe('moved to the other engine', () => {
  it('a cursor goes on where it was: nothing is skipped and nothing comes twice', async () => {
    const [from, to] = [await makeStore('sqlite'), await makeStore('postgres')];
    const clock = new HeldClock();
    const ids = new UuidV7Source(clock);
    const source = await TestApp.start(from, clock, { ids });
    const account = await openAccount(source);
    for (let count = 0; count < 20; count += 1) await keepLine(source, account, { notes: `${count}` });
    const follower = new Follower(source, { name: 'moving', limit: 3 });
    await follower.follow(4);
    const target = await TestApp.start(to, clock, { ids });
    await copyEverything(source, to);
    await source.stop();
    await from.dispose();

    follower.goOnAt(target);
    await keepLine(target, account);
    await follower.follow();
    expect(follower.faults).toEqual([]);
    await expectWhole(target, [follower, new Follower(target, { name: 'new', limit: 500 })]);
    await target.stop();
    await to.dispose();
  });
});
