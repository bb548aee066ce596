import { IntersectionType, OmitType } from '@nestjs/swagger';
import { type AccountId, type TransactionId } from '../common/ids.js';
import { type CivilDate } from '../common/civil-date.js';
import { type Owner } from '../common/owner.js';
import {
  ChoiceField,
  CivilDateField,
  CurrencyField,
  DecimalField,
  IdField,
  OwnerField,
  TextField,
} from '../http/fields.js';
import { RowsField } from '../http/object-field.js';
import { PageQuery } from '../http/page.dto.js';
import { ENTRIES_MAX } from '../http/plain-json.js';
import { Problem } from '../http/problem.dto.js';
import { IdsField } from '../http/ids-field.js';
import { TRANSACTION_STATUSES, type TransactionStatus } from './account-transaction.entity.js';

const DESCRIPTION_MAX = 1_000;
const CATEGORY_MAX = 100;
const NOTES_MAX = 10_000;
const BULK_MAX = ENTRIES_MAX;

export class NewTransactionRequest {
  @IdField('account', { about: 'The manual account that the line is on.' })
  accountId!: AccountId;

  @CivilDateField({ about: 'The day of the line.', example: '2026-11-21' })
  date!: CivilDate;

  @DecimalField({ about: 'Money in > 0, money out < 0.' })
  amount!: string;

  @CurrencyField({ about: "The account's, where it is given at all.", optional: true })
  currency?: string;

  @TextField({ about: 'What it was for.', max: DESCRIPTION_MAX, example: 'Weekly groceries' })
  description!: string;

  @TextField({ about: 'Who paid or was paid.', max: 200, optional: true, nullable: true, example: 'Corner Market' })
  counterparty?: string | null;

  @TextField({ about: 'For totals.', max: CATEGORY_MAX, optional: true, nullable: true, example: 'groceries' })
  category?: string | null;

  @TextField({ about: 'For people.', max: NOTES_MAX, empty: true, optional: true, nullable: true })
  notes?: string | null;

  @ChoiceField(['pending', 'posted'], { about: '`posted` when left out.', optional: true })
  status?: Exclude<TransactionStatus, 'removed'>;

  @TextField({
    about: "The caller's own id for the line: taken once an account.",
    max: 200,
    optional: true,
    nullable: true,
  })
  externalId?: string | null;
}

/** Fields that are left out stay as they are. On accounts that are not manual only category and notes can be set. */
export class EditTransactionRequest {
  @CivilDateField({ about: 'The day of the line.', optional: true })
  date?: CivilDate;

  @DecimalField({ about: 'Money in > 0, money out < 0.', optional: true })
  amount?: string;

  @TextField({ about: 'What it was for.', max: DESCRIPTION_MAX, optional: true })
  description?: string;

  @TextField({ about: 'Who paid or was paid.', max: 200, optional: true, nullable: true })
  counterparty?: string | null;

  @TextField({
    about: 'For totals. A feed leaves alone what was set here.',
    max: CATEGORY_MAX,
    optional: true,
    nullable: true,
  })
  category?: string | null;

  @TextField({ about: 'For people.', max: NOTES_MAX, empty: true, optional: true, nullable: true })
  notes?: string | null;

  @ChoiceField(['pending', 'posted'], { about: 'Where the line stands.', optional: true })
  status?: Exclude<TransactionStatus, 'removed'>;
}

const BULK_MODES = ['atomic', 'independent'] as const;
export type BulkMode = (typeof BULK_MODES)[number];

const MODE_ABOUT =
  '`atomic`: all rows or none. `independent`: each row stands or falls by itself, and the answer says which.';

export class BulkCreateRequest {
  @ChoiceField(BULK_MODES, { about: MODE_ABOUT, example: 'independent' })
  mode!: BulkMode;

  @RowsField(NewTransactionRequest, { about: 'The lines.', min: 1, max: BULK_MAX })
  transactions!: unknown[];
}

export class BulkDeleteRequest {
  @ChoiceField(BULK_MODES, { about: MODE_ABOUT, example: 'independent' })
  mode!: BulkMode;

  @IdsField('transaction', { about: 'The lines.', min: 1, max: BULK_MAX })
  ids!: TransactionId[];
}

export class TransactionFilterQuery {
  @IdField('account', { about: 'Only lines of this account.', optional: true })
  accountId?: AccountId;

