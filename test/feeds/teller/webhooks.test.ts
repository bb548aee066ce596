// Webhooks of Teller: what is theirs makes syncs due, once; everything else is refused, and nothing is a fault of the service.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UuidV7Source } from '../../../src/common/ids.js';
import { Database } from '../../../src/database/database.js';
import { WebhookCounts } from '../../../src/feeds/webhooks/webhook-counts.js';
import { WebhookReceipt } from '../../../src/feeds/webhooks/webhook-receipt.entity.js';
import { WebhookSweeper } from '../../../src/feeds/webhooks/webhook-sweeper.js';
import { bodyOf, EVERYBODY, expectRefusal } from '../../support/builders.js';
import { type Engine, ENGINES, makeStore, type TestStore } from '../../support/each-store.js';
import { Lines } from '../../support/lines.js';
import { HeldClock, TestApp } from '../../support/test-app.js';
import { event, signed } from './fake-teller/webhooks.js';
import {
  dueByWebhook,
  forgetAll,
  linked,
  processed,
  receipts,
  SECRETS,
  send,
  TELLER,
  URL_OF_WEBHOOKS,
  webhook,
} from './webhook-sending.js';

const HOUR_MS = 3_600_000;
const BATCH = 500;

/** The headers of a body that is no text. */
function signBytes(bytes: Buffer, at: number): Record<string, string> {
  const seconds = at / 1_000;
  const signature = createHmac('sha256', SECRETS[0]).update(`${seconds}.`).update(bytes).digest('hex');
  return { 'content-type': 'application/json', 'teller-signature': `t=${seconds},v1=${signature}` };
}

