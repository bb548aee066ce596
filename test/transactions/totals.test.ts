// Totals are exact, also where no engine's own numbers reach.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, keepLine, lineFor, openAccount, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const LIMIT = '1000000000000000';

eachStore((store) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(store);
  });
  afterAll(() => app.stop());

  const totals = async (query: string): Promise<Json[]> =>
    (await bodyOf(app.get(`/v1/transactions/totals?${query}`))).data;

  it('beyond 2^63, in and out', { timeout: 120_000 }, async () => {
    const account = await openAccount(app, { currency: 'JPY' });
    const rows = Array.from({ length: 1_000 }, (_, index) =>
      lineFor(account, { amount: index % 2 === 0 ? LIMIT : `-${LIMIT}`, category: `c${index % 2}` }),
    );
    for (let bulk = 0; bulk < 20; bulk++)
      expect(await bodyOf(app.post('/v1/transactions/bulk', { mode: 'atomic', transactions: rows }))).toMatchObject({
        succeeded: 1_000,
      });
    await keepLine(app, account, { amount: '-7', category: 'c1' });
    await keepLine(app, account, { amount: '3', category: 'c0' });
    const each = 10_000n * BigInt(LIMIT);
    expect(each > 2n ** 63n).toBe(true);
    expect(await totals(`accountId=${account.id}`)).toEqual([
      { currency: 'JPY', in: `${each + 3n}`, out: `${-each - 7n}`, net: '-4', count: 20_002 },
    ]);
    expect(await totals(`accountId=${account.id}&groupBy=category`)).toEqual([
      { currency: 'JPY', category: 'c0', in: `${each + 3n}`, out: '0', net: `${each + 3n}`, count: 10_001 },
      { currency: 'JPY', category: 'c1', in: '0', out: `${-each - 7n}`, net: `${-each - 7n}`, count: 10_001 },
    ]);
  });

  it('of nothing are none', async () => {
    const account = await openAccount(app);
    expect(await totals(`accountId=${account.id}`)).toEqual([]);
  });

  it('group by category, month and currency, with what has no category first', async () => {
    const owner = 'totals';
    const usd = await openAccount(app, { owner });
    const kwd = await openAccount(app, { owner, currency: 'KWD' });
    for (const [account, fields] of [
      [usd, { date: '2026-10-31', amount: '5', category: 'b' }],
      [usd, { date: '2026-11-01', amount: '-2.50', category: 'b' }],
      [usd, { date: '2026-11-30', amount: '1', category: null }],
      [usd, { date: '2026-11-30', amount: '0', category: 'B' }],
      [kwd, { date: '0999-01-01', amount: '-0.001', category: 'b' }],
    ] as const) {
      await keepLine(app, account, fields);
    }
    const row = (currency: string, rest: object, amounts: readonly [string, string, string, number]) => ({
      currency,
      ...rest,
      in: amounts[0],
      out: amounts[1],
      net: amounts[2],
      count: amounts[3],
    });
    expect(await totals(`owner=${owner}`)).toEqual([
      row('KWD', {}, ['0.000', '-0.001', '-0.001', 1]),
      row('USD', {}, ['6.00', '-2.50', '3.50', 4]),
    ]);
    expect(await totals(`owner=${owner}&groupBy=month`)).toEqual([
      row('KWD', { month: '0999-01' }, ['0.000', '-0.001', '-0.001', 1]),
      row('USD', { month: '2026-10' }, ['5.00', '0.00', '5.00', 1]),
      row('USD', { month: '2026-11' }, ['1.00', '-2.50', '-1.50', 3]),
    ]);
    expect(await totals(`owner=${owner}&groupBy=category,month`)).toEqual([
      row('KWD', { category: 'b', month: '0999-01' }, ['0.000', '-0.001', '-0.001', 1]),
      row('USD', { category: null, month: '2026-11' }, ['1.00', '0.00', '1.00', 1]),
      row('USD', { category: 'B', month: '2026-11' }, ['0.00', '0.00', '0.00', 1]),
      row('USD', { category: 'b', month: '2026-10' }, ['5.00', '0.00', '5.00', 1]),
      row('USD', { category: 'b', month: '2026-11' }, ['0.00', '-2.50', '-2.50', 1]),
    ]);
  });
});
