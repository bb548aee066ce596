// What cannot be meant by a filter.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectRefusal, openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  let account: { id: string };
  beforeAll(async () => {
    app = await TestApp.start(store);
    account = await openAccount(app, { currency: 'JPY' });
  });
  afterAll(() => app.stop());

  const nothing = `acc_${'f'.repeat(32)}`;

  it.each(['/v1/transactions', '/v1/transactions/totals'])('%s refuses what cannot be meant', async (path) => {
    const ask = (query: string) => app.get(`${path}?${query}`);
    expectRefusal(await ask('minAmount=1'), 400, 'request_invalid', ['?minAmount']);
    expectRefusal(await ask('maxAmount=1'), 400, 'request_invalid', ['?maxAmount']);
    expectRefusal(await ask('minAmount=1&currency=ZZZ'), 422, 'currency_unknown');
    expectRefusal(await ask('minAmount=1.5&currency=JPY'), 400, 'amount_invalid', ['?minAmount']);
    expectRefusal(await ask(`maxAmount=1.5&accountId=${account.id}`), 400, 'amount_invalid', ['?maxAmount']);
    expectRefusal(await ask('maxAmount=1000000000000001&currency=JPY'), 400, 'amount_invalid', ['?maxAmount']);
    expectRefusal(await ask(`accountId=${nothing}`), 404, 'account_not_found');
    expectRefusal(await ask(`accountId=${nothing}&minAmount=1`), 404, 'account_not_found');
    expectRefusal(await ask(`accountId=${nothing}&minAmount=1&currency=USD`), 404, 'account_not_found');
    expectRefusal(await ask('from=2023-02-29&to=x&status=open&minAmount=1e3'), 400, 'request_invalid', [
      '?from',
      '?minAmount',
      '?status',
      '?to',
    ]);
  });

  it.each(['month,category', 'category,', 'day', 'Category'])('totals are not grouped by %s', async (groupBy) => {
    expectRefusal(await app.get(`/v1/transactions/totals?groupBy=${groupBy}`), 400, 'request_invalid', ['?groupBy']);
  });

  it('the list of one account is of that account only', async () => {
    expectRefusal(
      await app.get(`/v1/accounts/${account.id}/transactions?accountId=${account.id}`),
      400,
      'request_invalid',
      ['?accountId'],
    );
    expectRefusal(await app.get(`/v1/accounts/${nothing}/transactions`), 404, 'account_not_found');
    expectRefusal(await app.get('/v1/accounts/x/transactions'), 404, 'account_not_found');
    expect((await app.get(`/v1/accounts/${account.id}/transactions`)).body).toEqual({ data: [], nextCursor: null });
  });
});
