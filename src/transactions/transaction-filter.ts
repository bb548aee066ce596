// Which lines are meant: a filter as the conditions of a query.
import { type Amount } from '../common/amount.js';
import { type CivilDate } from '../common/civil-date.js';
import { type AccountId } from '../common/ids.js';
import { foldText } from '../common/text.js';
import { type Reader } from '../database/reader.js';
import { allOf, type Sql, sql } from '../database/sql.js';
import { type TransactionStatus } from './account-transaction.entity.js';

export interface TransactionFilter {
  readonly accountId?: AccountId;
  readonly from?: CivilDate;
  readonly to?: CivilDate;
  readonly minAmount?: Amount;
  readonly maxAmount?: Amount;
  readonly currency?: string;
  readonly category?: string;
  readonly status?: TransactionStatus;
  readonly counterparty?: string;
  readonly text?: string;
}

/** The conditions over `transactions t`, the owner's among them. */
export function conditionsOf(reader: Reader, filter: TransactionFilter): Sql[] {
  const conditions: Sql[] = [reader.owned('t')];
  const { accountId, from, to, minAmount, maxAmount, currency, category, status, counterparty, text } = filter;
  if (accountId !== undefined) conditions.push(sql`t.account_id = ${accountId}`);
  if (from !== undefined) conditions.push(sql`t.date >= ${from}`);
  if (to !== undefined) conditions.push(sql`t.date <= ${to}`);
  if (minAmount !== undefined) conditions.push(sql`t.amount >= ${minAmount}`);
  if (maxAmount !== undefined) conditions.push(sql`t.amount <= ${maxAmount}`);
  if (currency !== undefined) conditions.push(sql`t.currency = ${currency}`);
  if (category !== undefined) conditions.push(sql`t.category = ${category}`);
  conditions.push(status === undefined ? sql`t.status <> 'removed'` : sql`t.status = ${status}`);
  if (counterparty !== undefined)
    conditions.push(reader.words.contains('t.counterparty_folded', foldText(counterparty)));
  if (text !== undefined) conditions.push(reader.words.contains('t.search_text', foldText(text)));
  return conditions;
}

export function whereOf(reader: Reader, filter: TransactionFilter): Sql {
  return allOf(conditionsOf(reader, filter));
}

/** Whether no index leads to the lines meant, so that many others may have to be looked at on the way. */
export function isLongWay(filter: TransactionFilter): boolean {
  const { minAmount, maxAmount, currency, category, status, counterparty, text } = filter;
  return [minAmount, maxAmount, currency, category, status, counterparty, text].some((value) => value !== undefined);
}
