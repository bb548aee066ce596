// How Teller is asked, over a real socket: what goes out, what is tried again and for how long, and what is said when nothing helps.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/config/secret.js';
import { FeedAnswerInvalid, FeedMisconfigured, FeedUnavailable } from '../../../src/feeds/port/feeds.errors.js';
import { type TellerAnswer, type TellerClient, type TellerQuestion } from '../../../src/feeds/teller/teller.client.js';
import { HeldClock } from '../../support/test-app.js';
import { type Asking, clientOf } from './asking.js';
import { type BankEnrollment } from './fake-teller/bank.js';
import {
  cuts,
  type Fault,
  floods,
  hangs,
  limitsRate,
  refuses,
  resets,
  stalls,
  trickles,
  waitsFor,
} from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';

/** For what is meant to take too long: short, and long enough for a busy machine to ask in. */
const TIMEOUT_MS = 1_000;
const TRIES = 4;

let teller: FakeTeller;
let enrollment: BankEnrollment;
let waits: number[];
const clients: TellerClient[] = [];

beforeEach(async () => {
  teller = await FakeTeller.start();
  enrollment = teller.bank.enroll([teller.bank.open()]);
  waits = [];
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await teller.stop();
});

function client(asking: Asking = {}): TellerClient {
  const made = clientOf(teller, waits, asking);
  clients.push(made);
  return made;
}

function accounts(over: Partial<TellerQuestion> = {}): TellerQuestion {
  return { method: 'GET', path: '/accounts', token: new Secret(enrollment.token), lane: enrollment.id, ...over };
}

function gate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve: () => resolve() };
}

/** What it ended with; the token stands nowhere in it. */
async function refusedWith(asked: Promise<TellerAnswer>): Promise<Error> {
  const error: unknown = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('It was answered.');
  const shown = inspect(error, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null });
  expect(shown).not.toContain(enrollment.token);
  expect(shown).not.toContain(Buffer.from(enrollment.token).toString('base64').slice(0, 12));
  return error;
}

describe('a question', () => {
  it('bears the token as a user name without a password, and the version', async () => {
    const { status, body } = await client().ask(accounts());
    expect([status, JSON.parse(Buffer.from(body).toString())]).toEqual([
      200,
      [expect.objectContaining({ status: 'open' })],
    ]);
    const [{ headers, method, path }] = teller.asked as [(typeof teller.asked)[0]];
    expect([method, path]).toEqual(['GET', '/accounts']);
    expect(headers['authorization']).toBe(`Basic ${Buffer.from(`${enrollment.token}:`).toString('base64')}`);
    expect(headers['teller-version']).toBe('2020-10-12');
    expect(headers['user-agent']).toMatch(/^passbook\/\d/);
  });

  it('without a token bears none', async () => {
    expect((await client().ask(accounts({ path: '/institutions', token: null }))).status).toBe(200);
    expect(teller.asked[0]!.headers).not.toHaveProperty('authorization');
  });

  it('comes on a connection that stands', async () => {
    const one = client();
    for (let i = 0; i < 10; i += 1) await one.ask(accounts());
    // The one of the last answer may not be free yet.
    expect(teller.connections).toBeLessThanOrEqual(2);
  });

  it('shows the client certificate', async () => {
    enrollment = teller.bank.enroll([], { environment: 'production' });
    expect((await client({ client: teller.certificates.client.valid }).ask(accounts())).status).toBe(200);
    expect((await client().ask(accounts())).status).toBe(400);
  });

  it('is asked a few at a time in one lane, and does not wait for other lanes', async () => {
    const held = gate();
    teller.faults.times(3, '/accounts', waitsFor(held.promise));
    const one = client();
    const asked = Array.from({ length: 5 }, () => one.ask(accounts()));
    await one.ask(accounts({ lane: 'another', path: '/institutions', token: null }));
    await one.ask(accounts({ lane: 'another', path: '/institutions', token: null }));
    expect(teller.askedAbout('/accounts')).toHaveLength(2);
    expect(one['lanes'].size).toBe(1);
    held.resolve();
    await Promise.all(asked);
    expect(teller.askedAbout('/accounts')).toHaveLength(5);
    expect(one['lanes'].size).toBe(0);
  });
});

