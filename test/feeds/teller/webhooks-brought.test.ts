// From the bank's new line to ours: Teller brings word of it over a real connection, and the sync that is due for it finds the line.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { listening } from '../../support/listening.js';
import { type TestApp } from '../../support/test-app.js';
import { accountRows, lineRows, sync } from '../linking.js';
import { FakeTeller } from './fake-teller/server.js';
import { disconnectedEvent, processedEvent, sendWebhook, signed, testEvent } from './fake-teller/webhooks.js';
import { consentOf, startTellerApp } from './teller-app.js';
import { dueByWebhook, SECRETS, TELLER, URL_OF_WEBHOOKS } from './webhook-sending.js';

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  let url: string;
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller, { variables: TELLER });
    url = `${await listening(app)}${URL_OF_WEBHOOKS}`;
  });
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  it('makes the sync due that brings what it tells of, and never believes that a consent has ended', async () => {
    const at = Date.parse(app.clock.now());
    const ring = (body: string) => sendWebhook(url, signed(body, { secrets: SECRETS, at }));
    const account = teller.bank.open({ opening: '10.00' });
    const consent = teller.bank.enroll([account]);
    const enrollment = await bodyOf(app.post('/v1/enrollments', consentOf(consent)));
    await sync(app, enrollment);
    expect(await ring(testEvent(at))).toBe(200);
    expect(await dueByWebhook(app)).toEqual(new Map());

    const line = account.post({ amount: '-4.50', description: 'Coffee' });
    expect(await ring(processedEvent(account, [line], at))).toBe(200);
    expect([...(await dueByWebhook(app)).keys()]).toEqual([enrollment.id]);
    await sync(app, enrollment);
    const [row] = await accountRows(app, enrollment);
    expect((await lineRows(app, row!)).map(({ externalId }) => externalId)).toEqual([line.id]);
    expect(await dueByWebhook(app)).toEqual(new Map());

    expect(await ring(disconnectedEvent(consent, 'account_locked', at))).toBe(200);
    expect([...(await dueByWebhook(app)).keys()]).toEqual([enrollment.id]);
    await sync(app, enrollment);
    expect((await bodyOf(app.get(`/v1/enrollments/${enrollment.id}`))).status).toBe('connected');
  });
});
