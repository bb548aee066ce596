// Refusals about balances, in the order in which they are tried.
import { Refusal, type RefusalKind } from '../common/domain-error.js';

/** Neither available nor ledger was given. */
export class BalanceEmpty extends Refusal {
  static readonly code: string = 'balance_empty';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'A balance states at least one amount';

  constructor() {
    super('Give available, ledger or both.');
  }
}

export class BalanceInFuture extends Refusal {
  static readonly code: string = 'balance_in_future';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'A balance is not stated of a moment to come';
}

/** Another balance stands for this moment. */
export class BalanceAlreadyStated extends Refusal {
  static readonly code: string = 'balance_already_stated';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'Another balance was stated of this moment';
}

/** None was stated yet, or none by the moment asked for. */
export class BalanceUnknown extends Refusal {
  static readonly code: string = 'balance_unknown';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'No balance is known';
}

export const BALANCE_REFUSALS = [BalanceUnknown, BalanceEmpty, BalanceInFuture, BalanceAlreadyStated] as const;