describe('an answer that may pass', () => {
  it.each([408, 429, 502, 503, 504])('(%i) is asked for again', async (status) => {
    teller.faults.once('/accounts', refuses(status));
    expect((await client().ask(accounts())).status).toBe(200);
    expect([teller.asked.length, waits]).toEqual([2, [250]]);
  });

  it.each([400, 401, 403, 404, 410, 422, 500])('is not %i', async (status) => {
    teller.faults.once('/accounts', refuses(status));
    expect((await client().ask(accounts())).status).toBe(status);
    expect([teller.asked.length, waits]).toEqual([1, []]);
  });

  it('is waited for longer each time, by chance, and only so often', async () => {
    teller.faults.always('/accounts', refuses(502));
    expect((await client().ask(accounts())).status).toBe(502);
    expect([teller.asked.length, waits]).toEqual([TRIES, [250, 500, 1_000]]);
    waits.length = 0;
    await client({ patience: { random: () => 0.999 } }).ask(accounts());
    expect(waits.map(Math.round)).toEqual([500, 999, 1_998]);
  });

  it('is waited for as long as Teller says, when that is not long', async () => {
    teller.faults.once('/accounts', limitsRate('3'));
    teller.faults.once('/accounts', limitsRate('0'));
    teller.faults.once('/accounts', refuses(503, 'maintenance', { 'retry-after': '10' }));
    expect((await client().ask(accounts())).status).toBe(200);
    expect(waits).toEqual([3_250, 500, 11_000]);
  });

  it('is waited for until the moment that Teller says, by its own clock', async () => {
    const headers = { date: 'Wed, 21 Oct 2015 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2015 07:28:05 GMT' };
    teller.faults.once('/accounts', refuses(429, 'too_many_requests', headers));
    expect((await client().ask(accounts())).status).toBe(200);
    expect(waits).toEqual([5_250]);
  });

  it('is not waited for when that is long', async () => {
    teller.faults.always('/accounts', limitsRate('11'));
    const { status, retryAfterSeconds: seconds } = await client().ask(accounts());
    expect([status, seconds, teller.asked.length, waits]).toEqual([429, 11, 1, []]);
  });
});

describe('a connection that breaks', () => {
  const BREAKS: readonly (readonly [string, Fault])[] = [
    ['before an answer', resets()],
    ['after the deed and before an answer', resets({ afterDoing: true })],
    ['after the head', cuts(0)],
    ['in the middle of the body', cuts()],
  ];

  it.each(BREAKS)('%s is no reason to give up', async (_, fault) => {
    teller.faults.times(TRIES - 1, '/accounts', fault);
    expect((await client().ask(accounts())).status).toBe(200);
    expect([teller.asked.length, waits.length]).toEqual([TRIES, TRIES - 1]);
  });

  it.each(BREAKS)('%s again and again is', async (_, fault) => {
    teller.faults.always('/accounts', fault);
    const error = await refusedWith(client().ask(accounts()));
    expect(error).toBeInstanceOf(FeedUnavailable);
    expect(error.message).toMatch(/^Teller cannot be reached \([A-Z_]+\)\.$/);
    expect(teller.asked).toHaveLength(TRIES);
  });

  it('between two questions is not noticed', async () => {
    const one = client();
    await one.ask(accounts());
    teller.dropConnections();
    expect((await one.ask(accounts())).status).toBe(200);
  });

  it('may have ended the consent: asked again, Teller does not know the token', async () => {
    teller.faults.once('DELETE /accounts', resets({ afterDoing: true }));
    expect((await client().ask(accounts({ method: 'DELETE' }))).status).toBe(403);
  });

  it('is said to be none where nobody listens', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    const error = await refusedWith(client({ settings: { apiUrl: `https://127.0.0.1:${port}` } }).ask(accounts()));
    expect(error.message).toBe('Teller cannot be reached (ECONNREFUSED).');
    expect(waits).toHaveLength(TRIES - 1);
  });
});

