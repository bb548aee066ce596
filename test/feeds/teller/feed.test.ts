// The port's questions put to a fake Teller over a real socket, and its answers and refusals as the service hears them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCivilDate } from '../../../src/common/civil-date.js';
import { Currencies } from '../../../src/common/currency.js';
import { type Refusal } from '../../../src/common/domain-error.js';
import { DEFAULT_OWNER } from '../../../src/common/owner.js';
import { type TellerSettings } from '../../../src/config/feed-settings.js';
import { Secret } from '../../../src/config/secret.js';
import { CheckedFeed } from '../../../src/feeds/checked-feed.js';
import { accessOf } from '../../../src/feeds/feed-access.js';
import {
  type AskedAccount,
  type FeedAccess,
  type FeedLine,
  type FeedPageRequest,
} from '../../../src/feeds/feed.port.js';
import { KeyRing } from '../../../src/feeds/key-ring.js';
import { type TellerClient } from '../../../src/feeds/teller/teller.client.js';
import { TellerConnect } from '../../../src/feeds/teller/teller.connect.js';
import { TellerFeed } from '../../../src/feeds/teller/teller.feed.js';
import { TellerNonces } from '../../../src/feeds/teller/teller-nonces.js';
import { readWindow } from '../../../src/feeds/window.js';
import { HeldClock } from '../../support/test-app.js';
import { type Asking, clientOf } from './asking.js';
import { type BankAccount } from './fake-teller/account.js';
import { type BankEnrollment, DISCONNECT_REASONS } from './fake-teller/bank.js';
import { after, limitsRate, refuses, resets, rewrites, says } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';

const HOUR_MS = 3_600_000;
const currencies = new Currencies();

let teller: FakeTeller;
let clock: HeldClock;
let client: TellerClient;
beforeEach(async () => {
  teller = await FakeTeller.start();
  clock = new HeldClock();
});
afterEach(async () => {
  await client.close();
  await teller.stop();
});

function tellerFeed(environment: TellerSettings['environment'] = 'sandbox', asking: Asking = {}): TellerFeed {
  client = clientOf(teller, [], { clock, ...asking });
  const connect = new TellerConnect({ environment, signingKey: undefined }, new TellerNonces(new KeyRing([]), clock));
  return new TellerFeed({ environment }, client, connect, currencies, clock);
}

function accessTo({ environment, id, token }: BankEnrollment): FeedAccess {
  return { environment, enrollmentExternalId: id, accessToken: new Secret(token) };
}

function askedOf({ id, type, currency }: BankAccount): AskedAccount {
  return { externalId: id, type, currency: currencies.parse(currency) };
}

function refusalOf(asked: Promise<unknown>): Promise<Refusal> {
  return asked.then(
    () => {
      throw new Error('It was answered.');
    },
    (error: Refusal) => error,
  );
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return (await refusalOf(asked)).code;
}

