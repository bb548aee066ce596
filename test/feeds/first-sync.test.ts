// The first sync brings two years of history to the cent; interrupted, limited or repeated it comes to the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_OWNER } from '../../src/common/owner.js';
import { type Account } from '../../src/accounts/account.entity.js';
import { askedOf } from '../../src/feeds/port/feed-access.js';
import { type Feed, type FeedAccess, type FeedAccount } from '../../src/feeds/port/feed.port.js';
import { FeedUnavailable } from '../../src/feeds/port/feeds.errors.js';
import { SandboxFeed } from '../../src/feeds/sandbox/sandbox.feed.js';
import { allPages, bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { share } from '../support/share.js';
import { HeldClock, TestApp } from '../support/test-app.js';
import {
  accountRows,
  brought,
  enroll,
  everyLine,
  factsOf,
  lineRows,
  sync,
  syncUntilAllCameThrough,
  trySync,
  wholeTables,
} from './linking.js';

const STEADY = ['harbor_bank', 'banque_lumiere', 'sakura_bank', 'pearl_trust'] as const;
const DECIMALS: Readonly<Record<string, number>> = { USD: 2, EUR: 2, GBP: 2, JPY: 0, KWD: 3 };
const SEED = 'first sync';
/** Each of its questions is the last one answered in a sync of its own. */
const INTERRUPTED = STEADY[share({ test: 2, prove: 0 })]!;

/** The sandbox bank under another name, whose connection breaks at the question of a certain number. */
class BreakingFeed implements Feed {
  readonly name = 'breaking';
  asked = 0;
  breaksAt = 0;

  constructor(private readonly bank: SandboxFeed) {}

  institutions: Feed['institutions'] = () => this.bank.institutions();
  enroll: Feed['enroll'] = (request) => this.bank.enroll(request);
  accounts: Feed['accounts'] = (...question) => this.ask(() => this.bank.accounts(...question));
  balance: Feed['balance'] = (...question) => this.ask(() => this.bank.balance(...question));
  page: Feed['page'] = (...question) => this.ask(() => this.bank.page(...question));
  disconnect: Feed['disconnect'] = (access) => this.bank.disconnect(access);

  private ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    this.asked += 1;
    if (this.breaksAt > 0 && this.asked >= this.breaksAt) throw new FeedUnavailable('the connection broke');
    return question();
  }
}

function decimal(minorUnits: bigint | null, currency: string): string | null {
  if (minorUnits === null) return null;
  const decimals = DECIMALS[currency]!;
  const digits = `${minorUnits < 0n ? -minorUnits : minorUnits}`.padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return minorUnits < 0n ? `-${text}` : text;
}

