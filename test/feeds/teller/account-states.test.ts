// What Teller refuses for one account becomes a state of that account, with what can be done about it, and is not asked about again and again.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type AccountView } from '../../../src/accounts/accounts.dto.js';
import { bodyOf, expectRefusal } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { type TestApp } from '../../support/test-app.js';
import { sync, trySync } from '../linking.js';
import { type BankAccount } from './fake-teller/account.js';
import { refuses, says } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';
import { Linked } from './linked.js';
import { consentOf, startTellerApp } from './teller-app.js';
import { processed, send, TELLER } from './webhook-sending.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BANK = 'Security Credit Union';
const FOLLOWING = { status: 'following', statusReason: null, wayOut: null };

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller, { variables: TELLER });
  });
  afterEach(() => teller.faults.clear());
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  /** Two accounts that were synced once; the second one is as it should be throughout. */
  async function linked() {
    const [odd, other] = [teller.bank.open({ name: 'Odd' }), teller.bank.open({ name: 'Other' })];
    for (const account of [odd, other])
      for (let line = 1; line <= 3; line += 1) account.post({ amount: `-${line}.00` });
    const consent = await Linked.to(app, teller, [odd, other]);
    await consent.sync();
    expect(await shown(consent, odd)).toMatchObject({ status: 'open', feedState: FOLLOWING });
    return { consent, odd, other };
  }
  const shown = async (consent: Linked, of: BankAccount): Promise<AccountView> =>
    bodyOf(app.get(`/v1/accounts/${(await consent.account(of)).id}`));
  const enrollmentOf = ({ enrollment }: Linked) => bodyOf(app.get(`/v1/enrollments/${enrollment.id}`));
  /** Syncs, and answers how often Teller was asked about this account alone. */
  const questionsAbout = async ({ enrollment }: Linked, of: BankAccount): Promise<number> => {
    teller.asked.length = 0;
    const { body } = await trySync(app, enrollment);
    expect(body.enrollment).toMatchObject({ status: 'connected', lastError: null, wayOut: null });
    return teller.askedAbout(`/accounts/${of.id}/`).length;
  };
  const refusedWith = (of: BankAccount, status: number, code: string): void =>
    teller.faults.always(({ path }) => path.includes(`/accounts/${of.id}/`), refuses(status, code));

  it('closed, and listed as if it were open: shown with the bank’s reason, asked about once a day, and its lines stay', async () => {
    const { consent, odd, other } = await linked();
    const { cursor } = await consent.changes();
    refusedWith(odd, 410, 'account.closed.inactive');
    expect(await questionsAbout(consent, odd)).toBe(1);
    const closed = await shown(consent, odd);
    expect(closed).toMatchObject({
      status: 'closed',
      closedAt: app.clock.now(),
      feedState: {
        status: 'closed',
        statusReason: 'inactive',
        wayOut: { action: 'ask_bank', detail: expect.stringContaining(`${BANK} has closed the account.`) },
      },
    });
    expectRefusal(await app.post(`/v1/accounts/${closed.id}/refresh`), 409, 'feed_account_closed');
    other.post({ amount: '-4.00' });
    for (let hour = 1; hour < 24; hour += 6) {
      app.clock.advance(6 * HOUR_MS - 1);
      expect(await questionsAbout(consent, odd)).toBe(0);
    }
    app.clock.advance(4);
    expect(await questionsAbout(consent, odd)).toBe(1);
    expect(await shown(consent, odd)).toEqual(closed);
    expect(await consent.rows(odd)).toHaveLength(3);
    await consent.expectAsTheBank(other);
    expect((await consent.changes(cursor)).told).toHaveLength(1);
    const listed = await bodyOf(app.get(`/v1/accounts?owner=${consent.owner}&status=closed`));
    expect(listed.data).toEqual([closed]);
    const { data } = await bodyOf(app.get(`/v1/changes?object=account&owner=${consent.owner}&limit=500`));
    const told = data.filter(({ objectId }: { objectId: string }) => objectId === closed.id);
    expect(told.at(-1)).toMatchObject({ change: 'modified', data: { feedState: closed.feedState } });

    teller.faults.clear();
    odd.post({ amount: '-5.00' });
    expect(await questionsAbout(consent, odd)).toBe(0);
    app.clock.advance(DAY_MS);
    expect(await questionsAbout(consent, odd)).toBeGreaterThan(1);
    expect(await shown(consent, odd)).toMatchObject({ status: 'open', closedAt: null, feedState: FOLLOWING });
    await consent.expectAsTheBank(odd);
  });

  it('closed, and then named by a webhook: asked about with the next sync', async () => {
    const { consent, odd, other } = await linked();
    refusedWith(odd, 410, 'account.closed.inactive');
    expect(await questionsAbout(consent, odd)).toBe(1);
    teller.faults.clear();
    odd.post({ amount: '-7.00' });
    expect((await send(app, processed(app, other.id))).status).toBe(200);
    expect(await questionsAbout(consent, odd)).toBe(0);
    expect((await send(app, processed(app, odd.id))).status).toBe(200);
    expect(await questionsAbout(consent, odd)).toBeGreaterThan(1);
    expect(await shown(consent, odd)).toMatchObject({ status: 'open', feedState: FOLLOWING });
    await consent.expectAsTheBank(odd);
  });

  it('listed as closed: shown without a question, and open again once it is listed so and gives something', async () => {
    const { consent, odd } = await linked();
    odd.close('dormant');
    expect(await questionsAbout(consent, odd)).toBe(0);
    expect(await shown(consent, odd)).toMatchObject({
      status: 'closed',
      feedState: { status: 'closed', statusReason: null, wayOut: { action: 'ask_bank' } },
    });
    app.clock.advance(2 * DAY_MS);
    expect(await questionsAbout(consent, odd)).toBe(0);
    odd.reopen();
    expect(await questionsAbout(consent, odd)).toBeGreaterThan(1);
    expect(await shown(consent, odd)).toMatchObject({ status: 'open', feedState: FOLLOWING });
  });

  it('not known by this consent any more: shown with the way to a new one, which brings it back as it was', async () => {
    const { consent, odd, other } = await linked();
    consent.consent.accounts.delete(odd);
    expect(await questionsAbout(consent, odd)).toBe(1);
    const unknown = await shown(consent, odd);
    expect(unknown).toMatchObject({
      status: 'open',
      feedState: {
        status: 'unknown',
        statusReason: null,
        wayOut: { action: 'enroll_again', detail: expect.stringContaining(`${BANK} does not know the account`) },
      },
    });
    app.clock.advance(DAY_MS - 1);
    expect(await questionsAbout(consent, odd)).toBe(0);
    app.clock.advance(1);
    expect(await questionsAbout(consent, odd)).toBe(1);
    expect(await shown(consent, odd)).toEqual(unknown);
    expect(await consent.rows(odd)).toHaveLength(3);

    const again = teller.bank.enroll([odd, other]);
    const enrollment = await bodyOf(app.post('/v1/enrollments', consentOf(again, { owner: consent.owner })));
    await sync(app, enrollment);
    const back = await bodyOf(app.get(`/v1/accounts/${unknown.id}`));
    expect(back).toMatchObject({ enrollmentId: enrollment.id, feedState: FOLLOWING });
    const { data } = await bodyOf(app.get(`/v1/transactions?accountId=${unknown.id}`));
    expect(data).toHaveLength(3);
  });

  it('not known for a moment, but listed: asked about again with the next sync', async () => {
    const { consent, odd } = await linked();
    refusedWith(odd, 404, 'not_found');
    expect(await questionsAbout(consent, odd)).toBe(1);
    expect(await shown(consent, odd)).toMatchObject({ feedState: { status: 'unknown' } });
    teller.faults.clear();
    expect(await questionsAbout(consent, odd)).toBeGreaterThan(1);
    expect(await shown(consent, odd)).toMatchObject({ feedState: FOLLOWING });
  });

  it('not to be read: shown so until it can be, and the other account is followed', async () => {
    const { consent, odd, other } = await linked();
    teller.faults.always(({ path }) => path.includes(`/accounts/${odd.id}/transactions`), says('[{"id": 7}]'));
    other.post({ amount: '-6.00' });
    for (let times = 0; times < 2; times += 1) {
      expect((await trySync(app, consent.enrollment)).status).toBe(200);
      expect(await shown(consent, odd)).toMatchObject({
        version: 3,
        status: 'open',
        feedState: { status: 'unreadable', statusReason: null, wayOut: { action: 'wait' } },
      });
    }
    expect(await enrollmentOf(consent)).toMatchObject({ lastError: { code: 'feed_answer_invalid' } });
    await consent.expectAsTheBank(other);
    teller.faults.clear();
    await consent.sync();
    expect(await shown(consent, odd)).toMatchObject({ feedState: FOLLOWING });
  });

  it('a limit and an outage are the bank’s and no state of an account', async () => {
    const { consent, odd } = await linked();
    const before = await shown(consent, odd);
    for (const status of [429, 502]) {
      refusedWith(odd, status, 'passing');
      await trySync(app, consent.enrollment);
      teller.faults.clear();
      expect((await shown(consent, odd)).feedState).toEqual(before.feedState);
    }
  });
});
