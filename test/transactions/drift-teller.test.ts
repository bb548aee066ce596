// Drift of accounts that a real bank feeds: what is pending, posts later under another id, is withdrawn or owed on a card is no drift.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeTeller } from '../feeds/teller/fake-teller/server.js';
import { consentOf, startTellerApp } from '../feeds/teller/teller-app.js';
import { accountRows, sync } from '../feeds/linking.js';
import { bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type TestApp } from '../support/test-app.js';

const DAY_MS = 86_400_000;
const DAYS = 8;

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller);
  });
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  it('is none of a checking account and of a card, day by day', async () => {
    const { bank } = teller;
    const checking = bank.open({ name: 'Checking', opening: '100.00' });
    const card = bank.open({ name: 'Card', type: 'credit', subtype: 'credit_card', opening: '20.00' });
    for (const account of [checking, card])
      for (let nth = 1; nth <= 5; nth += 1) account.post({ date: `2026-11-1${nth}`, amount: `${nth}.${nth}1` });
    const enrollment = await bodyOf(app.post('/v1/enrollments', consentOf(bank.enroll([checking, card]))));
    for (const [index, account] of [checking, card].entries()) {
      const held = account.hold({ amount: `-7.0${index}`, description: 'Held' });
      const gone = account.hold({ amount: '3.00', description: 'Gone' });
      bank.later(2, () => account.settle(held, { newId: true, amount: '-7.50' }));
      bank.later(3, () => account.withdraw(gone));
      const mistaken = account.post({ amount: '55.00', description: 'Mistaken' });
      bank.later(4, () => account.withdraw(mistaken));
      for (let days = 1; days < DAYS; days += 1) bank.later(days, () => account.post({ amount: `-${days}.25` }));
    }
    for (let days = 0; days < DAYS; days += 1) {
      await sync(app, enrollment);
      for (const account of await accountRows(app, enrollment)) {
        const drift = await bodyOf(app.get(`/v1/accounts/${account.id}/drift`));
        expect(drift, `${account.name} on day ${days}`).toMatchObject({ state: 'agrees', off: null, offNow: null });
      }
      bank.advance(1);
      app.clock.advance(DAY_MS);
    }
  });
});
