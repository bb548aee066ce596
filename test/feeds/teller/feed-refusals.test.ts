// What a fake Teller refuses or answers wrongly over a real socket, and what the service hears of it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TellerSettings } from '../../../src/config/feed-settings.js';
import { Secret } from '../../../src/config/secret.js';
import { CheckedFeed } from '../../../src/feeds/port/checked-feed.js';
import { type TellerFeed } from '../../../src/feeds/teller/teller.feed.js';
import { accessTo, askedOf, type Asking, codeOf, currencies, feedOf, refusalOf } from './asking.js';
import { DISCONNECT_REASONS } from './fake-teller/bank.js';
import { limitsRate, refuses, resets, says } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';

let teller: FakeTeller;
const feeds: TellerFeed[] = [];
beforeEach(async () => {
  teller = await FakeTeller.start();
});
afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.close()));
  await teller.stop();
});

function tellerFeed(environment?: TellerSettings['environment'], asking?: Asking): TellerFeed {
  const feed = feedOf(teller, environment, asking);
  feeds.push(feed);
  return feed;
}

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
