// Which new lines of manual accounts may stand: each row is judged by itself, in the order of the request, under the locks.
import { Injectable } from '@nestjs/common';
import { type Account } from '../accounts/account.entity.js';
import { AccountNotFound, AccountNotManual } from '../accounts/accounts.errors.js';
import { amountOf, refuseClosed } from '../accounts/accounts.service.js';
import { type LockedAccount } from '../accounts/locked-account.js';
import { Clock, type Instant } from '../common/clock.js';
import { Currencies } from '../common/currency.js';
import { Refusal } from '../common/domain-error.js';
import { IdSource } from '../common/ids.js';
import { type Transaction } from '../database/transaction.js';
import { type AccountTransaction } from './account-transaction.entity.js';
import { newLine } from './line.js';
import { type NewTransactionRequest } from './transactions.dto.js';
import { CurrencyDiffers, ExternalIdTaken } from './transactions.errors.js';
import { TransactionsRepository } from './transactions.repository.js';

export interface AskedLine {
  readonly request: NewTransactionRequest;
  /** Where the row stands in the body, for pointers: '' or `/transactions/3`. */
  readonly pointer: string;
}

export type Judged = { readonly line: AccountTransaction } | { readonly refusal: Refusal };

@Injectable()
export class ManualLines {
  constructor(
    private readonly repository: TransactionsRepository,
    private readonly currencies: Currencies,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** One verdict a row, in order. Rows that are refused take neither an id of ours nor an external one. */
  async judge(tx: Transaction, accounts: readonly LockedAccount[], asked: readonly AskedLine[]): Promise<Judged[]> {
    const byId = new Map(accounts.map((locked) => [locked.heldBy(tx).id, locked.account]));
    const externalIds = asked.flatMap(({ request }) => request.externalId ?? []);
    const taken = await this.repository.takenExternalIds(tx, [...byId.keys()], externalIds);
    const now = this.clock.now();
    return asked.map((row) => {
      try {
        const account = byId.get(row.request.accountId);
        if (account === undefined) throw new AccountNotFound(row.request.accountId);
        return { line: this.lineOf(account, row, taken, now) };
      } catch (error) {
        if (error instanceof Refusal) return { refusal: error };
        throw error;
      }
    });
  }

  private lineOf(
    account: Account,
    { request, pointer }: AskedLine,
    taken: Set<string>,
    now: Instant,
  ): AccountTransaction {
    refuseNotManual(account);
    refuseClosed(account);
    if (request.currency !== undefined && request.currency !== account.currency) {
      throw new CurrencyDiffers(`The account is in ${account.currency}.`, {
        faults: [{ pointer: `${pointer}/currency`, detail: `must be ${account.currency}` }],
      });
    }
    const amount = amountOf(request.amount, this.currencies.exponentOf(account.currency), `${pointer}/amount`);
    const externalId = request.externalId ?? null;
    if (externalId !== null) {
      const mark = `${account.id} ${externalId}`;
      if (taken.has(mark))
        throw new ExternalIdTaken(`The account has a line with the external id ${externalId} already.`);
      taken.add(mark);
    }
    const { date, description, counterparty = null, category = null, notes = null, status = 'posted' } = request;
    const facts = {
      date,
      amount,
      description,
      counterparty,
      category,
      status,
      externalId,
      type: null,
      runningBalance: null,
      raw: null,
    };
    const line = newLine(account, facts, { id: this.ids.next('transaction'), source: 'manual', now }, notes);
    return { ...line, categorySet: category !== null };
  }
}

/** @throws AccountNotManual */
export function refuseNotManual(account: Account): void {
  if (account.kind === 'manual') return;
  throw new AccountNotManual(
    account.kind === 'linked'
      ? 'The bank says which lines a linked account has.'
      : 'Only transfers change a book account.',
  );
}
