// How often somebody may ask in a minute: by address, by key, and by address without a valid key.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { expectRefusal, bodyOf } from '../support/builders.js';
import { type Engine, ENGINES, makeStore, type TestStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';

type Limits = Partial<Record<'KEY' | 'ADDRESS' | 'UNKNOWN_KEYS', number>>;

describe.each(ENGINES)('on %s', (engine: Engine) => {
  let store: TestStore | undefined;
  let app: TestApp;
  afterEach(async () => {
    await app.stop();
    await store?.dispose();
  });

  async function start(limits: Limits): Promise<void> {
    const said = Object.entries(limits).map(([name, max]) => [`RATE_LIMIT_${name}_PER_MINUTE`, String(max)]);
    store = await makeStore(engine, Object.fromEntries(said) as Record<string, string>);
    app = await TestApp.start(store);
  }

  async function from(address: string, path = '/v1/accounts', key: string | undefined = app.key): Promise<Answer> {
    await nextTurn();
    const { statusCode, headers, body } = await app.app.inject({
      url: path,
      remoteAddress: address,
      headers: key === '' ? {} : { authorization: `Bearer ${key}` },
    });
    return { status: statusCode, headers, text: body, body: JSON.parse(body) };
  }

  function expectLimited(answer: Answer, limit: number): void {
    expectRefusal(answer, 429, 'rate_limited');
    const seconds = Number(answer.headers['retry-after']);
    expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true);
    expect(answer.headers).toMatchObject({
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(seconds),
    });
  }

  it('lets one key ask so often and no further, and every other key', async () => {
    await start({ KEY: 3 });
    for (let count = 0; count < 3; count++) expect((await from('10.0.0.1')).status).toBe(200);
    expectLimited(await from('10.0.0.1'), 3);
    expectLimited(await from('10.0.0.2', '/v1/transactions'), 3);
    expect((await from('10.0.0.1', '/v1/accounts', await app.keyFor({}))).status).toBe(200);
  });

  it('counts what a key may not do against it', async () => {
    await start({ KEY: 2 });
    const key = await app.keyFor({ scope: 'read' });
    for (let count = 0; count < 2; count++) expect((await from('10.0.0.1', '/v1/keys', key)).status).toBe(403);
    expectLimited(await from('10.0.0.1', '/v1/accounts', key), 2);
  });

  it('lets one address ask so often and no further, whatever for, but for the probes', async () => {
    await start({ ADDRESS: 3 });
    expect((await from('10.0.0.1')).status).toBe(200);
    expect((await from('10.0.0.1', '/v1/nothing')).status).toBe(404);
    expect((await from('10.0.0.1', '/openapi.json', '')).status).toBe(200);
    expectLimited(await from('10.0.0.1'), 3);
    expectLimited(await from('10.0.0.1', '/v1/nothing', ''), 3);
    for (const path of ['/livez', '/readyz', '/health', '/readiness'])
      expect((await from('10.0.0.1', path)).status).toBe(200);
    expect((await from('10.0.0.2')).status).toBe(200);
  });

  it('takes a /64 of IPv6 for one address, and IPv4 that is written as IPv6 for itself', async () => {
    await start({ ADDRESS: 1 });
    expect((await from('2001:db8:0:1::1')).status).toBe(200);
    expectLimited(await from('2001:db8:0:1:ffff::2'), 1);
    expect((await from('2001:db8:0:2::1')).status).toBe(200);
    expect((await from('10.0.0.1')).status).toBe(200);
    expectLimited(await from('::ffff:10.0.0.1'), 1);
    expect((await from('::ffff:10.0.0.2')).status).toBe(200);
  });

  it('lets an address guess so often, without a query more, and keeps out nobody who is known', async () => {
    await start({ UNKNOWN_KEYS: 3 });
    const guess = (): string => `pbk_${String(Math.random()).slice(2).padEnd(43, 'x')}`;
    expect((await from('10.0.0.1')).status).toBe(200);
    const neverUsedHere = await app.keyFor({});
    expect((await from('10.0.0.1', '/v1/accounts', '')).status).toBe(401);
    expect((await from('10.0.0.1', '/v1/accounts', 'pbk_short')).status).toBe(401);
    expect((await from('10.0.0.1', '/v1/accounts', guess())).status).toBe(401);
    for (const key of ['', 'pbk_short', guess()]) expectLimited(await from('10.0.0.1', '/v1/accounts', key), 3);
    expectLimited(await from('10.0.0.1', '/v1/accounts', neverUsedHere), 3);
    expect((await from('10.0.0.1')).status, 'a key that was valid before').toBe(200);
    expect((await from('10.0.0.2', '/v1/accounts', guess())).status, 'another address').toBe(401);
    expect((await from('10.0.0.2', '/v1/accounts', neverUsedHere)).status).toBe(200);
  });

  it('limits nobody where a limit is 0', async () => {
    await start({ KEY: 0, ADDRESS: 0, UNKNOWN_KEYS: 0 });
    for (let count = 0; count < 200; count++) {
      expect((await from('10.0.0.1')).status).toBe(200);
      expect((await from('10.0.0.1', '/v1/accounts', 'wrong')).status).toBe(401);
    }
  });

  it('writes nothing for a request that was limited', async () => {
    await start({ KEY: 1 });
    const account = { kind: 'manual', name: 'Cash', currency: 'USD' };
    await bodyOf(app.post('/v1/accounts', account));
    expectLimited(await app.post('/v1/accounts', account), 1);
    expect((await from('10.0.0.1', '/v1/accounts', await app.keyFor({}))).body.data).toHaveLength(1);
  });
});
