// The mistakes that do not compile. Checked with the rest of the code; nothing here runs.
import { expectTypeOf } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Instant } from '../../src/common/clock.js';
import { type Owner } from '../../src/common/owner.js';
import { AccountsRepository } from '../../src/accounts/accounts.repository.js';
import { type Account } from '../../src/accounts/account.entity.js';
import { type LockedAccount } from '../../src/accounts/locked-account.js';
import { type Database } from '../../src/database/database.js';
import { type Reader, type Rows } from '../../src/database/reader.js';
import { ofEveryOwner, ownedBy } from '../../src/database/scope.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { type Transaction } from '../../src/database/transaction.js';
import { Specimen, specimen } from './specimens.js';

declare const database: Database;
declare const reader: Reader;
declare const tx: Transaction;
declare const accounts: AccountsRepository;
declare const account: Account;
declare const locked: LockedAccount;

/** Never called: only its types are looked at. */
export async function mistakes(): Promise<void> {
  // A reader has no verb that writes, and neither has what it gives.
  for (const verb of ['insert', 'upsert', 'update', 'delete', 'lock', 'afterCommit'] as const) {
    // @ts-expect-error a reader only reads
    void reader[verb];
    void tx[verb];
  }
  expectTypeOf<keyof Reader>().toEqualTypeOf<
    'scope' | 'words' | 'rows' | 'owned' | 'query' | 'scan' | 'select' | 'pick'
  >();
  expectTypeOf<keyof Rows<Specimen>>().toEqualTypeOf<'find' | 'findOne' | 'count'>();
  // @ts-expect-error TypeORM's own verbs are out of reach
  void reader.rows(Specimen).save(specimen('a'));
  // @ts-expect-error no way past the door
  void reader.connection;

  // What writes asks for the leave to write.
  expectTypeOf<Transaction>().toExtend<Reader>();
  expectTypeOf<Reader>().not.toExtend<Transaction>();
  void accounts.find(reader, account.id);
  void accounts.find(tx, account.id);
  void accounts.insert(tx, [account]);
  // @ts-expect-error a reader is no leave to write
  void accounts.insert(reader, [account]);
  // @ts-expect-error a lock is taken in a transaction
  void accounts.lock(reader, [account.id]);
  // @ts-expect-error an account that is not locked is not written
  void accounts.update(tx, account, { name: 'n' });
  void accounts.update(tx, locked, { name: 'n' });
  // @ts-expect-error the leave is not left out
  void accounts.find(account.id);
  void database.read(ownedBy('ann' as Owner), (only) => {
    // @ts-expect-error reads get no leave to write
    return accounts.insert(only, [account]);
  });
  void database.snapshot(ownedBy('ann' as Owner), (only) => {
    // @ts-expect-error nor do snapshots
    return accounts.insert(only, [account]);
  });

  // Whose rows is said every time.
  // @ts-expect-error no scope
  void database.read((only: Reader) => only.rows(Specimen).find());
  // @ts-expect-error no scope
  void database.transact(async () => 1);
  // @ts-expect-error an owner is no mere text
  void database.read({ owner: 'ann' }, async () => 1);
  // @ts-expect-error all owners only with the reason why
  ofEveryOwner();
  // @ts-expect-error nobody's rows only with the reason why
  ownerless();

  // Shapes give types.
  const shape = {
    id: 'text',
    total: 'amount',
    spare: 'amount?',
    at: 'instant',
    day: 'date?',
    n: 'number',
    sum: 'sum',
    yes: 'flag',
    c: 'count?',
  } as const;
  const [row] = await reader.query(sql`SELECT 1`, shape);
  expectTypeOf(row!).toEqualTypeOf<{
    readonly id: string;
    readonly total: Amount;
    readonly spare: Amount | null;
    readonly at: Instant;
    readonly day: CivilDate | null;
    readonly n: number;
    readonly sum: bigint;
    readonly yes: boolean;
    readonly c: number | null;
  }>();
  // @ts-expect-error no such kind
  await reader.query(sql`SELECT 1`, { id: 'float' });
  expectTypeOf(await reader.select(Specimen, 's', sql``)).toEqualTypeOf<Specimen[]>();
  expectTypeOf(await reader.pick(Specimen, ['id', 'spare'], 's', sql``)).toEqualTypeOf<
    Pick<Specimen, 'id' | 'spare'>[]
  >();
  // @ts-expect-error no such property
  await reader.pick(Specimen, ['colour'], 's', sql``);
  // @ts-expect-error SQL is no text that was put together
  await reader.query('SELECT 1', shape);
  // @ts-expect-error an object is no value of SQL
  void sql`SELECT ${{ id: 'a' }}`;

  // Rows are whole, and their values are of their kinds.
  // @ts-expect-error a row lacks its columns
  void tx.insert(Specimen, [{ id: 'a' }]);
  // @ts-expect-error money is no number
  void tx.insert(Specimen, [specimen('a', { total: 1 })]);
  // @ts-expect-error nor any bigint
  void tx.update(Specimen, [{ key: { id: 'a' }, set: { total: 1n } }]);
  // @ts-expect-error a day is no moment
  void tx.update(Specimen, [{ key: { id: 'a' }, set: { day: '2026-01-01T00:00:00.000Z' as Instant } }]);
  // @ts-expect-error no such column
  void tx.update(Specimen, [{ key: { id: 'a' }, set: { colour: 'red' } }]);
  // @ts-expect-error no such column
  void reader.rows(Specimen).find({ where: { colour: 'red' } });
}
