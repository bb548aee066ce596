// Teller's words into this service's, field by field: exact amounts, turned signs, and refusals that say whose turn it is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount } from '../../../src/common/amount.js';
import { type Currency } from '../../../src/common/currency.js';
import {
  EnrollmentDisconnected,
  EnrollmentLocked,
  EnrollmentNeedsLogin,
  FeedAccountClosed,
  FeedAccountUnknown,
  FeedAnswerInvalid,
  FeedCursorGone,
  FeedMisconfigured,
  FeedRateLimited,
  FeedUnavailable,
} from '../../../src/feeds/port/feeds.errors.js';
import { refusalBy, type Subject } from '../../../src/feeds/teller/teller.refusals.js';
import { accountOf, balanceOf, lineOf } from '../../../src/feeds/teller/teller.translation.js';
import { seed, share } from '../../support/share.js';
import { ACCOUNT, asked, BALANCE, element, TRANSACTION } from './words.js';

const CREDIT = asked({ type: 'credit' });

describe('a line', () => {
  it('is said in our words, and kept in the bank’s', () => {
    const given = element(TRANSACTION, { geo: [1, 2] });
    expect(lineOf(given, asked())).toEqual({
      externalId: 'txn_1',
      date: '2023-07-13',
      amount: 4247n,
      description: 'ATM Withdrawal',
      status: 'posted',
      category: 'service',
      counterparty: 'CARDTRONICS',
      type: 'atm',
      runningBalance: 10_000n,
      raw: given.text,
    });
  });

  it('is turned on a credit account, its running balance too', () => {
    const line = lineOf(element(TRANSACTION), CREDIT);
    expect([line.amount, line.runningBalance]).toEqual([-4247n, -10_000n]);
    expect(lineOf(element(TRANSACTION, { amount: '-5.00' }), CREDIT).amount).toBe(500n);
    expect(lineOf(element(TRANSACTION, { amount: '0.00' }), CREDIT).amount).toBe(0n);
    expect(line.raw).toContain('"amount":"42.47"');
  });

  it.each([
    ['pending', 'pending'],
    ['posted', 'posted'],
    ['reversed', 'pending'],
    ['POSTED', 'pending'],
  ])('of the status %s is %s, and has a running balance only when it is posted', (status, ours) => {
    const line = lineOf(element(TRANSACTION, { status }), asked());
    expect(line.status).toBe(ours);
    expect(line.runningBalance).toBe(ours === 'posted' ? 10_000n : null);
  });

  it('keeps words that nobody knows', () => {
    const over = { type: 'crypto_swap', details: { category: 'space_travel' } };
    expect(lineOf(element(TRANSACTION, over), asked())).toMatchObject({
      type: 'crypto_swap',
      category: 'space_travel',
    });
  });

  it.each([
    ['USD', 2, '0.10', 10n],
    ['USD', 2, '-0.01', -1n],
    ['USD', 2, '5', 500n],
    ['USD', 2, '-0.00', 0n],
    ['USD', 2, '9999999999999.99', 999_999_999_999_999n],
    ['JPY', 0, '-1200', -1200n],
    ['KWD', 3, '0.005', 5n],
  ])('in %s with %i decimals reads %s', (currency, exponent, text, minor) => {
    const account = asked({ currency: currency as Currency, exponent });
    expect(lineOf(element(TRANSACTION, { amount: text, running_balance: null }), account).amount).toBe(minor);
  });

  it.each([
    ['amount', '1.234', 2],
    ['amount', '1.0', 0],
    ['amount', '1e2', 2],
    ['amount', '+1.00', 2],
    ['amount', ' 1.00', 2],
    ['amount', '1,000.00', 2],
    ['amount', '.5', 2],
    ['amount', '-', 2],
    ['amount', 'NaN', 2],
    ['amount', '0x10', 2],
    ['amount', '10000000000000.01', 2],
    ['amount', '9'.repeat(100_000), 2],
    ['running_balance', '', 2],
    ['date', '2023-02-29', 2],
    ['date', '2023-07-13T00:00:00Z', 2],
  ])('is refused with the %s %s where the currency has %i decimals', (field, text, exponent) => {
    const read = () => lineOf(element(TRANSACTION, { [field]: text }), asked({ exponent }));
    expect(read).toThrow(FeedAnswerInvalid);
    expect(read).toThrow(`the transaction "txn_1"'s ${field} must`);
  });

  it('is refused when it is another account’s', () => {
    expect(() => lineOf(element(TRANSACTION, { account_id: 'acc_2' }), asked())).toThrow(
      'Teller was asked about the account acc_1, and the transaction "txn_1" is of "acc_2".',
    );
  });

  it('has exactly the amount that was written, and its opposite on a credit account', () => {
    const minor = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    fc.assert(
      fc.property(minor, fc.integer({ min: 0, max: 4 }), (given, exponent) => {
        const one = element(TRANSACTION, { amount: formatAmount(given, exponent), running_balance: null });
        expect(lineOf(one, asked({ exponent })).amount).toBe(given);
        expect(lineOf(one, asked({ exponent, type: 'credit' })).amount).toBe(-given);
      }),
      { seed: seed(), numRuns: share({ test: 300, prove: 20_000 }) },
    );
  });
});

