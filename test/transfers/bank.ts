// A small bank of book accounts, for tests: a treasury, and accounts that it gives their opening.
import { type Account } from '../../src/accounts/account.entity.js';
import { AccountsRepository } from '../../src/accounts/accounts.repository.js';
import { UNLINKED, WITHOUT_MONEY } from '../../src/accounts/accounts.service.js';
import { type Amount } from '../../src/common/amount.js';
import { type Currency } from '../../src/common/currency.js';
import { IdSource } from '../../src/common/ids.js';
import { type Owner } from '../../src/common/owner.js';
import { Database } from '../../src/database/database.js';
import { EVERYBODY, type Json } from '../support/builders.js';
import { type Answer, type CallOptions, type TestApp } from '../support/test-app.js';

export interface OpenedAccount {
  readonly id: string;
  readonly accountNumber: string;
}

let made = 0;

/** An id that no client has made yet. */
export function newId(noun: 'trf' | 'hld'): string {
  made += 1;
  return `${noun}_c${process.pid.toString(16).padStart(8, '0')}${made.toString(16).padStart(23, '0')}`;
}

export class Bank {
  private readonly treasuries = new Map<string, OpenedAccount>();
  private inserted = 0;

  constructor(private readonly app: TestApp) {}

  /** A book account of `default` in USD, unless said otherwise, holding its opening. */
  async account(opening?: string, fields: Record<string, unknown> = {}): Promise<OpenedAccount> {
    const currency = String(fields['currency'] ?? 'USD');
    const opened = await this.app.post('/v1/accounts', { kind: 'book', name: 'Wallet', currency, ...fields });
    if (opened.status !== 201) throw new Error(opened.text);
    if (opening !== undefined) await this.pay((await this.treasury(currency)).id, opened.body.id, opening, 'opening');
    return opened.body;
  }

  async pay(from: string, to: string, amount: string, kind = 'transfer'): Promise<Json> {
    const paid = await this.app.post('/v1/transfers', { from, to, amount, kind });
    if (paid.status !== 201) throw new Error(paid.text);
    return paid.body;
  }

  move(
    from: OpenedAccount,
    to: OpenedAccount,
    amount: string,
    more: object = {},
    options?: CallOptions,
  ): Promise<Answer> {
    return this.app.post('/v1/transfers', { from: from.id, to: to.id, amount, ...more }, options);
  }

  hold(
    from: OpenedAccount,
    to: OpenedAccount,
    amount: string,
    more: object = {},
    options?: CallOptions,
  ): Promise<Answer> {
    return this.app.post('/v1/holds', { from: from.id, to: to.id, amount, ...more }, options);
  }

  async balanceOf({ id }: { id: string }) {
    return (await this.app.get(`/v1/accounts/${id}`)).body.balance;
  }

  /** What the accounts' ledgers are, in their order. */
  ledgersOf(...accounts: readonly { id: string }[]): Promise<string[]> {
    return Promise.all(accounts.map(async (account) => (await this.balanceOf(account)).ledger as string));
  }

  /** The system account of which money of that currency is made. */
  async treasury(currency = 'USD'): Promise<OpenedAccount> {
    let treasury = this.treasuries.get(currency);
    if (treasury === undefined)
      this.treasuries.set(currency, (treasury = await this.systemAccount('treasury', currency)));
    return treasury;
  }

  async systemAccount(role: string, currency: string): Promise<OpenedAccount> {
    const accountNumber = `SYS-${role.toUpperCase()}-${currency}`;
    const [account] = await this.insert([
      { owner: 'system' as Owner, systemRole: role, accountNumber, currency: currency as Currency },
    ]);
    return account!;
  }

  /** Rows past the API: book accounts of `default` in USD, unless said otherwise. */
  async insert(given: readonly Partial<Account>[]): Promise<OpenedAccount[]> {
    const accounts = given.map((fields) => this.rowOf(fields));
    const repository = this.app.app.get(AccountsRepository, { strict: false });
    await this.app.app.get(Database).transact(EVERYBODY, (tx) => repository.insert(tx, accounts));
    return accounts.map(({ id, accountNumber }) => ({ id, accountNumber: accountNumber! }));
  }

  private rowOf(fields: Partial<Account>): Account {
    const now = this.app.clock.now();
    this.inserted += 1;
    return {
      ...UNLINKED,
      ...WITHOUT_MONEY,
      id: this.app.app.get(IdSource).next('account'),
      owner: 'default' as Owner,
      kind: 'book',
      name: 'Wallet',
      currency: 'USD' as Currency,
      status: 'open',
      type: 'other',
      subtype: null,
      institutionId: null,
      institutionName: null,
      lastFour: null,
      accountNumber: `ROW-${this.inserted}`,
      systemRole: null,
      overdraftLimit: 0n as Amount,
      balanceAvailable: null,
      balanceLedger: null,
      balanceAsOf: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
      ...fields,
    };
  }
}
