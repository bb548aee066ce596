// Rivals for one account, one id, one key, one place in the chain: in one process, in two, and against a session that locks the other way round.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { newOnceKey, withOnceKey } from '../changes/posts.js';
import { eachStore, makeStore, type TestStore } from '../support/each-store.js';
import { Gate } from '../support/gate.js';
import { clash } from '../support/held-write.js';
import { type Answer, HeldClock, TestApp } from '../support/test-app.js';
import { audit } from './audit.js';
import { Bank, newId, type OpenedAccount } from './bank.js';

const SPENDERS = 60;
const COINS = 25;
/** Long enough for a rival that nothing stops to be done. */
const LOOK_MS = 250;

const codeOf = ({ status, body }: Answer): unknown => (status < 300 ? 'done' : body.code);

/** That of many who spend one coin each of one account just as many succeed as there are coins. */
async function expectSpentOnce(apps: readonly TestApp[], bank: Bank, store: TestStore): Promise<void> {
  const [alice, bob] = [await bank.account(`${COINS}.00`), await bank.account()];
  const key = apps[0]!.key;
  const asked = { from: alice.id, to: bob.id, amount: '1.00' };
  const spend = (_: unknown, nth: number) => {
    const app = apps[nth % apps.length]!;
    return nth % 3 === 0 ? app.post('/v1/holds', asked, { key }) : app.post('/v1/transfers', asked, { key });
  };
  const answers = await Promise.all(Array.from({ length: SPENDERS }, spend));
  const codes = answers.map(codeOf);
  expect(codes.filter((code) => code === 'done')).toHaveLength(COINS);
  expect(new Set(codes)).toEqual(new Set(['done', 'insufficient_funds']));
  expect((await bank.balanceOf(alice)).available).toBe('0.00');
  expect((await audit(store.settings)).faults).toEqual([]);
}

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
  });
  afterAll(() => app.stop());

  it(`${SPENDERS} at once spend ${COINS} coins once`, () => expectSpentOnce([app], bank, store));

  it('whoever closes an account waits for the money that is on its way to it', async () => {
    const [alice, bob] = [await bank.account('10.00'), await bank.account()];
    const { first, second, secondWasFirst } = await clash(
      app,
      'chain_heads',
      () => bank.move(alice, bob, '1.00'),
      () => app.post(`/v1/accounts/${bob.id}/close`),
    );
    expect([codeOf(first), codeOf(second), secondWasFirst]).toEqual(['done', 'account_not_empty', false]);
  });

  it('whoever lowers an overdraft limit waits for what is just being spent of it', async () => {
    const [alice, bob] = [await bank.account(undefined, { overdraftLimit: '10.00' }), await bank.account()];
    const { first, second } = await clash(
      app,
      'chain_heads',
      () => bank.hold(alice, bob, '7.00'),
      () => app.patch(`/v1/accounts/${alice.id}`, { overdraftLimit: '6.99' }),
    );
    expect([codeOf(first), codeOf(second)]).toEqual(['done', 'overdraft_in_use']);
  });
});

