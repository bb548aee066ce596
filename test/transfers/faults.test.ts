// The store fails at each moment of a batch: before and after each of its writes, and at the commit. A batch stands whole or not at all, whoever
// asks again has one effect, and one bad deed does not fail the others.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { Database } from '../../src/database/database.js';
import { newOnceKey, withOnceKey } from '../changes/posts.js';
import { everyRow } from '../changes/tables.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { Proxy } from '../support/proxy.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { audit } from './audit.js';
import { Bank, newId, type OpenedAccount } from './bank.js';
import { raw } from './raw.js';
import { together } from './together.js';

/** As the driver sends it: `READ COMMITTED` holds the same word. */
const COMMIT = 'COMMIT\0';

interface Scene {
  readonly alice: OpenedAccount;
  readonly bob: OpenedAccount;
  readonly sends: readonly (() => Promise<Answer>)[];
}

/** One deed of each kind, each with a key or an id by which it may be sent again. */
async function sceneOf(app: TestApp, bank: Bank): Promise<Scene> {
  const [alice, bob] = [await bank.account('20.00'), await bank.account('20.00')];
  const paid = await bank.pay(alice.id, bob.id, '1.00');
  const [one, two] = [await bank.hold(alice, bob, '2.00'), await bank.hold(alice, bob, '3.00')];
  const keys = Array.from({ length: 5 }, () => withOnceKey(newOnceKey()));
  const ids = { trf: newId('trf'), hld: newId('hld') };
  const row = { from: bob.id, to: alice.id, amount: '0.25' };
  return {
    alice,
    bob,
    sends: [
      () => bank.move(alice, bob, '4.00', {}, keys[0]),
      () => bank.move(bob, alice, '0.50', { id: ids.trf }),
      () => bank.hold(bob, alice, '5.00', { id: ids.hld }),
      () => app.post(`/v1/holds/${one.body.id}/capture`, {}, keys[1]),
      () => app.post(`/v1/holds/${two.body.id}/release`, {}, keys[2]),
      () => app.post(`/v1/transfers/${paid.id}/reverse`, {}, keys[3]),
      () => app.post('/v1/transfers/bulk', { mode: 'atomic', transfers: [row, row] }, keys[4]),
    ],
  };
}

/** What one effect of each comes to. */
async function expectDone(bank: Bank, { alice, bob }: Scene): Promise<void> {
  expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '15.00', held: '0.00' });
  expect(await bank.balanceOf(bob)).toMatchObject({ ledger: '25.00', held: '5.00' });
}

const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => (status < 300 ? 'done' : status));

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
  });
  afterAll(() => app.stop());

  /** Counts the writes of a batch, and fails at one of them. */
  function failAt(nth: number): { readonly count: () => number; readonly forget: () => void } {
    let count = 0;
    const forget = app.app.get(Database).observe(async () => {
      count += 1;
      if (count === nth) throw new Error('the disk is gone');
    });
    return { count: () => count, forget };
  }

  it('a fault after any one of a batch’s writes: nobody is told what did not happen, and the rest is done', async () => {
    const treasury = await bank.treasury();
    for (let nth = 1, isOver = false; !isOver; nth += 1) {
      const scene = await sceneOf(app, bank);
      let failing: ReturnType<typeof failAt> | undefined;
      const [first, ...others] = scene.sends;
      const answers = await together(app, () => bank.move(treasury, scene.bob, '1.00'), [
        () => {
          failing = failAt(nth);
          return first!();
        },
        ...others,
      ]);
      failing!.forget();
      isOver = failing!.count() < nth;
      // The batch is halved until the fault has passed: nobody else fails for it.
      expect(statusesOf(answers)).toEqual(scene.sends.map(() => 'done'));
      const again = await Promise.all(scene.sends.map((send) => send()));
      expect(again.map(({ body }) => body.id)).toEqual(answers.map(({ body }) => body.id));
      expect((await audit(store.settings)).faults).toEqual([]);
    }
  });

  it('a deed alone in its batch that fails leaves nothing, and may be sent again', async () => {
    const scene = await sceneOf(app, bank);
    for (const send of scene.sends) {
      for (let nth = 1; ; nth += 1) {
        const before = await everyRow(app);
        const failing = failAt(nth);
        const answer = await send();
        failing.forget();
        if (failing.count() < nth) {
          expect(answer.status).toBeLessThan(300);
          break;
        }
        expect(answer.status).toBe(500);
        expect(await everyRow(app)).toBe(before);
      }
    }
    await expectDone(bank, scene);
    expect((await audit(store.settings)).faults).toEqual([]);
  });

  it('one row that the store does not take fails its own deed and no other of the batch', async () => {
    const treasury = await bank.treasury();
    const [alice, bob, poisoned] = [await bank.account('10.00'), await bank.account(), await bank.account()];
    const forget = await poison(store, poisoned.id);
    const answers = await together(app, () => bank.move(treasury, bob, '1.00'), [
      () => bank.move(alice, bob, '1.00', {}, withOnceKey(newOnceKey())),
      () => bank.move(alice, bob, '1.00'),
      () => bank.move(treasury, poisoned, '1.00'),
      () => bank.hold(alice, bob, '1.00'),
      () => bank.move(alice, bob, '1.00', { id: newId('trf') }),
    ]);
    await forget();
    expect(statusesOf(answers)).toEqual(['done', 'done', 500, 'done', 'done']);
    expect(await bank.ledgersOf(alice, bob, poisoned)).toEqual(['7.00', '4.00', '0.00']);
    expect((await audit(store.settings)).faults).toEqual([]);
  });
});

