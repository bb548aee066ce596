// Which migrations to run from where a store stands, or why none may be.
import {
  AppliedMigrationChanged,
  DataWouldBeLost,
  HalfDone,
  NoSuchMigration,
  NoWayBack,
  OutOfOrder,
  StoreAhead,
} from './migration.errors.js';
import { type Direction, type StoreLevel } from './history.js';
import { isIrreversible, type Migration } from './migration.js';
import { lossOnTheWayBack } from './render-migration.js';
import { type Dialect } from './table.js';

/** What `up` has to apply, in order. */
export function pendingUpTo(
  level: StoreLevel,
  migrations: readonly Migration[],
  to: string | undefined,
): readonly Migration[] {
  const target = to === undefined ? undefined : numberOf(to, migrations);
  const pending = level.pending.filter(({ number }) => target === undefined || number <= target);
  refuseHalfDone(level, 'up', level.pending[0]?.id);
  refuseChanged(level.changed);
  if (pending.length === 0) return [];
  if (level.unknown.length > 0) {
    throw new StoreAhead(
      `The store has ${namesOf(level.unknown)}, which this version does not know; ${namesOf(pending)} cannot be put before. Run the version that knows them all.`,
    );
  }
  if (level.skipped.length > 0) {
    const last = level.applied.at(-1)?.id ?? '';
    throw new OutOfOrder(
      `${namesOf(level.skipped)} would come after ${last}, which is applied already. Give a number after it, or take the later ones back first.`,
    );
  }
  return pending;
}

/** What `down` has to take back, the latest first: the last one, or all after `to`. */
export function toTakeBack(
  level: StoreLevel,
  migrations: readonly Migration[],
  dialect: Dialect,
  options: { readonly to?: string | undefined; readonly allowDataLoss: boolean },
): readonly Migration[] {
  const target = options.to === undefined ? undefined : numberOf(options.to, migrations);
  const latestFirst = [...level.applied].reverse();
  const back =
    target === undefined ? latestFirst.slice(0, 1) : latestFirst.filter(({ id }) => Number(id.slice(0, 4)) > target);
  const unknown = back.filter((applied) => level.unknown.includes(applied));
  if (unknown.length > 0) {
    throw new StoreAhead(
      `${namesOf(unknown)} (applied by version ${unknown[0]?.appliedBy}) is not known to this version, which cannot take it back. The version that knows it can.`,
    );
  }
  const known = back.flatMap(({ id }) => migrations.find((one) => one.id === id) ?? []);
  refuseHalfDone(level, 'down', known[0]?.id);
  refuseChanged(known.filter((one) => level.changed.includes(one)));
  for (const { id, down } of known)
    if (isIrreversible(down)) throw new NoWayBack(`${id} cannot be taken back: ${down.irreversible}`);
  const losses = known.flatMap((one) => {
    const loss = lossOnTheWayBack(one, dialect);
    return loss === undefined ? [] : [`${one.id} (${loss})`];
  });
  if (losses.length > 0 && !options.allowDataLoss) {
    throw new DataWouldBeLost(
      `Going back loses data: ${losses.join(', ')}. Back up the store; then say --allow-data-loss.`,
    );
  }
  return known;
}

/** The number of an id, of the digits of one (`0003`), or of a plain number; 0 is before all. @throws NoSuchMigration */
function numberOf(to: string, migrations: readonly Migration[]): number {
  if (/^0{1,4}$/.test(to)) return 0;
  const found = migrations.find(({ id, number }) => id === to || (/^\d{1,4}$/.test(to) && Number(to) === number));
  if (found === undefined)
    throw new NoSuchMigration(`No migration is called "${to}". There are ${namesOf(migrations)}.`);
  return found.number;
}

function refuseChanged(changed: readonly Migration[]): void {
  if (changed.length === 0) return;
  throw new AppliedMigrationChanged(
    `${namesOf(changed)} was changed after it was applied to this store. Put it back as it was, and say the change in a new migration.`,
  );
}

function refuseHalfDone({ underWay }: StoreLevel, direction: Direction, first: string | undefined): void {
  if (underWay === undefined || (underWay.direction === direction && underWay.id === first)) return;
  const way = underWay.direction === 'up' ? 'up' : 'down (of one step)';
  throw new HalfDone(
    `${underWay.id} was cut off on its way ${underWay.direction}. Run "${way}" with the version that knows it, which goes on where it stopped.`,
  );
}

function namesOf(some: readonly { readonly id: string }[]): string {
  return some.length === 0 ? 'none' : some.map(({ id }) => id).join(', ');
}
