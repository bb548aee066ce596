// What a bank or a person stated an account to hold, at one moment.
import { type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type AccountId, type BalanceId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { AmountColumn, InstantColumn, Table, TextColumn } from '../database/schema/entity.js';

export const BALANCE_SOURCES = ['feed', 'stated', 'imported'] as const;
export type BalanceSource = (typeof BALANCE_SOURCES)[number];

@Table('balances', {
  recorded: { as: 'balance', followed: true },
  unique: [['account_id', 'as_of']],
  checks: {
    source: "source IN ('feed', 'stated', 'imported')",
    stated: 'available IS NOT NULL OR ledger IS NOT NULL',
  },
})
export class Balance {
  @TextColumn({ key: true }) id!: BalanceId;
  @TextColumn() owner!: Owner;
  @TextColumn({ references: 'accounts' }) accountId!: AccountId;
  /** The moment of which it is said. One balance a moment and account. */
  @InstantColumn() asOf!: Instant;
  /** What may be spent. */
  @AmountColumn({ nullable: true }) available!: Amount | null;
  /** What the books say; a credit account's debt is negative. */
  @AmountColumn({ nullable: true }) ledger!: Amount | null;
  @TextColumn() source!: BalanceSource;
  @InstantColumn() createdAt!: Instant;
  @TextColumn({ nullable: true, unrecorded: true }) raw!: string | null;
}
