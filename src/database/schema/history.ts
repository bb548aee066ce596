// What was applied to a store: the runner's own two tables, which no migration makes and none takes away.
import { type Instant } from '../../common/clock.js';
import { type Sql, sql } from '../sql.js';
import { createTableSql } from './ddl.js';
import { levelOf, type SchemaLevel } from './level.js';
import { type Migration } from './migration.js';
import { checksumOf } from './render-migration.js';
import { type SchemaSession, type SessionRow } from './session.js';
import { type Table } from './table.js';
import { table } from './table-builder.js';

/** One row a migration that is applied. */
const HISTORY = table('schema_migrations', (t) =>
  t.text('id').text('checksum').instant('applied_at').count('took_ms').text('applied_by'),
);

/** How far a change of rows has come that is under way: one row, or none. */
const PROGRESS = table('schema_migration_progress', (t) =>
  t
    .text('id')
    .text('direction')
    .count('step')
    .text('after_key', { nullable: true })
    .check('direction', "direction IN ('up', 'down')"),
);

/** Demanded of every store beside the tables of the entities. */
export const RUNNER_TABLES: readonly Table[] = [HISTORY, PROGRESS];

export type Direction = 'up' | 'down';

export interface Applied {
  readonly id: string;
  readonly checksum: string;
  readonly appliedAt: Instant;
  readonly tookMs: number;
  /** The version of the program that applied it. */
  readonly appliedBy: string;
}

export interface Progress {
  readonly id: string;
  readonly direction: Direction;
  /** Index of the step that is under way. */
  readonly step: number;
  /** The primary key of the last row that is done in it, as a JSON array; null before the first. */
  readonly afterKey: string | null;
}

export interface StoreLevel {
  readonly level: SchemaLevel;
  /** In the order of their ids, known or not. */
  readonly applied: readonly Applied[];
  readonly pending: readonly Migration[];
  /** Applied, and not known to this version. */
  readonly unknown: readonly Applied[];
  /** Applied, and no longer what was applied. */
  readonly changed: readonly Migration[];
  /** Pending although later ones are applied. */
  readonly skipped: readonly Migration[];
  readonly underWay: Progress | undefined;
}

/** Where a store stands. A store without any history is an empty one. */
export async function readLevel(session: SchemaSession, migrations: readonly Migration[]): Promise<StoreLevel> {
  const hasHistory = await session.hasTable(HISTORY.name);
  const applied = hasHistory ? await readApplied(session) : [];
  const underWay = hasHistory ? await readProgress(session) : undefined;
  return storeLevel(migrations, session.dialect, applied, underWay);
}

/** The same for a store that is not there yet. */
export function levelOfNothing(migrations: readonly Migration[]): StoreLevel {
  return storeLevel(migrations, 'sqlite', [], undefined);
}

function storeLevel(
  migrations: readonly Migration[],
  dialect: SchemaSession['dialect'],
  applied: readonly Applied[],
  underWay: Progress | undefined,
): StoreLevel {
  const byId = new Map(applied.map((row) => [row.id, row]));
  const known = new Set(migrations.map(({ id }) => id));
  const last = migrations.findLastIndex(({ id }) => byId.has(id));
  return {
    level: levelOf([...byId.keys()], [...known]),
    applied,
    pending: migrations.filter(({ id }) => !byId.has(id)),
    unknown: applied.filter(({ id }) => !known.has(id)),
    changed: migrations.filter((one) => byId.has(one.id) && byId.get(one.id)?.checksum !== checksumOf(one, dialect)),
    skipped: migrations.slice(0, Math.max(last, 0)).filter(({ id }) => !byId.has(id)),
    underWay,
  };
}

/** Makes the runner's tables where they are not there yet. Under the runner's lock only. */
export async function makeHistory(session: SchemaSession): Promise<void> {
  const missing: Table[] = [];
  for (const own of RUNNER_TABLES) if (!(await session.hasTable(own.name))) missing.push(own);
  if (missing.length === 0) return;
  await session.transaction(async () => {
    for (const statement of missing.flatMap((own) => createTableSql(own, session.dialect)))
      await session.execute(statement);
  });
}

export async function isApplied(session: SchemaSession, id: string): Promise<boolean> {
  return (await session.query(sql`SELECT 1 FROM schema_migrations WHERE id = ${id}`)).length > 0;
}

export function noteApplied({ id, checksum, appliedAt, tookMs, appliedBy }: Applied): Sql {
  return sql`INSERT INTO schema_migrations (id, checksum, applied_at, took_ms, applied_by)
             VALUES (${id}, ${checksum}, ${appliedAt}, ${tookMs}, ${appliedBy})`;
}

export function noteTakenBack(id: string): Sql {
  return sql`DELETE FROM schema_migrations WHERE id = ${id}`;
}

export function noteProgress({ id, direction, step, afterKey }: Progress): Sql {
  return sql`INSERT INTO schema_migration_progress (id, direction, step, after_key) VALUES (${id}, ${direction}, ${step}, ${afterKey})
             ON CONFLICT (id) DO UPDATE SET step = excluded.step, after_key = excluded.after_key`;
}

export function noteDone(id: string): Sql {
  return sql`DELETE FROM schema_migration_progress WHERE id = ${id}`;
}

export async function readProgress(session: SchemaSession): Promise<Progress | undefined> {
  const [row] = await session.query(
    sql`SELECT id, direction, step, after_key FROM schema_migration_progress ORDER BY id LIMIT 1`,
  );
  if (row === undefined) return undefined;
  const {
    id,
    direction,
    step,
    after_key: afterKey,
  } = row as { id: string; direction: Direction; step: number; after_key: string | null };
  return { id, direction, step: Number(step), afterKey };
}

async function readApplied(session: SchemaSession): Promise<readonly Applied[]> {
  const rows = await session.query(
    sql`SELECT id, checksum, applied_at, took_ms, applied_by FROM schema_migrations ORDER BY id`,
  );
  return rows.map((row: SessionRow) => ({
    id: String(row['id']),
    checksum: String(row['checksum']),
    appliedAt: (row['applied_at'] instanceof Date
      ? row['applied_at'].toISOString()
      : String(row['applied_at'])) as Instant,
    tookMs: Number(row['took_ms']),
    appliedBy: String(row['applied_by']),
  }));
}
