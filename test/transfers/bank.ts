// A small bank of book accounts, for tests: a treasury, and accounts that it gives their opening.
import { type Account } from '../../src/accounts/account.entity.js';
import { AccountsRepository } from '../../src/accounts/accounts.repository.js';
import { UNLINKED, WITHOUT_MONEY } from '../../src/accounts/accounts.service.js';
import { type Amount } from '../../src/common/amount.js';
import { type Currency } from '../../src/common/currency.js';
import { IdSource } from '../../src/common/ids.js';
import { type Owner } from '../../src/common/owner.js';
import { Database } from '../../src/database/database.js';
import { ofEveryOwner } from '../../src/database/scope.js';
import { type TestApp } from '../support/test-app.js';

const EVERYBODY = ofEveryOwner('a test');

export interface OpenedAccount {
  readonly id: string;
  readonly accountNumber: string;
}

export class Bank {
  private readonly treasuries = new Map<string, OpenedAccount>();

  constructor(private readonly app: TestApp) {}

  /** A book account of `default` in USD, unless said otherwise, holding its opening. */
  async account(opening?: string, fields: Record<string, unknown> = {}): Promise<OpenedAccount> {
    const currency = String(fields['currency'] ?? 'USD');
    const opened = await this.app.post('/v1/accounts', { kind: 'book', name: 'Wallet', currency, ...fields });
    if (opened.status !== 201) throw new Error(opened.text);
    if (opening !== undefined) await this.pay((await this.treasury(currency)).id, opened.body.id, opening, 'opening');
    return opened.body;
  }

  async pay(from: string, to: string, amount: string, kind = 'transfer') {
    const paid = await this.app.post('/v1/transfers', { from, to, amount, kind });
    if (paid.status !== 201) throw new Error(paid.text);
    return paid.body;
  }

  async balanceOf({ id }: { id: string }) {
    return (await this.app.get(`/v1/accounts/${id}`)).body.balance;
  }

  /** The system account of which money of that currency is made. */
  async treasury(currency = 'USD'): Promise<OpenedAccount> {
    let treasury = this.treasuries.get(currency);
    if (treasury === undefined) this.treasuries.set(currency, (treasury = await this.systemAccount('treasury', currency)));
    return treasury;
  }

  async systemAccount(role: string, currency: string): Promise<OpenedAccount> {
    const now = this.app.clock.now();
    const account: Account = {
      ...UNLINKED,
      ...WITHOUT_MONEY,
      id: this.app.app.get(IdSource).next('account'),
      owner: 'system' as Owner,
      kind: 'book',
      name: role,
      currency: currency as Currency,
      status: 'open',
      type: 'other',
      subtype: null,
      institutionId: null,
      institutionName: null,
      lastFour: null,
      accountNumber: `SYS-${role.toUpperCase()}-${currency}`,
      systemRole: role,
      overdraftLimit: 0n as Amount,
      balanceAvailable: null,
      balanceLedger: null,
      balanceAsOf: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    const accounts = this.app.app.get(AccountsRepository, { strict: false });
    await this.app.app.get(Database).transact(EVERYBODY, (tx) => accounts.insert(tx, [account]));
    return { id: account.id, accountNumber: account.accountNumber! };
  }
}
