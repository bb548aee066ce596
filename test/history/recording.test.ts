// Nothing is written to a recorded table that is not recorded: every such table, by every verb of the door.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Change } from '../../src/changes/change.entity.js';
import { Database } from '../../src/database/database.js';
import { definitionOf, type EntityClass } from '../../src/database/schema/entity.js';
import { type Transaction } from '../../src/database/transaction.js';
import { ENTITIES } from '../../src/entities.js';
import { recorded, rowsOf } from '../changes/tables.js';
import { enroll, sync } from '../feeds/linking.js';
import { Bank } from '../transfers/bank.js';
import { bodyOf, EVERYBODY, keepLine, openAccount, stateBalance } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { changingFeed } from './deeds.js';

interface Row {
  readonly id: string;
}

/** Tables of which nobody is told what changes in them, and why. */
const UNRECORDED: Readonly<Record<string, string>> = {
  feed_positions: 'how far a bank was read is no data of anybody’s',
  api_key_uses: 'using a key changes nothing',
  idempotency_keys: 'what is kept for repetitions is an answer, not data',
  changes: 'the record itself',
  sync_turns: 'who syncs when is no data, and stays in its store',
  transfers: 'the chain of their entries is a record of its own, and the feed and the audit log tell of them by it',
  chain_heads: 'where the chain ends is no data',
  webhook_receipts: 'a signature that was seen is no data, and stays in its store',
};
const NAMED = ENTITIES.map((entity) => [definitionOf(entity).name, entity] as const);
const RECORDED = NAMED.filter(([, entity]) => definitionOf(entity).recorded !== undefined);

const padded = (nth: number): string => String(nth).padStart(3, '0');

/** Of each table: what makes a copy of a row another row, and a change that is one. */
const COPIES: Readonly<Record<string, (nth: number) => object>> = {
  accounts: (nth) => ({ id: `acc_z${padded(nth)}`, externalId: null, feed: null, environment: null, kind: 'manual' }),
  balances: (nth) => ({ id: `bal_z${padded(nth)}`, asOf: `2020-01-01T00:00:00.${padded(nth)}Z` }),
  transactions: (nth) => ({ id: `txn_z${padded(nth)}`, externalId: null }),
  enrollments: (nth) => ({ id: `enr_z${padded(nth)}`, externalId: `copy ${nth}` }),
  holds: (nth) => ({ id: `hld_z${padded(nth)}` }),
  api_keys: (nth) => ({ id: `key_z${padded(nth)}`, hash: `hash ${nth}` }),
};
const CHANGES: Readonly<Record<string, (nth: number) => object>> = {
  accounts: (nth) => ({ name: `name ${nth}` }),
  balances: (nth) => ({ ledger: BigInt(nth) }),
  transactions: (nth) => ({ notes: `note ${nth}` }),
  enrollments: (nth) => ({ lastErrorCode: `code ${nth}` }),
  holds: (nth) => ({ memo: `memo ${nth}` }),
  api_keys: (nth) => ({ name: `name ${nth}` }),
};

