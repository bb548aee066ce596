// Finds lines, and keeps those of manual accounts.
import { Injectable } from '@nestjs/common';
import { type Account } from '../accounts/account.entity.js';
import { AccountNotFound } from '../accounts/accounts.errors.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { AccountsService, amountOf, refuseClosed } from '../accounts/accounts.service.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { type Principal } from '../auth/principal.js';
import { Once } from '../changes/once.js';
import { parseCivilDate } from '../common/civil-date.js';
import { Clock } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { parseId, type TransactionId } from '../common/ids.js';
import { Database } from '../database/database.js';
import { type Reader } from '../database/reader.js';
import { ownerOf } from '../database/scope.js';
import { type Transaction } from '../database/transaction.js';
import { readCursor, writeCursor } from '../http/cursor.js';
import { RequestInvalid } from '../http/http.errors.js';
import { type ExpectedVersion } from '../http/expected-version.js';
import { type Page, PAGE_LIMIT_DEFAULT, pageOf } from '../http/page.dto.js';
import { type AccountTransaction } from './account-transaction.entity.js';
import { amended } from './line.js';
import { ManualLines, refuseNotManual } from './manual-lines.js';
import { PostingService } from './posting.service.js';
import { type TransactionFilter } from './transaction-filter.js';
import {
  type EditTransactionRequest,
  type ListTransactionsQuery,
  type NewTransactionRequest,
  type Totals,
  type TotalsQuery,
  type TransactionFilterQuery,
  type TransactionView,
} from './transactions.dto.js';
import { BankFactNotEditable, TransactionNotFound } from './transactions.errors.js';
import { type ListedTransaction, type Place, TransactionsRepository } from './transactions.repository.js';
import { totalsRow, transactionView } from './transactions.view.js';

@Injectable()
export class TransactionsService {
  constructor(
    private readonly database: Database,
    private readonly once: Once,
    private readonly accounts: AccountsService,
    private readonly accountRows: AccountsRepository,
    private readonly repository: TransactionsRepository,
    private readonly posting: PostingService,
    private readonly manualLines: ManualLines,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
  ) {}

  /** Tried in this order: owner_forbidden, cursor_invalid, account_not_found, currency_unknown, amount_invalid. */
  async list(caller: Principal, query: ListTransactionsQuery): Promise<Page<TransactionView>> {
    const { limit = PAGE_LIMIT_DEFAULT, cursor, order = 'desc', ...asked } = query;
    const leave = caller.narrowedTo(asked.owner);
    const bound = { list: 'transactions', order, ...asked, owner: ownerOf(leave) };
    const after = cursor === undefined ? undefined : placeIn(cursor, bound);
    const rows = await this.database.read(leave, async (reader) => {
      const found = await this.repository.list(reader, await this.filterOf(reader, asked), order, after, limit + 1);
      if (found.length === 0) await this.refuseUnknown(reader, asked);
      return found;
    });
    return pageOf(
      rows,
      limit,
      (line) => this.view(line),
      (last) => writeCursor([last.date, last.id], bound),
    );
  }

  async get(caller: Principal, id: TransactionId): Promise<TransactionView> {
    return this.view(await this.database.read(caller.leave, (reader) => this.findOne(reader, id)));
  }

  /** Tried in this order: owner_forbidden, account_not_found, currency_unknown, amount_invalid. */
  async totals(caller: Principal, query: TotalsQuery): Promise<Totals> {
    const { groupBy, ...asked } = query;
    const groups = await this.database.read(caller.narrowedTo(asked.owner), async (reader) => {
      const found = await this.repository.totals(reader, await this.filterOf(reader, asked), groupBy ?? 'none');
      if (found.length === 0) await this.refuseUnknown(reader, asked);
      return found;
    });
    return { data: groups.map((group) => totalsRow(group, this.currencies.exponentOf(group.currency))) };
  }

  /** Tried in this order: account_not_found, account_not_manual, account_closed, currency_differs, amount_invalid, external_id_taken. */
  async create(caller: Principal, request: NewTransactionRequest): Promise<TransactionView> {
    return this.once.perform(caller, async (tx) => {
      const accounts = await this.accounts.lock(tx, [request.accountId]);
      const [judged] = await this.manualLines.judge(tx, accounts, [{ request, pointer: '' }]);
      if (judged === undefined || 'refusal' in judged) throw judged?.refusal ?? new AccountNotFound(request.accountId);
      await this.posting.post(tx, accounts, [judged.line]);
      return this.view(judged.line);
    });
  }