describe('a balance', () => {
  it('is turned on a credit account where it is debt, and not where it may still be spent', () => {
    expect(balanceOf(element(BALANCE), asked())).toMatchObject({ ledger: 2_857_502n, available: 2_850_000n });
    expect(balanceOf(element(BALANCE), CREDIT)).toMatchObject({ ledger: -2_857_502n, available: 2_850_000n });
    expect(balanceOf(element(BALANCE, { ledger: '-3.00' }), CREDIT).ledger).toBe(300n);
  });

  it('may lack one of the two, and keeps its text', () => {
    const one = element(BALANCE, { ledger: null });
    expect(balanceOf(one, CREDIT)).toEqual({ ledger: null, available: 2_850_000n, raw: one.text });
    expect(balanceOf(element(BALANCE, { available: undefined }), asked()).available).toBeNull();
  });

  it('is refused where it is no amount, or another account’s', () => {
    expect(() => balanceOf(element(BALANCE, { available: '' }), asked())).toThrow("the balance's available must");
    expect(() => balanceOf(element(BALANCE, { ledger: '1e9' }), asked())).toThrow("the balance's ledger must");
    expect(() => balanceOf(element(BALANCE, { account_id: 'acc_2' }), asked())).toThrow('is of "acc_2"');
  });
});

describe('an account', () => {
  it('is said in our words', () => {
    const given = element(ACCOUNT);
    expect(accountOf(given)).toEqual({
      externalId: 'acc_1',
      name: 'Platinum Card',
      type: 'credit',
      subtype: 'credit_card',
      currency: 'USD',
      lastFour: '7857',
      status: 'open',
      institution: { id: 'security_cu', name: 'Security Credit Union' },
      raw: given.text,
    });
  });

  it('is closed only when it is said to be, and has at least its kind for a name', () => {
    expect(accountOf(element(ACCOUNT, { status: 'closed' })).status).toBe('closed');
    expect(accountOf(element(ACCOUNT, { status: 'dormant' })).status).toBe('open');
    expect(accountOf(element(ACCOUNT, { name: null })).name).toBe('credit_card');
  });

  it('of a kind or a currency that nobody knows is passed on as it is, to be refused alone', () => {
    expect(accountOf(element(ACCOUNT, { type: 'loan', currency: 'XXQ' }))).toMatchObject({
      type: 'loan',
      currency: 'XXQ',
    });
  });
});

