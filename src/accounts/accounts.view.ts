// An account as the API shows it.
import { formatAmount } from '../common/amount.js';
import { type Account } from './account.entity.js';
import { type AccountView, type LatestBalanceView } from './accounts.dto.js';

/** `exponent`: decimals of the account's currency. */
export function accountView(account: Account, exponent: number): AccountView {
  const {
    id,
    owner,
    kind,
    name,
    currency,
    status,
    type,
    subtype,
    lastFour,
    feed,
    enrollmentId,
    version,
    createdAt,
    updatedAt,
    closedAt,
  } = account;
  return {
    id,
    owner,
    kind,
    name,
    currency,
    status,
    type,
    subtype,
    institution: account.institutionId === null ? null : { id: account.institutionId, name: account.institutionName },
    lastFour,
    feed,
    enrollmentId,
    overdraftLimit: kind === 'book' ? formatAmount(account.overdraftLimit, exponent) : null,
    balance: latestBalanceView(account, exponent),
    version,
    createdAt,
    updatedAt,
    closedAt,
  };
}

export function latestBalanceView(account: Account, exponent: number): LatestBalanceView | null {
  const { balanceAvailable, balanceLedger, balanceAsOf, currency } = account;
  if (balanceAsOf === null) return null;
  return {
    available: balanceAvailable === null ? null : formatAmount(balanceAvailable, exponent),
    ledger: balanceLedger === null ? null : formatAmount(balanceLedger, exponent),
    currency,
    asOf: balanceAsOf,
  };
}
