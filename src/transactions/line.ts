// A line from what is known of it: the fields that follow from others are made here and nowhere else.
import { type Amount } from '../common/amount.js';
import { type CivilDate } from '../common/civil-date.js';
import { type Instant } from '../common/clock.js';
import { type TransactionId } from '../common/ids.js';
import { foldText } from '../common/text.js';
import { type Account } from '../accounts/account.entity.js';
import {
  type AccountTransaction,
  type TransactionSource,
  type TransactionStatus,
} from './account-transaction.entity.js';

/** What a source says of a line. */
export interface LineFacts {
  readonly date: CivilDate;
  readonly amount: Amount;
  readonly description: string;
  readonly counterparty: string | null;
  readonly category: string | null;
  readonly status: TransactionStatus;
  readonly type: string | null;
  readonly runningBalance: Amount | null;
  readonly externalId: string | null;
  readonly raw: string | null;
}

export interface LineOrigin {
  readonly id: TransactionId;
  readonly source: TransactionSource;
  readonly now: Instant;
}

export function newLine(
  account: Account,
  facts: LineFacts,
  origin: LineOrigin,
  notes: string | null = null,
): AccountTransaction {
  return {
    ...facts,
    id: origin.id,
    owner: account.owner,
    accountId: account.id,
    currency: account.currency,
    categorySet: false,
    notes,
    source: origin.source,
    pendingExternalId: null,
    transferId: null,
    ...foldedOf({ ...facts, notes }),
    version: 1,
    createdAt: origin.now,
    updatedAt: origin.now,
  };
}

type Searched = Pick<AccountTransaction, 'description' | 'counterparty' | 'notes'>;

/** The columns that search looks at. */
export function foldedOf({
  description,
  counterparty,
  notes,
}: Searched): Pick<AccountTransaction, 'searchText' | 'counterpartyFolded'> {
  return {
    searchText: foldText([description, counterparty, notes].filter((text) => text !== null).join('\n')),
    counterpartyFolded: counterparty === null ? null : foldText(counterparty),
  };
}

/** The changes that make `line` so, with what follows from them; empty when it is so already. */
export function amended(
  line: AccountTransaction,
  wanted: Partial<AccountTransaction>,
  now: Instant,
): Partial<AccountTransaction> {
  const entries = Object.entries(wanted).filter(
    ([property, value]) => value !== undefined && line[property as keyof AccountTransaction] !== value,
  );
  if (entries.length === 0) return {};
  const set = Object.fromEntries(entries) as Partial<AccountTransaction>;
  return { ...set, ...foldedOf({ ...line, ...set }), version: line.version + 1, updatedAt: now };
}
