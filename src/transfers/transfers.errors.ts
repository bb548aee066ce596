// Refusals about money that moves, in the order in which they are tried.
import { Refusal, type RefusalKind } from '../common/domain-error.js';

/** There is none, or none of its lines is the caller's. */
export class TransferNotFound extends Refusal {
  static readonly code: string = 'transfer_not_found';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such transfer';

  constructor(id: string) {
    super(`There is no transfer ${id}.`);
  }
}

export class HoldNotFound extends Refusal {
  static readonly code: string = 'hold_not_found';
  static readonly kind: RefusalKind = 'not_found';
  static readonly title: string = 'There is no such hold';

  constructor(id: string) {
    super(`There is no hold ${id}.`);
  }
}

/** Another transfer or hold stands under the id that the client made. */
export class TransferIdTaken extends Refusal {
  static readonly code: string = 'transfer_id_taken';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The id stands for something else';

  constructor(id: string) {
    super(`${id} stands for something else: make a new id for something new.`);
  }
}

export class AccountsMustDiffer extends Refusal {
  static readonly code: string = 'accounts_must_differ';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'Money moves between different accounts';

  constructor() {
    super('A transfer is between at least two different accounts.');
  }
}

export class AmountNotPositive extends Refusal {
  static readonly code: string = 'amount_not_positive';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The amount moves nothing';

  constructor(pointer: string, detail: string) {
    super(`${pointer} ${detail}.`, { faults: [{ pointer, detail }] });
  }
}

export class LegsUnbalanced extends Refusal {
  static readonly code: string = 'legs_unbalanced';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The legs do not sum to zero';

  constructor(currency: string, sum: string) {
    super(`The legs in ${currency} sum to ${sum}: money neither comes from nowhere nor goes there.`);
  }
}

/** A part of what a hold reserved, and not more. */
export class CaptureTooLarge extends Refusal {
  static readonly code: string = 'capture_too_large';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'More than is held cannot be captured';

  constructor(held: string) {
    super(`The hold is over ${held}.`);
  }
}

export class HoldExpiresInPast extends Refusal {
  static readonly code: string = 'hold_expires_in_past';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'The hold would have expired already';

  constructor() {
    super('The moment lies in the past.', { faults: [{ pointer: '/expiresAt', detail: 'must lie in the future' }] });
  }
}

/** What is taken back is not taken back again: a new transfer says what is meant. */
export class TransferIsReversal extends Refusal {
  static readonly code: string = 'transfer_is_reversal';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'A reversal is not reversed';

  constructor(id: string) {
    super(`The transfer ${id} takes another one back: make a new transfer instead.`);
  }
}

/** Captured, released or expired: what became of it is in its status. */
export class HoldNotActive extends Refusal {
  static readonly code: string = 'hold_not_active';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The hold has ended';

  constructor(id: string, status: string) {
    super(`The hold ${id} is ${status}.`);
  }
}

/** The account's ledger, less what is held, would pass its overdraft limit. */
export class InsufficientFunds extends Refusal {
  static readonly code: string = 'insufficient_funds';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'There is not enough money';

  constructor(id: string) {
    super(`The account ${id} has not enough money for this.`);
  }
}

/** A balance beyond what an amount can be. */
export class LimitExceeded extends Refusal {
  static readonly code: string = 'limit_exceeded';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'A balance would pass the limit of all amounts';

  constructor(id: string) {
    super(`The balance of ${id} would pass 10^15 minor units, the limit of every amount.`);
  }
}

export const TRANSFER_REFUSALS = [
  TransferNotFound,
  HoldNotFound,
  TransferIdTaken,
  HoldExpiresInPast,
  TransferIsReversal,
  HoldNotActive,
  AccountsMustDiffer,
  AmountNotPositive,
  LegsUnbalanced,
  CaptureTooLarge,
  InsufficientFunds,
  LimitExceeded,
] as const;
