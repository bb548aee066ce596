// One line on one account.
import { type Amount } from '../common/amount.js';
import { type CivilDate } from '../common/civil-date.js';
import { type Instant } from '../common/clock.js';
import { type Currency } from '../common/currency.js';
import { type AccountId, type TransactionId, type TransferId } from '../common/ids.js';
import { type Owner } from '../common/owner.js';
import {
  AmountColumn,
  CivilDateColumn,
  CountColumn,
  FlagColumn,
  InstantColumn,
  Table,
  TextColumn,
} from '../database/schema/entity.js';

/** `removed`: the bank took it back. It stays for the record and counts nowhere. */
export const TRANSACTION_STATUSES = ['pending', 'posted', 'removed'] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

export const TRANSACTION_SOURCES = ['feed', 'manual', 'file', 'transfer'] as const;
export type TransactionSource = (typeof TRANSACTION_SOURCES)[number];

@Table('transactions', {
  recorded: {
    as: 'transaction',
    followed: true,
    goneWhen: { status: 'removed' },
    addedElsewhere: { source: 'transfer' },
  },
  indexes: [
    ['account_id', 'date', 'id'],
    ['owner', 'date', 'id'],
    ['date', 'id'],
  ],
  unique: [['account_id', 'external_id']],
  checks: {
    status: "status IN ('pending', 'posted', 'removed')",
    source: "source IN ('feed', 'manual', 'file', 'transfer')",
    version: 'version >= 1',
  },
})
export class AccountTransaction {
  @TextColumn({ key: true }) id!: TransactionId;
  @TextColumn() owner!: Owner;
  @TextColumn({ references: 'accounts' }) accountId!: AccountId;
  /** The day on which the bank dates it. */
  @CivilDateColumn() date!: CivilDate;
  /** Money in > 0, money out < 0. */
  @AmountColumn() amount!: Amount;
  /** The account's. */
  @TextColumn() currency!: Currency;
  @TextColumn() description!: string;
  @TextColumn({ nullable: true }) counterparty!: string | null;
  @TextColumn({ nullable: true }) category!: string | null;
  /** Whether a person set the category: a feed then leaves it alone. */
  @FlagColumn() categorySet!: boolean;
  @TextColumn({ nullable: true }) notes!: string | null;
  @TextColumn() status!: TransactionStatus;
  /** The bank's own word: card_payment, ach, transfer … */
  @TextColumn({ nullable: true }) type!: string | null;
  /** The account's ledger after this line, where the source says it. */
  @AmountColumn({ nullable: true }) runningBalance!: Amount | null;
  @TextColumn() source!: TransactionSource;
  /** The source's own id. */
  @TextColumn({ nullable: true }) externalId!: string | null;
  /** The id under which the bank listed it while it was pending, where that was another. */
  @TextColumn({ nullable: true }) pendingExternalId!: string | null;
  /** Description, counterparty and notes, folded, for search. */
  @TextColumn({ unrecorded: true }) searchText!: string;
  /** The counterparty, folded. */
  @TextColumn({ nullable: true, unrecorded: true }) counterpartyFolded!: string | null;
  @CountColumn() version!: number;
  @InstantColumn() createdAt!: Instant;
  @InstantColumn() updatedAt!: Instant;
  @TextColumn({ nullable: true, unrecorded: true }) raw!: string | null;
  /** The transfer that it is a part of. */
  @TextColumn({ nullable: true }) transferId!: TransferId | null;
}
