// Money set aside: it cannot be spent, and becomes a transfer once, is let go, or lets go by itself when its time is over.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HoldSweeper } from '../../src/transfers/hold-sweeper.js';
import { everyRow } from '../changes/tables.js';
import { type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { Bank, newId, type OpenedAccount } from './bank.js';
import { together } from './together.js';

const SECOND_MS = 1_000;

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  let alice: OpenedAccount;
  let bob: OpenedAccount;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    [alice, bob] = [await bank.account('10.00'), await bank.account()];
  });

  const inSeconds = (seconds: number) => ({
    expiresAt: new Date(Date.parse(app.clock.now()) + seconds * SECOND_MS).toISOString(),
  });
  const held = async (amount: string, more: object = {}): Promise<Json> => {
    const answer = await bank.hold(alice, bob, amount, more);
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const capture = (id: string, body: object = {}): Promise<Answer> => app.post(`/v1/holds/${id}/capture`, body);
  const release = (id: string, body: object = {}): Promise<Answer> => app.post(`/v1/holds/${id}/release`, body);
  const expectRefused = (answer: Answer, status: number, code: string) =>
    expect([answer.status, answer.body.code]).toEqual([status, code]);

  describe('reserving', () => {
    it('sets money aside: it is there, and cannot be spent or held again', async () => {
      const hold = await held('6.00', { memo: 'deposit', kind: 'rent', metadata: { flat: '7' }, ...inSeconds(60) });
      expect(hold).toMatchObject({
        status: 'active',
        from: alice.id,
        to: bob.id,
        amount: '6.00',
        captured: '0.00',
        transferId: null,
      });
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '10.00', held: '6.00', available: '4.00' });
      expectRefused(await bank.move(alice, bob, '4.01'), 409, 'insufficient_funds');
      expectRefused(await bank.hold(alice, bob, '4.01'), 409, 'insufficient_funds');
      expect((await bank.move(alice, bob, '4.00')).status).toBe(201);
      expect((await app.get(`/v1/holds/${hold.id}`)).body).toEqual(hold);
      expect((await app.get(`/v1/holds?accountId=${alice.id}&status=active`)).body.data).toEqual([hold]);
      expect((await app.get(`/v1/holds?accountId=${alice.id}&status=captured`)).body.data).toEqual([]);
      expectRefused(await app.post(`/v1/accounts/${alice.id}/close`), 409, 'account_not_empty');
    });

    it('may go as far as the overdraft limit', async () => {
      const carol = await bank.account('1.00', { overdraftLimit: '5.00' });
      expectRefused(await bank.hold(carol, bob, '6.01'), 409, 'insufficient_funds');
      expect((await bank.hold(carol, bob, '6.00')).status).toBe(201);
      expect(await bank.balanceOf(carol)).toMatchObject({ ledger: '1.00', held: '6.00', available: '-5.00' });
      const lower = await app.patch(`/v1/accounts/${carol.id}`, { overdraftLimit: '4.99' });
      expectRefused(lower, 409, 'overdraft_in_use');
    });
  });

  describe('capturing', () => {
    it('all: becomes a transfer with what the hold said', async () => {
      const hold = await held('6.00', { memo: 'deposit', kind: 'rent', metadata: { flat: '7' } });
      const { status, body } = await capture(hold.id);
      expect([status, body]).toMatchObject([
        201,
        { status: 'captured', captured: '6.00', transferId: body.transfer.id },
      ]);
      const facts = { kind: 'rent', memo: 'deposit', metadata: { flat: '7' }, holdId: hold.id };
      expect(body.transfer).toMatchObject({
        ...facts,
        lines: [{ amount: '-6.00', balance: '4.00' }, { amount: '6.00' }],
      });
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '4.00', held: '0.00', available: '4.00' });
      const { transfer, ...shown } = body;
      expect((await app.get(`/v1/holds/${hold.id}`)).body).toEqual(shown);
      expect((await app.get(`/v1/transfers/${transfer.id}`)).body).toEqual(transfer);
    });

    it('a part: the rest is let go', async () => {
      const hold = await held('6.00');
      expect((await capture(hold.id, { amount: '2.50' })).body).toMatchObject({
        status: 'captured',
        amount: '6.00',
        captured: '2.50',
      });
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '7.50', held: '0.00', available: '7.50' });
      expect(await bank.ledgersOf(bob)).toEqual(['2.50']);
    });

    it('is refused in the documented order, and changes nothing then', async () => {
      const hold = await held('6.00');
      const before = await everyRow(app);
      for (const id of [`hld_${'0'.repeat(32)}`, 'hld_x'])
        expectRefused(await capture(id, { amount: '0.001' }), 404, 'hold_not_found');
      expectRefused(await capture(hold.id, { amount: '6.001' }), 400, 'amount_invalid');
      expectRefused(await capture(hold.id, { amount: '0' }), 422, 'amount_not_positive');
      expectRefused(await capture(hold.id, { amount: '-1' }), 422, 'amount_not_positive');
      expectRefused(await capture(hold.id, { amount: '6.01' }), 422, 'capture_too_large');
      expect((await capture(hold.id, { dryRun: true })).body).toMatchObject({
        status: 'captured',
        transfer: { dryRun: true, seq: null },
      });
      expect(await everyRow(app)).toBe(before);
      const rich = await bank.account();
      const house = await bank.systemAccount(`house${rich.id.slice(-4)}`, 'USD');
      const third = await bank.hold(house, rich, '0.01');
      await bank.pay(house.id, rich.id, '10000000000000.00');
      expectRefused(await capture(third.body.id), 409, 'limit_exceeded');
      await app.post(`/v1/accounts/${bob.id}/close`);
      expectRefused(await capture(hold.id, { amount: '0' }), 409, 'account_closed');
      expect((await release(hold.id)).status).toBe(201);
      expectRefused(await capture(hold.id, { amount: '0' }), 409, 'hold_not_active');
    });

    it('happens once, also of two in one batch; and what was captured may be taken back', async () => {
      const hold = await held('6.00');
      const treasury = await bank.treasury();
      const [one, two, three] = await together(app, () => bank.move(treasury, alice, '1.00'), [
        () => capture(hold.id, { amount: '5.00' }),
        () => capture(hold.id),
        () => release(hold.id),
      ]);
      expect([one!.status, two!.body.code, three!.body.code]).toEqual([201, 'hold_not_active', 'hold_not_active']);
      expect((await app.post(`/v1/transfers/${one!.body.transferId}/reverse`, {})).status).toBe(201);
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '11.00', held: '0.00' });
    });
  });

  it('releasing lets all of it go, once; again it changes nothing', async () => {
    const hold = await held('6.00');
    const before = await everyRow(app);
    expect((await release(hold.id, { dryRun: true })).body).toMatchObject({ status: 'released', transfer: null });
    expect(await everyRow(app)).toBe(before);
    const first = await release(hold.id);
    expect(first.body).toMatchObject({ status: 'released', captured: '0.00', transfer: null });
    const after = await everyRow(app);
    expect((await release(hold.id)).text).toBe(first.text);
    expect(await everyRow(app)).toBe(after);
    expect(await bank.balanceOf(alice)).toMatchObject({ held: '0.00', available: '10.00' });
    expectRefused(await capture(hold.id), 409, 'hold_not_active');
    expectRefused(await release(`hld_${'0'.repeat(32)}`), 404, 'hold_not_found');
  });

  describe('when its time is over', () => {
    it('it still holds a millisecond before, and then frees the money for a transfer', async () => {
      const hold = await held('6.00', inSeconds(60));
      app.clock.advance(60 * SECOND_MS - 1);
      expectRefused(await bank.move(alice, bob, '10.00'), 409, 'insufficient_funds');
      app.clock.advance(1);
      expect((await bank.move(alice, bob, '10.00', { dryRun: true })).status).toBe(201);
      expectRefused(await capture(hold.id, { dryRun: true }), 409, 'hold_not_active');
      expect((await bank.move(alice, bob, '10.00')).status).toBe(201);
      expect((await app.get(`/v1/holds/${hold.id}`)).body).toMatchObject({
        status: 'expired',
        captured: '0.00',
        transferId: null,
      });
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '0.00', held: '0.00' });
    });

    it.each([
      ['captured', capture],
      ['released', release],
    ])('it cannot be %s any more, and that lets the money go', async (_, end) => {
      const hold = await held('6.00', inSeconds(60));
      app.clock.advance(60 * SECOND_MS);
      expectRefused(await end(hold.id), 409, 'hold_not_active');
      expect((await app.get(`/v1/holds/${hold.id}`)).body).toMatchObject({ status: 'expired', version: 2 });
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '10.00', held: '0.00' });
    });

    it('it goes by itself on an account that nobody moves', async () => {
      const hold = await held('6.00', inSeconds(1));
      const sweeper = app.app.get(HoldSweeper, { strict: false });
      await sweeper.sweep();
      expect((await bank.balanceOf(alice)).held).toBe('6.00');
      app.clock.advance(SECOND_MS);
      await sweeper.sweep();
      expect((await bank.balanceOf(alice)).held).toBe('0.00');
      expect((await app.get(`/v1/holds/${hold.id}`)).body).toMatchObject({ status: 'expired', version: 2 });
      expect((await app.post(`/v1/transfers`, { from: alice.id, to: bob.id, amount: '10.00' })).status).toBe(201);
      expect((await app.post(`/v1/accounts/${alice.id}/close`)).status).toBe(200);
    });

    it('one of several on an account goes, the others stay', async () => {
      const [soon, late] = [await held('3.00', inSeconds(1)), await held('3.00', inSeconds(2))];
      const ever = await held('3.00');
      app.clock.advance(SECOND_MS);
      expectRefused(await bank.move(alice, bob, '4.01'), 409, 'insufficient_funds');
      expect((await bank.move(alice, bob, '4.00')).status).toBe(201);
      const states = await Promise.all(
        [soon, late, ever].map(async ({ id }) => (await app.get(`/v1/holds/${id}`)).body.status),
      );
      expect(states).toEqual(['expired', 'active', 'active']);
      expect((await capture(late.id)).status).toBe(201);
    });

    it('what it frees may be spent by a transfer and held anew in one batch', async () => {
      const hold = await held('10.00', inSeconds(1));
      app.clock.advance(SECOND_MS);
      const treasury = await bank.treasury();
      const id = newId('hld');
      const [moved, again, none, ended] = await together(app, () => bank.move(treasury, bob, '1.00'), [
        () => bank.move(alice, bob, '4.00'),
        () => bank.hold(alice, bob, '6.00', { id }),
        () => bank.move(alice, bob, '0.01'),
        () => capture(hold.id),
      ]);
      expect([moved!.status, again!.status, none!.body.code, ended!.body.code]).toEqual([
        201,
        201,
        'insufficient_funds',
        'hold_not_active',
      ]);
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '6.00', held: '6.00' });
    });
  });
});
