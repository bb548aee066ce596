// What must be so at any moment of a history: who syncs holds the turn, what was read since the bank's last change is as it is at the bank, and what a
// person wrote stays where it was written.
import { expect } from 'vitest';
import { Account } from '../../../src/accounts/account.entity.js';
import { epochMsOf } from '../../../src/common/clock.js';
import { Database } from '../../../src/database/database.js';
import { type Reader } from '../../../src/database/reader.js';
import { ownerless, sql } from '../../../src/database/sql.js';
import { FeedPosition } from '../../../src/feeds/stored/feed-position.entity.js';
import { LEASE_MS } from '../../../src/feeds/turns/sync-due.js';
import { AccountTransaction } from '../../../src/transactions/account-transaction.entity.js';
import { EVERYBODY, ownerOf } from '../../support/builders.js';
import { type TestApp } from '../../support/test-app.js';
import { isLive } from '../linking.js';
import { type BankAccount } from './fake-teller/account.js';
import { balancesTold, byId, type HistoryBank, type Person, toldOf } from './histories-bank.js';

const EVERYBODYS = ownerless('a test looks at everything');

/** A sync or a refresh under way. */
export interface Asking {
  readonly startedMs: number;
  /** Under which name it holds the turn, by the bank's id of the enrollment. */
  readonly turns: Map<string, string>;
}

/** An owner's account, by the bank's id. */
type Known = `${string} ${string}`;

interface Seen {
  readonly account: Account;
  readonly position: FeedPosition;
}

export class Judge {
  readonly faults: string[] = [];
  private readonly changedMs = new Map<BankAccount, number>();
  /** As it is at the bank, since it was read after the last change there. */
  private readonly fresh = new Set<Known>();
  /** Made known by a webhook that was taken: so it is read without waiting for the next day. */
  private readonly announced = new Set<Known>();
  private readonly noted = new Map<string, AccountTransaction>();
  private readonly turnsSeen = new Set<string>();

  constructor(private readonly bank: HistoryBank) {}

  changed(account: BankAccount, nowMs: number): void {
    this.changedMs.set(account, nowMs);
    for (const { owner } of this.bank.people) {
      this.fresh.delete(`${owner} ${account.id}`);
      this.announced.delete(`${owner} ${account.id}`);
    }
  }

  /** The accounts are as they were listed for the consent, until they are read by it. */
  consented({ owner }: Person): void {
    for (const { id } of this.bank.accounts) this.fresh.delete(`${owner} ${id}`);
  }

  announce(account: BankAccount): void {
    for (const person of this.bank.people)
      if (person.isFollowed && !person.isInTrouble) this.announced.add(`${person.owner} ${account.id}`);
  }

  /** Something goes wrong that may make the next sync wait. */
  disturbed(): void {
    this.announced.clear();
  }

  note(row: AccountTransaction): void {
    this.noted.set(row.id, row);
  }

  /** Before a question: its enrollment's turn is in the hand of whoever asks, and stays there as long as it is believed. */
  async asks(app: TestApp, asking: Asking, enrollment: string): Promise<void> {
    if (nowOf(app) >= asking.startedMs + LEASE_MS) return;
    const holder = await read(app, (reader) => holderOf(reader, enrollment));
    const own = asking.turns.get(enrollment);
    if (holder === null) this.faults.push(`${enrollment} is asked about, and nobody has the turn`);
    else if (own === undefined && this.turnsSeen.has(holder))
      this.faults.push(`${enrollment} is asked about in another's turn`);
    else if (own !== undefined && own !== holder)
      this.faults.push(`the turn of ${enrollment} was taken while it was held`);
    if (holder === null) return;
    asking.turns.set(enrollment, holder);
    this.turnsSeen.add(holder);
  }

  /** What was read through since that moment, of what has not changed since, is fresh. */
  async learn(app: TestApp, sinceMs: number): Promise<void> {
    for (const person of this.bank.people) {
      const seen = await seenOf(app, person);
      for (const account of this.bank.accounts) {
        const position = seen.get(account.id)?.position;
        if (position === undefined || !position.walked || position.lastSyncedAt === null) continue;
        const isRead = epochMsOf(position.lastSyncedAt) >= sinceMs;
        if (isRead && (this.changedMs.get(account) ?? 0) < sinceMs) this.fresh.add(`${person.owner} ${account.id}`);
      }
    }
  }

  async judge(app: TestApp): Promise<void> {
    expect(this.faults).toEqual([]);
    await this.judgeAccounts(app, (known) => this.fresh.has(known));
    await this.judgeNotes(app);
  }

