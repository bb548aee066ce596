// Whatever is changed, removed or slipped in past the program, the verification of the ledger names it; and what is whole it calls whole.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/cli/ledger/open-ledger.js';
import { type LedgerReport } from '../../src/transfers/ledger-verification.js';
import { eachStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { audit } from './audit.js';
import { Bank } from './bank.js';
import { raw, tampered, without } from './raw.js';

eachStore((store) => {
  let app: TestApp;
  /** Rows to tamper with, by what they are. */
  const row: Record<string, string> = {};
  beforeAll(async () => {
    app = await TestApp.start(store);
    const bank = new Bank(app);
    const [alice, bob] = [await bank.account('50.00'), await bank.account('50.00')];
    const paid = await bank.pay(alice.id, bob.id, '5.00');
    await app.post(`/v1/transfers/${paid.id}/reverse`, {});
    const hold = await bank.hold(alice, bob, '7.00');
    const captured = await bank.hold(bob, alice, '9.00');
    await app.post(`/v1/holds/${captured.body.id}/capture`, { amount: '2.00' });
    const last = await bank.pay(bob.id, alice.id, '1.00');
    Object.assign(row, {
      alice: alice.id,
      bob: bob.id,
      paid: paid.id,
      line: paid.lines[0].id,
      hold: hold.body.id,
      last: last.id,
      head: 'transfers',
    });
  });
  afterAll(() => app.stop());

  async function verify(): Promise<LedgerReport> {
    const ledger = await openLedger(store.settings, false);
    try {
      return await ledger.verification.run(() => undefined);
    } finally {
      await ledger.close();
    }
  }

  it('books that are whole are called whole, with the hash at their end', async () => {
    const { entries, tables } = await audit(store.settings);
    const { fault, hash, transfers, lines } = await verify();
    expect([fault, transfers]).toEqual([undefined, BigInt(entries.length)]);
    expect(lines).toBe(BigInt(entries.flatMap(({ lines: of }) => of).length));
    expect(hash).toBe(tables.get('chain_heads')![0]!['hash']);
  });

  const changes: readonly (readonly [table: string, of: string, column: string, expression: string])[] = [
    ['transfers', 'paid', 'entry', 'REPLACE(entry, \'"-500"\', \'"-400"\')'],
    ['transfers', 'paid', 'entry', "entry || ' '"],
    ['transfers', 'paid', 'entry', "'nonsense'"],
    ['transfers', 'paid', 'hash', "REPLACE(REPLACE(hash, 'a', 'b'), '1', '2')"],
    ['transfers', 'paid', 'kind', "'gift'"],
    ['transfers', 'paid', 'actor', "'somebody else'"],
    ['transfers', 'paid', 'seq', '1000'],
    ['transfers', 'last', 'seq', '1000'],
    ['transactions', 'line', 'amount', '-400'],
    ['transactions', 'line', 'running_balance', '4501'],
    ['transactions', 'line', 'transfer_id', 'NULL'],
    ['transactions', 'line', 'status', "'removed'"],
    ['transactions', 'line', 'date', "'2020-01-01'"],
    ['transactions', 'line', 'source', "'manual'"],
    ['transactions', 'line', 'description', "'somebody else’s rent'"],
    ['accounts', 'alice', 'ledger', 'ledger + 1'],
    ['accounts', 'alice', 'held', 'held + 1'],
    ['holds', 'hold', 'amount', 'amount + 1'],
    ['holds', 'hold', 'status', "'released'"],
    ['chain_heads', 'head', 'hash', "'0'"],
    ['chain_heads', 'head', 'seq', 'seq - 1'],
  ];

  describe('names', () => {
    it.each(changes)('%s of %s: %s', async (table, of, column, expression) => {
      const { fault } = await tampered(store.settings, [table, row[of]!, column, expression], verify);
      expect(fault).toEqual({ at: expect.any(String), what: expect.any(String) });
      expect((await verify()).fault).toBeUndefined();
    });

    it.each([
      ['transfers', 'paid'],
      ['transfers', 'last'],
      ['transactions', 'line'],
      ['holds', 'hold'],
      ['chain_heads', 'head'],
    ])('%s: %s that is gone', async (table, of) => {
      const { fault } = await without(store.settings, table, row[of]!, verify);
      expect(fault).toEqual({ at: expect.any(String), what: expect.any(String) });
      expect((await verify()).fault).toBeUndefined();
    });

    it('a line that no transfer made', async () => {
      const columns = (await raw(store.settings, `SELECT * FROM transactions WHERE id = '${row['line']}'`))[0]!;
      const names = Object.keys(columns).filter((name) => name !== 'id');
      await raw(
        store.settings,
        `INSERT INTO transactions (id, ${names.join(', ')}) SELECT 'txn_stray', ${names.join(', ')} FROM transactions WHERE id = '${row['line']}'`,
      );
      const { fault } = await verify();
      await raw(store.settings, "UPDATE transactions SET transfer_id = NULL, source = 'manual' WHERE id = 'txn_stray'");
      const byHand = await verify();
      await raw(store.settings, "DELETE FROM transactions WHERE id = 'txn_stray'");
      expect([fault?.at, byHand.fault?.at]).toEqual(['the lines', 'the lines']);
    });
  });
});
