// The built-in bank: believable, the same each time, and its balances always agree with its lines.
import { describe, expect, it } from 'vitest';
import { DEFAULT_OWNER } from '../../src/common/owner.js';
import { type CivilDate, addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { Clock, type Instant, civilDateOf, epochMsOf, instantOf, parseInstant } from '../../src/common/clock.js';
import { type FeedAccess, type FeedAccount, type FeedLine } from '../../src/feeds/port/feed.port.js';
import {
  EnrollmentDisconnected,
  FeedAccountClosed,
  FeedAccountUnknown,
  FeedCursorGone,
  FeedRateLimited,
  InstitutionUnknown,
} from '../../src/feeds/port/feeds.errors.js';
import { SandboxFeed } from '../../src/feeds/sandbox/sandbox.feed.js';

class HeldClock extends Clock {
  constructor(private at: Instant) {
    super();
  }

  override now(): Instant {
    return this.at;
  }

  advanceHours(hours: number): void {
    this.at = instantOf(epochMsOf(this.at) + hours * 3_600_000);
  }
}

const START = parseInstant('2026-11-21T09:00:00Z');
const CATEGORIES = new Set(
  (
    'accommodation advertising bar charity clothing dining education electronics entertainment fuel general groceries health home income ' +
    'insurance investment loan office phone service shopping software sport tax transport transportation utilities'
  ).split(' '),
);

async function enrolled(institutionId: string, { user = 'demo', at = START } = {}) {
  const clock = new HeldClock(at);
  const feed = new SandboxFeed('test', clock);
  const enrollment = await feed.enroll({ owner: DEFAULT_OWNER, institutionId, consent: { user } });
  const access: FeedAccess = {
    environment: enrollment.environment,
    enrollmentExternalId: enrollment.externalId,
    accessToken: enrollment.accessToken,
  };
  return { clock, feed, access };
}

async function everything(feed: SandboxFeed, access: FeedAccess, account: FeedAccount, count = 500, from?: CivilDate) {
  const lines: FeedLine[] = [];
  for (let before: string | undefined; ;) {
    const page = await feed.page(access, account, { before, count, from });
    expect(page.lines.length).toBeLessThanOrEqual(count);
    lines.push(...page.lines);
    if (page.next === undefined) return lines;
    before = page.next;
  }
}

const steady = ['harbor_bank', 'banque_lumiere', 'sakura_bank', 'pearl_trust'];

describe('the sandbox bank', () => {
  it('has institutions in several currencies, of each number of decimals', async () => {
    const currencies = new Set<string>();
    for (const id of steady) {
      const { feed, access } = await enrolled(id);
      for (const account of await feed.accounts(access)) currencies.add(account.currency);
    }
    expect([...currencies].sort()).toEqual(['EUR', 'JPY', 'KWD', 'USD']);
  });

  it.each(steady)(
    '%s tells two years of history, newest first, each line once, alike in pages of any size',
    async (id) => {
      const { feed, access } = await enrolled(id);
      for (const account of await feed.accounts(access)) {
        const lines = await everything(feed, access, account);
        expect(new Set(lines.map((line) => line.externalId)).size).toBe(lines.length);
        expect(lines.map((line) => line.date)).toEqual(
          lines
            .map((line) => line.date)
            .sort()
            .reverse(),
        );
        expect(lines.at(-1)!.date <= '2024-11-05').toBe(true);
        expect(lines.at(-1)!.date >= '2024-11-01').toBe(true);
        expect(lines.length).toBeGreaterThan(account.subtype === 'savings' ? 45 : 400);
        expect(lines.every((line) => line.category === null || CATEGORIES.has(line.category))).toBe(true);
        expect(await everything(feed, access, account, 7)).toEqual(lines);
        const from = parseCivilDate('2026-08-14');
        expect(await everything(feed, access, account, 13, from)).toEqual(lines.filter((line) => line.date >= from));
      }
    },
  );

  it('shows pending lines, twins on one day, salaries, card payments and refunds', async () => {
    const { feed, access } = await enrolled('harbor_bank');
    const [checking, savings, card] = await feed.accounts(access);
    const lines = await everything(feed, access, checking!);
    const charges = await everything(feed, access, card!);
    expect([...lines, ...charges].filter((line) => line.status === 'pending').length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.category === 'income').length).toBeGreaterThanOrEqual(48);
    const days = lines.map((line) => `${line.date} ${line.amount} ${line.description}`);
    expect(new Set(days).size).toBeLessThan(days.length - 50);
    expect(charges.some((line) => line.amount > 0n && line.description.endsWith('REFUND'))).toBe(true);
    const paid = lines.filter((line) => line.description === 'CARD PAYMENT');
    const received = charges.filter((line) => line.type === 'payment');
    expect(paid.map((line) => [line.date, 0n - line.amount])).toEqual(received.map((line) => [line.date, line.amount]));
    expect((await everything(feed, access, savings!)).filter((line) => line.type === 'interest').length).toBe(24);
  });

  it.each([...steady, 'old_mill'])(
    '%s states balances that agree with its posted lines at every moment',
    async (id) => {
      const { clock, feed, access } = await enrolled(id, { at: parseInstant('2026-11-26T09:00:00Z') });
      const accounts = await feed.accounts(access);
      const before = new Map<string, { readonly ledger: bigint; readonly posted: readonly FeedLine[] }>();
      for (let step = 0; step < 16; step += 1) {
        for (const account of accounts) {
          const lines = await everything(feed, access, account);
          const { ledger } = await feed.balance(access, account);
          const posted = lines.filter((line) => line.status === 'posted');
          expect(posted[0]!.runningBalance).toBe(ledger);
          for (const [i, line] of posted.slice(0, -1).entries()) {
            expect(line.runningBalance).toBe(posted[i + 1]!.runningBalance! + line.amount);
          }
          expect(lines.filter((line) => line.status === 'pending' && line.runningBalance !== null)).toEqual([]);
          const known = before.get(account.externalId) ?? { ledger: ledger!, posted };
          const fresh = posted.slice(0, posted.length - known.posted.length);
          expect(posted.slice(fresh.length)).toEqual(known.posted);
          expect(fresh.reduce((sum, line) => sum + line.amount, known.ledger)).toBe(ledger);
          before.set(account.externalId, { ledger: ledger!, posted });
        }
        clock.advanceHours(id === 'old_mill' || step < 8 ? 7 : 100);
      }
    },
  );

  it('turns what a card owes: debt below zero, what may be spent above; the raw text keeps the bank’s signs', async () => {
    const { feed, access } = await enrolled('harbor_bank');
    const card = (await feed.accounts(access)).find((account) => account.type === 'credit')!;
    const balance = await feed.balance(access, card);
    expect(balance.ledger!).toBeLessThan(0n);
    expect(balance.available!).toBeGreaterThan(0n);
    expect(balance.available!).toBeLessThanOrEqual(1_000_000n + balance.ledger!);
    const raw = JSON.parse(balance.raw) as { ledger: string };
    expect(raw.ledger).toMatch(/^\d+\.\d\d$/);
    const charge = (await everything(feed, access, card)).find((line) => line.type === 'card_payment')!;
    expect(charge.amount).toBeLessThan(0n);
    expect((JSON.parse(charge.raw) as { amount: string }).amount).toMatch(/^\d+\.\d\d$/);
  });

  it('lets pending lines post under the same id, under a new one, with another amount, or vanish', async () => {
    const { clock, feed, access } = await enrolled('harbor_bank');
    const card = (await feed.accounts(access))[2]!;
    const fates = { same: 0, changed: 0, gone: 0, dateMoved: 0 };
    let pending = new Map<string, FeedLine>();
    for (let hours = 0; hours < 24 * 400; hours += 12) {
      const from = addDays(civilDateOf(clock.now()), -30);
      const lines = new Map((await everything(feed, access, card, 500, from)).map((line) => [line.externalId, line]));
      for (const line of pending.values()) {
        const now = lines.get(line.externalId);
        if (now === undefined) fates.gone += 1;
        else if (now.status === 'posted') fates[now.amount === line.amount ? 'same' : 'changed'] += 1;
        if (now !== undefined && now.date !== line.date) fates.dateMoved += 1;
      }
      pending = new Map([...lines].filter(([, line]) => line.status === 'pending'));
      clock.advanceHours(12);
    }
    expect(Math.min(...Object.values(fates))).toBeGreaterThan(15);
    expect(fates.same).toBeGreaterThan(fates.gone);
  });

  it('answers the same to anybody who asks with the same seed, and another person otherwise', async () => {
    const ask = async (user: string) => {
      const { feed, access } = await enrolled('harbor_bank', { user });
      const accounts = await feed.accounts(access);
      return [accounts, await everything(feed, access, accounts[0]!)] as const;
    };
    expect(await ask('ada')).toEqual(await ask('ada'));
    expect((await ask('ada'))[0][0]!.externalId).not.toBe((await ask('bob'))[0][0]!.externalId);
    const later = await enrolled('harbor_bank', { user: 'ada', at: parseInstant('2027-02-03T00:00:00Z') });
    expect((await later.feed.accounts(later.access)).map((account) => account.externalId)).toEqual(
      (await ask('ada'))[0].map((account) => account.externalId),
    );
  });

  it('goes on from a line that is still listed, and says when it is not', async () => {
    const { clock, feed, access } = await enrolled('harbor_bank');
    const [checking, , card] = await feed.accounts(access);
    const lines = await everything(feed, access, checking!);
    const { lines: older } = await feed.page(access, checking!, { before: lines[40]!.externalId, count: 5 });
    expect(older).toEqual(lines.slice(41, 46));
    for (const before of ['nonsense', '', lines[40]!.externalId.toUpperCase()]) {
      const asked = feed.page(access, checking!, { before, count: 5 });
      await expect(asked).rejects.toThrow(FeedCursorGone);
    }
    const asked = feed.page(access, card!, { before: lines[40]!.externalId, count: 5 });
    await expect(asked).rejects.toThrow(FeedCursorGone);
    expect((await feed.page(access, checking!, { before: lines.at(-1)!.externalId, count: 5 })).lines).toEqual([]);
    clock.advanceHours(1);
    expect((await feed.page(access, checking!, { before: lines[40]!.externalId, count: 5 })).lines).toEqual(older);
  });

  it('lists a closed account and gives nothing for it', async () => {
    const { feed, access } = await enrolled('tidewater');
    const closed = (await feed.accounts(access)).find((account) => account.status === 'closed')!;
    await expect(feed.balance(access, closed)).rejects.toThrow(FeedAccountClosed);
    await expect(feed.page(access, closed, { count: 5 })).rejects.toThrow(FeedAccountClosed);
    await expect(feed.balance(access, { ...closed, externalId: 'acc_other' })).rejects.toThrow(FeedAccountUnknown);
  });

  it('refuses every fifth question of one instant where the bank counts', async () => {
    const { clock, feed, access } = await enrolled('tidewater');
    const outcomes: boolean[] = [];
    for (let i = 0; i < 10; i += 1)
      outcomes.push(
        await feed.accounts(access).then(
          () => true,
          (error: unknown) => !(error instanceof FeedRateLimited),
        ),
      );
    expect(outcomes).toEqual([true, true, true, true, false, true, true, true, true, false]);
    clock.advanceHours(1);
    await expect(feed.accounts(access)).resolves.toHaveLength(3);
  });

  it('refuses enrollments: after some days at one bank, at once for three people', async () => {
    const { clock, feed, access } = await enrolled('old_mill');
    await expect(feed.accounts(access)).resolves.toHaveLength(2);
    clock.advanceHours(24 * 5);
    const refusal = (code: string, reason: string | null) => expect.objectContaining({ code, reason });
    await expect(feed.accounts(access)).rejects.toEqual(refusal('enrollment_needs_login', 'credentials_invalid'));
    for (const [user, code, reason] of [
      ['disconnected', 'enrollment_disconnected', null],
      ['needs-login', 'enrollment_needs_login', 'user_action.mfa_required'],
      ['locked', 'enrollment_locked', 'account_locked'],
    ] as const) {
      const other = await enrolled('harbor_bank', { user });
      await expect(other.feed.accounts(other.access)).rejects.toEqual(refusal(code, reason));
    }
    await expect(feed.accounts({ ...access, enrollmentExternalId: 'enr_x' })).rejects.toThrow(EnrollmentDisconnected);
    await expect(feed.disconnect(access)).resolves.toBeUndefined();
  });

  it('refuses an institution or a person that cannot be', async () => {
    const feed = new SandboxFeed('test', new HeldClock(START));
    await expect(feed.enroll({ owner: DEFAULT_OWNER, institutionId: 'nowhere', consent: {} })).rejects.toThrow(
      InstitutionUnknown,
    );
    await expect(feed.enroll({ owner: DEFAULT_OWNER, institutionId: null, consent: {} })).rejects.toThrow(
      InstitutionUnknown,
    );
    await expect(
      feed.enroll({ owner: DEFAULT_OWNER, institutionId: 'tidewater', consent: { user: 'a.b' } }),
    ).rejects.toMatchObject({
      code: 'value_invalid',
    });
    await expect(feed.enroll({ owner: DEFAULT_OWNER, institutionId: 'tidewater', consent: {} })).resolves.toMatchObject(
      {
        externalId: 'enr_tidewater.demo.2026-11-21',
        institution: { id: 'tidewater', name: 'Tidewater Building Society' },
      },
    );
    await expect(feed.institutions()).resolves.toHaveLength(6);
  });
});