  /** Once all that is due has been done. */
  async judgeAnnounced(app: TestApp): Promise<void> {
    const followed = this.bank.people.filter((person) => person.isFollowed && !person.isInTrouble);
    const isMeant = (known: Known) => followed.some(({ owner }) => known.startsWith(`${owner} `));
    await this.judgeAccounts(app, (known) => this.announced.has(known) && isMeant(known));
  }

  /** Once everybody has consented, nothing goes wrong any more, and all has been read again. */
  async judgeAll(app: TestApp): Promise<void> {
    await this.judge(app);
    await this.judgeAccounts(app, () => true);
    for (const person of this.bank.people) {
      if (person.newest === undefined) continue;
      const seen = await seenOf(app, person);
      const linked = this.bank.accounts.map(({ id, status }) => ({ id, status, by: person.newest!.enrollmentId }));
      const accounts = [...seen.values()].map(({ account: { externalId: id, status, enrollmentId: by } }) => ({
        id,
        status,
        by,
      }));
      expect(sorted(accounts)).toEqual(sorted(linked));
    }
  }

  private async judgeAccounts(app: TestApp, isMeant: (known: Known) => boolean): Promise<void> {
    for (const person of this.bank.people) {
      const meant = this.bank.accounts.filter(
        ({ id, status }) => status === 'open' && isMeant(`${person.owner} ${id}`),
      );
      if (meant.length === 0 || person.newest === undefined) continue;
      const seen = await seenOf(app, person);
      for (const account of meant) {
        const row = seen.get(account.id)?.account;
        const lines = row === undefined ? [] : await linesOf(app, row);
        expect({
          account: account.id,
          type: account.type,
          status: row?.status,
          balances: { ledger: row?.balanceLedger, available: row?.balanceAvailable },
          lines: lines.filter(isLive).map(told).sort(byId),
        }).toEqual({
          account: account.id,
          type: account.type,
          status: 'open',
          balances: balancesTold(account),
          lines: toldOf(account),
        });
      }
    }
  }

  private async judgeNotes(app: TestApp): Promise<void> {
    if (this.noted.size === 0) return;
    const ids = [...this.noted.keys()];
    const where = (reader: Reader) => sql`WHERE ${reader.owned('t')} AND ${reader.words.oneOf('t.id', ids)}`;
    const rows = await read(app, (reader) => reader.select(AccountTransaction, 't', where(reader)));
    for (const row of rows) {
      const was = this.noted.get(row.id)!;
      expect([row.notes, row.category]).toEqual([was.notes, was.category]);
      const isListed = this.bank.accounts.some(
        (account) => this.fresh.has(`${row.owner} ${account.id}`) && account.find(was.externalId!) !== undefined,
      );
      if (isListed) expect([row.externalId, isLive(row)]).toEqual([was.externalId, true]);
    }
    expect(rows).toHaveLength(ids.length);
  }
}

function nowOf(app: TestApp): number {
  return epochMsOf(app.clock.now());
}

export function linesOf(app: TestApp, { id }: Pick<Account, 'id'>): Promise<AccountTransaction[]> {
  return read(app, (reader) =>
    reader.rows(AccountTransaction).find({ where: { accountId: id }, order: { externalId: 'ASC' } }),
  );
}

/** An owner's accounts, by the bank's id; one that stands twice is found out. */
export async function seenOf(app: TestApp, { owner }: Pick<Person, 'owner'>): Promise<Map<string, Seen>> {
  const { accounts, positions } = await read(app, async (reader) => ({
    accounts: await reader.rows(Account).find({ where: { owner: ownerOf(owner) } }),
    positions: await reader.rows(FeedPosition).find({ where: { owner: ownerOf(owner) } }),
  }));
  const byAccount = new Map(positions.map((position) => [position.accountId, position]));
  const seen = new Map(
    accounts.map((account) => [account.externalId!, { account, position: byAccount.get(account.id)! }]),
  );
  expect(seen.size).toBe(accounts.length);
  return seen;
}

function read<T>(app: TestApp, work: (reader: Reader) => Promise<T>): Promise<T> {
  return app.app.get(Database).read(EVERYBODY, work);
}

async function holderOf(reader: Reader, externalId: string): Promise<string | null> {
  const [turn] = await reader.query(
    sql`SELECT t.holder FROM sync_turns t JOIN enrollments e ON e.id = t.enrollment_id WHERE ${EVERYBODYS} AND e.external_id = ${externalId}`,
    { holder: 'text?' },
  );
  return turn?.holder ?? null;
}

function told({ externalId, date, amount, description, status }: AccountTransaction) {
  return {
    externalId: externalId!,
    date: date as string,
    amount: amount as bigint,
    description,
    status: status as string,
  };
}

function sorted<Row extends { readonly id: string | null }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (a.id! < b.id! ? -1 : 1));
}
