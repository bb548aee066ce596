// What would run, and what it would do to a store in use: for reading before it happens.
import { type Direction } from './history.js';
import { isIrreversible, type Migration } from './migration.js';
import { lossOnTheWayBack, statementsOf } from './render-migration.js';
import { type Effect, type RowStep, type SchemaStep } from './step.js';
import { type Dialect } from './table.js';

export interface PlannedStep extends Effect {
  readonly title: string;
  readonly statements: readonly string[];
}

export interface PlannedMigration {
  readonly id: string;
  readonly kind: Migration['kind'];
  readonly direction: Direction;
  /** `one`: all steps and the note in one. `batches`: one a batch of rows. `none`: each statement by itself. */
  readonly transaction: 'one' | 'batches' | 'none';
  /** `with data loss`: the way back drops what was written meanwhile. */
  readonly reversible: 'yes' | 'with data loss' | 'no';
  /** Why it is not reversible, or what is lost. */
  readonly reason?: string;
  readonly steps: readonly PlannedStep[];
}

export function planOf(migrations: readonly Migration[], direction: Direction, dialect: Dialect): PlannedMigration[] {
  return migrations.map((migration) => {
    const { id, kind, down } = migration;
    const steps = direction === 'up' ? migration.up : isIrreversible(down) ? [] : down;
    return {
      id,
      kind,
      direction,
      transaction: transactionOf(migration, dialect),
      ...reversibility(migration, dialect),
      steps: steps.map((step) => planned(step, dialect)),
    };
  });
}

function transactionOf({ kind, transactional }: Migration, dialect: Dialect): PlannedMigration['transaction'] {
  if (kind === 'data') return 'batches';
  return transactional || dialect === 'sqlite' ? 'one' : 'none';
}

function reversibility(migration: Migration, dialect: Dialect): Pick<PlannedMigration, 'reversible' | 'reason'> {
  if (isIrreversible(migration.down)) return { reversible: 'no', reason: migration.down.irreversible };
  const loss = lossOnTheWayBack(migration, dialect);
  return loss === undefined ? { reversible: 'yes' } : { reversible: 'with data loss', reason: loss };
}

function planned(step: SchemaStep | RowStep, dialect: Dialect): PlannedStep {
  const statements = statementsOf(step, dialect);
  if ('effect' in step) return { title: step.title, statements, ...step.effect[dialect] };
  const lock = dialect === 'sqlite' ? 'write' : 'ROW EXCLUSIVE';
  return { title: step.title, statements, lock, rewrites: false, scans: true, losesData: step.losesData };
}
