// Refusals about accounts, in the order in which they are tried.
import { Refusal, type RefusalKind } from '../common/domain-error.js';

/** There is none, or it is not the caller's. */
export class AccountNotFound extends Refusal {
  static readonly code: string = 'account_not_found';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such account';

  constructor(id: string) {
    super(`There is no account ${id}.`);
  }
}

export class CurrencyUnknown extends Refusal {
  static readonly code: string = 'currency_unknown';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The currency is not known here';
}

export class AmountInvalid extends Refusal {
  static readonly code: string = 'amount_invalid';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'The amount does not fit its currency or the limit';
}

export class AccountClosed extends Refusal {
  static readonly code: string = 'account_closed';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The account is closed';

  constructor(id: string) {
    super(`The account ${id} is closed.`);
  }
}

/** Only manual accounts are kept by hand. */
export class AccountNotManual extends Refusal {
  static readonly code: string = 'account_not_manual';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'Only a manual account is kept by hand';
}

/** Something that only a book account has was given for another kind. */
export class OverdraftNotBook extends Refusal {
  static readonly code: string = 'overdraft_not_book';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'Only a book account has that';
}

/** Money is moved between book accounts only, and only they have statements. */
export class AccountNotBook extends Refusal {
  static readonly code: string = 'account_not_book';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'Only a book account has money that is moved here';

  constructor(id: string, kind: string) {
    super(`The account ${id} is ${kind}: this service only mirrors it. Money is moved between book accounts.`);
  }
}

/** A linked account's owner and existence follow its enrollment. */
export class AccountIsLinked extends Refusal {
  static readonly code: string = 'account_is_linked';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The account follows its bank';
}

/** A book account with money in it. */
export class AccountNotEmpty extends Refusal {
  static readonly code: string = 'account_not_empty';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The account still holds money';
}

/** What the account owes, or holds for others, is more than the new limit would let it. */
export class OverdraftInUse extends Refusal {
  static readonly code: string = 'overdraft_in_use';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The account is further below zero already';

  constructor(id: string) {
    super(`The account ${id} is further below zero than this limit allows.`);
  }
}

/** Numbers are unique among all accounts of the installation. */
export class AccountNumberTaken extends Refusal {
  static readonly code: string = 'account_number_taken';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The number belongs to another account';

  constructor(number: string) {
    super(`The number ${number} belongs to another account.`);
  }
}

export const ACCOUNT_REFUSALS = [
  AccountNotFound,
  CurrencyUnknown,
  AmountInvalid,
  OverdraftNotBook,
  AccountNotManual,
  AccountIsLinked,
  AccountClosed,
  AccountNotBook,
  OverdraftInUse,
  AccountNotEmpty,
  AccountNumberTaken,
] as const;