  /** Tried in this order: transaction_not_found, version_stale, bank_fact_not_editable, account_closed, amount_invalid. */
  async edit(
    caller: Principal,
    id: TransactionId,
    request: EditTransactionRequest,
    expected: ExpectedVersion,
  ): Promise<TransactionView> {
    const line = await this.database.transact(caller.leave, async (tx) => {
      const { locked, line: found } = await this.lockedLine(tx, id);
      expected.refuseStale(found.version);
      const { category, notes, ...facts } = request;
      const ofFacts = this.factsOf(locked.account, facts);
      const own = {
        ...(notes === undefined ? {} : { notes }),
        ...(category === undefined ? {} : { category, categorySet: true }),
      };
      const set = amended(found, { ...ofFacts, ...own }, this.clock.now());
      await this.posting.amend(tx, [locked], [found], [{ id, set }]);
      return { ...found, ...set };
    });
    return this.view(line);
  }

  /** Tried in this order: transaction_not_found, version_stale, account_not_manual, account_closed. */
  async delete(caller: Principal, id: TransactionId, expected: ExpectedVersion): Promise<void> {
    await this.database.transact(caller.leave, async (tx) => {
      const { locked, line } = await this.lockedLine(tx, id);
      expected.refuseStale(line.version);
      refuseNotManual(locked.account);
      refuseClosed(locked.account);
      await this.posting.erase(tx, [locked], [line]);
    });
  }

  view(line: ListedTransaction): TransactionView {
    return transactionView(line, this.currencies.exponentOf(line.currency));
  }

  /** The line as it stands under its account's lock. It is looked for first only to learn which account to lock. */
  private async lockedLine(
    tx: Transaction,
    id: TransactionId,
  ): Promise<{ locked: LockedAccount; line: AccountTransaction }> {
    const { accountId } = await this.findOne(tx, id);
    const [locked] = await this.accounts.lockFound(tx, [accountId]);
    // Gone to another owner meanwhile, and the line with it.
    if (locked === undefined) throw new TransactionNotFound(id);
    return { locked, line: await this.findOne(tx, id) };
  }

  private async findOne(reader: Reader, id: TransactionId): Promise<AccountTransaction> {
    const line = await this.repository.find(reader, id);
    if (line === null) throw new TransactionNotFound(id);
    return line;
  }

  private factsOf(
    account: Account,
    facts: Omit<EditTransactionRequest, 'category' | 'notes'>,
  ): Partial<AccountTransaction> {
    if (Object.values(facts).every((value) => value === undefined)) return {};
    if (account.kind !== 'manual') throw new BankFactNotEditable('Only category and notes of this line can be set.');
    refuseClosed(account);
    const { amount, ...others } = facts;
    if (amount === undefined) return others;
    return { ...others, amount: amountOf(amount, this.currencies.exponentOf(account.currency), '/amount') };
  }

  /** An amount means something only in a currency: the filter's, or that of its account. */
  private async filterOf(reader: Reader, query: TransactionFilterQuery): Promise<TransactionFilter> {
    const { minAmount, maxAmount, owner: _owner, ...filter } = query;
    if (minAmount === undefined && maxAmount === undefined) return filter;
    const code =
      query.currency ??
      (query.accountId === undefined ? undefined : (await this.accounts.findOne(reader, query.accountId)).currency);
    if (code === undefined) {
      const pointer = minAmount === undefined ? '?maxAmount' : '?minAmount';
      throw new RequestInvalid([{ pointer, detail: 'goes with accountId or currency' }]);
    }
    const exponent = this.currencies.exponentOf(this.accounts.currencyOf(code));
    return {
      ...filter,
      ...(minAmount === undefined ? {} : { minAmount: amountOf(minAmount, exponent, '?minAmount') }),
      ...(maxAmount === undefined ? {} : { maxAmount: amountOf(maxAmount, exponent, '?maxAmount') }),
    };
  }

  /** An empty answer about an account that is not there is said to be that. */
  private async refuseUnknown(reader: Reader, { accountId }: TransactionFilterQuery): Promise<void> {
    if (accountId !== undefined && (await this.accountRows.find(reader, accountId)) === null)
      throw new AccountNotFound(accountId);
  }
}

function placeIn(cursor: string, bound: object): Place {
  const [date, id] = readCursor(cursor, bound, [parseCivilDate, (text) => parseId('transaction', text)]);
  return { date, id };
}