describe('what Teller answers', () => {
  it('for an enrollment, and its accounts, with the very text', async () => {
    const [checking, card] = [
      teller.bank.open({ wire: { rewards: { tier: 'gold' } } }),
      teller.bank.open({ type: 'credit', name: 'Platin­um Карта', lastFour: '0042' }),
    ];
    card.close('inactive');
    const enrollment = teller.bank.enroll([checking, card]);
    const feed = tellerFeed();
    const consented = await feed.enroll({
      owner: DEFAULT_OWNER,
      institutionId: null,
      consent: enrollment.onSuccess(),
    });
    const accounts = await feed.accounts(accessOf(consented));
    expect(accounts).toEqual([
      {
        raw: expect.stringContaining('"tier" : "gold"'),
        externalId: checking.id,
        name: 'Essential Checking',
        type: 'depository',
        subtype: 'checking',
        currency: 'USD',
        lastFour: '7857',
        status: 'open',
        institution: { id: 'security_cu', name: 'Security Credit Union' },
      },
      expect.objectContaining({
        externalId: card.id,
        type: 'credit',
        name: card.name,
        lastFour: '0042',
        status: 'closed',
      }),
    ]);
    let sent = '';
    teller.faults.once(
      '/accounts',
      rewrites((body) => (sent = body)),
    );
    for (const { raw } of await feed.accounts(accessOf(consented))) expect(sent).toContain(`${raw}`);
  });

  it('for balances: debt negated, what may be spent as it is, and what is not stated null', async () => {
    const [checking, card] = [
      teller.bank.open({ opening: '100.10' }),
      teller.bank.open({ type: 'credit', opening: '250.00', limit: '1000.00' }),
    ];
    card.hold({ amount: '50.00' });
    const access = accessTo(teller.bank.enroll([checking, card]));
    const feed = tellerFeed();
    expect(await feed.balance(access, askedOf(checking))).toMatchObject({ ledger: 10_010n, available: 10_010n });
    expect(await feed.balance(access, askedOf(card))).toMatchObject({ ledger: -25_000n, available: 70_000n });
    card.wireBalance = { ledger: null };
    expect(await feed.balance(access, askedOf(card))).toMatchObject({ ledger: null, available: 70_000n });
  });

  it('for lines: page by page, the whole history and nothing twice', async () => {
    const card = teller.bank.open({ type: 'credit' });
    card.fill(47, (i) => ({ amount: `${i}.25`, date: `2026-10-${String((i % 28) + 1).padStart(2, '0')}` }));
    const held = card.hold({ amount: '9.99', date: '2026-11-01', counterparty: 'Kiosk', category: 'shopping' });
    const access = accessTo(teller.bank.enroll([card]));
    const feed = tellerFeed();
    const lines: FeedLine[] = [];
    for (let before: string | undefined; ;) {
      const page = await feed.page(access, askedOf(card), { count: 12, before });
      lines.push(...page.lines);
      if (page.next === undefined) break;
      before = page.next;
    }
    expect(lines.map(({ externalId }) => externalId)).toEqual(card.list().map(({ id }) => id));
    expect(teller.asked.map(({ query }) => query['count'])).toEqual(['12', '12', '12', '12', '12']);
    expect(lines[0]).toMatchObject({
      externalId: held.id,
      amount: -999n,
      status: 'pending',
      runningBalance: null,
      counterparty: 'Kiosk',
      category: 'shopping',
    });
    expect(lines[1]!.runningBalance).toBeLessThan(0n);
    expect(lines[0]!.raw).toContain('"amount" : "9.99"');
  });

  it('for lines from a day on, before a line, and where there are none', async () => {
    const account = teller.bank.open();
    for (const date of ['2026-11-01', '2026-11-02', '2026-11-03']) account.post({ date, amount: '1.00' });
    const access = accessTo(teller.bank.enroll([account]));
    const feed = tellerFeed();
    const days = async (request: Partial<FeedPageRequest>) => {
      const { lines, next } = await feed.page(access, askedOf(account), { count: 2, ...request });
      return [lines.map(({ date }) => date.slice(-2)).join(), next];
    };
    const [newest, second] = account.list();
    expect(await days({ from: parseCivilDate('2026-11-02') })).toEqual(['03,02', second!.id]);
    expect(await days({ from: parseCivilDate('2026-11-02'), before: second!.id })).toEqual(['', undefined]);
    expect(await days({ from: parseCivilDate('2026-11-03') })).toEqual(['03', undefined]);
    expect(await days({ before: newest!.id })).toEqual(['02,01', account.list()[2]!.id]);
  });

  it('is a window at one moment, although lines move between its pages', async () => {
    const account = teller.bank.open();
    account.fill(20, (i) => ({ amount: '1.00', date: `2026-11-${String(i + 1).padStart(2, '0')}` }));
    const held = account.hold({ amount: '5.00', date: '2026-11-18' });
    const access = accessTo(teller.bank.enroll([account]));
    teller.faults.once(
      ({ query }) => query['from_id'] !== undefined,
      after(() => account.settle(held, { newId: true, date: '2026-11-20' })),
    );
    const lines = await readWindow(tellerFeed(), access, askedOf(account), parseCivilDate('2026-11-05'), 6);
    expect(lines.map(({ externalId }) => externalId)).toEqual(
      account
        .list()
        .filter(({ date }) => date >= '2026-11-05')
        .map(({ id }) => id),
    );
  });

  it('for institutions, once in hours, and an older list while there is no newer one', async () => {
    const feed = tellerFeed();
    expect(await feed.institutions()).toContainEqual({ id: 'chase', name: 'Chase' });
    clock.advance(5 * HOUR_MS);
    await feed.institutions();
    expect(teller.asked).toHaveLength(1);
    teller.bank.institutions.push({ id: 'new_bank', name: 'New Bank' });
    clock.advance(2 * HOUR_MS);
    teller.faults.once('/institutions', refuses(500));
    expect(await feed.institutions()).not.toContainEqual({ id: 'new_bank', name: 'New Bank' });
    expect(await feed.institutions()).toContainEqual({ id: 'new_bank', name: 'New Bank' });
    expect(teller.asked.every(({ token }) => token === undefined)).toBe(true);
  });

  it('with words that nobody knows is taken by the service, and an account of a kind that nobody knows is refused alone', async () => {
    const [card, loan] = [teller.bank.open({ type: 'credit' }), teller.bank.open({ wire: { type: 'loan' } })];
    card.post({ amount: '1.00', type: 'crypto_swap', category: 'space_travel', wire: { geo: { lat: '1' } } });
    card.post({ amount: '2.00', wire: { status: 'disputed' } });
    const access = accessTo(teller.bank.enroll([card, loan]));
    const checked = new CheckedFeed(tellerFeed(), currencies);
    const { lines } = await checked.page(access, askedOf(card), { count: 5 });
    expect(lines.map(({ status, type, category }) => [status, type, category])).toEqual([
      ['pending', 'card_payment', null],
      ['posted', 'crypto_swap', 'space_travel'],
    ]);
    expect(JSON.parse(lines[1]!.raw)).toMatchObject({ geo: { lat: '1' } });
    const listed = await checked.accounts(access);
    expect(listed.accounts.map(({ externalId }) => externalId)).toEqual([card.id]);
    expect(listed.refused.get(loan.id)!.message).toContain('type must be one of depository, credit');
  });
});

