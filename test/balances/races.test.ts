// Two who state a balance of one account. The fence is the account's lock, taken before anything is read: FOR NO KEY UPDATE on
// PostgreSQL, the turn to write on SQLite. Without it each of these tests fails on PostgreSQL, and each that stops a writer on SQLite, too.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { clash } from '../support/held-write.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const state = (account: { id: string }, ledger: string, asOf: string) => () =>
    app.post(`/v1/accounts/${account.id}/balances`, { ledger, asOf });
  const NEW = '2026-11-02T00:00:00.000Z';
  const OLD = '2026-11-01T00:00:00.000Z';

  it('the latest balance is the newer one, whoever is done last', async () => {
    const account = await openAccount(app);
    const { second, secondWasFirst } = await clash(
      app,
      'accounts',
      state(account, '2.00', NEW),
      state(account, '1.00', OLD),
    );
    expect(secondWasFirst).toBe(false);
    expect(second.status).toBe(201);
    expect((await bodyOf(app.get(`/v1/accounts/${account.id}`))).balance).toMatchObject({ ledger: '2.00', asOf: NEW });
    expect((await bodyOf(app.get(`/v1/accounts/${account.id}/balances`))).data).toHaveLength(2);
  });

  it('of two that differ and are of one moment, one stands', async () => {
    const account = await openAccount(app);
    const { first, second, secondWasFirst } = await clash(
      app,
      'balances',
      state(account, '1.00', NEW),
      state(account, '2.00', NEW),
    );
    expect(secondWasFirst).toBe(false);
    expect(first.status).toBe(201);
    expectRefusal(second, 409, 'balance_already_stated');
  });

  it('two that say the same are one', async () => {
    const account = await openAccount(app);
    const { first, second, secondWasFirst } = await clash(
      app,
      'balances',
      state(account, '1.00', NEW),
      state(account, '1.00', NEW),
    );
    expect(secondWasFirst).toBe(false);
    expect(second.body).toEqual(first.body);
  });

  it('of twenty-eight at once the newest is carried', async () => {
    const account = await openAccount(app);
    const days = Array.from({ length: 28 }, (_, index) => String(((index * 11) % 28) + 1).padStart(2, '0'));
    const answers = await Promise.all(
      days.map((day) => state(account, `${day}.00`.replace(/^0/, ''), `2026-10-${day}T00:00:00Z`)()),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect((await bodyOf(app.get(`/v1/accounts/${account.id}/balance`))).ledger).toBe('28.00');
  });
});
