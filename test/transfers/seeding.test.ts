// The accounts of the bank itself are made by command: as often as one likes, by two at once, and their funds are transfers like any other.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenLedger, openLedger } from '../../src/cli/ledger/open-ledger.js';
import { ofEveryOwner } from '../../src/database/scope.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { audit } from './audit.js';
import { Bank } from './bank.js';

const LEAVE = ofEveryOwner('a test', { name: 'passbook seed', requestId: null });

eachStore((store) => {
  let ledger: OpenLedger;
  beforeAll(async () => {
    ledger = await openLedger(store.settings, true);
  });
  afterAll(() => ledger.close());

  const wanted = [
    { role: 'treasury', currency: 'USD', opening: undefined },
    { role: 'house', currency: 'USD', opening: '1000.00' },
    { role: 'treasury', currency: 'XGC', opening: undefined },
    { role: 'house', currency: 'XGC', opening: '5' },
  ];
  const seed = (list = wanted) => ledger.systemAccounts.seed(list, LEAVE);

  it('makes what is not there, once, by however many it is asked for at once', async () => {
    await expect(seed([{ role: 'treasury', currency: 'QQQ', opening: undefined }])).rejects.toThrow();
    await expect(seed([...wanted, { role: 'float', currency: 'XGC', opening: '0.5' }])).rejects.toThrow();
    expect((await audit(store.settings)).tables.get('accounts')).toEqual([]);
    const [one, two] = await Promise.all([seed(), seed()]);
    expect(one.map(({ id }) => id)).toEqual(two.map(({ id }) => id));
    const three = await seed();
    expect(three.map(({ isNew, funds }) => [isNew, funds])).toEqual([
      [false, 'none'],
      [false, 'standing'],
      [false, 'none'],
      [false, 'standing'],
    ]);
    const { faults, tables, entries } = await audit(store.settings);
    expect([faults, entries.map(({ kind }) => kind)]).toEqual([[], ['opening', 'opening']]);
    const ledgers = tables
      .get('accounts')!
      .map((row) => [row['system_role'], row['currency'], row['owner'], String(row['ledger'])]);
    expect(ledgers.sort()).toEqual([
      ['house', 'USD', 'system', '100000'],
      ['house', 'XGC', 'system', '5'],
      ['treasury', 'USD', 'system', '-100000'],
      ['treasury', 'XGC', 'system', '-5'],
    ]);
  });

  it('makes what a longer list names besides, and pays no opening twice, whatever it says later', async () => {
    const more = [
      ...wanted.map((one) => ({ ...one, opening: one.opening && '9' })),
      { role: 'float', currency: 'USD', opening: '2.50' },
    ];
    expect((await seed(more)).map(({ isNew, funds }) => [isNew, funds]).at(-1)).toEqual([true, 'paid']);
    const { faults, entries } = await audit(store.settings);
    expect([faults, entries.length]).toEqual([[], 3]);
  });

  it('which a server finds, lets below zero, and counts among its books', async () => {
    await ledger.close();
    const app = await TestApp.start(store);
    const [treasury] = (await app.get('/v1/accounts?systemRole=treasury&currency=USD')).body.data;
    const alice = await new Bank(app).account();
    const paid = await app.post('/v1/transfers', { from: treasury.accountNumber, to: alice.id, amount: '5000.00' });
    const { data } = (await app.get('/v1/trial-balance')).body;
    await app.stop();
    expect([paid.status, paid.body.lines[0].balance]).toEqual([201, '-6002.50']);
    expect(data.map(({ isBalanced }: { isBalanced: boolean }) => isBalanced)).toEqual([true, true]);
    expect((await audit(store.settings)).faults).toEqual([]);
  });
});
