// A consent that is no longer wanted ends at Teller and here, and what was stored stays.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bodyOf, expectRefusal } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { Gate } from '../../support/gate.js';
import { type Answer, type TestApp } from '../../support/test-app.js';
import { sync, trySync } from '../linking.js';
import { type BankEnrollment } from './fake-teller/bank.js';
import { refuses, resets, waitsFor } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';
import { consentOf, startTellerApp } from './teller-app.js';

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  let owners = 0;
  const newOwner = (): string => `owner${(owners += 1)}`;
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller);
  });
  afterEach(() => teller.faults.clear());
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  function openAccounts() {
    const accounts = [teller.bank.open(), teller.bank.open({ type: 'credit', subtype: 'credit_card' })];
    for (const account of accounts) account.post({ amount: '-1.00' });
    return accounts;
  }
  const enrolled = (enrollment: BankEnrollment, owner: string) =>
    bodyOf(app.post('/v1/enrollments', consentOf(enrollment, { owner })));
  const shown = ({ id }: { id: string }) => bodyOf(app.get(`/v1/enrollments/${id}`));

  it('ends the consent at Teller and here, once; what was stored stays', async () => {
    const owner = newOwner();
    const old = teller.bank.enroll(openAccounts());
    const enrollment = await enrolled(old, owner);
    await sync(app, enrollment);
    const ended = await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`));
    expect(ended).toMatchObject({
      status: 'disconnected',
      statusReason: 'by_request',
      wayOut: { action: 'enroll_again', repair: null },
      accountIds: enrollment.accountIds,
    });
    expect(old.isRevoked).toBe(true);
    const asked = teller.asked.length;
    expect(await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`))).toEqual(ended);
    expect(teller.asked.length).toBe(asked);
  });

  it.each([
    ['its token was revoked there', (old: BankEnrollment) => old.revoke()],
    ['it had ended there', (old: BankEnrollment) => old.disconnect('enrollment_inactive')],
    ['the answer is that it is gone', () => teller.faults.once('DELETE /accounts', refuses(410, 'gone'))],
    ['the answer is lost', () => teller.faults.once('DELETE /accounts', resets({ afterDoing: true }))],
  ])('is done although %s', async (_, happens) => {
    const old = teller.bank.enroll(openAccounts());
    const enrollment = await enrolled(old, newOwner());
    happens(old);
    expect(await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`))).toMatchObject({ status: 'disconnected' });
  });

  it('changes nothing when Teller will not, and can be asked for again', async () => {
    const old = teller.bank.enroll(openAccounts());
    const enrollment = await enrolled(old, newOwner());
    teller.faults.always('DELETE /accounts', refuses(422));
    expectRefusal(await app.delete(`/v1/enrollments/${enrollment.id}`), 502, 'feed_answer_invalid');
    expect(await shown(enrollment)).toEqual(enrollment);
    expect((await sync(app, enrollment)).accounts).toHaveLength(2);
    teller.faults.clear();
    expect(await bodyOf(app.delete(`/v1/enrollments/${enrollment.id}`))).toMatchObject({ status: 'disconnected' });
    expect(old.isRevoked).toBe(true);
  });

  it('leaves an enrollment that was connected anew while Teller was asked', async () => {
    const owner = newOwner();
    const old = teller.bank.enroll(openAccounts());
    const enrollment = await enrolled(old, owner);
    const renewed = teller.bank.reEnroll(old);
    const [gate, isAsked] = [new Gate(), new Gate()];
    teller.faults.once('DELETE /accounts', (response, planned) => {
      isAsked.open();
      return waitsFor(gate.passed)(response, planned);
    });
    const disconnecting = app.delete(`/v1/enrollments/${enrollment.id}`);
    await isAsked.passed;
    const consent = { ...renewed.onSuccess(), enrollment: old.onSuccess()['enrollment'] };
    await bodyOf(app.post('/v1/enrollments', { feed: 'teller', owner, consent }));
    gate.open();
    expect(await bodyOf(disconnecting)).toMatchObject({ id: enrollment.id, status: 'connected' });
    expect((await sync(app, enrollment)).accounts).toHaveLength(2);
  });

  it('and a sync that was under way says nothing about it any more', async () => {
    const old = teller.bank.enroll(openAccounts());
    const enrollment = await enrolled(old, newOwner());
    let ended: Promise<Answer> | undefined;
    teller.faults.once('/balances', async (response, planned) => {
      ended = app.delete(`/v1/enrollments/${enrollment.id}`);
      return waitsFor(ended)(response, planned);
    });
    await trySync(app, enrollment);
    expect((await ended!).status).toBe(200);
    expect(await shown(enrollment)).toMatchObject({ status: 'disconnected', statusReason: 'by_request' });
  });
});
