// Whatever Teller has to say about a consent becomes a state that a person can act on, and is over when they have.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EnrollmentsRepository } from '../../../src/feeds/stored/enrollments.repository.js';
import { Database } from '../../../src/database/database.js';
import { allPages, bodyOf, EVERYBODY, expectRefusal } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { type TestApp } from '../../support/test-app.js';
import { accountRows, sync, trySync } from '../linking.js';
import { type BankEnrollment, DISCONNECT_REASONS } from './fake-teller/bank.js';
import { limitsRate, refuses, says } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';
import { consentOf, startTellerApp } from './teller-app.js';

const BANK = 'Security Credit Union';

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

  async function linked() {
    const account = teller.bank.open();
    account.post({ date: '2026-11-01', amount: '-1.00' });
    const bank = teller.bank.enroll([account]);
    const enrollment = await bodyOf(app.post('/v1/enrollments', consentOf(bank, { owner: `owner${(owners += 1)}` })));
    await sync(app, enrollment);
    return { account, bank, enrollment };
  }
  const shown = ({ id }: { id: string }) => bodyOf(app.get(`/v1/enrollments/${id}`));
  const repairOf = ({ id }: BankEnrollment) => ({
    feed: 'teller',
    enrollmentId: id,
    environment: 'sandbox',
    applicationId: 'app_test',
  });
  const tokenKept = ({ id }: { id: string }) =>
    app.app
      .get(Database)
      .read(
        EVERYBODY,
        async (reader) => (await app.app.get(EnrollmentsRepository).find(reader, id as never))!.accessToken,
      );

  describe.each(DISCONNECT_REASONS)('disconnected for "%s"', (reason) => {
    const isLocked = reason === 'account_locked';

    it('is a state with its way out, and what was stored stays', async () => {
      const { bank, enrollment } = await linked();
      bank.disconnect(reason);
      app.clock.advance(1_000);
      const code = isLocked ? 'enrollment_locked' : 'enrollment_needs_login';
      const refused = await trySync(app, enrollment);
      expect([refused.status, refused.body.code]).toEqual([409, code]);
      const now = await shown(enrollment);
      expect(now).toMatchObject({
        status: isLocked ? 'locked' : 'needs_login',
        statusReason: reason === '' ? null : reason,
        disconnectedAt: null,
        updatedAt: app.clock.now(),
        lastError: { code },
        wayOut: { action: isLocked ? 'unlock_then_repair' : 'repair', repair: repairOf(bank) },
        accountIds: enrollment.accountIds,
      });
      expect(now.wayOut.detail).toMatch(new RegExp(`^${BANK} .*sign.in`));
      expect(await allPages(app, `/v1/accounts/${enrollment.accountIds[0]}/transactions`)).toHaveLength(1);
    });

    it.each(['the next sync', 'the consent that Teller Connect hands over again'])(
      'is over by %s, once the person has mended it',
      async (by) => {
        const { account, bank, enrollment } = await linked();
        bank.disconnect(reason);
        await trySync(app, enrollment);
        bank.repair();
        account.post({ date: '2026-11-02', amount: '-2.00' });
        if (by !== 'the next sync')
          await bodyOf(app.post('/v1/enrollments', consentOf(bank, { owner: enrollment.owner })));
        const synced = await sync(app, enrollment);
        expect(synced.accounts).toMatchObject([{ inserted: 1 }]);
        expect(synced.enrollment).toMatchObject({
          id: enrollment.id,
          status: 'connected',
          statusReason: null,
          lastError: null,
          wayOut: null,
        });
        expect(await shown(enrollment)).toEqual(synced.enrollment);
      },
    );
  });

  it('is found where the accounts are still listed and nothing else is', async () => {
    const { bank, enrollment } = await linked();
    bank.disconnect('credentials_invalid', { stillListed: true });
    expect((await trySync(app, enrollment)).body.code).toBe('enrollment_needs_login');
    expect(await shown(enrollment)).toMatchObject({ status: 'needs_login', statusReason: 'credentials_invalid' });
  });

  it('gives a reason of tomorrow a sensible sentence, and keeps its word', async () => {
    const { bank, enrollment } = await linked();
    teller.faults.once('/accounts', refuses(404, 'enrollment.disconnected.user_action.dance_required'));
    await trySync(app, enrollment);
    expect(await shown(enrollment)).toMatchObject({
      status: 'needs_login',
      statusReason: 'user_action.dance_required',
      wayOut: { action: 'repair', detail: `${BANK} wants the person to sign in again.`, repair: repairOf(bank) },
    });
  });

  it('must be enrolled again when its token is refused, which another consent then does', async () => {
    const { bank, enrollment } = await linked();
    bank.revoke();
    await trySync(app, enrollment);
    expect(await shown(enrollment)).toMatchObject({
      status: 'needs_login',
      statusReason: 'token_refused',
      wayOut: { action: 'enroll_again', repair: null },
    });
    const again = await bodyOf(
      app.post('/v1/enrollments', consentOf(teller.bank.reEnroll(bank), { owner: enrollment.owner })),
    );
    expect(again.accountIds).toEqual(enrollment.accountIds);
    expect((await sync(app, again)).accounts).toMatchObject([{ inserted: 0 }]);
    await trySync(app, enrollment);
    expect(await shown(enrollment)).toMatchObject({ status: 'disconnected', statusReason: 'superseded', wayOut: null });
  });

  it('ends, and its token is forgotten, when Teller says that the enrollment is gone', async () => {
    const { enrollment } = await linked();
    expect(await tokenKept(enrollment)).toMatch(/^v1\.first\./);
    app.clock.advance(1_000);
    teller.faults.once('/accounts', refuses(410, 'enrollment.gone'));
    expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
    expect(await shown(enrollment)).toMatchObject({
      status: 'disconnected',
      statusReason: 'enrollment.gone',
      disconnectedAt: app.clock.now(),
      wayOut: { action: 'enroll_again' },
    });
    expect(await tokenKept(enrollment)).toBeNull();
    const asked = teller.asked.length;
    expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
    expect(teller.asked.length).toBe(asked);
  });

  it('follows the newest word of the bank while it is not mended, and changes nothing for the same', async () => {
    const { bank, enrollment } = await linked();
    const statesAfter = async (reason: (typeof DISCONNECT_REASONS)[number]) => {
      bank.disconnect(reason);
      await trySync(app, enrollment);
      const { status, statusReason } = await shown(enrollment);
      return [status, statusReason];
    };
    expect(await statesAfter('user_action.mfa_required')).toEqual(['needs_login', 'user_action.mfa_required']);
    expect(await statesAfter('account_locked')).toEqual(['locked', 'account_locked']);
    expect(await statesAfter('credentials_invalid')).toEqual(['needs_login', 'credentials_invalid']);
    expect((await bodyOf(app.get(`/v1/enrollments?status=needs_login&owner=${enrollment.owner}`))).data).toHaveLength(
      1,
    );
    expect((await bodyOf(app.get(`/v1/enrollments?status=locked&owner=${enrollment.owner}`))).data).toEqual([]);
  });

  it.each([
    ['limits its questions', limitsRate('3600'), 'feed_rate_limited', 'wait'],
    ['says what cannot be read', says('{"', 200), 'feed_answer_invalid', 'wait'],
    ['does not take a question', refuses(400, 'bad_request'), 'feed_answer_invalid', 'wait'],
  ] as const)('stays connected when Teller %s, and says what to do', async (_, fault, code, action) => {
    const { enrollment } = await linked();
    teller.faults.once('/accounts', fault);
    expect((await trySync(app, enrollment)).body.code).toBe(code);
    expect(await shown(enrollment)).toMatchObject({ status: 'connected', lastError: { code }, wayOut: { action } });
    await sync(app, enrollment);
    expect(await shown(enrollment)).toMatchObject({ lastError: null, wayOut: null });
  });

  it('says to whoever runs the service what only they can mend', async () => {
    const { enrollment } = await linked();
    teller.faults.once('/accounts', says('<h1>400 The SSL certificate error</h1>', 400, 'text/html'));
    const { body } = await trySync(app, enrollment);
    expect(body.code).toBe('feed_misconfigured');
    expect(await shown(enrollment)).toMatchObject({
      status: 'connected',
      lastError: { code: body.code },
      wayOut: { action: 'mend_configuration', repair: null },
    });
  });

  it('takes no word about an old token for one about the new', async () => {
    const { bank, enrollment } = await linked();
    const renewed = teller.bank.reEnroll(bank);
    teller.faults.once('/accounts', async (response, planned) => {
      const consent = { ...renewed.onSuccess(), enrollment: bank.onSuccess()['enrollment'] };
      await bodyOf(app.post('/v1/enrollments', { feed: 'teller', owner: enrollment.owner, consent }));
      await refuses(410, 'enrollment.gone')(response, planned);
    });
    expectRefusal(await trySync(app, enrollment), 409, 'enrollment_disconnected');
    expect(await shown(enrollment)).toMatchObject({ status: 'connected' });
    expect((await sync(app, enrollment)).accounts).toHaveLength(1);
  });

  it('closes an account that the bank closed, and not the others', async () => {
    const [kept, closed] = [teller.bank.open(), teller.bank.open()];
    const bank = teller.bank.enroll([kept, closed]);
    const enrollment = await bodyOf(app.post('/v1/enrollments', consentOf(bank, { owner: `owner${(owners += 1)}` })));
    await sync(app, enrollment);
    teller.faults.once(`GET ${closed.id}/balances`, refuses(410, 'account.closed.inactive'));
    expect((await sync(app, enrollment)).accounts.map(({ outcome }) => outcome).sort()).toEqual(['closed', 'synced']);
    closed.close('inactive');
    await sync(app, enrollment);
    const statuses = (await accountRows(app, enrollment)).map(({ externalId, status }) => [externalId, status]);
    expect(Object.fromEntries(statuses)).toEqual({ [kept.id]: 'open', [closed.id]: 'closed' });
    expect(await shown(enrollment)).toMatchObject({ status: 'connected', wayOut: null });
  });
});
