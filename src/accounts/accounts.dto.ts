import { type Owner } from '../common/owner.js';
import {
  AccountNumberField,
  ChoiceField,
  CurrencyField,
  DecimalField,
  IdField,
  OwnerField,
  TextField,
} from '../http/fields.js';
import { ObjectField } from '../http/object-field.js';
import { PageQuery } from '../http/page.dto.js';
import {
  ACCOUNT_KINDS,
  ACCOUNT_STATUSES,
  ACCOUNT_TYPES,
  type AccountKind,
  type AccountStatus,
  type AccountType,
  type FeedStatus,
} from './account.entity.js';

const NAME_MAX = 200;

export class InstitutionRequest {
  @TextField({ about: "The bank's id.", max: 100, example: 'first_harbor' })
  id!: string;

  @TextField({ about: "The bank's name.", max: NAME_MAX, example: 'First Harbor Bank' })
  name!: string;
}

export class OpenAccountRequest {
  @ChoiceField(['manual', 'book'], {
    about:
      '`manual`: kept by hand or by file. `book`: this service is the bank, and only transfers change it. Linked accounts come from enrollments.',
    example: 'manual',
  })
  kind!: Exclude<AccountKind, 'linked'>;

  @TextField({ about: 'What people call it.', max: NAME_MAX, example: 'Household cash' })
  name!: string;

  @CurrencyField({ about: 'ISO 4217, or a private code of this installation. It never changes.' })
  currency!: string;

  @OwnerField({ about: "Whose it is. The key's own owner when left out, or `default`.", optional: true })
  owner?: Owner;

  @ChoiceField(ACCOUNT_TYPES, { about: 'What sort of account; `other` when left out.', optional: true })
  type?: AccountType;

  @TextField({ about: 'A finer word: checking, savings, credit_card …', max: 50, optional: true, example: 'checking' })
  subtype?: string;

  @ObjectField(InstitutionRequest, { about: 'The bank where it is.', optional: true })
  institution?: InstitutionRequest;

  @TextField({ about: 'The last digits of its number.', max: 4, optional: true, example: '4711' })
  lastFour?: string;

  @DecimalField({ about: 'How far below zero a book account may go; 0 when left out.', optional: true })
  overdraftLimit?: string;

  @AccountNumberField({
    about:
      "A book account's number, unique among all; one like `NC-7K2M-Q4XZ` is made when left out. It never changes.",
    optional: true,
  })
  accountNumber?: string;
}

/** Fields that are left out stay as they are. */
export class EditAccountRequest {
  @TextField({ about: 'What people call it.', max: NAME_MAX, optional: true })
  name?: string;

  @OwnerField({
    about: 'Whose it is from now on, with all its lines and balances. Only for keys that are bound to no owner.',
    optional: true,
  })
  owner?: Owner;

  @ChoiceField(ACCOUNT_STATUSES, { about: 'Closed accounts take no new lines.', optional: true })
  status?: AccountStatus;

  @DecimalField({ about: 'How far below zero a book account may go.', optional: true })
  overdraftLimit?: string;
}

export class ListAccountsQuery extends PageQuery {
  @ChoiceField(ACCOUNT_KINDS, { about: 'Only accounts of this kind.', optional: true })
  kind?: AccountKind;

  @ChoiceField(ACCOUNT_STATUSES, { about: 'Only accounts of this status.', optional: true })
  status?: AccountStatus;

  @TextField({ about: 'Only accounts at this bank.', max: 100, optional: true })
  institutionId?: string;

  @CurrencyField({ about: 'Only accounts in this currency.', optional: true })
  currency?: string;

  @IdField('enrollment', { about: 'Only accounts of this enrollment.', optional: true })
  enrollmentId?: string;

  @AccountNumberField({ about: 'Only the account with this number.', optional: true })
  accountNumber?: string;

  @TextField({ about: 'Only system accounts of this role: treasury, house …', max: 50, optional: true })
  systemRole?: string;

  @OwnerField({ about: "Only this owner's accounts.", optional: true })
  owner?: Owner;
}

export class InstitutionView {
  /** @example first_harbor */
  id!: string;
  /** @example First Harbor Bank */
  name!: string | null;
}

/** What an account holds, as last stated. */
export class LatestBalanceView {
  /** What may be spent. @example "1234.56" */
  available!: string | null;
  /** What the books say; a credit account's debt is negative. @example "1250.00" */
  ledger!: string | null;
  /** Of book accounts: what holds set aside. `available` is `ledger` less this. @example "0.00" */
  held!: string | null;
  /** @example USD */
  currency!: string;
  /** The moment of which it is said. @example 2026-11-21T08:39:31.123Z */
  asOf!: string;
}

/** What can be done about an account for which the bank gives nothing. */
export class AccountWayOutView {
  /** `ask_bank`: only the bank can change it. `enroll_again`: a new consent that has this account among those it is for. `wait`: nothing. */
  action!: 'ask_bank' | 'enroll_again' | 'wait';
  /** For the person. @example "First Harbor Bank has closed the account: its lines stay." */
  detail!: string;
}

/** How the bank takes questions about one account. Whether it takes any for the whole consent, the enrollment says. */
export class FeedStateView {
  /**
   * `following`: its balance and lines come in. `closed`: the bank has closed it. `unknown`: the bank does not know it by this consent any more.
   * `unreadable`: what the bank says of it cannot be taken. What was stored stays always; of what is closed or unknown it is looked once a day
   * whether it still is.
   */
  status!: 'following' | FeedStatus;
  /** The feed's own word for why, where it gives one. @example inactive */
  statusReason!: string | null;
  /** What can be done about it; null where nothing needs to be. */
  wayOut!: AccountWayOutView | null;
}

export class AccountView {
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string;
  owner!: string;
  /** `linked`, `manual` or `book`. */
  kind!: AccountKind;
  /** @example Everyday Checking */
  name!: string;
  /** @example USD */
  currency!: string;
  /** `open` or `closed`. */
  status!: AccountStatus;
  /** `depository`, `credit`, `cash` or `other`. */
  type!: AccountType;
  /** @example checking */
  subtype!: string | null;
  institution!: InstitutionView | null;
  /** @example "4711" */
  lastFour!: string | null;
  /** The feed that it comes from; null unless linked. @example sandbox */
  feed!: string | null;
  /** @example enr_0192f0c1a2b37c4d8e9f00112233445566 */
  enrollmentId!: string | null;
  /** The number that people use; null unless it is a book account. @example NC-7K2M-Q4XZ */
  accountNumber!: string | null;
  /** What this service itself keeps the account for: `treasury`, `house` … Null for everybody's. */
  systemRole!: string | null;
  /** Null unless linked. */
  feedState!: FeedStateView | null;
  /** How far below zero a book account may go; null for other kinds. @example "0.00" */
  overdraftLimit!: string | null;
  /** The latest balance; null until one is known. A book account has one from the beginning; the change feed tells it with transfers and holds, and not here. */
  balance!: LatestBalanceView | null;
  /** Goes up with every edit, and whenever the balance changes. */
  version!: number;
  createdAt!: string;
  updatedAt!: string;
  closedAt!: string | null;
}

export class AccountList {
  data!: AccountView[];
  nextCursor!: string | null;
}
