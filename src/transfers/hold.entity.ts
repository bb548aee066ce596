// Money set aside on one account for another: it is captured once, in whole or in part, or let go.
import { type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type Currency } from '../common/currency.js';
import { type AccountId, type HoldId, type TransferId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { AmountColumn, CountColumn, InstantColumn, Table, TextColumn } from '../database/schema/entity.js';

export const HOLD_STATUSES = ['active', 'captured', 'released', 'expired'] as const;
export type HoldStatus = (typeof HOLD_STATUSES)[number];

@Table('holds', {
  recorded: { as: 'hold', followed: true },
  indexes: [['owner', 'id'], ['account_id', 'id'], { columns: ['expires_at'], where: "status = 'active'" }],
  checks: {
    status: "status IN ('active', 'captured', 'released', 'expired')",
    amount: 'amount > 0 AND captured >= 0 AND captured <= amount',
    captured: "(status = 'captured') = (captured > 0 AND transfer_id IS NOT NULL)",
    version: 'version >= 1',
  },
})
export class Hold {
  @TextColumn({ key: true }) id!: HoldId;
  /** That of the account on which the money is set aside. */
  @TextColumn() owner!: Owner;
  @TextColumn({ references: 'accounts' }) accountId!: AccountId;
  @TextColumn({ references: 'accounts' }) toAccountId!: AccountId;
  @AmountColumn() amount!: Amount;
  /** What became a transfer; the rest was let go with it. */
  @AmountColumn() captured!: Amount;
  @TextColumn() currency!: Currency;
  /** Kind, memo and metadata of the transfer that it is for. */
  @TextColumn() kind!: string;
  @TextColumn({ nullable: true }) memo!: string | null;
  /** JSON. */
  @TextColumn() metadata!: string;
  @TextColumn() status!: HoldStatus;
  @TextColumn({ nullable: true }) transferId!: TransferId | null;
  @InstantColumn({ nullable: true }) expiresAt!: Instant | null;
  @CountColumn() version!: number;
  @InstantColumn() createdAt!: Instant;
  @InstantColumn() updatedAt!: Instant;
}
