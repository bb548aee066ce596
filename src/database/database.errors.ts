// What the store may refuse. Refusals reach the caller; the constraint errors are for the repository that knows what its constraint means.
import { Refusal, type RefusalKind } from '../common/domain-error.js';

/** The store cannot be reached, or the connection was lost before anything was committed. Nothing was written. */
export class StoreUnavailable extends Refusal {
  static readonly code: string = 'store_unavailable';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The store cannot be reached; nothing was written';
}

/** There is no room for another write. What is there can be read. Nothing was written. */
export class StoreFull extends Refusal {
  static readonly code: string = 'store_full';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The store has no room left; nothing was written';
}

/** No connection or no turn came free in time. Nothing was written. */
export class StoreBusy extends Refusal {
  static readonly code: string = 'store_busy';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The store is too busy; nothing was written';
}

/** A statement ran longer than it may. Nothing was written. */
export class QueryTooSlow extends Refusal {
  static readonly code: string = 'query_too_slow';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The query took longer than it may; nothing was written';
}

/** The connection was lost while COMMIT was under way: the write may stand or not. Read before writing again. */
export class OutcomeUnknown extends Refusal {
  static readonly code: string = 'outcome_unknown';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string =
    'The connection was lost during the commit: look whether the write stands before repeating it';
  override readonly mayHaveHappened = true;
}

export const DATABASE_REFUSALS = [StoreUnavailable, StoreFull, StoreBusy, QueryTooSlow, OutcomeUnknown] as const;

export type ConstraintKind = 'unique' | 'check' | 'foreign key' | 'not null';

/** A write broke a constraint. `constraint` is its name, or `table.column` of what may not be null; SQLite does not name foreign keys, and of a row that breaks several keys each engine names another. */
export class ConstraintViolated extends Error {
  constructor(
    readonly kind: ConstraintKind,
    readonly constraint: string | undefined,
    options: { cause: unknown },
  ) {
    super(`${kind} constraint ${constraint ?? '(unnamed)'} violated`, options);
    this.name = 'ConstraintViolated';
  }
}

/** True for a unique key of that name (`uq_accounts_owner_feed…`) or a primary key (`pk_accounts`). */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof ConstraintViolated && error.constraint === constraint;
}

/** A reader or transaction was used after its end: a bug of the caller. */
export class LeaveEnded extends Error {
  constructor() {
    super('This reader or transaction has ended; what it reads or writes now would belong to nobody.');
    this.name = 'LeaveEnded';
  }
}

/** Work went on after a statement of its transaction had failed, and then asked for the commit: a bug of the caller. */
export class FailureSwallowed extends Error {
  constructor() {
    super('A statement of this transaction failed and its error was swallowed; nothing was committed.');
    this.name = 'FailureSwallowed';
  }
}

/** What a write verb was given makes no sense on any engine: a bug of the caller. */
export class WriteMisformed extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'WriteMisformed';
  }
}

/** A query does not say whose rows it means, or a row belongs to somebody else than the leave: a bug of the caller. */
export class OwnerNotBound extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'OwnerNotBound';
  }
}
