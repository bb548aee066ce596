// Recorded rows as the API shows them: the same views as of the things themselves.
import { Injectable } from '@nestjs/common';
import { Account } from '../accounts/account.entity.js';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { accountView } from '../accounts/accounts.view.js';
import { ApiKey } from '../auth/api-key.entity.js';
import { apiKeyView } from '../auth/api-keys.dto.js';
import { Balance } from '../balances/balance.entity.js';
import { balanceView } from '../balances/balances.view.js';
import { readRow } from '../changes/recorded-row.js';
import { Currencies, type Currency } from '../common/currency.js';
import { type AccountId } from '../common/ids.js';
import { type Reader } from '../database/reader.js';
import { definitionOf, type EntityClass } from '../database/schema/entity.js';
import { Enrollment } from '../feeds/stored/enrollment.entity.js';
import { enrollmentView } from '../feeds/enrollments/enrollments.view.js';
import { AccountTransaction } from '../transactions/account-transaction.entity.js';
import { transactionView } from '../transactions/transactions.view.js';
import { Hold } from '../transfers/hold.entity.js';
import { holdView } from '../transfers/transfers.view.js';

const RECORDED: readonly EntityClass[] = [Account, Balance, AccountTransaction, Hold, Enrollment, ApiKey];
const BY_NAME = new Map(RECORDED.map((entity) => [definitionOf(entity).recorded!.as, definitionOf(entity)]));

/** Those of which followers of the data are told by the record of changes. */
export const RECORDED_AND_FOLLOWED: readonly string[] = [...BY_NAME.keys()].filter(
  (name) => BY_NAME.get(name)!.recorded!.followed,
);
/** What changes of are told to auditors: what is recorded, and transfers, whose chain is their record. */
export const RECORDED_OBJECTS: readonly string[] = [...BY_NAME.keys(), 'transfer'];
export const FOLLOWED_OBJECTS: readonly string[] = [...RECORDED_AND_FOLLOWED, 'transfer'];

/** A row as it was recorded: the kind of thing, and its properties. */
export interface RecordedRow {
  readonly object: string;
  readonly values: Readonly<Record<string, unknown>>;
}

@Injectable()
export class RecordedViews {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly currencies: Currencies,
  ) {}

  /** What a change keeps as JSON; null stays null. */
  read(object: string, text: string): RecordedRow['values'] {
    return readRow(BY_NAME.get(object)!, text);
  }

  /** One view a row, in order. The reader covers all owners: an account that a balance names may have changed hands since. */
  async show(reader: Reader, rows: readonly RecordedRow[]): Promise<object[]> {
    const named = rows
      .filter(({ object }) => object === 'balance')
      .map(({ values }) => values['accountId'] as AccountId);
    const accounts = named.length === 0 ? [] : await this.accounts.findAll(reader, [...new Set(named)]);
    const currencies = new Map(accounts.map(({ id, currency }) => [id, currency]));
    return rows.map((row) => this.view(row, currencies));
  }

  private view({ object, values }: RecordedRow, currencyOf: ReadonlyMap<AccountId, Currency>): object {
    const exponentOf = (currency: unknown): number => this.currencies.exponentOf(currency as Currency);
    switch (object) {
      case 'account':
        return accountView(values as unknown as Account, exponentOf(values['currency']));
      case 'transaction':
        return transactionView(values as unknown as AccountTransaction, exponentOf(values['currency']));
      case 'balance': {
        const balance = values as unknown as Balance;
        const currency = currencyOf.get(balance.accountId)!;
        return balanceView({ ...balance, currency }, exponentOf(currency));
      }
      case 'hold':
        return holdView(values as unknown as Hold, this.currencies);
      case 'enrollment':
        return recordedEnrollmentView(values as unknown as Enrollment);
      default:
        return recordedKeyView(values as unknown as ApiKey);
    }
  }
}

/** Without its accounts, which may be others since: each of them says whose it is. And without what could be done then. */
function recordedEnrollmentView(enrollment: Enrollment): object {
  const { accountIds: _accounts, wayOut: _wayOut, ...view } = enrollmentView(enrollment, [], null);
  return view;
}

/** Without when it was last used, which is no change. */
function recordedKeyView(key: ApiKey): object {
  const { lastUsedAt: _, ...view } = apiKeyView(key, undefined);
  return view;
}