describe('a refusal', () => {
  const NEEDS_LOGIN = [
    'credentials_invalid',
    'enrollment_inactive',
    'user_action.captcha_required',
    'user_action.contact_information_required',
    'user_action.insufficient_permissions',
    'user_action.mfa_required',
    'user_action.web_login_required',
    'something_new',
  ];
  const OF_ENROLLMENT = NEEDS_LOGIN.map(
    (reason) => [404, `enrollment.disconnected.${reason}`, 'account', EnrollmentNeedsLogin, reason] as const,
  );

  it.each<readonly [number, string, Subject, abstract new (...args: never[]) => Error, string | null | undefined]>([
    ...OF_ENROLLMENT,
    [404, 'enrollment.disconnected', 'enrollment', EnrollmentNeedsLogin, null],
    [404, 'enrollment.disconnected.account_locked', 'older lines', EnrollmentLocked, 'account_locked'],
    [401, 'unauthorized', 'enrollment', EnrollmentNeedsLogin, 'token_refused'],
    [403, 'forbidden', 'account', EnrollmentNeedsLogin, 'token_refused'],
    [410, 'enrollment.deleted', 'enrollment', EnrollmentDisconnected, 'enrollment.deleted'],
    [410, '', 'enrollment', EnrollmentDisconnected, null],
    [410, 'account.closed', 'account', FeedAccountClosed, undefined],
    [410, 'account.closed.inactive', 'older lines', FeedAccountClosed, undefined],
    [410, '', 'account', FeedAccountClosed, undefined],
    [404, 'not_found', 'account', FeedAccountUnknown, undefined],
    [404, 'not_found', 'older lines', FeedCursorGone, undefined],
    [422, 'unprocessable_entity', 'older lines', FeedCursorGone, undefined],
    [400, 'bad_request', 'older lines', FeedCursorGone, undefined],
    [404, 'not_found', 'enrollment', FeedAnswerInvalid, undefined],
    [404, 'not_found', 'institutions', FeedAnswerInvalid, undefined],
    [422, 'unprocessable_entity', 'account', FeedAnswerInvalid, undefined],
    [400, 'bad_request', 'account', FeedAnswerInvalid, undefined],
    [418, '', 'account', FeedAnswerInvalid, undefined],
    [408, '', 'account', FeedUnavailable, undefined],
    [500, '', 'account', FeedUnavailable, undefined],
    [502, 'bad_gateway', 'account', FeedUnavailable, undefined],
    [302, '', 'account', FeedUnavailable, undefined],
  ])('%i %s about the %s', (status, code, subject, type, reason) => {
    const body = Buffer.from(JSON.stringify({ error: { code, message: 'test_token_secret' } }));
    const refusal = refusalBy({ status, body, retryAfterSeconds: undefined }, subject);
    expect(refusal.constructor).toBe(type);
    if (reason !== undefined) expect(refusal).toMatchObject({ reason });
    expect(refusal.message).not.toContain('secret');
    expect(refusal.message).toMatch(/^Teller.*\.$|^The bank.*\.$/);
  });

  it('names the reason for which an account is closed', () => {
    const body = Buffer.from('{"error":{"code":"account.closed.inactive"}}');
    expect(refusalBy({ status: 410, body, retryAfterSeconds: undefined }, 'account').message).toBe(
      'Teller has closed the account (inactive).',
    );
  });

  it.each([
    '{"error":{"code":"bad_request","message":"Missing certificate: Retry request using your Teller client certificate."}}',
    '<html><center>The SSL certificate error</center></html>',
  ])('about the certificate is for the operator: %s', (body) => {
    for (const subject of ['enrollment', 'older lines'] as const) {
      const refusal = refusalBy({ status: 400, body: Buffer.from(body), retryAfterSeconds: undefined }, subject);
      expect(refusal).toBeInstanceOf(FeedMisconfigured);
    }
  });

  it('for too many questions says when to come back', () => {
    const refused = (retryAfterSeconds?: number) =>
      refusalBy({ status: 429, body: Buffer.from(''), retryAfterSeconds }, 'account');
    expect(refused(7)).toBeInstanceOf(FeedRateLimited);
    expect([refused(7), refused(0), refused()].map((one) => one.retryAfterSeconds)).toEqual([7, 0, 60]);
  });
});
