// Lines as Teller's banks change them: they post under the same id or another, change while they do, hang for weeks, vanish and come back.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bodyOf } from '../../support/builders.js';
import { eachStore } from '../../support/each-store.js';
import { HeldClock, type TestApp } from '../../support/test-app.js';
import { type BankAccount } from './fake-teller/account.js';
import { FakeTeller } from './fake-teller/server.js';
import { Linked } from './linked.js';
import { startTellerApp } from './teller-app.js';

const DAY_MS = 86_400_000;

eachStore((store) => {
  let app: TestApp;
  let teller: FakeTeller;
  const clock = new HeldClock();
  beforeAll(async () => {
    teller = await FakeTeller.start();
    app = await startTellerApp(store, teller, { clock });
  });
  afterEach(() => teller.faults.clear());
  afterAll(async () => {
    await app.stop();
    await teller.stop();
  });

  /** An account with some lines, synced. */
  async function synced(opening: (account: BankAccount) => void = () => undefined) {
    const account = teller.bank.open();
    for (let nth = 1; nth <= 5; nth += 1) account.post({ date: `2026-11-1${nth}`, amount: `${-nth}.00` });
    opening(account);
    const linked = await Linked.to(app, teller, [account]);
    await linked.sync();
    return { account, linked };
  }
  const pass = (days: number): void => {
    clock.advance(days * DAY_MS);
    teller.bank.advance(days);
  };
  const keepNotes = (row: { id: string }) => bodyOf(app.patch(`/v1/transactions/${row.id}`, { notes: 'mine' }));

  it.each([
    ['the same id', { newId: false }],
    ['another id', { newId: true }],
    ['the same id, another day and amount', { newId: false, date: '2026-11-22', amount: '-6.00' }],
    ['another id and day', { newId: true, date: '2026-11-22' }],
    ['another id and amount', { newId: true, amount: '-6.00' }],
    ['another id, written differently', { newId: true, description: 'SQ *CORNER COFFEE 4711 SEATTLE' }],
  ])('a pending line that posts under %s is the same line, with its notes', async (_, over) => {
    const { account, linked } = await synced();
    const held = account.hold({ amount: '-4.50', description: 'Corner Coffee' });
    await linked.sync();
    const before = await linked.row(account, held.id);
    expect(before.status).toBe('pending');
    await keepNotes(before);
    const { cursor } = await linked.changes();
    const posted = account.settle(held, over);
    await linked.sync();
    await linked.expectAsTheBank(account);
    const after = await linked.row(account, posted.id);
    expect(after).toMatchObject({ id: before.id, status: 'posted', notes: 'mine' });
    expect(after.pendingExternalId).toBe(over.newId ? held.id : null);
    expect(await linked.rows(account)).toHaveLength(6);
    expect((await linked.changes(cursor)).told).toEqual([['modified', before.id]]);
  });

  it('of two equal pending lines one posts under another id, and the other hangs on', async () => {
    const { account, linked } = await synced();
    const twins = [account.hold({ amount: '-4.50' }), account.hold({ amount: '-4.50' })];
    await linked.sync();
    account.settle(twins[0]!, { newId: true });
    await linked.sync();
    await linked.expectAsTheBank(account);
    expect(await linked.rows(account)).toHaveLength(7);
    expect((await linked.row(account, twins[1]!.id)).status).toBe('pending');
  });

  it('a pending line that hangs for weeks is asked about each time, and removed when it vanishes', async () => {
    const { account, linked } = await synced();
    const held = account.hold({ amount: '-99.00', description: 'Hotel deposit' });
    const asked: unknown[] = [];
    for (let week = 1; week <= 4; week += 1) {
      pass(7);
      account.post({ amount: '-1.00' });
      const [question] = await linked.sync();
      asked.push(question!.query['start_date']);
      await linked.expectAsTheBank(account);
      expect((await linked.row(account, held.id)).status).toBe('pending');
    }
    // Ten days before the newest line of the last time; once the pending one is known, three before that: lines move a little.
    expect(asked).toEqual(['2026-11-05', '2026-11-17', '2026-11-17', '2026-11-17']);
    const row = await linked.row(account, held.id);
    const { cursor } = await linked.changes();
    account.withdraw(held);
    await linked.sync();
    await linked.expectAsTheBank(account);
    expect((await linked.row(account, held.id)).status).toBe('removed');
    expect((await linked.changes(cursor)).told).toEqual([['removed', row.id]]);
    const { data } = await bodyOf(app.get(`/v1/transactions?accountId=${row.accountId}&limit=100`));
    expect(data.map(({ id }: { id: string }) => id)).not.toContain(row.id);
    const gone = await bodyOf(app.get(`/v1/transactions?accountId=${row.accountId}&status=removed`));
    expect(gone.data.map(({ id }: { id: string }) => id)).toEqual([row.id]);
    // Nothing hangs any more: the window is short again.
    const [last] = await linked.sync();
    expect(last!.query['start_date']).toBe(dayBefore(teller.bank.today, 10));
  });

  it('a posted line that the bank takes back is removed, told of, and the same line when it is there again', async () => {
    const { account, linked } = await synced();
    const line = account.post({ date: '2026-11-16', amount: '-7.00', description: 'Twice by mistake' });
    await linked.sync();
    const row = await linked.row(account, line.id);
    await keepNotes(row);
    const { cursor } = await linked.changes();
    account.withdraw(line);
    await linked.sync();
    await linked.expectAsTheBank(account);
    expect(await linked.row(account, line.id)).toMatchObject({ id: row.id, status: 'removed', notes: 'mine' });
    const withdrawn = await linked.changes(cursor);
    expect(withdrawn.told).toEqual([['removed', row.id]]);
    account.post({ id: line.id, date: '2026-11-16', amount: '-7.00', description: 'Twice by mistake' });
    await linked.sync();
    await linked.expectAsTheBank(account);
    expect(await linked.row(account, line.id)).toMatchObject({ id: row.id, status: 'posted', notes: 'mine' });
    expect((await linked.changes(withdrawn.cursor)).told).toEqual([['added', row.id]]);
  });

  it('a posted line that changes within the window is the same line', async () => {
    const { account, linked } = await synced();
    const line = account.post({ date: '2026-11-16', amount: '-7.00', description: 'Unclear' });
    await linked.sync();
    const { id } = await linked.row(account, line.id);
    account.change(line, { date: '2026-11-14', amount: '-7.50', description: 'Clear' });
    await linked.sync();
    await linked.expectAsTheBank(account);
    expect((await linked.row(account, line.id)).id).toBe(id);
  });

  it('on a credit account all of this goes with the sign turned', async () => {
    const card = teller.bank.open({ type: 'credit' });
    card.post({ date: '2026-11-11', amount: '20.00' });
    const linked = await Linked.to(app, teller, [card]);
    await linked.sync();
    const held = card.hold({ amount: '4.50' });
    await linked.sync();
    const before = await linked.row(card, held.id);
    expect(before.amount).toBe(-450n);
    const posted = card.settle(held, { newId: true, amount: '5.40' });
    await linked.sync();
    await linked.expectAsTheBank(card);
    expect(await linked.row(card, posted.id)).toMatchObject({ id: before.id, amount: -540n });
  });
});

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
}
