// Money moves between book accounts: once, exactly, or not at all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyRow } from '../changes/tables.js';
import { allPages, type Json } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { Bank, newId } from './bank.js';

eachStore((store) => {
  let app: TestApp;
  let bank: Bank;
  beforeAll(async () => {
    app = await TestApp.start(store);
    bank = new Bank(app);
  });
  afterAll(() => app.stop());

  const accountOf = async ({ id }: { id: string }) => (await app.get(`/v1/accounts/${id}`)).body;

  describe('a transfer', () => {
    it('takes from one account and gives to the other, and says what both hold', async () => {
      const [alice, bob] = [await bank.account('100.00'), await bank.account()];
      const { status, body, headers } = await app.post('/v1/transfers', {
        from: alice.id,
        to: bob.accountNumber,
        amount: '12.34',
        memo: 'lunch',
      });
      expect([status, body]).toMatchObject([
        201,
        {
          kind: 'transfer',
          memo: 'lunch',
          metadata: {},
          dryRun: false,
          reverses: null,
          reversedBy: null,
          holdId: null,
        },
      ]);
      expect(headers['location']).toBe(`/v1/transfers/${body.id}`);
      expect(body.lines).toEqual([
        { id: expect.any(String), accountId: alice.id, amount: '-12.34', currency: 'USD', balance: '87.66' },
        { id: expect.any(String), accountId: bob.id, amount: '12.34', currency: 'USD', balance: '12.34' },
      ]);
      expect(await bank.balanceOf(alice)).toMatchObject({ available: '87.66', ledger: '87.66', held: '0.00' });
      expect((await app.get(`/v1/transfers/${body.id}`)).body).toEqual(body);
    });

    it('leaves a line on each account, which nobody changes or takes away', async () => {
      const [alice, bob] = [await bank.account('10.00'), await bank.account()];
      const paid = await bank.pay(alice.id, bob.id, '4.00');
      const [line] = (await app.get(`/v1/transactions?accountId=${bob.id}`)).body.data;
      expect(line).toMatchObject({ id: paid.lines[1].id, amount: '4.00', runningBalance: '4.00', status: 'posted' });
      const before = await everyRow(app);
      const tries = [
        app.patch(`/v1/transactions/${line.id}`, { amount: '5.00' }),
        app.delete(`/v1/transactions/${line.id}`),
        app.post('/v1/transactions/bulk-delete', { mode: 'atomic', ids: [line.id] }),
        app.post('/v1/transactions', { accountId: bob.id, date: '2026-11-01', amount: '1', description: 'x' }),
        app.post(`/v1/accounts/${bob.id}/balances`, { ledger: '100' }),
      ];
      for (const answer of await Promise.all(tries))
        expect([answer.status, answer.text]).toEqual([422, expect.any(String)]);
      expect(await everyRow(app)).toBe(before);
    });

    it('keeps its own kind, memo and metadata, whatever they hold', async () => {
      const [alice, bob] = [await bank.account('10.00'), await bank.account()];
      const metadata = { 'z ü': '😀 "quoted"\n', a: '', '10': 'ten', '9': 'nine', valueOfX: '\\u0000' };
      const facts = { kind: 'a.b-c_9', memo: 'ünï\tcode “✓”', metadata };
      const { body } = await bank.move(alice, bob, '1.00', facts);
      expect(body).toMatchObject(facts);
      expect((await app.get(`/v1/transfers/${body.id}`)).body).toEqual(body);
    });
  });

  describe('legs', () => {
    it('share money among many, in one transfer, with several legs on one account', async () => {
      const [alice, bob, carol] = [await bank.account('10.00'), await bank.account(), await bank.account()];
      const legs = [
        { account: alice.id, amount: '-8.00' },
        { account: bob.accountNumber, amount: '5.00' },
        { account: alice.id, amount: '-2.00' },
        { account: carol.id, amount: '5' },
      ];
      const { status, body } = await app.post('/v1/transfers', { legs });
      expect(status).toBe(201);
      expect(body.lines.map(({ amount, balance }: Json) => [amount, balance])).toEqual([
        ['-8.00', '2.00'],
        ['5.00', '5.00'],
        ['-2.00', '0.00'],
        ['5.00', '5.00'],
      ]);
      expect(await bank.ledgersOf(alice, bob, carol)).toEqual(['0.00', '5.00', '5.00']);
    });

    it('change money: they sum to zero in each of several currencies', async () => {
      const [dollars, credits] = [await bank.account('5.00'), await bank.account(undefined, { currency: 'XGC' })];
      const [house, mint] = [await bank.account(), await bank.account('1000', { currency: 'XGC' })];
      const legs = [
        { account: dollars.id, amount: '-2.00' },
        { account: house.id, amount: '2.00' },
        { account: mint.id, amount: '-200' },
        { account: credits.id, amount: '200' },
      ];
      expect((await app.post('/v1/transfers', { legs, currency: 'USD' })).body.code).toBe('currency_differs');
      expect((await app.post('/v1/transfers', { legs })).status).toBe(201);
      expect(await bank.ledgersOf(dollars, house, mint, credits)).toEqual(['3.00', '2.00', '800', '200']);
    });

    it('of which an account receives before it pays may spend what it receives, and none more', async () => {
      const [alice, bob] = [await bank.account('1.00'), await bank.account()];
      const legs = (back: string) => [
        { account: bob.id, amount: `-${back}` },
        { account: alice.id, amount: '-1.00' },
        { account: bob.id, amount: '1.00' },
        { account: alice.id, amount: back },
      ];
      expect((await app.post('/v1/transfers', { legs: legs('1.01') })).body.code).toBe('insufficient_funds');
      expect((await app.post('/v1/transfers', { legs: legs('1.00') })).status).toBe(201);
      expect(await bank.ledgersOf(alice, bob)).toEqual(['1.00', '0.00']);
    });

    it('do not go beside from, to and amount, and are 2 to 100', async () => {
      const [alice, bob] = [await bank.account('10.00'), await bank.account()];
      const legs = (count: number) =>
        Array.from({ length: count }, (_, index) => ({
          account: index % 2 ? alice.id : bob.id,
          amount: index % 2 ? '-0.01' : '0.01',
        }));
      const before = await everyRow(app);
      const bad = [
        { legs: legs(2), from: alice.id },
        { legs: legs(1) },
        { legs: legs(102) },
        { from: alice.id, to: bob.id },
        { to: bob.id, amount: '1' },
        {},
      ];
      for (const body of bad) expect((await app.post('/v1/transfers', body)).body.code).toBe('request_invalid');
      expect(await everyRow(app)).toBe(before);
      expect((await app.post('/v1/transfers', { legs: legs(100) })).status).toBe(201);
    });
  });

  describe('an account', () => {
    it('goes down to its overdraft limit and no cent further; the limit follows the money', async () => {
      const [alice, bob] = [await bank.account(undefined, { overdraftLimit: '5.00' }), await bank.account()];
      expect((await bank.move(alice, bob, '5.01')).body.code).toBe('insufficient_funds');
      expect((await bank.move(alice, bob, '5.00')).status).toBe(201);
      expect(await bank.balanceOf(alice)).toMatchObject({ ledger: '-5.00', available: '-5.00' });
      expect((await app.patch(`/v1/accounts/${alice.id}`, { overdraftLimit: '4.99' })).body.code).toBe(
        'overdraft_in_use',
      );
      expect((await bank.move(bob, alice, '0.01')).status).toBe(201);
      expect((await app.patch(`/v1/accounts/${alice.id}`, { overdraftLimit: '4.99' })).status).toBe(200);
      expect((await bank.move(alice, bob, '0.01')).body.code).toBe('insufficient_funds');
    });

    it('closes at zero only, and takes money again once it is open again', async () => {
      const [alice, bob] = [await bank.account('1.00'), await bank.account()];
      expect((await app.post(`/v1/accounts/${alice.id}/close`)).body.code).toBe('account_not_empty');
      await bank.pay(alice.id, bob.id, '1.00');
      expect((await app.post(`/v1/accounts/${alice.id}/close`)).status).toBe(200);
      expect((await bank.move(bob, alice, '1.00')).body.code).toBe('account_closed');
      expect((await app.patch(`/v1/accounts/${alice.id}`, { status: 'open' })).status).toBe(200);
      expect((await bank.move(bob, alice, '1.00')).status).toBe(201);
    });

    it('has another entity tag whenever money moved or was held on it', async () => {
      const [alice, bob] = [await bank.account('9.00'), await bank.account()];
      const tag = async () => (await app.get(`/v1/accounts/${alice.id}`)).headers['etag'] as string;
      const tags = [await tag()];
      await bank.pay(alice.id, bob.id, '1.00');
      tags.push(await tag());
      const hold = await bank.hold(alice, bob, '1.00');
      tags.push(await tag());
      await app.post(`/v1/holds/${hold.body.id}/release`, {});
      tags.push(await tag());
      await app.patch(`/v1/accounts/${alice.id}`, { name: 'Purse' });
      tags.push(await tag());
      await bank.pay(bob.id, alice.id, '1.00');
      tags.push(await tag());
      expect(new Set(tags).size).toBe(tags.length);
      const stale = { headers: { 'if-match': tags[4]! } };
      expect((await app.patch(`/v1/accounts/${alice.id}`, { name: 'Late' }, stale)).status).toBe(412);
      expect((await accountOf(alice)).version).toBe(tags.length + 1);
    });
  });

  describe('the list', () => {
    it('goes through the chain both ways, by account, kind and moment', async () => {
      const [alice, bob] = [await bank.account('50.00'), await bank.account()];
      const ids: string[] = [];
      for (let nth = 0; nth < 5; nth += 1) {
        app.clock.advance(1_000);
        ids.push((await bank.pay(alice.id, bob.id, '1.00', nth % 2 === 0 ? 'even' : 'odd')).id);
      }
      const of = async (query: string) =>
        (await allPages(app, `/v1/transfers?accountId=${bob.id}&limit=2${query}`)).map(({ id }) => id);
      expect(await of('&order=asc')).toEqual(ids);
      expect(await of('')).toEqual(ids.toReversed());
      expect(await of('&kind=odd&order=asc')).toEqual([ids[1], ids[3]]);
      const at = (await app.get(`/v1/transfers/${ids[3]}`)).body.at;
      expect(await of(`&from=${at}&order=asc`)).toEqual(ids.slice(3));
      expect(await of(`&to=${at}&order=asc`)).toEqual(ids.slice(0, 4));
      const all = await allPages(app, '/v1/transfers?order=asc&limit=500');
      expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => String(index + 1)));
    });
  });

  it('a clock that was set back takes no transfer back in the chain', async () => {
    const [alice, bob] = [await bank.account('5.00'), await bank.account()];
    app.clock.advance(60_000);
    const last = await bank.pay(alice.id, bob.id, '1.00');
    app.clock.advance(-30_000);
    const next = await bank.pay(alice.id, bob.id, '1.00');
    app.clock.advance(30_001);
    const later = await bank.pay(alice.id, bob.id, '1.00');
    expect([next.at, later.at > last.at]).toEqual([last.at, true]);
    const { lines } = (await app.get(`/v1/accounts/${bob.id}/statement?from=2026-01-01`)).body;
    expect(lines.map(({ transferId }: Json) => transferId)).toEqual([last.id, next.id, later.id]);
  });

  it('a dry run on any route answers as the deed would, and writes nothing anywhere', async () => {
    const [alice, bob] = [await bank.account('10.00'), await bank.account()];
    const before = await everyRow(app);
    const id = newId('trf');
    const asked = { id, memo: 'm', dryRun: true };
    const once = { headers: { 'idempotency-key': id } };
    const dry = await bank.move(alice, bob, '10.00', asked, once);
    const line = { id: null, currency: 'USD' };
    expect([dry.status, dry.body]).toMatchObject([201, { id, seq: null, hash: null, memo: 'm', dryRun: true }]);
    expect(dry.body.lines).toEqual([
      { ...line, accountId: alice.id, amount: '-10.00', balance: '0.00' },
      { ...line, accountId: bob.id, amount: '10.00', balance: '10.00' },
    ]);
    expect((await bank.hold(alice, bob, '10.00', { dryRun: true }, once)).body).toMatchObject({
      status: 'active',
      amount: '10.00',
    });
    expect(await everyRow(app)).toBe(before);
    // The key has been spent on nothing.
    expect((await bank.move(alice, bob, '10.00', { id }, once)).body).toMatchObject({ id, dryRun: false });
  });
});
