import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  it('opens a manual account and shows it', async () => {
    const opened = await app.post('/v1/accounts', { kind: 'manual', name: 'Household cash', currency: 'USD' });
    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ kind: 'manual', name: 'Household cash', currency: 'USD', status: 'open', owner: 'default', balance: null, version: 1 });
    const shown = await app.get(`/v1/accounts/${opened.body.id}`);
    expect(shown.body).toEqual(opened.body);
  });

  it('keeps a line and totals it', async () => {
    const { body: account } = await app.post('/v1/accounts', { kind: 'manual', name: 'A', currency: 'USD' });
    const line = await app.post('/v1/transactions', { accountId: account.id, date: '2026-11-01', amount: '-12.34', description: 'Groceries', category: 'food' });
    expect(line.status).toBe(201);
    expect((await app.get(`/v1/transactions?accountId=${account.id}`)).body.data).toEqual([line.body]);
    const totals = await app.get(`/v1/transactions/totals?accountId=${account.id}&groupBy=category,month`);
    expect(totals.body.data).toEqual([{ currency: 'USD', category: 'food', month: '2026-11', in: '0.00', out: '-12.34', net: '-12.34', count: 1 }]);
  });
});