describe('two services on one PostgreSQL', () => {
  let store: TestStore;
  let apps: readonly [TestApp, TestApp];
  let bank: Bank;
  let accounts: OpenedAccount[];
  const clock = new HeldClock();
  beforeAll(async () => {
    store = await makeStore('postgres');
    const start = () => TestApp.start(store, clock, { ids: new UuidV7Source(clock) });
    apps = [await start(), await start()];
    bank = new Bank(apps[0]);
    accounts = [];
    for (let count = 0; count < 4; count += 1) accounts.push(await bank.account('100.00'));
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    await store.dispose();
  });

  it(`${SPENDERS} at once spend ${COINS} coins once`, () => expectSpentOnce(apps, bank, store));

  it('a place in the chain is given once, to transfers that share no account', async () => {
    const [a, b, c, d] = accounts as [OpenedAccount, OpenedAccount, OpenedAccount, OpenedAccount];
    const sends = Array.from({ length: 40 }, (_, nth) => {
      const [from, to] = nth % 2 === 0 ? [a, b] : [c, d];
      return apps[nth % 2]!.post('/v1/transfers', { from: from.id, to: to.id, amount: '0.01' }, { key: apps[0].key });
    });
    expect(new Set((await Promise.all(sends)).map(codeOf))).toEqual(new Set(['done']));
    expect((await audit(store.settings)).faults).toEqual([]);
  });

  /** The first process writes and is held before its commit, until the second has run into it. */
  async function rivals(
    first: () => Promise<Answer>,
    second: () => Promise<Answer>,
  ): Promise<readonly [Answer, Answer]> {
    const [reached, gate] = [new Gate(), new Gate()];
    const forget = apps[0].app.get(Database).observe(async (_, { entity }) => {
      if (entity.name !== 'chain_heads') return;
      forget();
      reached.open();
      await gate.passed;
    });
    const one = first();
    await Promise.race([reached.passed, one]);
    const two = second();
    await sleep(LOOK_MS);
    gate.open();
    return Promise.all([one, two]);
  }

  const sharing = [
    ['an id of a transfer', '/v1/transfers', { id: newId('trf') }, undefined, 'transfer_id_taken'],
    ['an id of a hold', '/v1/holds', { id: newId('hld') }, undefined, 'transfer_id_taken'],
    ['a key', '/v1/transfers', {}, newOnceKey(), 'idempotency_key_reused'],
    ['a key of a hold', '/v1/holds', {}, newOnceKey(), 'idempotency_key_reused'],
  ] as const;

  it.each(sharing)('%s stands for the first of two that share no account', async (_, path, more, onceKey, code) => {
    const ask = (nth: 0 | 1) => () => {
      const [from, to] = accounts.slice(nth * 2) as [OpenedAccount, OpenedAccount];
      const options = onceKey === undefined ? {} : withOnceKey(onceKey);
      return apps[nth].post(
        path,
        { from: from.id, to: to.id, amount: '1.00', ...more },
        { ...options, key: apps[0].key },
      );
    };
    const [one, two] = await rivals(ask(0), ask(1));
    expect([codeOf(one), codeOf(two)]).toEqual(['done', code]);
    expect((await audit(store.settings)).faults).toEqual([]);
  });

  it('the same request at both has one effect and one answer', async () => {
    const asked = { from: accounts[0]!.id, to: accounts[1]!.id, amount: '1.00' };
    const options = { ...withOnceKey(newOnceKey()), key: apps[0].key };
    const [one, two] = await rivals(
      () => apps[0].post('/v1/transfers', asked, options),
      () => apps[1].post('/v1/transfers', asked, options),
    );
    expect([one.status, two.text, two.headers['idempotency-replayed']]).toEqual([201, one.text, 'true']);
  });

  it('a session that locks the accounts the other way round makes a deadlock, which is outlived', async () => {
    const { host, port, user, database, password } = store.settings.store as pg.ClientConfig & {
      password?: { reveal(): string };
    };
    const [low, high] = accounts.map(({ id }) => id).sort() as [string, string];
    const rival = new pg.Client({ host, port, user, database, password: password?.reveal() } as pg.ClientConfig);
    await rival.connect();
    // The service is the one that finds the deadlock, and gives way.
    await rival.query("SET deadlock_timeout = '60s'");
    const lock = (id: string) => rival.query('SELECT id FROM accounts WHERE id = $1 FOR UPDATE', [id]);
    await rival.query('BEGIN');
    await lock(high);
    const before = await bank.ledgersOf({ id: low }, { id: high });
    const { tally } = apps[0].app.get(Database);
    const { retries } = tally;
    const moved = apps[0].post('/v1/transfers', { from: low, to: high, amount: '1.00' }, withOnceKey(newOnceKey()));
    await sleep(LOOK_MS);
    await lock(low);
    await rival.query('COMMIT');
    await rival.end();
    const answer = await moved;
    expect([codeOf(answer), tally.retries > retries]).toEqual(['done', true]);
    const after = await bank.ledgersOf({ id: low }, { id: high });
    expect(after.map((ledger, index) => Number(ledger) - Number(before[index]))).toEqual([-1, 1]);
    expect((await audit(store.settings)).faults).toEqual([]);
  });
});