describe.each(ENGINES)('on %s', (engine) => {
  let store: TestStore;
  let app: TestApp;
  const lines = new Lines();
  beforeAll(async () => {
    store = await makeStore(engine, TELLER);
    app = await TestApp.start(store, new HeldClock(), { log: lines.log });
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });
  beforeEach(() => forgetAll(app));

  const due = async (): Promise<string[]> => [...(await dueByWebhook(app)).keys()].sort();
  const receiveText = (body: string) => {
    const at = Date.parse(app.clock.now());
    return send(app, signed(body, { secrets: [SECRETS[0]], at }));
  };

  describe('what is due', () => {
    let anns: Awaited<ReturnType<typeof linked>>;
    let bobs: Awaited<ReturnType<typeof linked>>;
    beforeAll(async () => {
      anns = await linked(app, { enrollment: 'enr_1', account: 'acc_1' });
      bobs = await linked(app, { enrollment: 'enr_2', account: 'acc_1', owner: 'bob', status: 'needs_login' });
      await linked(app, { enrollment: 'enr_3', account: 'acc_3', status: 'disconnected' });
      await linked(app, { enrollment: 'enr_1', account: 'acc_1', environment: 'production' });
    });

    it('are all enrollments that have an account with new lines, whoever owns them, in this environment', async () => {
      const body = await bodyOf(send(app, processed(app, 'acc_1', 'acc_1', 'acc_3', 'acc_of_nobody')));
      expect(body).toEqual({ received: true, type: 'transactions.processed', due: 2 });
      expect(await due()).toEqual([anns.enrollment, bobs.enrollment].sort());
      expect((await dueByWebhook(app)).get(anns.enrollment)).toBe(app.clock.now());
    });

    it('is the enrollment that is said to be disconnected, which is not believed before the bank is asked', async () => {
      const said = webhook(app, 'enrollment.disconnected', { enrollment_id: 'enr_1', reason: 'disconnected' });
      expect(await bodyOf(send(app, said))).toMatchObject({ type: 'enrollment.disconnected', due: 1 });
      expect(await due()).toEqual([anns.enrollment]);
      expect((await bodyOf(app.get(`/v1/enrollments/${anns.enrollment}`))).status).toBe('connected');
    });

    it.each<[string, string, string?]>([
      ['account.number_verification.processed', 'account.number_verification.processed'],
      ['webhook.test', 'webhook.test'],
      ['enrollment.sang', 'unknown'],
      ['', 'unknown'],
      ['constructor', 'unknown'],
      ['a long one', 'unknown', 'x'.repeat(10_000)],
      ['NUL', 'unknown', 'a\u0000b'],
    ])('is nothing by the type %j', async (name, shown, type = name) => {
      const payload = { enrollment_id: 'enr_1', account_id: 'acc_1', transactions: [{ account_id: 'acc_1' }] };
      expect(await bodyOf(send(app, webhook(app, type, payload)))).toEqual({ received: true, type: shown, due: 0 });
      expect(await due()).toEqual([]);
      expect(await receipts(app)).toMatchObject([{ feed: 'teller', type: shown }]);
    });

    it.each<[string, unknown]>([
      ['no payload', undefined],
      ['null', null],
      ['a list', [{ account_id: 'acc_1' }]],
      ['a text', 'acc_1'],
      ['no list of lines', { transactions: { account_id: 'acc_1' } }],
      ['lines that are none', { transactions: [null, 7, 'acc_1', ['acc_1'], {}] }],
      [
        'ids that are none',
        {
          transactions: [7, null, {}, ['acc_1'], '', 'acc 1', 'é', 'a\u0000b', '\ud800', 'x'.repeat(101)].map((id) => ({
            account_id: id,
          })),
        },
      ],
      ['an enrollment of a wrong type', { enrollment_id: { id: 'enr_1' } }],
    ])('is nothing, and no fault, by a payload that is %s', async (_, payload) => {
      for (const type of ['transactions.processed', 'enrollment.disconnected'])
        expect(await bodyOf(send(app, webhook(app, type, payload)))).toMatchObject({ received: true, due: 0 });
      expect(await due()).toEqual([]);
    });

    it('is known by an id among more than a query takes one by one', async () => {
      const many = Array.from({ length: 5_000 }, (_, index) => `acc_${index}`);
      expect(await bodyOf(send(app, processed(app, ...many)))).toMatchObject({ due: 2 });
    });
  });

  it('reads a body only once it is known to be signed, and then like any other JSON', async () => {
    const nested = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(await bodyOf(receiveText(`{"type":"webhook.test","payload":${nested}}`))).toMatchObject({ due: 0 });
    for (const body of ['{', '{}{}', '{"type":"webhook.test","__proto__":{}}'])
      expectRefusal(await receiveText(body), 400, 'body_unreadable');
    for (const body of ['', '{}', '[]', 'null', '"x"', '{"type":7}', '{"type":["webhook.test"]}'])
      expectRefusal(await receiveText(body), 400, 'request_invalid', ['/type']);
    const unsigned = { payload: '{', headers: { 'teller-signature': 't=1,v1=2' } };
    expectRefusal(
      await app.call('POST', URL_OF_WEBHOOKS, { key: undefined, ...unsigned }),
      401,
      'webhook_signature_invalid',
    );
    expect(await receipts(app)).toHaveLength(1);
  });

  it('takes the signature over bytes, and refuses signed bytes that are no UTF-8', async () => {
    const post = (bytes: Buffer, headers: Readonly<Record<string, string>>) =>
      app.app.inject({ method: 'POST', url: URL_OF_WEBHOOKS, headers, payload: bytes });
    const at = Date.parse(app.clock.now());
    const spaced = ' {"type" : "webhook.test"}\r\n';
    const { headers } = signed(spaced, { secrets: [SECRETS[1]], at });
    expect((await post(Buffer.from(spaced), headers)).statusCode).toBe(200);
    const broken = Buffer.from([0x7b, 0xff, 0x7d]);
    const unread = await post(broken, signBytes(broken, at));
    expect([unread.statusCode, unread.json().code]).toEqual([400, 'body_unreadable']);
  });

  it('takes what others may not send, and refuses what is too large or no JSON before it is looked at', async () => {
    const said = webhook(app, 'webhook.test');
    const plain = await send(app, { ...said, headers: { ...said.headers, 'content-type': 'text/plain' } });
    expectRefusal(plain, 415, 'media_type_unsupported');
    expectRefusal(await send(app, { ...said, body: `"${'x'.repeat(2 ** 21)}"` }), 413, 'body_too_large');
    const withMore = { ...said.headers, 'idempotency-key': 'a b', 'if-match': 'x', authorization: 'Bearer nonsense' };
    expect(
      (await app.call('POST', `${URL_OF_WEBHOOKS}?x=1`, { key: undefined, payload: said.body, headers: withMore }))
        .status,
    ).toBe(200);
    expect((await app.get(URL_OF_WEBHOOKS)).status).toBe(405);
  });

  it('refuses the same message when it comes again, also by its other signature and after a restart', async () => {
    const at = Date.parse(app.clock.now());
    const body = event('webhook.test', {}, at);
    const twice = signed(body, { secrets: SECRETS, at });
    expect((await send(app, twice)).status).toBe(200);
    for (const secrets of [SECRETS, [SECRETS[1]]])
      expectRefusal(await send(app, signed(body, { secrets, at })), 409, 'webhook_replayed');
    app.clock.advance(180_000);
    expectRefusal(await send(app, twice), 409, 'webhook_replayed');
    await app.stop();
    app = await TestApp.start(store, app.clock, { log: lines.log, ids: new UuidV7Source(app.clock) });
    expectRefusal(await send(app, twice), 409, 'webhook_replayed');
    app.clock.advance(1);
    expectRefusal(await send(app, twice), 401, 'webhook_stale');
    expect(await bodyOf(send(app, webhook(app, 'webhook.test')))).toMatchObject({ received: true });
  });

  it('takes one of fifty that come at once', async () => {
    await linked(app, { enrollment: 'enr_50', account: 'acc_50' });
    const said = processed(app, 'acc_50');
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(app, said)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectRefusal(answer, 409, 'webhook_replayed');
    expect(await due()).toHaveLength(1);
    expect(await receipts(app)).toHaveLength(1);
  });

  it('counts what came and what became of it, and says of each in the log what it was, without its content', async () => {
    const counts = app.app.get(WebhookCounts, { strict: false });
    const of = (type: string, outcome: string) =>
      counts.snapshot().webhooks.find((one) => one.type === type && one.outcome === outcome)?.count ?? 0;
    await linked(app, { enrollment: 'enr_log', account: 'acc_log' });
    const before = counts.snapshot();
    const [tests, strangers] = [of('webhook.test', 'nothing_due'), of('unverified', 'webhook_signature_invalid')];
    lines.clear();
    const said = processed(app, 'acc_log', 'acc_stranger');
    const answers = [
      await send(app, said),
      await send(app, said),
      await send(app, webhook(app, 'webhook.test', { note: 'acc_log' })),
      await send(app, { body: '{}', headers: { 'content-type': 'application/json', 'teller-signature': 't=1' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 409, 200, 401]);
    expect(of('transactions.processed', 'due')).toBeGreaterThan(0);
    expect(of('transactions.processed', 'webhook_replayed')).toBeGreaterThan(0);
    expect(of('webhook.test', 'nothing_due') - tests).toBe(1);
    expect(of('unverified', 'webhook_signature_invalid') - strangers).toBe(1);
    expect(counts.snapshot().unknown - before.unknown).toBe(1);
    expect(lines.all.filter(({ context }) => context === 'Webhooks').map(({ msg }) => msg)).toEqual([
      'transactions.processed: 1 enrollments are due, 1 ids are unknown.',
      'webhook.test: 0 enrollments are due, 0 ids are unknown.',
    ]);
    const told = JSON.stringify([lines.all, answers.map(({ text, headers }) => [text, headers])]);
    const signatures = said.headers['teller-signature']!.split('v1=').slice(1);
    for (const secret of [...SECRETS, ...signatures, 'acc_log', 'acc_stranger']) expect(told).not.toContain(secret);
  });

  it('forgets receipts in batches, once nobody would believe their signatures any more', async () => {
    const sweeper = app.app.get(WebhookSweeper, { strict: false });
    const receivedAt = app.clock.now();
    const rows = Array.from({ length: 2 * BATCH + 3 }, (_, index): WebhookReceipt => ({
      id: `r${index}`,
      feed: 'teller',
      type: 'unknown',
      receivedAt,
    }));
    await app.app.get(Database).transact(EVERYBODY, (tx) => tx.insert(WebhookReceipt, rows));
    app.clock.advance(HOUR_MS);
    expect(await sweeper.sweep()).toBe(0);
    expect((await send(app, webhook(app, 'webhook.test'))).status).toBe(200);
    app.clock.advance(1);
    const batches: number[] = [];
    const forget = app.app.get(Database).observe(async (_, { keys }) => void batches.push(keys.length));
    expect(await sweeper.sweep()).toBe(2 * BATCH + 3);
    forget();
    expect(batches).toEqual([BATCH, BATCH, 3]);
    expect(await receipts(app)).toHaveLength(1);
  });
});

describe.each<[string, Readonly<Record<string, string>>]>([
  ['no feed of that name', {}],
  ['no secret', { TELLER_ENVIRONMENT: 'sandbox', ENCRYPTION_KEYS: TELLER.ENCRYPTION_KEYS }],
])('where there is %s', (_, extra) => {
  it('takes no webhooks', async () => {
    const store = await makeStore('sqlite', extra);
    const app = await TestApp.start(store);
    expectRefusal(await send(app, webhook(app, 'webhook.test')), 404, 'feed_not_configured');
    await app.stop();
    await store.dispose();
  });
});

describe('strangers', () => {
  let store: TestStore;
  let app: TestApp;
  beforeAll(async () => {
    store = await makeStore('sqlite', { ...TELLER, RATE_LIMIT_ADDRESS_PER_MINUTE: '3', MAX_REQUESTS_IN_FLIGHT: '4' });
    app = await TestApp.start(store);
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });

  it('are limited by their address, unlike those who ask whether the service is well', async () => {
    const nonsense = { body: '{}', headers: { 'content-type': 'application/json', 'teller-signature': 'x' } };
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await send(app, nonsense)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expectRefusal(await send(app, webhook(app, 'webhook.test')), 429, 'rate_limited');
    expect((await app.get('/livez', { key: undefined })).status).toBe(200);
  });
});

describe('two services on one PostgreSQL', () => {
  it('take a message once between them', async () => {
    const engine: Engine = 'postgres';
    const store = await makeStore(engine, TELLER);
    const clock = new HeldClock();
    const apps = [];
    for (let count = 0; count < 2; count++)
      apps.push(await TestApp.start(store, clock, { ids: new UuidV7Source(clock) }));
    const [one] = apps;
    await linked(one!, { enrollment: 'enr_1', account: 'acc_1' });
    for (let round = 0; round < 5; round++) {
      const said = processed(one!, 'acc_1', `acc_round_${round}`);
      const answers = await Promise.all([...apps, ...apps, ...apps].map((app) => send(app, said)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    }
    expect(await receipts(one!)).toHaveLength(5);
    for (const app of apps) await app.stop();
    await store.dispose();
  });
});