/** From now on the store refuses any change of that account, as a constraint that nobody knew of would. Answers how to stop it. */
async function poison({ settings }: TestStore, id: string): Promise<() => Promise<void>> {
  const [make, drop] =
    settings.store.engine === 'sqlite'
      ? [
          `CREATE TRIGGER poison BEFORE UPDATE ON accounts WHEN OLD.id = '${id}' BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
          'DROP TRIGGER poison',
        ]
      : [
          `ALTER TABLE accounts ADD CONSTRAINT poison CHECK (id <> '${id}' OR ledger = 0)`,
          'ALTER TABLE accounts DROP CONSTRAINT poison',
        ];
  await raw(settings, make);
  return async () => void (await raw(settings, drop));
}

describe('on postgres', () => {
  let store: TestStore;
  let proxy: Proxy;
  let app: TestApp;
  let bank: Bank;
  beforeAll(async () => {
    store = await makeStore('postgres');
    const target = store.settings.store as { host: string; port: number };
    proxy = await Proxy.to({ host: target.host, port: target.port });
    const environment = { ...store.environment, DATABASE_URL: proxy.urlOf(store.environment['DATABASE_URL']!) };
    app = await TestApp.start({ ...store, environment, settings: readSettings(environment) });
    bank = new Bank(app);
  });
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await store.dispose();
  });

  it.each(['cutBefore', 'cutAfter'] as const)(
    'the connection is lost at the commit of a batch (%s): each has one effect and hears of it',
    async (lose) => {
      const scene = await sceneOf(app, bank);
      const [first, ...others] = scene.sends;
      // Without a key or an id of the client's, too: the ids were made before the money moved.
      const bare = () => bank.move(scene.bob, scene.alice, '1.00');
      const answers = await together(app, () => bank.move(scene.alice, scene.bob, '1.00'), [
        () => {
          const forget = app.app.get(Database).observe(async (_, { entity }) => {
            if (entity.name !== 'chain_heads') return;
            forget();
            proxy[lose](COMMIT);
          });
          return first!();
        },
        ...others,
        bare,
      ]);
      expect(statusesOf(answers)).toEqual([...scene.sends, bare].map(() => 'done'));
      expect(answers.map(({ headers }) => headers['idempotency-replayed'])).toEqual(answers.map(() => undefined));
      await expectDone(bank, scene);
      const again = await Promise.all(scene.sends.map((send) => send()));
      expect(again.map(({ text }) => text)).toEqual(answers.slice(0, -1).map(({ text }) => text));
      await expectDone(bank, scene);
      expect((await audit(store.settings)).faults).toEqual([]);
    },
  );
});
