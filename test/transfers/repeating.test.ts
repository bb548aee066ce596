// The same transfer asked for again moves money once: by its id, by its key, in one batch, across batches and after a refusal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newOnceKey, withOnceKey } from '../changes/posts.js';
import { counts, everyRow } from '../changes/tables.js';
import { eachStore } from '../support/each-store.js';
import { type Answer, TestApp } from '../support/test-app.js';
import { Bank, newId, type OpenedAccount } from './bank.js';
import { together } from './together.js';

const told = ({ status, text, headers }: Answer) => [status, text, headers['idempotency-replayed']];

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  let alice: OpenedAccount;
  let bob: OpenedAccount;
  let treasury: OpenedAccount;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
    treasury = await bank.treasury();
  });
  afterAll(() => app.stop());

  async function freshAccounts(): Promise<void> {
    [alice, bob] = [await bank.account('10.00'), await bank.account()];
  }

  /** In one batch, behind a transfer that is none of theirs. */
  const inOneBatch = (...sends: (() => Promise<Answer>)[]) =>
    together(app, () => bank.move(treasury, bob, '1000.00'), sends);

  describe('an id that the client made', () => {
    it('stands for one transfer: twice the same is answered alike, and anything else is refused', async () => {
      await freshAccounts();
      const id = newId('trf');
      const asked = { id, memo: 'rent', kind: 'rent', metadata: { b: '2', a: '1' } };
      const first = await bank.move(alice, bob, '4.00', asked);
      const rows = await everyRow(app);
      const again = await bank.move(alice, bob, '4.00', { ...asked, metadata: { a: '1', b: '2' } });
      expect(told(again)).toEqual([201, first.text, undefined]);
      // By the accounts' numbers it is the same, too, and so are legs that say it.
      const [from, to] = [alice.accountNumber, bob.accountNumber];
      expect((await app.post('/v1/transfers', { ...asked, from, to, amount: '4' })).text).toBe(first.text);
      const legs = [
        { account: from, amount: '-4.00' },
        { account: bob.id, amount: '4.00' },
      ];
      expect((await app.post('/v1/transfers', { ...asked, legs })).text).toBe(first.text);
      const others: (() => Promise<Answer>)[] = [
        () => bank.move(alice, bob, '4.01', asked),
        () => bank.move(bob, alice, '4.00', asked),
        () => bank.move(alice, treasury, '4.00', asked),
        () => bank.move(alice, bob, '4.00', { ...asked, memo: undefined }),
        () => bank.move(alice, bob, '4.00', { ...asked, kind: 'rents' }),
        () => bank.move(alice, bob, '4.00', { ...asked, metadata: { a: '1' } }),
      ];
      for (const other of others)
        expect(await other()).toMatchObject({ status: 409, body: { code: 'transfer_id_taken' } });
      expect(await everyRow(app)).toBe(rows);
    });

    it('is answered as it was, though the account is closed since', async () => {
      await freshAccounts();
      const id = newId('trf');
      const first = await bank.move(alice, bob, '10.00', { id });
      expect((await app.post(`/v1/accounts/${alice.id}/close`)).status).toBe(200);
      expect((await bank.move(alice, bob, '10.00', { id })).text).toBe(first.text);
    });

    it('may be sent twice in one batch: one moves, both are answered', async () => {
      await freshAccounts();
      const id = newId('trf');
      const send = () => bank.move(alice, bob, '6.00', { id });
      const [one, two, three] = await inOneBatch(send, send, () => bank.move(alice, bob, '4.00', { id }));
      expect([one!.status, two!.text]).toEqual([201, one!.text]);
      expect(three).toMatchObject({ status: 409, body: { code: 'transfer_id_taken' } });
      expect((await bank.balanceOf(alice)).ledger).toBe('4.00');
    });

    it('is free again where its transfer was refused', async () => {
      await freshAccounts();
      const id = newId('trf');
      expect((await bank.move(alice, bob, '10.01', { id })).status).toBe(409);
      expect((await bank.move(alice, bob, '10.00', { id })).status).toBe(201);
    });

    it('of a hold works the same', async () => {
      await freshAccounts();
      const id = newId('hld');
      const first = await bank.hold(alice, bob, '6.00', { id, memo: 'deposit' });
      expect((await bank.hold(alice, bob, '6.00', { id, memo: 'deposit' })).text).toBe(first.text);
      expect(await bank.hold(alice, bob, '6.00', { id })).toMatchObject({
        status: 409,
        body: { code: 'transfer_id_taken' },
      });
      const other = newId('hld');
      const send = () => bank.hold(alice, bob, '3.00', { id: other });
      const [one, two] = await inOneBatch(send, send);
      expect([one!.status, two!.text]).toEqual([201, one!.text]);
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '10.00', held: '9.00', available: '1.00' });
    });
  });

  describe('an Idempotency-Key', () => {
    it('stands for one transfer, across batches, and its repetition says so', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const first = await bank.move(alice, bob, '7.00', {}, once);
      const rows = await everyRow(app);
      // The money for a second one is not there: it is the repetition that is answered.
      expect(told(await bank.move(alice, bob, '7.00', {}, once))).toEqual([201, first.text, 'true']);
      expect(await bank.move(alice, bob, '1.00', {}, once)).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused' },
      });
      expect(await everyRow(app)).toBe(rows);
    });

    it('of another process’s request is known as well', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const first = await bank.move(alice, bob, '7.00', {}, once);
      if (store.engine === 'sqlite') return;
      const { UuidV7Source } = await import('../../src/common/ids.js');
      const second = await TestApp.start(store, app.clock, { ids: new UuidV7Source(app.clock) });
      const by = { ...once, key: app.key };
      const asked = { from: alice.id, to: bob.id, amount: '7.00' };
      expect(told(await second.post('/v1/transfers', asked, by))).toEqual([201, first.text, 'true']);
      const other = await second.post('/v1/transfers', { ...asked, amount: '1.00' }, by);
      await second.stop();
      expect(other.body.code).toBe('idempotency_key_reused');
    });

    it('twins in one batch move once; one with another body is refused', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const send = () => bank.move(alice, bob, '6.00', {}, once);
      const [one, two, other, three] = await inOneBatch(
        send,
        send,
        () => bank.move(alice, bob, '1.00', {}, once),
        send,
      );
      expect(told(one!)).toEqual([201, one!.text, undefined]);
      for (const twin of [two, three]) expect(told(twin!)).toEqual([201, one!.text, 'true']);
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
      expect((await bank.balanceOf(alice)).ledger).toBe('4.00');
    });

    it('whose request was refused is not kept: it may succeed later, with another body, too', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const before = await counts(app);
      expect((await bank.move(alice, bob, '10.01', {}, once)).status).toBe(409);
      expect(await counts(app)).toEqual(before);
      expect(told(await bank.move(alice, bob, '10.00', {}, once)).slice(0, 1)).toEqual([201]);
    });

    it('of a refused request and of a good one in one batch stands for the good one', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const [poor, , good, twin] = await inOneBatch(
        () => bank.move(alice, bob, '10.01', {}, once),
        () => bank.move(treasury, alice, '5.00'),
        () => bank.move(alice, bob, '10.01', {}, once),
        () => bank.move(alice, bob, '10.01', {}, once),
      );
      expect([poor!.status, good!.status]).toEqual([409, 201]);
      expect(told(twin!)).toEqual([201, good!.text, 'true']);
      expect((await bank.balanceOf(alice)).ledger).toBe('4.99');
    });

    it('of an old request frees what it would have taken from the rest of its batch', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const first = await bank.move(alice, bob, '5.00', {}, once);
      const [again, rest, none] = await inOneBatch(
        () => bank.move(alice, bob, '5.00', {}, once),
        () => bank.move(alice, bob, '5.00'),
        () => bank.move(alice, bob, '0.01'),
      );
      expect(told(again!)).toEqual([201, first.text, 'true']);
      expect([rest!.status, none!.body.code]).toEqual([201, 'insufficient_funds']);
    });

    it('is one for each route: for a hold and for its capture it stands for each of them', async () => {
      await freshAccounts();
      const once = withOnceKey(newOnceKey());
      const held = await bank.hold(alice, bob, '5.00', {}, once);
      const capture = () => app.post(`/v1/holds/${held.body.id}/capture`, { amount: '2.00' }, once);
      const captured = await capture();
      expect([held.status, captured.status, captured.body.transfer.lines[1].amount]).toEqual([201, 201, '2.00']);
      expect(told(await capture())).toEqual([201, captured.text, 'true']);
      expect(told(await bank.hold(alice, bob, '5.00', {}, once))).toEqual([201, held.text, 'true']);
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '8.00', held: '0.00' });
    });
  });
});
