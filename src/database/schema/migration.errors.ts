// What the migration runner may refuse, each by its name.
import { Refusal, type RefusalKind } from '../../common/domain-error.js';

/** A statement of a migration failed; what it had done in its transaction was undone. */
export class MigrationFailed extends Refusal {
  static readonly code: string = 'migration_failed';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'A migration failed';
}

/** A migration was changed after it was applied here. */
export class AppliedMigrationChanged extends Refusal {
  static readonly code: string = 'applied_migration_changed';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'A migration is no longer what was applied to this store';
}

/** A migration is missing between others that are applied. */
export class OutOfOrder extends Refusal {
  static readonly code: string = 'migration_out_of_order';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'A migration comes before others that are already applied';
}

/** The store holds migrations that this version does not know. */
export class StoreAhead extends Refusal {
  static readonly code: string = 'store_ahead';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'The store has migrations that this version does not know';
}

/** A change of rows was cut off, and something else was asked for than to go on with it. */
export class HalfDone extends Refusal {
  static readonly code: string = 'migration_half_done';
  static readonly kind: RefusalKind = 'conflict';
  static readonly title: string = 'A change of rows was cut off and has to be finished first';
}

export class NoWayBack extends Refusal {
  static readonly code: string = 'migration_irreversible';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'A migration cannot be taken back';
}

/** Going back would lose data, and nobody said that it may. */
export class DataWouldBeLost extends Refusal {
  static readonly code: string = 'data_would_be_lost';
  static readonly kind: RefusalKind = 'rejected';
  static readonly title: string = 'Going back would lose data';
}

/** `--to` names no migration. */
export class NoSuchMigration extends Refusal {
  static readonly code: string = 'no_such_migration';
  static readonly kind: RefusalKind = 'malformed';
  static readonly title: string = 'There is no such migration';
}

/** Another runner, or sessions that hold a table, did not end in time. */
export class LockedOut extends Refusal {
  static readonly code: string = 'locked_out';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'The lock did not come free in time; nothing was changed by what waited for it';
}

/** PostgreSQL refuses the user, the password or the right to do this. */
export class NotPermitted extends Refusal {
  static readonly code: string = 'not_permitted';
  static readonly kind: RefusalKind = 'forbidden';
  static readonly title: string = 'The database does not permit this';
}
