// A balance as the API shows it.
import { formatAmount } from '../common/amount.js';
import { type BalanceView } from './balances.dto.js';
import { type ShownBalance } from './balances.repository.js';

/** `exponent`: decimals of the account's currency. */
export function balanceView(
  { id, accountId, available, ledger, held, currency, asOf }: ShownBalance,
  exponent: number,
): BalanceView {
  const text = (amount: bigint | null): string | null => (amount === null ? null : formatAmount(amount, exponent));
  return { id, accountId, available: text(available), ledger: text(ledger), held: text(held ?? null), currency, asOf };
}
