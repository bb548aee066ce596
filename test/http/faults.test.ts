// How much is said of what is wrong: enough to put it right, and never more than a few times what came in.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAccount } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';

const ROWS = 1_000;

eachStore((store) => {
  let app: TestApp;
  let account: { id: string };
  beforeAll(async () => {
    app = await TestApp.start(store);
    account = await openAccount(app);
  });
  afterAll(() => app.stop());

  const unknownFields = (count: number, length = 1): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}`.padEnd(length, 'x'), 1]));

  it('of many faults the first fifty are listed, and it is said how many there are', async () => {
    const body = { kind: 'manual', name: 'Cash', currency: 'USD' };
    const few = await app.post('/v1/accounts', { ...body, ...unknownFields(50) });
    expect(few.body.errors).toHaveLength(50);
    expect(few.body.detail).toBe('/0: is not known here (and 49 more)');
    const many = await app.post('/v1/accounts', { ...body, ...unknownFields(73) });
    expect(many.body.errors).toHaveLength(50);
    expect(many.body.detail).toBe('/0: is not known here (and 72 more) The first 50 of 73 faults are listed.');
  });

  it('a field whose name is a novel is named by its beginning', async () => {
    const { status, body } = await app.post('/v1/accounts', { [`/~${'n'.repeat(500_000)}`]: 1 });
    expect({ status, pointer: body.errors[0].pointer }).toEqual({ status: 400, pointer: `/~1~0${'n'.repeat(98)}…` });
  });

  it.each(['independent', 'atomic'])(
    '%s rows of nothing but faults are answered in about the size they had',
    async (mode) => {
      const transactions = Array.from({ length: ROWS }, () => unknownFields(60, 8));
      const payload = JSON.stringify({ mode, transactions });
      const { status, text, body } = await app.call('POST', '/v1/transactions/bulk', { payload });
      expect(status).toBe(mode === 'atomic' ? 422 : 200);
      expect(text.length).toBeLessThan(2 * payload.length);
      if (mode === 'atomic') expect(body.errors).toHaveLength(50);
      else for (const { problem } of body.data) expect(problem.errors).toHaveLength(5);
    },
  );

  it('rows that are wrong by their account, too', async () => {
    const line = { accountId: `acc_${'f'.repeat(32)}`, date: '2026-11-01', amount: '-1', description: 'Tea' };
    const { body } = await app.post('/v1/transactions/bulk', {
      mode: 'atomic',
      transactions: [...Array.from({ length: ROWS - 1 }, () => line), { ...line, accountId: account.id }],
    });
    expect(body.errors).toHaveLength(50);
    expect(body.detail).toContain('999');
  });
});