describe('what Teller refuses', () => {
  it.each(DISCONNECT_REASONS)('because the enrollment is disconnected (%s) is said with its reason', async (reason) => {
    const account = teller.bank.open();
    const enrollment = teller.bank.enroll([account]);
    enrollment.disconnect(reason, { stillListed: true });
    const [feed, access] = [tellerFeed(), accessTo(enrollment)];
    expect(await feed.accounts(access)).toHaveLength(1);
    for (const asked of [
      feed.balance(access, askedOf(account)),
      feed.page(access, askedOf(account), { count: 1, before: 'txn_1' }),
    ]) {
      expect(await refusalOf(asked)).toMatchObject({
        code: reason === 'account_locked' ? 'enrollment_locked' : 'enrollment_needs_login',
        reason: reason === '' ? null : reason,
      });
    }
    enrollment.repair();
    expect(await feed.balance(access, askedOf(account))).toMatchObject({ ledger: 0n });
  });

  it('about one account is that account’s alone', async () => {
    const [open, closed] = [teller.bank.open(), teller.bank.open()];
    closed.close('inactive');
    const access = accessTo(teller.bank.enroll([open, closed]));
    const feed = tellerFeed();
    const unknown = { ...askedOf(open), externalId: 'acc_../../institutions?x' };
    expect(await codeOf(feed.balance(access, askedOf(closed)))).toBe('feed_account_closed');
    expect(await codeOf(feed.page(access, askedOf(closed), { count: 1 }))).toBe('feed_account_closed');
    expect(await codeOf(feed.balance(access, unknown))).toBe('feed_account_unknown');
    expect(await codeOf(feed.page(access, unknown, { count: 1 }))).toBe('feed_account_unknown');
    expect(await codeOf(feed.page(access, askedOf(open), { count: 1, before: 'txn_gone' }))).toBe('feed_cursor_gone');
    expect(await codeOf(feed.page(access, unknown, { count: 1, before: 'txn_gone' }))).toBe('feed_cursor_gone');
  });

  it('a token that it does not know, or not any more', async () => {
    const enrollment = teller.bank.enroll([teller.bank.open()]);
    enrollment.revoke();
    expect(await refusalOf(tellerFeed().accounts(accessTo(enrollment)))).toMatchObject({
      code: 'enrollment_needs_login',
      reason: 'token_refused',
    });
  });

  it('to serve, for a while', async () => {
    const access = accessTo(teller.bank.enroll([]));
    const feed = tellerFeed();
    teller.faults.once('/accounts', limitsRate('90'));
    expect(await refusalOf(feed.accounts(access))).toMatchObject({ code: 'feed_rate_limited', retryAfterSeconds: 90 });
    teller.faults.times(4, '/accounts', limitsRate());
    expect(await refusalOf(feed.accounts(access))).toMatchObject({ code: 'feed_rate_limited', retryAfterSeconds: 60 });
    teller.faults.times(4, '/accounts', refuses(502));
    expect(await codeOf(feed.accounts(access))).toBe('feed_unavailable');
    teller.faults.times(4, '/accounts', resets());
    expect(await codeOf(feed.accounts(access))).toBe('feed_unavailable');
    expect(await feed.accounts(access)).toEqual([]);
  });

  it('without the application’s certificate, or with a bad one, is for the operator', async () => {
    const enrollment = teller.bank.enroll([], { environment: 'development' });
    const { valid, expired, foreign } = teller.certificates.client;
    for (const bad of [undefined, expired, foreign]) {
      const feed = tellerFeed('development', { client: bad });
      expect(await codeOf(feed.accounts(accessTo(enrollment)))).toBe('feed_misconfigured');
      await client.close();
    }
    expect(await tellerFeed('development', { client: valid }).accounts(accessTo(enrollment))).toEqual([]);
  });
});

