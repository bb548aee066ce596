// How far a store's schema is, against what this version knows. Readiness asks this; the runner asks history.ts, which knows more.
import { type Migration } from './migration.js';

/** `empty`: nothing was ever applied. `behind`: something is pending. `ahead`: all that is known is applied, and more. */
export type SchemaLevel = 'current' | 'behind' | 'ahead' | 'empty';

export const APPLIED_IDS_SQL = 'SELECT id FROM schema_migrations ORDER BY id';

export function levelOf(applied: readonly string[], known: readonly string[]): SchemaLevel {
  const pending = known.some((id) => !applied.includes(id));
  if (pending) return applied.length === 0 ? 'empty' : 'behind';
  return applied.some((id) => !known.includes(id)) ? 'ahead' : 'current';
}

/**
 * The level of a store, by one query of whatever connection the caller has.
 *
 * @param query runs a statement and gives rows as arrays; it throws what its driver throws
 */
export async function readSchemaLevel(
  query: (statement: string) => Promise<readonly (readonly unknown[])[]>,
  migrations: readonly Migration[],
): Promise<SchemaLevel> {
  const known = migrations.map(({ id }) => id);
  try {
    const rows = await query(APPLIED_IDS_SQL);
    return levelOf(
      rows.map(([id]) => String(id)),
      known,
    );
  } catch (error) {
    if (isMissingTable(error)) return levelOf([], known);
    throw error;
  }
}

function isMissingTable(error: unknown): boolean {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    const code = 'code' in inner ? inner.code : undefined;
    if (code === '42P01' || (code === 'SQLITE_ERROR' && inner.message.includes('no such table'))) return true;
  }
  return false;
}
