// A transfer is taken back whole and once, by one that moves the same money the other way.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { everyRow } from '../changes/tables.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { Bank, type OpenedAccount } from './bank.js';
import { together } from './together.js';

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

  const reverse = (id: string, body: object = {}): Promise<Answer> => app.post(`/v1/transfers/${id}/reverse`, body);

  it('gives back what was taken, and both tell of each other', async () => {
    const paid = await bank.pay(alice.id, bob.id, '4.00');
    const { status, body, headers } = await reverse(paid.id, { memo: 'a mistake' });
    expect([status, body.kind, body.memo, body.reverses, body.reversedBy]).toEqual([
      201,
      'reversal',
      'a mistake',
      paid.id,
      null,
    ]);
    expect(headers['location']).toBe(`/v1/transfers/${body.id}`);
    expect(
      body.lines.map(({ accountId, amount, balance }: Record<string, string>) => [accountId, amount, balance]),
    ).toEqual([
      [alice.id, '4.00', '10.00'],
      [bob.id, '-4.00', '0.00'],
    ]);
    expect((await app.get(`/v1/transfers/${paid.id}`)).body).toEqual({ ...paid, reversedBy: body.id });
    const { data } = (await app.get(`/v1/transfers?accountId=${bob.id}&order=asc`)).body;
    expect(data).toEqual([{ ...paid, reversedBy: body.id }, body]);
  });

  it('happens once: asked for again, alone or in one batch, it is answered as the first time', async () => {
    const paid = await bank.pay(alice.id, bob.id, '4.00');
    const treasury = await bank.treasury();
    const [one, two] = await together(app, () => bank.move(treasury, alice, '1.00'), [
      () => reverse(paid.id),
      () => reverse(paid.id, { memo: 'again' }),
    ]);
    const before = await everyRow(app);
    const three = await reverse(paid.id);
    expect([one!.status, two!.text, three.text]).toEqual([201, one!.text, one!.text]);
    expect(await everyRow(app)).toBe(before);
    expect(await bank.ledgersOf(alice, bob)).toEqual(['11.00', '0.00']);
  });

  it('takes legs of several currencies back together', async () => {
    const [credits, more] = [
      await bank.account('50', { currency: 'XGC' }),
      await bank.account(undefined, { currency: 'XGC' }),
    ];
    const legs = [
      { account: alice.id, amount: '-1.00' },
      { account: more.id, amount: '20' },
      { account: bob.id, amount: '1.00' },
      { account: credits.id, amount: '-20' },
    ];
    const { body } = await app.post('/v1/transfers', { legs });
    expect(await bank.ledgersOf(alice, bob, credits, more)).toEqual(['9.00', '1.00', '30', '20']);
    expect((await reverse(body.id)).status).toBe(201);
    expect(await bank.ledgersOf(alice, bob, credits, more)).toEqual(['10.00', '0.00', '50', '0']);
  });

  it('is refused while the money is spent or held, and done once it is back', async () => {
    const paid = await bank.pay(alice.id, bob.id, '4.00');
    const spent = await bank.pay(bob.id, alice.id, '1.00');
    const before = await everyRow(app);
    expect((await reverse(paid.id)).body.code).toBe('insufficient_funds');
    expect(await everyRow(app)).toBe(before);
    expect((await reverse(spent.id)).status).toBe(201);
    const held = await bank.hold(bob, alice, '0.01');
    expect((await reverse(paid.id)).body.code).toBe('insufficient_funds');
    expect((await app.post(`/v1/holds/${held.body.id}/release`, {})).status).toBe(201);
    expect((await reverse(paid.id)).status).toBe(201);
  });

  it('is refused of a reversal, of nothing, and on a closed account', async () => {
    const paid = await bank.pay(alice.id, bob.id, '10.00');
    const back = await reverse(paid.id);
    expect(await reverse(back.body.id)).toMatchObject({ status: 409, body: { code: 'transfer_is_reversal' } });
    for (const id of [`trf_${'0'.repeat(32)}`, 'trf_nonsense'])
      expect(await reverse(id)).toMatchObject({ status: 404, body: { code: 'transfer_not_found' } });
    const other = await bank.pay(alice.id, bob.id, '10.00');
    await app.post(`/v1/accounts/${alice.id}/close`);
    expect(await reverse(other.id)).toMatchObject({ status: 409, body: { code: 'account_closed' } });
    // What was done is answered all the same.
    expect((await reverse(paid.id)).text).toBe(back.text);
  });

  it('a dry run says what it would come to', async () => {
    const paid = await bank.pay(alice.id, bob.id, '4.00');
    const before = await everyRow(app);
    const { status, body } = await reverse(paid.id, { dryRun: true });
    expect([status, body]).toMatchObject([
      201,
      { dryRun: true, seq: null, reverses: paid.id, lines: [{ balance: '10.00' }, { balance: '0.00' }] },
    ]);
    expect(await everyRow(app)).toBe(before);
  });
});
