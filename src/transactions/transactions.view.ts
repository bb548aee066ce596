// A line, and totals of lines, as the API shows them.
import { formatAmount } from '../common/amount.js';
import { type TotalsRow, type TransactionView } from './transactions.dto.js';
import { type ListedTransaction, type TotalsGroup } from './transactions.repository.js';

/** `exponent`: decimals of the line's currency. */
export function transactionView(line: ListedTransaction, exponent: number): TransactionView {
  return {
    id: line.id,
    accountId: line.accountId,
    date: line.date,
    amount: formatAmount(line.amount, exponent),
    currency: line.currency,
    description: line.description,
    counterparty: line.counterparty,
    category: line.category,
    notes: line.notes,
    status: line.status,
    type: line.type,
    runningBalance: line.runningBalance === null ? null : formatAmount(line.runningBalance, exponent),
    source: line.source,
    externalId: line.externalId,
    transferId: line.transferId ?? null,
    version: line.version,
    createdAt: line.createdAt,
    updatedAt: line.updatedAt,
  };
}

export function totalsRow(group: TotalsGroup, exponent: number): TotalsRow {
  return {
    currency: group.currency,
    ...(group.category === undefined ? {} : { category: group.category }),
    ...(group.month === undefined ? {} : { month: group.month }),
    in: formatAmount(group.in, exponent),
    out: formatAmount(group.out, exponent),
    net: formatAmount(group.in + group.out, exponent),
    count: group.count,
  };
}