eachStore((store) => {
  let app: TestApp;
  let bank: SandboxFeed;
  let breaking: BreakingFeed;
  beforeAll(async () => {
    const clock = new HeldClock();
    breaking = new BreakingFeed(new SandboxFeed(SEED, clock));
    app = await TestApp.start(store, clock, { feeds: [breaking] });
    bank = new SandboxFeed(store.settings.sandboxSeed, clock);
  });
  afterAll(() => app.stop());

  let owners = 0;
  const newOwner = (): string => `owner${(owners += 1)}`;

  /** How the bank itself is asked about an enrollment. */
  const accessTo = async (institutionId: string, feed: Feed = bank): Promise<FeedAccess> => {
    const { environment, externalId } = await feed.enroll({ owner: DEFAULT_OWNER, institutionId, consent: {} });
    return { environment, enrollmentExternalId: externalId, accessToken: null };
  };

  const shown = (account: Account): Promise<{ balance: unknown }> => bodyOf(app.get(`/v1/accounts/${account.id}`));

  /** What the bank itself says of an account, and that the store says the same. */
  async function expectEqualToTheBank(access: FeedAccess, account: Account, said: FeedAccount): Promise<void> {
    const { available, ledger, raw } = await bank.balance(access, said);
    const lines = await everyLine(bank, access, said);
    const rows = await lineRows(app, account);
    expect(account).toMatchObject({ name: said.name, currency: said.currency, raw: said.raw, lastFour: said.lastFour });
    expect((await shown(account)).balance).toEqual({
      available: decimal(available, said.currency),
      ledger: decimal(ledger, said.currency),
      held: null,
      currency: said.currency,
      asOf: app.clock.now(),
    });
    const [stated] = await allPages(app, `/v1/accounts/${account.id}/balances`);
    expect(stated.ledger).toBe(decimal(ledger, said.currency));
    expect(raw).toBe((await bank.balance(access, said)).raw);
    expect(factsOf(rows)).toEqual(factsOf(lines));
    expect(new Set(rows.map((row) => `${row.currency} ${row.source} ${row.version}`))).toEqual(
      new Set([`${said.currency} feed 1`]),
    );
    const posted = lines.filter((line) => line.status === 'posted');
    const oldest = posted.at(-1)!;
    const sum = rows.filter((row) => row.status === 'posted').reduce((total, row) => total + row.amount, 0n);
    expect(oldest.runningBalance! - oldest.amount + sum).toBe(ledger);
    expect(oldest.date < '2024-11-05').toBe(true);
    const totals = await bodyOf(app.get(`/v1/transactions/totals?accountId=${account.id}&status=posted`));
    expect(totals.data[0].net).toBe(decimal(sum, said.currency));
    const listed = await allPages(app, `/v1/accounts/${account.id}/transactions?limit=500`);
    expect(listed.map(({ externalId, amount, date, status }) => [externalId, amount, date, status]).sort()).toEqual(
      lines.map((line) => [line.externalId, decimal(line.amount, said.currency), line.date, line.status]).sort(),
    );
  }

  describe.each(STEADY)('of %s', (institutionId) => {
    it('brings two years of history, and balances to the cent; asked again at once, nothing changes', async () => {
      const enrollment = await enroll(app, { institutionId, owner: newOwner() });
      const { enrollment: synced, accounts: results } = await sync(app, enrollment);
      expect(synced).toMatchObject({ status: 'connected', lastSyncedAt: app.clock.now(), lastError: null });
      const access = await accessTo(institutionId);
      const accounts = await accountRows(app, enrollment);
      for (const said of await bank.accounts(access)) {
        const account = accounts.find(({ externalId }) => externalId === said.externalId)!;
        await expectEqualToTheBank(access, account, said);
        expect(results.find(({ accountId }) => accountId === account.id)).toEqual({
          accountId: account.id,
          outcome: 'synced',
          inserted: (await lineRows(app, account)).length,
          updated: 0,
          removed: 0,
        });
      }
      const before = await wholeTables(app);
      for (let times = 0; times < 2; times += 1) {
        const again = await sync(app, enrollment);
        expect(again.accounts).toEqual(
          results.map((result) => ({ ...result, inserted: 0 })).sort((a, b) => (a.accountId < b.accountId ? -1 : 1)),
        );
        expect(await wholeTables(app)).toBe(before);
      }
    });
  });

  it('leaves a closed account closed and empty', async () => {
    const enrollment = await enroll(app, { institutionId: 'tidewater', owner: newOwner() });
    for (let times = 0; times < 3; times += 1) await trySync(app, enrollment);
    const closed = (await accountRows(app, enrollment)).filter((account) => account.status === 'closed');
    expect(closed).toMatchObject([{ name: 'Old Bonus Saver', closedAt: app.clock.now(), balanceId: null, version: 1 }]);
    expect(await lineRows(app, closed[0]!)).toEqual([]);
  });

  it('comes to the same whichever question is the last one answered', async () => {
    const whole = await enroll(app, { feed: 'breaking', institutionId: INTERRUPTED, owner: newOwner() });
    breaking.asked = 0;
    await sync(app, whole);
    const questions = breaking.asked;
    expect(questions).toBeGreaterThanOrEqual(8);
    const expected = await brought(app, whole);
    for (let last = 1; last <= questions; last += 1) {
      breaking.breaksAt = 0;
      const enrollment = await enroll(app, { feed: 'breaking', institutionId: INTERRUPTED, owner: newOwner() });
      Object.assign(breaking, { asked: 0, breaksAt: last });
      const { status, body } = await trySync(app, enrollment);
      if (last === 1) expect([status, body.code]).toEqual([502, 'feed_unavailable']);
      else expect(body.enrollment.lastError).toEqual({ code: 'feed_unavailable', detail: 'the connection broke' });
      const { lastSyncedAt, lastError } = await bodyOf(app.get(`/v1/enrollments/${enrollment.id}`));
      expect([lastSyncedAt, lastError.code]).toEqual([null, 'feed_unavailable']);
      Object.assign(breaking, { asked: 0, breaksAt: 0 });
      await sync(app, enrollment);
      expect(breaking.asked).toBeLessThanOrEqual(questions);
      expect(await brought(app, enrollment)).toEqual(expected);
    }
  });

  it('goes on where it was when it breaks off at every question in turn', async () => {
    const enrollment = await enroll(app, { feed: 'breaking', institutionId: 'pearl_trust', owner: newOwner() });
    const walked: number[] = [];
    for (let last = 3; ; last += 1) {
      Object.assign(breaking, { asked: 0, breaksAt: last });
      const { body } = await trySync(app, enrollment);
      walked.push((await lineRows(app, (await accountRows(app, enrollment))[0]!)).length);
      if (body.enrollment.lastError === null) break;
    }
    breaking.breaksAt = 0;
    // Each time a page more is kept, until all are there.
    const onTheWay = walked.filter((count) => count < walked.at(-1)!);
    expect(onTheWay.length).toBeGreaterThan(1);
    expect(onTheWay).toEqual([...new Set(onTheWay)].sort((a, b) => a - b));
    const whole = await enroll(app, { feed: 'breaking', institutionId: 'pearl_trust', owner: newOwner() });
    await sync(app, whole);
    expect(await brought(app, enrollment)).toEqual(await brought(app, whole));
  });

  it('gets through at a bank that limits its questions, a little each time', async () => {
    const enrollment = await enroll(app, { institutionId: 'tidewater', owner: newOwner() });
    const limited = await trySync(app, enrollment);
    expect(limited.status).toBe(200);
    const [failed] = limited.body.accounts.filter(({ outcome }: { outcome: string }) => outcome === 'failed');
    expect(failed.problem).toMatchObject({ code: 'feed_rate_limited', status: 503 });
    expect(limited.body.enrollment.lastError.code).toBe('feed_rate_limited');
    const times = await syncUntilAllCameThrough(app, enrollment);
    expect(times).toBeLessThan(12);
    const access = await accessTo('tidewater');
    const patient = { page: async (...question: Parameters<Feed['page']>) => askedAgain(() => bank.page(...question)) };
    for (const account of (await accountRows(app, enrollment)).filter(({ status }) => status === 'open')) {
      const said = askedOf(account);
      expect(factsOf(await lineRows(app, account))).toEqual(
        factsOf(await everyLine({ ...bank, ...patient } as Feed, access, said)),
      );
      const { ledger } = await askedAgain(() => bank.balance(access, said));
      expect(account.balanceLedger).toBe(ledger);
    }
  });
});

async function askedAgain<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  return question().catch(question);
}