  @OwnerField({ about: "Only lines of this owner's accounts.", optional: true })
  owner?: Owner;

  @CivilDateField({ about: 'From this day on.', optional: true })
  from?: CivilDate;

  @CivilDateField({ about: 'Up to and with this day.', optional: true })
  to?: CivilDate;

  @DecimalField({ about: 'From this amount up. Goes with `accountId` or `currency`.', optional: true })
  minAmount?: string;

  @DecimalField({ about: 'Up to and with this amount. Goes with `accountId` or `currency`.', optional: true })
  maxAmount?: string;

  @CurrencyField({ about: 'Only lines in this currency.', optional: true })
  currency?: string;

  @TextField({ about: 'Only lines of this category.', max: CATEGORY_MAX, optional: true })
  category?: string;

  @ChoiceField(TRANSACTION_STATUSES, {
    about: 'Only lines of this status; all but removed ones when left out.',
    optional: true,
  })
  status?: TransactionStatus;

  @TextField({ about: 'Only lines whose counterparty contains this, whatever the case.', max: 200, optional: true })
  counterparty?: string;

  @TextField({
    about: 'Only lines whose description, counterparty or notes contain this, whatever the case.',
    max: 200,
    optional: true,
  })
  text?: string;
}

/** The filter, a page and an order. */
export class ListTransactionsQuery extends IntersectionType(TransactionFilterQuery, PageQuery) {
  @ChoiceField(['desc', 'asc'], { about: 'By date, then id: `desc`, newest first, when left out.', optional: true })
  order?: 'asc' | 'desc';
}

/** The account is named by the path. */
export class ListAccountTransactionsQuery extends OmitType(ListTransactionsQuery, ['accountId']) {}

const GROUPINGS = ['category', 'month', 'category,month'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export class TotalsQuery extends TransactionFilterQuery {
  @ChoiceField(GROUPINGS, { about: 'A row for each, beside the one for each currency.', optional: true })
  groupBy?: Grouping;
}

export class TransactionView {
  /** @example txn_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /** @example 2026-11-21 */
  date!: string;
  /** Money in > 0, money out < 0. @example "-12.34" */
  amount!: string;
  /** @example USD */
  currency!: string;
  /** @example Weekly groceries */
  description!: string;
  /** @example Corner Market */
  counterparty!: string | null;
  /** @example groceries */
  category!: string | null;
  notes!: string | null;
  /** `pending`, `posted` or, when the bank took it back, `removed`. */
  status!: TransactionStatus;
  /** The bank's own word. @example card_payment */
  type!: string | null;
  /** The account's ledger after this line, where the source says it. */
  runningBalance!: string | null;
  /** `feed`, `manual`, `file` or `transfer`. */
  source!: string;
  /** The source's own id. */
  externalId!: string | null;
  /** The transfer that it is a part of; null unless on a book account. @example trf_0192f0c1a2b37c4d8e9f00112233445566 */
  transferId!: string | null;
  /** Goes up with every change. */
  version!: number;
  createdAt!: string;
  updatedAt!: string;
}

export class TransactionList {
  data!: TransactionView[];
  nextCursor!: string | null;
}

export class TotalsRow {
  /** @example USD */
  currency!: string;
  /** Only when grouped by category; null for lines without one. */
  category?: string | null;
  /** `YYYY-MM`; only when grouped by month. */
  month?: string;
  /** The sum of what came in. @example "2500.00" */
  in!: string;
  /** The sum of what went out, as a negative amount. @example "-1820.15" */
  out!: string;
  /** `in` + `out`. @example "679.85" */
  net!: string;
  /** How many lines. */
  count!: number;
}

export class Totals {
  data!: TotalsRow[];
}

/** What became of one row, in the order of the request. */
export class BulkOutcome {
  /** The row's place in the request, from 0. */
  index!: number;
  /** `created`, `deleted` or `refused`. */
  outcome!: 'created' | 'deleted' | 'refused';
  /** The line, when it was created. */
  transaction?: TransactionView;
  /** The id, when it was deleted. */
  id?: string;
  /** Why it was refused. */
  problem?: Problem;
}

export class BulkResult {
  /** How many rows were written. */
  succeeded!: number;
  /** How many rows were refused. */
  refused!: number;
  data!: BulkOutcome[];
}