eachStore((store) => {
  let app: TestApp;
  let count = 0;
  beforeAll(async () => {
    app = await TestApp.start(store, undefined, { feeds: [changingFeed()] });
    const account = await openAccount(app);
    await keepLine(app, account);
    await stateBalance(app, account, { ledger: '1' });
    await sync(app, await enroll(app, { feed: 'fake' }));
    const bank = new Bank(app);
    const [payer, payee] = [await bank.account('10'), await bank.account()];
    await bodyOf(app.post('/v1/holds', { from: payer.id, to: payee.id, amount: '1' }));
  });
  afterAll(() => app.stop());

  /** What is recorded of `work`, and by whom. */
  async function recordOf(work: (tx: Transaction) => Promise<unknown>): Promise<(readonly [string, string])[]> {
    const before = new Set((await recorded(app)).map(({ id }) => id));
    const by = { name: 'whoever does it', requestId: `request ${(count += 1)}` };
    await app.app.get(Database).transact({ ...EVERYBODY, by }, work);
    const added = (await recorded(app)).filter(({ id }) => !before.has(id));
    expect(new Set(added.map(({ actor, requestId }: Change) => `${actor} ${requestId}`))).toEqual(
      new Set(added.length === 0 ? [] : [`${by.name} ${by.requestId}`]),
    );
    return added.map(({ kind, objectId }) => [kind, objectId] as const);
  }

  it('every table is recorded, or it is said why not', () => {
    const others = NAMED.filter(([, entity]) => definitionOf(entity).recorded === undefined).map(([name]) => name);
    expect(others.sort()).toEqual(Object.keys(UNRECORDED).sort());
    expect(RECORDED.map(([name]) => name).sort()).toEqual(Object.keys(COPIES).sort());
  });

  it.each(RECORDED)('%s: by every verb', async (name, definition) => {
    const entity = definition as EntityClass<Row>;
    const [first] = (await rowsOf(app, entity)) as [Row];
    const copy = (): Row => ({ ...first, ...COPIES[name]!((count += 1)) });
    const change = (): object => CHANGES[name]!((count += 1));
    const [a, b, c, d] = [copy(), copy(), copy(), copy()];

    expect(await recordOf((tx) => tx.insert(entity, [a, b]))).toEqual([
      ['added', a.id],
      ['added', b.id],
    ]);
    expect(await recordOf((tx) => tx.insertNew(entity, c))).toEqual([['added', c.id]]);
    expect(await recordOf((tx) => tx.insertNew(entity, c))).toEqual([]);
    const changed = { ...a, ...change() };
    expect(await recordOf((tx) => tx.upsert(entity, [changed, d]))).toEqual([
      ['modified', a.id],
      ['added', d.id],
    ]);
    expect(await recordOf((tx) => tx.upsert(entity, [changed]))).toEqual([]);
    const set = change();
    const update = [{ key: { id: b.id }, set }] as Parameters<typeof updateOf>[1];
    expect(await recordOf((tx) => updateOf(tx, update, entity))).toEqual([['modified', b.id]]);
    expect(await recordOf((tx) => updateOf(tx, update, entity))).toEqual([]);
    const bulk = [a, b, c].map(({ id }) => ({ key: { id }, set: change() })) as Parameters<typeof updateOf>[1];
    expect(await recordOf((tx) => updateOf(tx, bulk, entity))).toEqual(
      [a, b, c].map(({ id }) => ['modified', id] as const),
    );
    const none = [{ key: { id: 'none' }, set: change() }] as Parameters<typeof updateOf>[1];
    expect(await recordOf((tx) => updateOf(tx, none, entity))).toEqual([]);
    expect(await recordOf((tx) => tx.delete(entity, [{ id: a.id }]))).toEqual([['removed', a.id]]);
    const rest = [b, c, d].map(({ id }) => ({ id }));
    expect(await recordOf((tx) => tx.delete(entity, [...rest, { id: 'none' }]))).toEqual(
      rest.map(({ id }) => ['removed', id] as const),
    );
  });

  it('several verbs of one transaction are told one after another, and nothing of one that fails', async () => {
    const [entity, name] = [RECORDED.find(([one]) => one === 'accounts')![1] as EntityClass<Row>, 'accounts'];
    const [first] = (await rowsOf(app, entity)) as [Row];
    const one = { ...first, ...COPIES[name]!((count += 1)) };
    const update = () => [{ key: { id: one.id }, set: CHANGES[name]!((count += 1)) }] as never;
    const work = async (tx: Transaction): Promise<void> => {
      await tx.insert(entity, [one]);
      await tx.update(entity, update());
      await tx.update(entity, update());
      await tx.delete(entity, [{ id: one.id }]);
    };
    expect((await recordOf(work)).map(([kind]) => kind)).toEqual(['added', 'modified', 'modified', 'removed']);
    const before = await recorded(app);
    const fails = app.app.get(Database).transact(EVERYBODY, async (tx) => {
      await work(tx);
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    expect(await recorded(app)).toEqual(before);
  });
});

function updateOf(
  tx: Transaction,
  changes: readonly { key: Partial<Row>; set: Partial<Row> }[],
  entity: EntityClass<Row>,
): Promise<number> {
  return tx.update(entity, changes);
}
