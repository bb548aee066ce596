// The document proven by use: the client that is made from it, over a real connection, through every operation.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataOf, type PassbookClient, PassbookError } from '../../client/index.js';
import { FakeTeller } from '../feeds/teller/fake-teller/server.js';
import { signed } from '../feeds/teller/fake-teller/webhooks.js';
import { startTellerApp } from '../feeds/teller/teller-app.js';
import { SECRETS, TELLER } from '../feeds/teller/webhook-sending.js';
import { OPERATIONS } from '../support/document.js';
import { eachStore } from '../support/each-store.js';
import { listening } from '../support/listening.js';
import { type TestApp } from '../support/test-app.js';
import { Visitor } from './visited.js';

eachStore((store) => {
  let app: TestApp;
  let visitor: Visitor;
  let teller: FakeTeller;
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller, { variables: TELLER });
    visitor = new Visitor(await listening(app));
  });
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  it('every operation of the document is called, and gives what its type says', async () => {
    const stranger = visitor.client();
    expect(await dataOf(stranger.GET('/livez'))).toEqual({ status: 'ok' });
    expect((await dataOf(stranger.GET('/readyz'))).status).toBe('ok');
    expect((await dataOf(stranger.GET('/health'))).db_driver).toBe(store.engine);
    expect((await dataOf(stranger.GET('/readiness'))).migrations_applied).toBe(true);

    const admin = visitor.client({ key: app.key });
    const made = await dataOf(admin.POST('/v1/keys', { body: { name: 'ada', scope: 'write', owner: 'ada' } }));
    const ada = visitor.client({ key: made.key });

    const account = await dataOf(
      ada.POST('/v1/accounts', { body: { kind: 'manual', name: 'Cash', currency: 'USD', type: 'cash' } }),
    );
    expect(account).toMatchObject({ owner: 'ada', kind: 'manual', balance: null });
    const there = { params: { path: { id: account.id } } };
    const renamed = await dataOf(ada.PATCH('/v1/accounts/{id}', { ...there, body: { name: 'Purse' } }));
    expect(await dataOf(ada.GET('/v1/accounts/{id}', there))).toEqual(renamed);
    const accounts = await dataOf(ada.GET('/v1/accounts', { params: { query: { currency: 'USD', limit: 10 } } }));
    expect(accounts.data).toEqual([renamed]);

    const stated = await dataOf(ada.POST('/v1/accounts/{id}/balances', { ...there, body: { ledger: '12.30' } }));
    expect(await dataOf(ada.GET('/v1/accounts/{id}/balance', there))).toEqual(stated);
    expect((await dataOf(ada.GET('/v1/accounts/{id}/balances', there))).data).toEqual([stated]);
    expect((await dataOf(ada.GET('/v1/balances'))).data).toEqual([stated]);

    const line = { accountId: account.id, date: '2026-11-01', amount: '-4.00', description: 'Bread' };
    const kept = await dataOf(ada.POST('/v1/transactions', { body: { ...line, category: 'food' } }));
    const lineThere = { params: { path: { id: kept.id } } };
    const noted = await dataOf(ada.PATCH('/v1/transactions/{id}', { ...lineThere, body: { notes: 'warm' } }));
    expect(await dataOf(ada.GET('/v1/transactions/{id}', lineThere))).toEqual(noted);
    const many = await dataOf(
      ada.POST('/v1/transactions/bulk', {
        body: { mode: 'independent', transactions: [line, { ...line, amount: '0.001' }] },
      }),
    );
    expect(many.data.map(({ outcome, problem }) => problem?.code ?? outcome)).toEqual(['created', 'amount_invalid']);
    const page = await dataOf(ada.GET('/v1/transactions', { params: { query: { limit: 1 } } }));
    const rest = await dataOf(
      ada.GET('/v1/transactions', { params: { query: { limit: 1, cursor: page.nextCursor! } } }),
    );
    const ids = [...page.data, ...rest.data].map(({ id }) => id);
    expect(ids.sort()).toEqual([kept.id, many.data[0]!.transaction!.id].sort());
    const ofAccount = await dataOf(ada.GET('/v1/accounts/{id}/transactions', there));
    expect(ofAccount.data.map(({ amount }) => amount)).toEqual(['-4.00', '-4.00']);
    expect(await dataOf(ada.GET('/v1/accounts/{id}/drift', there))).toMatchObject({
      state: 'unknown',
      statedBalances: 1,
    });
    const totals = await dataOf(ada.GET('/v1/transactions/totals', { params: { query: { groupBy: 'category' } } }));
    expect(totals.data).toContainEqual({
      currency: 'USD',
      category: 'food',
      in: '0.00',
      out: '-4.00',
      net: '-4.00',
      count: 1,
    });
    expect(await dataOf(ada.DELETE('/v1/transactions/{id}', lineThere))).toBeUndefined();
    const removed = await dataOf(
      ada.POST('/v1/transactions/bulk-delete', { body: { mode: 'atomic', ids: ids.filter((id) => id !== kept.id) } }),
    );
    expect(removed.succeeded).toBe(1);
    expect((await dataOf(ada.POST('/v1/accounts/{id}/close', there))).status).toBe('closed');

    await moveMoney(ada, admin);

    const config = await dataOf(ada.GET('/v1/config/teller'));
    expect(config).toEqual({ applicationId: 'app_test', environment: 'sandbox', nonce: null });
    const bell = { id: 'wh_1', type: 'webhook.test', timestamp: app.clock.now(), payload: {} };
    const { headers } = signed(JSON.stringify(bell), { secrets: SECRETS, at: Date.parse(app.clock.now()) });
    const signature = { params: { header: { 'Teller-Signature': headers['teller-signature']! } } };
    const rung = await dataOf(stranger.POST('/v1/webhooks/teller', { ...signature, body: bell }));
    expect(rung).toEqual({ received: true, type: 'webhook.test', due: 0 });
    const { data: feeds } = await dataOf(ada.GET('/v1/feeds'));
    const [bank] = feeds.find(({ name }) => name === 'sandbox')!.institutions;
    const enrollment = await dataOf(
      ada.POST('/v1/enrollments', { body: { feed: 'sandbox', institutionId: bank!.id, consent: { user: 'demo' } } }),
    );
    const enrolled = { params: { path: { id: enrollment.id } } };
    const synced = await dataOf(ada.POST('/v1/enrollments/{id}/sync', enrolled));
    expect(synced.accounts.map(({ accountId }) => accountId).sort()).toEqual([...enrollment.accountIds].sort());
    expect(await dataOf(ada.GET('/v1/enrollments/{id}', enrolled))).toEqual(synced.enrollment);
    const stood = await dataOf(ada.GET('/v1/enrollments/{id}/sync', enrolled));
    expect(stood).toMatchObject({ state: 'idle', cause: 'interval', failures: 0 });
    expect(stood.accounts.map(({ state }) => state)).toEqual(stood.accounts.map(() => 'following'));
    const linked = { params: { path: { id: enrollment.accountIds[0]! }, query: { limit: 3 } } };
    const refreshed = await dataOf(ada.POST('/v1/accounts/{id}/refresh', linked));
    expect(refreshed).toMatchObject({ account: { id: enrollment.accountIds[0] }, inserted: 0 });
    expect(refreshed.transactions).toHaveLength(3);
    expect((await dataOf(ada.GET('/v1/enrollments'))).data).toEqual([synced.enrollment]);
    expect((await dataOf(ada.DELETE('/v1/enrollments/{id}', enrolled))).status).toBe('disconnected');

    const { data: keys } = await dataOf(admin.GET('/v1/keys'));
    expect(keys.map(({ id }) => id)).toContain(made.id);
    expect((await dataOf(admin.GET('/v1/keys/{id}', { params: { path: { id: made.id } } }))).preview).toBe(
      made.preview,
    );
    const revoked = await dataOf(admin.DELETE('/v1/keys/{id}', { params: { path: { id: made.id } } }));
    expect(revoked.revokedAt).not.toBeNull();

    const changes = await dataOf(admin.GET('/v1/changes', { params: { query: { owner: 'ada', object: 'account' } } }));
    expect(changes.data.map(({ objectId }) => objectId)).toContain(account.id);
    const audit = await dataOf(admin.GET('/v1/audit', { params: { query: { objectId: kept.id } } }));
    expect(audit.data.map(({ change }) => change)).toEqual(['removed', 'modified', 'added']);

    expect(OPERATIONS.map(({ id }) => id).filter((id) => !visitor.visited.has(id))).toEqual([]);
  });

  /** Everything that is done with book accounts, as somebody whose key is bound to their owner; the trial balance is the installation's. */
  async function moveMoney(ada: PassbookClient, admin: PassbookClient): Promise<void> {
    const book = { kind: 'book', name: 'Wallet', currency: 'USD' } as const;
    const payer = await dataOf(ada.POST('/v1/accounts', { body: { ...book, overdraftLimit: '10.00' } }));
    const payee = await dataOf(ada.POST('/v1/accounts', { body: book }));
    expect(payee).toMatchObject({ systemRole: null, balance: { available: '0.00', ledger: '0.00', held: '0.00' } });
    const payment = { from: payer.id, to: payee.accountNumber!, amount: '1.00' };

    const paid = await dataOf(ada.POST('/v1/transfers', { body: { ...payment, metadata: { game: 'slots' } } }));
    expect(paid.lines.map(({ accountId, amount, balance }) => [accountId, amount, balance])).toEqual([
      [payer.id, '-1.00', '-1.00'],
      [payee.id, '1.00', '1.00'],
    ]);
    const paidThere = { params: { path: { id: paid.id } } };
    expect(await dataOf(ada.GET('/v1/transfers/{id}', paidThere))).toEqual(paid);
    const many = await dataOf(
      ada.POST('/v1/transfers/bulk', {
        body: { mode: 'independent', transfers: [payment, { ...payment, amount: '100.00' }] },
      }),
    );
    expect(many.data.map(({ outcome, problem }) => problem?.code ?? outcome)).toEqual(['posted', 'insufficient_funds']);
    const reversal = await dataOf(ada.POST('/v1/transfers/{id}/reverse', { ...paidThere, body: { memo: 'no' } }));
    expect(reversal).toMatchObject({ reverses: paid.id, memo: 'no' });
    const list = await dataOf(ada.GET('/v1/transfers', { params: { query: { accountId: payee.id, order: 'asc' } } }));
    expect(list.data.map(({ reversedBy }) => reversedBy)).toEqual([reversal.id, null, null]);

    const [first, second] = [
      await dataOf(ada.POST('/v1/holds', { body: payment })),
      await dataOf(ada.POST('/v1/holds', { body: payment })),
    ];
    const captured = await dataOf(
      ada.POST('/v1/holds/{id}/capture', { params: { path: { id: first.id } }, body: { amount: '0.40' } }),
    );
    expect(captured).toMatchObject({ status: 'captured', captured: '0.40', transfer: { holdId: first.id } });
    const released = await dataOf(
      ada.POST('/v1/holds/{id}/release', { params: { path: { id: second.id } }, body: {} }),
    );
    expect(released).toMatchObject({ status: 'released', transfer: null });
    const { transfer: _transfer, ...hold } = released;
    expect(await dataOf(ada.GET('/v1/holds/{id}', { params: { path: { id: second.id } } }))).toEqual(hold);
    const { data: holds } = await dataOf(ada.GET('/v1/holds', { params: { query: { accountId: payer.id } } }));
    expect(holds.map(({ id }) => id)).toEqual([second.id, first.id]);

    const statement = await dataOf(
      ada.GET('/v1/accounts/{id}/statement', { params: { path: { id: payee.id }, query: { limit: 2 } } }),
    );
    expect(statement).toMatchObject({ opening: '0.00', closing: '1.40', nextCursor: expect.any(String) });
    // As CSV it would be a text.
    const lines = typeof statement === 'string' ? [] : statement.lines;
    expect(lines.map(({ transferId }) => transferId)).toEqual([paid.id, many.data[0]!.transfer!.id]);
    const trial = await dataOf(admin.GET('/v1/trial-balance'));
    expect(trial.data).toEqual([
      { currency: 'USD', accounts: 2, credit: '1.40', debit: '-1.40', sum: '0.00', held: '0.00', isBalanced: true },
    ]);
  }

  it('a refusal is thrown with its code, its status and what is wrong with which field', async () => {
    const client = visitor.client({ key: app.key });
    const wrong = { kind: 'manual', name: '', currency: 'USD' } as const;
    const thrown = await dataOf(client.POST('/v1/accounts', { body: wrong })).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PassbookError);
    expect(thrown).toMatchObject({ status: 400, problem: { code: 'request_invalid', errors: [{ pointer: '/name' }] } });
  });

  it('an answer of somebody else on the way is thrown, too', async () => {
    const gateway = visitor.client({ key: app.key });
    const answer = Promise.resolve({ error: '<html>', response: new Response('<html>', { status: 502 }) });
    await expect(dataOf(answer)).rejects.toMatchObject({ status: 502, problem: undefined, message: 'HTTP 502' });
    expect((await gateway.GET('/v1/feeds')).response.status).toBe(200);
  });

  it('no key, no answer', async () => {
    const { data, error } = await visitor.client().GET('/v1/accounts');
    expect(data).toBeUndefined();
    expect(error?.code).toBe('key_missing');
  });
});
