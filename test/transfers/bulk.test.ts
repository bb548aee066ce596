// Many transfers in one request: all or none, or each by itself, in their order.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newOnceKey, withOnceKey } from '../changes/posts.js';
import { everyRow } from '../changes/tables.js';
import { type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { Bank, newId, type OpenedAccount } from './bank.js';

const ROWS_MAX = 1_000;

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

  const row = (from: OpenedAccount, to: OpenedAccount, amount: string, more: object = {}) => ({
    from: from.id,
    to: to.id,
    amount,
    ...more,
  });
  const bulk = (mode: string, transfers: readonly unknown[], more: object = {}, options = {}) =>
    app.post('/v1/transfers/bulk', { mode, transfers, ...more }, options);

  it('independent: each finds what those before it left, and says what became of it', async () => {
    const { status, body } = await bulk('independent', [
      row(bob, alice, '1.00'),
      row(alice, bob, '4.00', { memo: 'one' }),
      row(bob, alice, '1.00'),
      row(alice, bob, '7.01'),
      { from: alice.id, amount: 5 },
      'nonsense',
    ]);
    expect([status, body.succeeded, body.refused]).toEqual([200, 2, 4]);
    expect(body.data.map((one: Json) => [one.index, one.outcome, one.problem?.code ?? one.transfer.memo])).toEqual([
      [0, 'refused', 'insufficient_funds'],
      [1, 'posted', 'one'],
      [2, 'posted', null],
      [3, 'refused', 'insufficient_funds'],
      [4, 'refused', 'request_invalid'],
      [5, 'refused', 'request_invalid'],
    ]);
    const [first, second] = [body.data[1].transfer, body.data[2].transfer];
    expect(Number(second.seq) - Number(first.seq)).toBe(1);
    expect(await bank.ledgersOf(alice, bob)).toEqual(['7.00', '3.00']);
  });

  it('atomic: stands whole', async () => {
    const { status, body } = await bulk('atomic', [
      row(alice, bob, '10.00'),
      row(bob, alice, '9.00'),
      row(alice, bob, '9.00'),
    ]);
    expect([status, body.succeeded, body.refused]).toEqual([200, 3, 0]);
    expect(await bank.ledgersOf(alice, bob)).toEqual(['0.00', '10.00']);
  });

  it('atomic: one that is refused takes all back, and every bad row is named', async () => {
    const before = await everyRow(app);
    const { status, body } = await bulk('atomic', [
      row(alice, bob, '10.00'),
      row(alice, bob, '0.01'),
      row(bob, alice, '3.00', { amount: 3 }),
      row(bob, alice, '10.00'),
      row(bob, bob, '1.00'),
    ]);
    expect([status, body.code]).toEqual([422, 'bulk_refused']);
    expect(body.errors.map(({ pointer }: Json) => pointer)).toEqual([
      '/transfers/1',
      '/transfers/2/amount',
      '/transfers/4',
    ]);
    expect(await everyRow(app)).toBe(before);
  });

  it('of its rows with one id the second is answered as the first, and one that differs is refused', async () => {
    const id = newId('trf');
    const { body } = await bulk('independent', [
      row(alice, bob, '6.00', { id }),
      row(alice, bob, '6.00', { id }),
      row(alice, bob, '4.00', { id }),
    ]);
    expect(body.data[1].transfer).toEqual(body.data[0].transfer);
    expect(body.data[2].problem.code).toBe('transfer_id_taken');
    expect(await bank.ledgersOf(alice, bob)).toEqual(['4.00', '6.00']);
  });

  it.each(['atomic', 'independent'])('%s: a key makes all of it one deed', async (mode) => {
    const once = withOnceKey(newOnceKey());
    const rows = [row(alice, bob, '6.00'), row(bob, alice, '1.00')];
    const first = await bulk(mode, rows, {}, once);
    const again = await bulk(mode, rows, {}, once);
    expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([200, first.text, 'true']);
    expect((await bulk(mode, rows.slice(1), {}, once)).body.code).toBe('idempotency_key_reused');
    expect(await bank.ledgersOf(alice, bob)).toEqual(['5.00', '5.00']);
  });

  it('a dry run says what would become of each, and a row may not ask for one by itself', async () => {
    const before = await everyRow(app);
    const rows = [row(alice, bob, '6.00'), row(alice, bob, '6.00'), row(bob, alice, '1.00')];
    const { status, body } = await bulk('independent', rows, { dryRun: true });
    expect([status, body.data.map(({ outcome }: Json) => outcome)]).toEqual([200, ['posted', 'refused', 'posted']]);
    expect(body.data[2].transfer).toMatchObject({
      dryRun: true,
      seq: null,
      hash: null,
      lines: [{ balance: '5.00' }, { balance: '5.00' }],
    });
    expect((await bulk('atomic', rows, { dryRun: true })).body.code).toBe('bulk_refused');
    const alone = await bulk('independent', [{ ...row(alice, bob, '6.00'), dryRun: true }]);
    expect(alone.body.data[0].problem.errors[0].pointer).toBe('/transfers/0/dryRun');
    expect(await everyRow(app)).toBe(before);
  });

  it(`takes ${ROWS_MAX} rows and not one more, nor none`, async () => {
    const rows = Array.from({ length: ROWS_MAX }, (_, index) =>
      index % 2 === 0 ? row(alice, bob, '10.00') : row(bob, alice, '10.00'),
    );
    const { status, body } = await bulk('atomic', rows);
    expect([status, body.succeeded]).toEqual([200, ROWS_MAX]);
    expect(await bank.ledgersOf(alice, bob)).toEqual(['10.00', '0.00']);
    const before = await everyRow(app);
    for (const count of [0, ROWS_MAX + 1])
      expect(
        (
          await bulk(
            'independent',
            Array.from({ length: count }, () => row(alice, bob, '0.01')),
          )
        ).status,
      ).toBe(400);
    expect((await bulk('some', [row(alice, bob, '0.01')])).status).toBe(400);
    expect(await everyRow(app)).toBe(before);
  });
});
