// Money moves between book accounts: once, exactly, or not at all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { Bank } from './bank.js';

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
  });
  afterAll(() => app.stop());

  describe('a transfer', () => {
    it('takes from one account and gives to the other, and says what both hold', async () => {
      const [alice, bob] = [await bank.account('100.00'), await bank.account()];
      const { status, body, headers } = await app.post('/v1/transfers', {
        from: alice.id,
        to: bob.accountNumber,
        amount: '12.34',
        memo: 'lunch',
      });
      expect([status, body]).toMatchObject([201, { kind: 'transfer', memo: 'lunch', dryRun: false, reversedBy: null }]);
      expect(headers['location']).toBe(`/v1/transfers/${body.id}`);
      expect(body.lines).toEqual([
        { id: expect.any(String), accountId: alice.id, amount: '-12.34', currency: 'USD', balance: '87.66' },
        { id: expect.any(String), accountId: bob.id, amount: '12.34', currency: 'USD', balance: '12.34' },
      ]);
      expect(await bank.balanceOf(alice)).toMatchObject({ available: '87.66', ledger: '87.66', held: '0.00' });
      expect((await app.get(`/v1/transfers/${body.id}`)).body).toEqual(body);
    });
  });
});