describe('an answer that cannot be taken', () => {
  it.each([
    ['is no JSON', 'OK', "Teller's answer must be JSON."],
    ['breaks off', '[{"id":"txn_1"', "Teller's answer must be JSON."],
    ['is no list', '{"transactions":[]}', "Teller's answer must be a list."],
    ['has elements of another form', '["txn_1"]', 'Teller sent a transaction that is no object.'],
    [
      'lacks what is needed',
      '[{"id":"txn_1"}]',
      'Teller sent the transaction "txn_1" whose account_id is missing and must be a text.',
    ],
    ['is no UTF-8', Buffer.from([0x5b, 0xff, 0x5d]), "Teller's answer must be UTF-8."],
    ['is empty', '', "Teller's answer must be JSON."],
  ])('because it %s is refused by name', async (_, body, words) => {
    const account = teller.bank.open();
    const access = accessTo(teller.bank.enroll([account]));
    teller.faults.once('/transactions', says(body));
    const checked = new CheckedFeed(tellerFeed(), currencies);
    const refusal = await refusalOf(checked.page(access, askedOf(account), { count: 5 }));
    expect([refusal.code, refusal.message]).toEqual(['feed_answer_invalid', words]);
  });
});

describe('another environment', () => {
  it.each([
    ['sandbox', 'production'],
    ['sandbox', 'development'],
    ['production', 'sandbox'],
    ['development', 'production'],
  ] as const)('(an enrollment of %s, asked for in %s) is said, and nothing is asked', async (of, here) => {
    const feed = tellerFeed(here, { client: teller.certificates.client.valid });
    const refusal = await refusalOf(feed.accounts(accessTo(teller.bank.enroll([], { environment: of }))));
    expect(refusal.code).toBe('feed_environment_mismatch');
    expect(refusal.message).toContain(`environment ${of}`);
    expect(refusal.message).toContain(`TELLER_ENVIRONMENT is ${here}`);
    expect(teller.asked).toEqual([]);
  });

  it('of the token alone is said, too', async () => {
    const { id } = teller.bank.enroll([]);
    const { token } = teller.bank.enroll([], { environment: 'production' });
    const access = { environment: 'sandbox', enrollmentExternalId: id, accessToken: new Secret(token) };
    const refusal = await refusalOf(tellerFeed().accounts(access));
    expect(refusal.message).toBe(
      "The enrollment is of Teller's environment sandbox, its access token of real banks, and TELLER_ENVIRONMENT is sandbox.",
    );
  });
});

describe('the end of a consent', () => {
  it('is told to Teller, and telling it again is no error', async () => {
    const enrollment = teller.bank.enroll([teller.bank.open()]);
    const feed = tellerFeed();
    await feed.disconnect(accessTo(enrollment));
    expect(enrollment.isRevoked).toBe(true);
    await feed.disconnect(accessTo(enrollment));
    expect(teller.asked.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'DELETE /accounts 204',
      'DELETE /accounts 403',
    ]);
  });

  it.each([401, 403, 404, 410])('has come already where Teller says %i', async (status) => {
    teller.faults.once('DELETE /accounts', refuses(status));
    await tellerFeed().disconnect(accessTo(teller.bank.enroll([])));
  });

  it('has not come where Teller does not answer', async () => {
    teller.faults.times(4, 'DELETE /accounts', refuses(502));
    const enrollment = teller.bank.enroll([]);
    expect(await codeOf(tellerFeed().disconnect(accessTo(enrollment)))).toBe('feed_unavailable');
    expect(enrollment.isRevoked).toBe(false);
  });

  it('comes whatever environment this service is set up for', async () => {
    const enrollment = teller.bank.enroll([]);
    await tellerFeed('production').disconnect(accessTo(enrollment));
    expect(enrollment.isRevoked).toBe(true);
  });

  it('leaves nothing to ask with', async () => {
    const feed = tellerFeed();
    const access = { ...accessTo(teller.bank.enroll([])), accessToken: null };
    await feed.disconnect(access);
    expect(await codeOf(feed.accounts(access))).toBe('enrollment_disconnected');
    expect(teller.asked).toEqual([]);
  });
});
