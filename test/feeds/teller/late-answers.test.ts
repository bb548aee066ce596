// A bank's answer that comes so late that somebody else has asked again meanwhile: what they were told is newer, and stays.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EnrollmentView } from '../../../src/feeds/enrollments/enrollments.dto.js';
import { LEASE_MS } from '../../../src/feeds/turns/sync-due.js';
import { bodyOf, expectRefusal } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { type TestApp } from '../../support/test-app.js';
import { accountRows, enroll, lineRows, sync, trySync } from '../linking.js';
import { type BankAccount } from './fake-teller/account.js';
import { type BankEnrollment } from './fake-teller/bank.js';
import { type Fault, send } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';
import { consentOf, startTellerApp } from './teller-app.js';

/** Answers as it would have, and only once something else has happened. */
function answersAfter(deed: () => Promise<unknown>): Fault {
  return async (response, planned) => {
    const answer = planned();
    await deed();
    send(response, answer);
  };
}

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  let owners = 0;
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller);
  });
  afterEach(() => teller.faults.clear());
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  let account: BankAccount;
  let consent: BankEnrollment;
  let enrollment: EnrollmentView;
  const isOf =
    (part: string) =>
    ({ path, token }: { path: string; token: string | undefined }): boolean =>
      path.endsWith(part) && token === consent.token;

  async function linked(): Promise<void> {
    account = teller.bank.open({ opening: '100.00' });
    account.post({ amount: '-1.00' });
    consent = teller.bank.enroll([account]);
    enrollment = await enroll(app, consentOf(consent, { owner: `owner${(owners += 1)}` }));
    await sync(app, enrollment);
  }

  /** As the bank has it now, by whichever consent it is read. */
  async function expectTheBanks(by: { readonly id: string }): Promise<void> {
    const [row] = await accountRows(app, by);
    const { ledger } = account.balances();
    expect([row!.status, row!.balanceLedger]).toEqual(['open', BigInt(ledger.replace('.', ''))]);
    const ids = (await lineRows(app, row!)).map(({ externalId }) => externalId);
    expect(ids.sort()).toEqual(
      account
        .list()
        .map(({ id }) => id)
        .sort(),
    );
  }

  describe('while the turn was taken over by another sync', () => {
    const overtake = async (): Promise<void> => {
      app.clock.advance(LEASE_MS);
      await sync(app, enrollment);
    };

    it('restates no balance', async () => {
      await linked();
      teller.faults.once(
        isOf('/balances'),
        answersAfter(async () => {
          account.post({ amount: '-7.00' });
          await overtake();
        }),
      );
      expectRefusal(await trySync(app, enrollment), 409, 'sync_already_running');
      await expectTheBanks(enrollment);
    });

    const reopen = async (): Promise<void> => {
      account.reopen();
      await overtake();
    };

    it('closes no account that was listed as closed and is open again', async () => {
      await linked();
      account.close();
      teller.faults.once(isOf('/accounts'), answersAfter(reopen));
      expectRefusal(await trySync(app, enrollment), 409, 'sync_already_running');
      await expectTheBanks(enrollment);
    });

    it('closes no account that refused to answer and is open again', async () => {
      await linked();
      teller.faults.once(
        isOf('/accounts'),
        answersAfter(async () => account.close()),
      );
      teller.faults.once(isOf('/balances'), answersAfter(reopen));
      expectRefusal(await trySync(app, enrollment), 409, 'sync_already_running');
      await expectTheBanks(enrollment);
    });
  });

  it('restates no balance of an account that another consent has taken over and read', async () => {
    await linked();
    const renewed = teller.bank.reEnroll(consent);
    let newer: EnrollmentView | undefined;
    teller.faults.once(
      isOf('/balances'),
      answersAfter(async () => {
        account.post({ amount: '-7.00' });
        newer = await bodyOf(app.post('/v1/enrollments', consentOf(renewed, { owner: enrollment.owner })));
        await sync(app, newer!);
      }),
    );
    expect((await trySync(app, enrollment)).status).toBe(200);
    await expectTheBanks(newer!);
  });

  it('reads no lines of an account that another consent has taken over', async () => {
    account = teller.bank.open({ opening: '100.00' });
    for (let line = 0; line < 3; line += 1) account.post({ amount: '-1.00' });
    consent = teller.bank.enroll([account]);
    enrollment = await enroll(app, consentOf(consent, { owner: `owner${(owners += 1)}` }));
    const renewed = teller.bank.reEnroll(consent);
    let newer: EnrollmentView | undefined;
    teller.faults.once(
      isOf('/balances'),
      answersAfter(async () => {
        newer = await bodyOf(app.post('/v1/enrollments', consentOf(renewed, { owner: enrollment.owner })));
      }),
    );
    expect((await trySync(app, enrollment)).status).toBe(200);
    const [row] = await accountRows(app, newer!);
    expect(await lineRows(app, row!)).toEqual([]);
    expect((await bodyOf(app.get(`/v1/enrollments/${newer!.id}/sync`))).accounts).toMatchObject([
      { state: 'first_sync', lastSyncedAt: null },
    ]);
    await sync(app, newer!);
    await expectTheBanks(newer!);
  });
});
