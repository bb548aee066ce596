// Where money stands.
import { type Amount } from '../common/amount.js';
import { type Instant } from '../common/clock.js';
import { type Currency } from '../common/currency.js';
import { type AccountId, type BalanceId, type EnrollmentId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import { AmountColumn, CountColumn, InstantColumn, Table, TextColumn } from '../database/schema/entity.js';

/** `linked`: mirrors an account at a bank. `manual`: kept by hand or by file. `book`: this service is the bank, and only transfers change it. */
export const ACCOUNT_KINDS = ['linked', 'manual', 'book'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

export const ACCOUNT_STATUSES = ['open', 'closed'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

/** Why its bank gives nothing for a linked account. */
export type FeedStatus = 'closed' | 'unknown' | 'unreadable';

/** What the account is at its bank; decides how a balance is read. */
export const ACCOUNT_TYPES = ['depository', 'credit', 'cash', 'other'] as const;
export type AccountType = (typeof ACCOUNT_TYPES)[number];

@Table('accounts', {
  recorded: { as: 'account', followed: true },
  indexes: [['owner', 'id'], ['enrollment_id'], ['external_id']],
  unique: [
    ['owner', 'feed', 'environment', 'external_id'],
    ['account_number'],
    { columns: ['system_role', 'currency'], where: 'system_role IS NOT NULL' },
  ],
  checks: {
    kind: "kind IN ('linked', 'manual', 'book')",
    status: "status IN ('open', 'closed')",
    type: "type IN ('depository', 'credit', 'cash', 'other')",
    closed_at: "(status = 'closed') = (closed_at IS NOT NULL)",
    linked: "(kind = 'linked') = (external_id IS NOT NULL AND feed IS NOT NULL AND environment IS NOT NULL)",
    feed_status: "feed_status IN ('closed', 'unknown', 'unreadable')",
    system_role: "system_role IS NULL OR kind = 'book'",
    overdraft_limit: 'overdraft_limit >= 0',
    version: 'version >= 1',
    books: "kind = 'book' OR (ledger = 0 AND held = 0 AND last_line_at IS NULL)",
    held: 'held >= 0',
    solvent: 'system_role IS NOT NULL OR ledger - held >= -overdraft_limit',
  },
})
export class Account {
  @TextColumn({ key: true }) id!: AccountId;
  @TextColumn() owner!: Owner;
  @TextColumn() kind!: AccountKind;
  @TextColumn() name!: string;
  @TextColumn() currency!: Currency;
  @TextColumn() status!: AccountStatus;
  @TextColumn() type!: AccountType;
  /** The bank's own finer word: checking, savings, credit_card … */
  @TextColumn({ nullable: true }) subtype!: string | null;
  @TextColumn({ nullable: true }) institutionId!: string | null;
  @TextColumn({ nullable: true }) institutionName!: string | null;
  @TextColumn({ nullable: true }) lastFour!: string | null;
  /** Which feed, which of its environments, and the account's id there. */
  @TextColumn({ nullable: true }) feed!: string | null;
  @TextColumn({ nullable: true }) environment!: string | null;
  @TextColumn({ nullable: true }) externalId!: string | null;
  @TextColumn({ nullable: true }) enrollmentId!: EnrollmentId | null;
  /** Of linked accounts: written by feeds/ where the bank gives nothing for it; null while it gives what it has, or has not been asked yet. */
  @TextColumn({ nullable: true }) feedStatus!: FeedStatus | null;
  /** The feed's word for why. */
  @TextColumn({ nullable: true }) feedStatusReason!: string | null;
  /** Of book accounts: the number that people use. */
  @TextColumn({ nullable: true }) accountNumber!: string | null;
  @TextColumn({ nullable: true }) systemRole!: string | null;
  /** How far below zero a book account may go. */
  @AmountColumn() overdraftLimit!: Amount;
  /** The latest balance: written by balances/ under this row's lock. Null until one is known. */
  @TextColumn({ nullable: true }) balanceId!: BalanceId | null;
  @AmountColumn({ nullable: true }) balanceAvailable!: Amount | null;
  @AmountColumn({ nullable: true }) balanceLedger!: Amount | null;
  @InstantColumn({ nullable: true }) balanceAsOf!: Instant | null;
  /** Goes up with every edit. */
  @CountColumn() version!: number;
  @InstantColumn() createdAt!: Instant;
  @InstantColumn() updatedAt!: Instant;
  @InstantColumn({ nullable: true }) closedAt!: Instant | null;
  /** The feed's own words: the exact JSON of the element. */
  @TextColumn({ nullable: true, unrecorded: true }) raw!: string | null;
  /** Of book accounts: the sum of its lines. The transfers themselves tell of it, so the record of changes does not. */
  @AmountColumn({ default: 0, unrecorded: true }) ledger!: Amount;
  /** Of book accounts: what is reserved by holds, and so cannot be spent. */
  @AmountColumn({ default: 0, unrecorded: true }) held!: Amount;
  @InstantColumn({ nullable: true, unrecorded: true }) lastLineAt!: Instant | null;
  /** Goes up whenever its money moves. */
  @CountColumn({ default: 0, unrecorded: true }) moneyVersion!: number;
}
