// A person's consent at Teller becomes an enrollment, and another one of the same person takes the accounts over and doubles nothing.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../../src/common/ids.js';
import { allPages, bodyOf, expectRefusal } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { Gate } from '../../support/gate.js';
import { type Answer, HeldClock, type TestApp } from '../../support/test-app.js';
import { accountRows, brought, lineRows, sync, trySync } from '../linking.js';
import { type BankAccount } from './fake-teller/account.js';
import { type BankEnrollment } from './fake-teller/bank.js';
import { waitsFor } from './fake-teller/faults.js';
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

  /** Two accounts with some lines each. */
  function openAccounts(): [BankAccount, BankAccount] {
    const [checking, card] = [
      teller.bank.open({ name: 'Checking', opening: '100.00' }),
      teller.bank.open({ name: 'Card', type: 'credit', subtype: 'credit_card' }),
    ];
    for (const account of [checking, card])
      for (let nth = 1; nth <= 5; nth += 1) account.post({ date: `2026-11-0${nth}`, amount: `${nth}.00` });
    card.hold({ amount: '4.50' });
    return [checking, card];
  }
  const enroll = (enrollment: BankEnrollment, owner: string, key = app.key): Promise<Answer> =>
    app.post('/v1/enrollments', consentOf(enrollment, { owner }), { key });
  const enrolled = (enrollment: BankEnrollment, owner: string) => bodyOf(enroll(enrollment, owner));
  const shown = ({ id }: { id: string }) => bodyOf(app.get(`/v1/enrollments/${id}`));
  const accountsOf = (owner: string) => allPages(app, `/v1/accounts?owner=${owner}`);

  it('keeps what Teller Connect handed over, and opens the accounts; the institution is theirs', async () => {
    const owner = newOwner();
    const enrollment = teller.bank.enroll(openAccounts());
    const asked = teller.asked.length;
    const body = await enrolled(enrollment, owner);
    expect(body).toMatchObject({
      owner,
      feed: 'teller',
      environment: 'sandbox',
      institution: { id: 'security_cu', name: 'Security Credit Union' },
      status: 'connected',
      statusReason: null,
      wayOut: null,
    });
    // One question: the accounts say which institution it is.
    expect(teller.asked.slice(asked).map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /accounts']);
    const accounts = await accountsOf(owner);
    expect(accounts.map(({ id, name, type }) => [id, name, type])).toEqual([
      [body.accountIds[0], 'Checking', 'depository'],
      [body.accountIds[1], 'Card', 'credit'],
    ]);
    expect((await sync(app, body)).accounts).toMatchObject([{ inserted: 5 }, { inserted: 6 }]);
  });

  it('refuses by name what is no consent of Teller, and asks nobody', async () => {
    const [real, foreign] = [
      teller.bank.enroll(openAccounts(), { environment: 'production' }),
      teller.bank.enroll(openAccounts()),
    ];
    const asked = teller.asked.length;
    expectRefusal(await enroll(real, newOwner()), 422, 'feed_environment_mismatch');
    expectRefusal(await app.post('/v1/enrollments', { feed: 'teller' }), 400, 'request_invalid', ['/consent']);
    expectRefusal(
      await app.post('/v1/enrollments', { feed: 'teller', consent: { ...foreign.onSuccess(), user: {} } }),
      400,
      'request_invalid',
      ['/consent'],
    );
    expect(teller.asked.length).toBe(asked);
    foreign.revoke();
    const owner = newOwner();
    const refused = await enroll(foreign, owner);
    expect([refused.status, refused.body.code]).toEqual([409, 'enrollment_needs_login']);
    expect(await allPages(app, `/v1/enrollments?owner=${owner}`)).toEqual([]);
  });

  it('shows the front end what to open Teller Connect with', async () => {
    const reader = await app.keyFor({ scope: 'read', owner: 'ada' });
    const config = { applicationId: 'app_test', environment: 'sandbox', nonce: null };
    expect(await bodyOf(app.get('/v1/config/teller', { key: reader }))).toEqual(config);
    expect(await bodyOf(app.get('/v1/config/teller?owner=ada', { key: reader }))).toEqual(config);
    expectRefusal(await app.get('/v1/config/teller?owner=bob', { key: reader }), 403, 'owner_forbidden');
    expect((await app.get('/v1/config/teller', { key: undefined })).status).toBe(401);
  });

  it('lists its institutions', async () => {
    const feeds = await bodyOf(app.get('/v1/feeds'));
    expect(feeds.data.find(({ name }: { name: string }) => name === 'teller')).toEqual({
      name: 'teller',
      institutions: teller.bank.institutions.map(({ id, name }) => ({ id, name })),
    });
  });

  describe('the same consent again', () => {
    it('is the same enrollment, connected by its newest token', async () => {
      const owner = newOwner();
      const enrollment = teller.bank.enroll(openAccounts());
      const first = await enrolled(enrollment, owner);
      await sync(app, first);
      const before = await brought(app, first);
      await bodyOf(app.delete(`/v1/enrollments/${first.id}`));
      expectRefusal(await trySync(app, first), 409, 'enrollment_disconnected');
      const renewed = teller.bank.reEnroll(enrollment);
      const again = await bodyOf(
        app.post('/v1/enrollments', {
          feed: 'teller',
          owner,
          consent: {
            ...renewed.onSuccess(),
            user: { id: enrollment.userId },
            enrollment: enrollment.onSuccess()['enrollment'],
          },
        }),
      );
      expect(again).toMatchObject({ id: first.id, status: 'connected', disconnectedAt: null });
      expect(again.accountIds).toEqual(first.accountIds);
      expect((await sync(app, again)).accounts).toMatchObject([{ inserted: 0 }, { inserted: 0 }]);
      expect(teller.asked.at(-1)!.token).toBe(renewed.token);
      expect(await brought(app, again)).toEqual(before);
    });
  });

  describe('another consent for the same accounts', () => {
    it('takes them over with all that belongs to them, and reading goes on where it was', async () => {
      const owner = newOwner();
      const accounts = openAccounts();
      const old = teller.bank.enroll(accounts);
      const first = await enrolled(old, owner);
      await sync(app, first);
      const rows = await accountRows(app, first);
      const [line] = await lineRows(app, rows[0]!);
      await bodyOf(app.patch(`/v1/transactions/${line!.id}`, { notes: 'mine' }));
      accounts[0].post({ date: '2026-11-20', amount: '7.77' });
      const renewed = teller.bank.reEnroll(old);
      const second = await enrolled(renewed, owner);
      expect(second.id).not.toBe(first.id);
      expect(second.accountIds).toEqual(first.accountIds);
      expect((await shown(first)).accountIds).toEqual([]);
      const asked = teller.asked.length;
      const synced = await sync(app, second);
      expect(synced.accounts.map(({ inserted }) => inserted).sort()).toEqual([0, 1]);
      const questions = teller.asked.slice(asked);
      expect(new Set(questions.map(({ token }) => token))).toEqual(new Set([renewed.token]));
      // Goes on by its window, and not from the beginning.
      for (const { query } of questions.filter(({ path }) => path.endsWith('/transactions')))
        expect(query['start_date']).toBeDefined();
      expect(await accountsOf(owner)).toHaveLength(2);
      expect((await lineRows(app, rows[0]!)).find(({ id }) => id === line!.id)!.notes).toBe('mine');
      const [balances] = [await allPages(app, `/v1/accounts/${rows[0]!.id}/balances`)];
      expect(balances.length).toBeGreaterThan(0);
      // The old one still works at the bank: it takes nothing back, and opens nothing.
      expect((await sync(app, first)).accounts).toEqual([]);
      expect((await shown(second)).accountIds).toEqual(first.accountIds);
    });

    it('ends the old one when its token is refused, and nobody is asked to mend it', async () => {
      const owner = newOwner();
      const old = teller.bank.enroll(openAccounts());
      const first = await enrolled(old, owner);
      const second = await enrolled(teller.bank.reEnroll(old), owner);
      old.disconnect('user_action.mfa_required');
      expect((await trySync(app, first)).status).toBe(409);
      const ended = await shown(first);
      expect(ended).toMatchObject({ status: 'disconnected', statusReason: 'superseded', wayOut: null });
      expect(teller.asked.filter(({ method, token }) => method === 'DELETE' && token === old.token)).toEqual([]);
      expect((await sync(app, second)).accounts).toHaveLength(2);
    });

    it('takes only those that it names', async () => {
      const owner = newOwner();
      const [checking, card] = openAccounts();
      const first = await enrolled(teller.bank.enroll([checking, card]), owner);
      const second = await enrolled(teller.bank.enroll([card]), owner);
      expect((await shown(first)).accountIds).toEqual([first.accountIds[0]]);
      expect(second.accountIds).toEqual([first.accountIds[1]]);
      for (const enrollment of [first, second]) expect((await sync(app, enrollment)).accounts).toHaveLength(1);
    });

    it('takes nothing of another owner', async () => {
      const [ada, bob] = [newOwner(), newOwner()];
      const old = teller.bank.enroll(openAccounts());
      const adas = await enrolled(old, ada);
      await sync(app, adas);
      const before = await brought(app, adas);
      for (const consent of [teller.bank.reEnroll(old), old]) {
        const bobs = await enrolled(consent, bob);
        expect(bobs.id).not.toBe(adas.id);
        await sync(app, bobs);
        expect(await brought(app, bobs)).toEqual(before);
      }
      expect(await accountsOf(bob)).toHaveLength(2);
      expect((await shown(adas)).accountIds).toEqual(adas.accountIds);
      expect(await brought(app, adas)).toEqual(before);
    });

    it('ends in one of them when several come at once', async () => {
      const owner = newOwner();
      const old = teller.bank.enroll(openAccounts());
      const first = await enrolled(old, owner);
      await sync(app, first);
      const before = await brought(app, first);
      const renewed = Array.from({ length: 6 }, () => teller.bank.reEnroll(old));
      const answers = await Promise.all([...renewed, renewed[0]!].map((one) => enroll(one, owner)));
      expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(201));
      const all = await allPages(app, `/v1/enrollments?owner=${owner}`);
      expect(all).toHaveLength(7);
      expect(all.flatMap(({ accountIds }) => accountIds).sort()).toEqual([...first.accountIds].sort());
      const [holder] = all.filter(({ accountIds }) => accountIds.length > 0);
      expect(holder.accountIds).toHaveLength(2);
      await sync(app, holder);
      expect(await brought(app, holder)).toEqual(before);
      expect(await accountsOf(owner)).toHaveLength(2);
    });

    it.each(['/accounts', '/balances', '/transactions'])(
      'may come while the old one is being synced, at its question for %s',
      async (question) => {
        const owner = newOwner();
        const accounts = openAccounts();
        const old = teller.bank.enroll(accounts);
        const first = await enrolled(old, owner);
        const renewed = teller.bank.reEnroll(old);
        const [gate, isAsked] = [new Gate(), new Gate()];
        teller.faults.once(
          ({ path, token }) => path.endsWith(question) && token === old.token,
          (response, planned) => {
            isAsked.open();
            return waitsFor(gate.passed)(response, planned);
          },
        );
        const syncing = trySync(app, first);
        await isAsked.passed;
        const second = await enrolled(renewed, owner);
        const both = trySync(app, second);
        gate.open();
        expect([(await syncing).status, (await both).status]).toEqual([200, 200]);
        await sync(app, second);
        expect(second.accountIds).toEqual(first.accountIds);
        for (const [nth, row] of (await accountRows(app, second)).entries()) {
          const lines = await lineRows(app, row);
          const bank = accounts.find(({ id }) => id === row.externalId)!;
          expect(lines.map(({ externalId }) => externalId).sort(), `account ${nth}`).toEqual(
            bank
              .list()
              .map(({ id }) => id)
              .sort(),
          );
        }
        expect(await accountsOf(owner)).toHaveLength(2);
      },
    );
  });

  describe('where consents must be signed', () => {
    const signing = generateKeyPairSync('ed25519');
    const x = signing.publicKey.export({ format: 'jwk' }).x!;
    const variables = { TELLER_SIGNING_KEY: Buffer.from(x, 'base64url').toString('base64') };
    let strict: TestApp;
    beforeAll(async () => {
      // The store is the other one's: two services on one SQLite file cannot be.
      await app.stop();
      strict = await startTellerApp(store, teller, { variables, ids: new UuidV7Source(new HeldClock()) });
      app = strict;
    });

    it('takes one that is signed over the nonce that it gave, for this owner', async () => {
      const owner = newOwner();
      const key = await strict.keyFor({ owner });
      const { nonce } = await bodyOf(strict.get('/v1/config/teller', { key }));
      const bank = teller.bank.enroll(openAccounts());
      const consent = { ...bank.onSuccess({ nonce, keys: [signing.privateKey] }), nonce };
      const post = (body: object, as = key) =>
        strict.post('/v1/enrollments', { feed: 'teller', consent: body }, { key: as });
      const asked = teller.asked.length;
      for (const wrong of [bank.onSuccess(), { ...consent, nonce: 'x' }, { ...consent, signatures: [] }])
        expectRefusal(await post(wrong), 422, 'consent_signature_invalid');
      const other = await strict.keyFor({ owner: newOwner() });
      expectRefusal(await post(consent, other), 422, 'consent_signature_invalid');
      expect(teller.asked.length).toBe(asked);
      expect((await post(consent)).status).toBe(201);
      strict.clock.advance(3_600_000);
      expectRefusal(await post(consent), 422, 'consent_signature_invalid');
    });
  });
});
