// An account as the API shows it.
import { formatAmount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type Account } from './account.entity.js';
import { type AccountView, type LatestBalanceView } from './accounts.dto.js';
import { feedStateView } from './feed-state.view.js';

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
    accountNumber,
    systemRole,
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
    accountNumber,
    systemRole,
    feedState: kind === 'linked' ? feedStateView(account) : null,
    overdraftLimit: kind === 'book' ? formatAmount(account.overdraftLimit, exponent) : null,
    balance: latestBalanceView(account, exponent),
    version: shownVersion(account),
    createdAt,
    updatedAt,
    closedAt,
  };
}

/** Grows with every edit and whenever money moves, so that an entity tag stands for all that is shown. Recorded rows have edits only. */
export function shownVersion({ version, moneyVersion }: Pick<Account, 'version'> & Partial<Account>): number {
  return version + (moneyVersion ?? 0);
}

export function latestBalanceView(account: Account, exponent: number): LatestBalanceView | null {
  const { available, ledger, held, asOf } = latestBalance(account);
  if (asOf === null) return null;
  const text = (amount: bigint | null): string | null => (amount === null ? null : formatAmount(amount, exponent));
  return { available: text(available), ledger: text(ledger), held: text(held), currency: account.currency, asOf };
}

interface LatestBalance {
  readonly available: bigint | null;
  readonly ledger: bigint | null;
  readonly held: bigint | null;
  readonly asOf: Instant | null;
}

/** What an account's row says of its balance. Of a book account it is computed, of others stated; a recorded row of a book account does not say it. */
export function latestBalance(account: Account): LatestBalance {
  const { kind, balanceAvailable, balanceLedger, balanceAsOf, lastLineAt, createdAt } = account;
  if (kind !== 'book') return { available: balanceAvailable, ledger: balanceLedger, held: null, asOf: balanceAsOf };
  const { ledger, held } = account as Partial<Account>;
  if (ledger === undefined || held === undefined) return { available: null, ledger: null, held: null, asOf: null };
  return { available: ledger - held, ledger, held, asOf: lastLineAt ?? createdAt };
}
