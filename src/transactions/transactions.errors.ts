// Refusals about lines, in the order in which they are tried.
import { type Fault, Refusal, type RefusalKind } from '../common/domain-error.js';

/** There is none, or it is not the caller's. */
export class TransactionNotFound extends Refusal {
  static readonly code: string = 'transaction_not_found';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such transaction';

  constructor(id: string) {
    super(`There is no transaction ${id}.`);
  }
}

/** What a bank said is not edited; category and notes are. */
export class BankFactNotEditable extends Refusal {
  static readonly code: string = 'bank_fact_not_editable';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'What the bank says is not edited here';
}

export class CurrencyDiffers extends Refusal {
  static readonly code: string = 'currency_differs';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = "The currency is not the account's";
}

export class ExternalIdTaken extends Refusal {
  static readonly code: string = 'external_id_taken';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The account has a line with this external id already';
}

/** An atomic bulk request with at least one row that is refused: nothing was written. */
export class BulkRefused extends Refusal {
  static readonly code: string = 'bulk_refused';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'Some rows were refused; nothing was written';

  constructor(refusedRows: number, faults: readonly Fault[]) {
    super(`${refusedRows} ${refusedRows === 1 ? 'row was' : 'rows were'} refused, so that nothing was written.`, {
      faults,
    });
  }
}

export const TRANSACTION_REFUSALS = [
  TransactionNotFound,
  BankFactNotEditable,
  CurrencyDiffers,
  ExternalIdTaken,
  BulkRefused,
] as const;
