// Opens, finds, edits and closes accounts.
import { Injectable } from '@nestjs/common';
import { type Principal } from '../auth/principal.js';
import { Once } from '../changes/once.js';
import { type Amount, parseAmount } from '../common/amount.js';
import { Clock } from '../common/clock.js';
import { Currencies, type Currency } from '../common/currency.js';
import { ValueInvalid } from '../common/domain-error.js';
import { type AccountId, IdSource, parseId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { type ExpectedVersion } from '../http/expected-version.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import { type Account, type AccountStatus } from './account.entity.js';
import { AccountNumbers } from './account-numbers.js';
import {
  type AccountView,
  type EditAccountRequest,
  type ListAccountsQuery,
  type OpenAccountRequest,
} from './accounts.dto.js';
import {
  AccountClosed,
  AccountIsLinked,
  AccountNotEmpty,
  AccountNotFound,
  AccountNumberTaken,
  AmountInvalid,
  CurrencyUnknown,
  OverdraftInUse,
  OverdraftNotBook,
} from './accounts.errors.js';
import { AccountsRepository } from './accounts.repository.js';
import { accountView, shownVersion } from './accounts.view.js';
import { type LockedAccount } from './locked-account.js';
import { OwnerChange } from './owner-change.js';

@Injectable()
export class AccountsService {
  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly repository: AccountsRepository,
    private readonly ownerChange: OwnerChange,
    private readonly currencies: Currencies,
    private readonly numbers: AccountNumbers,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** Tried in this order: owner_forbidden, currency_unknown, overdraft_not_book, amount_invalid, account_number_taken. */
  open(caller: Principal, request: OpenAccountRequest): Promise<AccountView> {
    return this.once.perform(caller, async (tx) => {
      const account = this.newAccount(caller, request);
      if (account.accountNumber !== null) await this.refuseTakenNumber(tx, account.accountNumber);
      await this.repository.insert(tx, [account]);
      return this.view(account);
    });
  }

  /** Numbers are one space for all owners. The name is held until the commit, so that of two who take one number the second is refused. */
  private async refuseTakenNumber(tx: Transaction, number: string): Promise<void> {
    await tx.hold(`account number ${number}`);
    if (await this.repository.isNumberTaken(tx, number)) throw new AccountNumberTaken(number);
  }

  private newAccount(caller: Principal, request: OpenAccountRequest): Account {
    const owner = caller.ownerOfNew(request.owner);
    const currency = this.currencyOf(request.currency);
    if (request.kind !== 'book') {
      const given = (['overdraftLimit', 'accountNumber'] as const).find((name) => request[name] !== undefined);
      if (given !== undefined) throw new OverdraftNotBook(`Leave ${given} out, or open a book account.`);
    }
    const now = this.clock.now();
    const overdraftLimit = this.limitOf(request.overdraftLimit, currency);
    const id = this.ids.next('account');
    return {
      ...UNLINKED,
      ...WITHOUT_MONEY,
      id,
      owner,
      kind: request.kind,
      name: request.name,
      currency,
      status: 'open',
      type: request.type ?? 'other',
      subtype: request.subtype ?? null,
      institutionId: request.institution?.id ?? null,
      institutionName: request.institution?.name ?? null,
      lastFour: request.lastFour ?? null,
      overdraftLimit,
      accountNumber: request.kind === 'book' ? (request.accountNumber ?? this.numbers.numberOf(id)) : null,
      balanceAvailable: null,
      balanceLedger: null,
      balanceAsOf: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
  }

  async get(caller: Principal, id: AccountId): Promise<AccountView> {
    return this.view(await this.database.read(caller.leave, (reader) => this.findOne(reader, id)));
  }

  /** Tried in this order: owner_forbidden, cursor_invalid. */
  async list(caller: Principal, query: ListAccountsQuery): Promise<Page<AccountView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, owner, ...filter } = query;
    const leave = caller.narrowedTo(owner);
    const bound = { list: 'accounts', owner: ownerOf(leave), ...filter };
    const [after] = cursor === undefined ? [] : readCursor(cursor, bound, [(text) => parseId('account', text)]);
    const rows = await this.database.read(leave, (reader) => this.repository.list(reader, filter, after, limit + 1));
    return pageOf(
      rows,
      limit,
      (account) => this.view(account),
      (last) => writeCursor([last.id], bound),
    );
  }

  /** Tried in this order: owner_forbidden, account_not_found, version_stale, account_is_linked (owner, status), overdraft_not_book, amount_invalid, overdraft_in_use, account_not_empty. */
  async edit(
    caller: Principal,
    id: AccountId,
    request: EditAccountRequest,
    expected: ExpectedVersion,
  ): Promise<AccountView> {
    if (request.owner !== undefined) caller.ownerOfNew(request.owner);
    return this.database.transact(caller.leave, (tx) => this.change(tx, id, request, expected));
  }

  /** Closing a closed account changes nothing. Tried in this order: account_not_found, version_stale, account_is_linked, account_not_empty. */
  close(caller: Principal, id: AccountId, expected: ExpectedVersion): Promise<AccountView> {
    return this.once.perform(caller, (tx) => this.change(tx, id, { status: 'closed' }, expected));
  }

  /** For floors above. @throws AccountNotFound */
  async findOne(reader: Reader, id: AccountId): Promise<Account> {
    const account = await this.repository.find(reader, id);
    if (account === null) throw new AccountNotFound(id);
    return account;
  }

  /** For floors above: the lock that lets money move, taken in id order. @throws AccountNotFound for the first that is not there */
  async lock(tx: Transaction, ids: readonly AccountId[]): Promise<LockedAccount[]> {
    const locked = await this.repository.lock(tx, ids);
    const found = new Map(locked.map((one) => [one.account.id, one]));
    return ids.map((id) => {
      const one = found.get(id);
      if (one === undefined) throw new AccountNotFound(id);
      return one;
    });
  }

  /** The lock of those that are there, for callers that answer for each by itself. */
  lockFound(tx: Transaction, ids: readonly AccountId[]): Promise<LockedAccount[]> {
    return this.repository.lock(tx, ids);
  }

  view(account: Account): AccountView {
    return accountView(account, this.currencies.exponentOf(account.currency));
  }

  /** @throws CurrencyUnknown */
  currencyOf(code: string): Currency {
    try {
      return this.currencies.parse(code);
    } catch (error) {
      throw error instanceof ValueInvalid ? new CurrencyUnknown(`The currency ${code} ${error.message}.`) : error;
    }
  }

  private async change(
    tx: Transaction,
    id: AccountId,
    request: EditAccountRequest,
    expected: ExpectedVersion,
  ): Promise<AccountView> {
    const [locked] = await this.lock(tx, [id]);
    const account = locked!.account;
    expected.refuseStale(shownVersion(account));
    const set = this.changesOf(account, request);
    if (Object.keys(set).length === 0) return this.view(account);
    if (set.owner !== undefined) await this.ownerChange.handOver(tx, locked!, set.owner);
    const next = { ...set, version: account.version + 1, updatedAt: this.clock.now() };
    return this.view(await this.repository.update(tx, locked!, next));
  }

  private limitOf(text: string | undefined, currency: Currency): Amount {
    const limit = amountOf(text ?? '0', this.currencies.exponentOf(currency), '/overdraftLimit');
    if (limit < 0n)
      throw new AmountInvalid('An overdraft limit is not negative.', {
        faults: [{ pointer: '/overdraftLimit', detail: 'must not be negative' }],
      });
    return limit;
  }

  private changesOf(account: Account, request: EditAccountRequest): Partial<Account> {
    const set: Partial<Account> = {};
    const { name, owner, status, overdraftLimit } = request;
    if (name !== undefined && name !== account.name) set.name = name;
    if (owner !== undefined && owner !== account.owner) set.owner = owner;
    const isOtherStatus = status !== undefined && status !== account.status;
    if (account.kind === 'linked' && (set.owner !== undefined || isOtherStatus))
      throw new AccountIsLinked('The owner and the status of a linked account follow its enrollment.');
    if (overdraftLimit !== undefined) {
      if (account.kind !== 'book') throw new OverdraftNotBook('Only a book account has an overdraft limit.');
      const limit = this.limitOf(overdraftLimit, account.currency);
      if (account.systemRole === null && account.ledger - account.held + limit < 0n)
        throw new OverdraftInUse(account.id);
      if (limit !== account.overdraftLimit) set.overdraftLimit = limit;
    }
    if (isOtherStatus) Object.assign(set, this.statusChange(account, status));
    return set;
  }

  private statusChange(account: Account, status: AccountStatus): Partial<Account> {
    if (status === 'open') return { status, closedAt: null };
    if (account.ledger !== 0n || account.held !== 0n)
      throw new AccountNotEmpty('A book account is closed at a balance of zero, with nothing held.');
    return { status, closedAt: this.clock.now() };
  }
}

/** What an account that belongs to no feed has in the columns that are about feeds. */
export const UNLINKED = {
  feed: null,
  environment: null,
  externalId: null,
  enrollmentId: null,
  feedStatus: null,
  feedStatusReason: null,
  accountNumber: null,
  systemRole: null,
  balanceId: null,
  closedAt: null,
  raw: null,
} as const;

/** What an account has in the columns of money that only book accounts have: they begin with nothing. */
export const WITHOUT_MONEY = { ledger: 0n as Amount, held: 0n as Amount, lastLineAt: null, moneyVersion: 0 } as const;

/** An amount of a request, once its currency is known. @throws AmountInvalid with the field's pointer */
export function amountOf(text: string, exponent: number, pointer: string): Amount {
  try {
    return parseAmount(text, exponent);
  } catch (error) {
    if (!(error instanceof ValueInvalid)) throw error;
    throw new AmountInvalid(`${pointer} ${error.message}.`, { faults: [{ pointer, detail: error.message }] });
  }
}

/** @throws AccountClosed */
export function refuseClosed(account: Account): void {
  if (account.status === 'closed') throw new AccountClosed(account.id);
}
