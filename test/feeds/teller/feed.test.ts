// The port's questions put to a fake Teller over a real socket, and its answers as the service hears them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCivilDate } from '../../../src/common/civil-date.js';
import { DEFAULT_OWNER } from '../../../src/common/owner.js';
import { type TellerSettings } from '../../../src/config/feed-settings.js';
import { CheckedFeed } from '../../../src/feeds/port/checked-feed.js';
import { accessOf } from '../../../src/feeds/port/feed-access.js';
import { type FeedLine, type FeedPageRequest } from '../../../src/feeds/port/feed.port.js';
import { type TellerFeed } from '../../../src/feeds/teller/teller.feed.js';
import { readWindow } from '../../../src/feeds/lines/window.js';
import { HeldClock } from '../../support/test-app.js';
import { accessTo, askedOf, type Asking, currencies, feedOf } from './asking.js';
import { after, refuses, rewrites } from './fake-teller/faults.js';
import { FakeTeller } from './fake-teller/server.js';

const HOUR_MS = 3_600_000;

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
    const clock = new HeldClock();
    const feed = tellerFeed('sandbox', { clock });
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
