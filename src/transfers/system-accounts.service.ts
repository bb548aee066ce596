// The accounts of the bank itself: made by command, not on boot, as often as one likes.
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Account } from '../accounts/account.entity.js';
import { AccountNumbers } from '../accounts/account-numbers.js';
import { CurrencyUnknown } from '../accounts/accounts.errors.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { amountOf, UNLINKED, WITHOUT_MONEY } from '../accounts/accounts.service.js';
import { type Amount } from '../common/amount.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { ValueInvalid } from '../common/domain-error.js';
import { type AccountId, ID_PREFIXES, IdSource, type TransferId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { type SystemAccount, TREASURY } from '../config/system-accounts.js';
import { Database } from '../database/database.js';
import { type Scope } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { Batches } from './batches.js';
import { type Made, TransferDeed } from './transfer-deed.js';
import { TransfersRepository } from './transfers.repository.js';

const SYSTEM = 'system' as Owner;

/** What became of one of them. */
export interface Seeded extends SystemAccount {
  readonly id: AccountId;
  readonly accountNumber: string | null;
  readonly isNew: boolean;
  /** `paid` now, `standing` since an earlier time; `none` was asked for. */
  readonly funds: 'paid' | 'standing' | 'none';
}

@Injectable()
export class SystemAccountsService {
  constructor(
    private readonly database: Database,
    private readonly batches: Batches,
    private readonly accounts: AccountsRepository,
    private readonly transfers: TransfersRepository,
    private readonly numbers: AccountNumbers,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /**
   * Makes those that are not there, and pays openings that were not paid. What is there stays as it is.
   * @throws CurrencyUnknown, AmountInvalid before anything is made
   */
  async seed(wanted: readonly SystemAccount[], leave: Scope): Promise<Seeded[]> {
    for (const one of wanted) {
      const exponent = this.exponentOf(one);
      if (one.opening !== undefined) amountOf(one.opening, exponent, `${one.role}:${one.currency}`);
    }
    const made = await this.database.transact(leave, async (tx) => {
      // Of two who do so at once the second finds what the first has made.
      await tx.hold('passbook system accounts');
      const found: { account: Account; isNew: boolean }[] = [];
      for (const one of wanted) found.push(await this.open(tx, one));
      return found;
    });
    const seeded: Seeded[] = [];
    for (const [index, one] of wanted.entries()) {
      const { account, isNew } = made[index]!;
      const funds = one.opening === undefined ? 'none' : await this.fund(one, one.opening, leave);
      seeded.push({ ...one, id: account.id, accountNumber: account.accountNumber, isNew, funds });
    }
    return seeded;
  }

  /** @throws CurrencyUnknown, which says of which one */
  private exponentOf({ role, currency }: SystemAccount): number {
    try {
      return this.currencies.exponentOf(this.currencies.parse(currency));
    } catch (error) {
      throw error instanceof ValueInvalid
        ? new CurrencyUnknown(`${role}:${currency}: the currency ${error.message}.`)
        : error;
    }
  }

  private async open(
    tx: Transaction,
    { role, currency }: SystemAccount,
  ): Promise<{ account: Account; isNew: boolean }> {
    const [there] = await this.accounts.list(tx, { systemRole: role, currency }, undefined, 1);
    if (there !== undefined) return { account: there, isNew: false };
    const now = this.clock.now();
    const id = this.ids.next('account');
    const account: Account = {
      ...UNLINKED,
      ...WITHOUT_MONEY,
      id,
      owner: SYSTEM,
      kind: 'book',
      name: `${role[0]!.toUpperCase()}${role.slice(1)} ${currency}`,
      currency: this.currencies.parse(currency),
      status: 'open',
      type: 'other',
      subtype: null,
      institutionId: null,
      institutionName: null,
      lastFour: null,
      accountNumber: this.numbers.numberOf(id),
      systemRole: role,
      overdraftLimit: 0n as Amount,
      balanceAvailable: null,
      balanceLedger: null,
      balanceAsOf: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    await this.accounts.insert(tx, [account]);
    return { account, isNew: true };
  }

  /** By a transfer whose id follows from the account: it is made once, whatever the list says later. */
  private async fund({ role, currency }: SystemAccount, amount: string, leave: Scope): Promise<Seeded['funds']> {
    const id = openingIdOf(role, currency);
    if ((await this.database.read(leave, (reader) => this.transfers.find(reader, id))) !== undefined) return 'standing';
    const [from, to] = await this.database.read(leave, async (reader) => [
      (await this.accounts.list(reader, { systemRole: TREASURY, currency }, undefined, 1))[0]!.id,
      (await this.accounts.list(reader, { systemRole: role, currency }, undefined, 1))[0]!.id,
    ]);
    const money = { from: from!, to: to!, amount, currency };
    const memo = `Opening of ${role} ${currency}`;
    const asked = { id, isClientsId: true, money, kind: 'opening', memo, metadata: {}, pointer: '' };
    const deed = new TransferDeed(asked, leave, this.currencies);
    await this.batches.do({ owner: undefined, keyId: leave.by.name }, deed, (made: Made) => made);
    return 'paid';
  }
}

function openingIdOf(role: string, currency: string): TransferId {
  const digest = createHash('sha256').update(`opening of ${role} ${currency}`).digest('hex');
  return `${ID_PREFIXES.transfer}_${digest.slice(0, 32)}` as TransferId;
}