describe('an answer that takes too long', () => {
  it('is waited for twice, whether it has no head, no end, or comes a byte at a time, or nobody takes the handshake', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const nowhere = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const [account] = enrollment.accounts;
    const ways: readonly (readonly [string, Fault])[] = [
      ['/accounts', hangs()],
      [`/accounts/${account!.id}/balances`, stalls()],
      [`/accounts/${account!.id}/transactions`, trickles(500)],
    ];
    for (const [way, fault] of ways) teller.faults.always(({ path }) => path === way, fault);
    const one = client({ settings: { timeoutMs: TIMEOUT_MS, concurrency: ways.length } });
    const errors = await Promise.all([
      ...ways.map(([path]) => refusedWith(one.ask(accounts({ path })))),
      refusedWith(client({ settings: { apiUrl: nowhere, timeoutMs: TIMEOUT_MS } }).ask(accounts())),
    ]);
    silent.close();
    for (const error of errors) {
      expect(error).toBeInstanceOf(FeedUnavailable);
      expect(error.message).toBe(`Teller did not answer within ${TIMEOUT_MS} ms.`);
    }
    const asked = teller.asked.map(({ path }) => path).sort();
    expect(asked).toEqual(ways.flatMap(([path]) => [path, path]));
  });

  it('once only is good the second time', async () => {
    teller.faults.once('/accounts', hangs());
    expect((await client({ settings: { timeoutMs: TIMEOUT_MS } }).ask(accounts())).status).toBe(200);
  });
});

describe('an answer without end', () => {
  it.each([true, false])(
    'is not read to its end, and not asked for again (its length is told: %j)',
    async (withLength) => {
      teller.faults.always('/accounts', floods(64 * 1_048_576, { withLength }));
      const error = await refusedWith(client().ask(accounts()));
      expect(error).toBeInstanceOf(FeedAnswerInvalid);
      expect(error.message).toBe('Teller answered with more than 16777216 bytes.');
      expect(teller.asked).toHaveLength(1);
    },
  );
});

describe('trust', () => {
  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['misnamed', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['foreign', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ] as const)('is not given to a server whose certificate is %s: it is asked nothing', async (certificate, code) => {
    teller.present(certificate);
    const error = await refusedWith(client().ask(accounts()));
    expect(error).toBeInstanceOf(FeedUnavailable);
    expect(error.message).toBe(`Teller's own certificate does not hold (${code}); nothing was asked.`);
    expect([teller.connections, teller.asked.length, waits]).toEqual([1, 0, []]);
  });

  it.each(['bad_certificate', 'certificate_revoked', 'certificate_expired', 'unknown_ca'] as const)(
    'that is refused in the handshake (%s) is for the operator to mend',
    async (alert) => {
      teller.refuseHandshakes(alert);
      const error = await refusedWith(client({ client: teller.certificates.client.valid }).ask(accounts()));
      expect(error).toBeInstanceOf(FeedMisconfigured);
      expect(error.message).toMatch(/^Teller refuses the client certificate \(ERR_SSL_.*ALERT_[A-Z_]+\)\.$/);
      expect([teller.connections, waits]).toEqual([1, []]);
    },
  );

  it('that has run out is said to have, when Teller only hangs up', async () => {
    teller.faults.always('/accounts', resets());
    const one = client({ client: teller.certificates.client.expired });
    const error = await refusedWith(one.ask(accounts()));
    expect(error).toBeInstanceOf(FeedMisconfigured);
    expect(error.message).toMatch(/^Teller hangs up \([A-Z_]+\); the client certificate expired on 2020-02-01\.$/);
    expect(teller.asked).toHaveLength(1);
  });

  it('is judged by the clock', async () => {
    teller.faults.always('/accounts', resets());
    const clock = new HeldClock();
    clock.set('2020-01-31T23:59:59Z');
    const one = client({ client: teller.certificates.client.expired, clock });
    expect(await refusedWith(one.ask(accounts()))).toBeInstanceOf(FeedUnavailable);
  });
});

describe('the end of the service', () => {
  it('ends what is asked, what waits for its turn, what waits to be asked again, and what comes later', async () => {
    const waiting = gate();
    const one = client({
      settings: { concurrency: 1 },
      patience: {
        pause: (_, signal) => {
          waiting.resolve();
          return once(signal, 'abort').then(() => Promise.reject(new Error('aborted')));
        },
      },
    });
    teller.faults.once('/accounts', hangs());
    teller.faults.once('/institutions', refuses(502));
    const asked = refusedWith(one.ask(accounts()));
    const queued = refusedWith(one.ask(accounts()));
    const paused = refusedWith(one.ask(accounts({ path: '/institutions', lane: 'another' })));
    await waiting.promise;
    await one.close();
    const errors = await Promise.all([asked, queued, paused, refusedWith(one.ask(accounts()))]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(FeedUnavailable);
      expect(error.message).toBe('The service is shutting down: Teller is not asked any more.');
    }
  });
});
