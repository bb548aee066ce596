// The vitals of a SQLite file, read beside a server that has it.
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type SqliteTarget } from '../../config/store-target.js';
import { StoreUnavailable } from '../database.errors.js';
import { APPLIED_IDS_SQL, levelOf } from '../schema/level.js';
import { type StoreVitals } from '../vitals.js';
import { translateSqlite } from './sqlite-errors.js';

const ROUNDS = 5;

export async function sqliteVitals({ path }: SqliteTarget, known: readonly string[]): Promise<StoreVitals> {
  if (!existsSync(path))
    throw new StoreUnavailable(`There is no SQLite file at ${path}. "passbook migrate up" makes it.`);
  try {
    const file = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 0 });
    try {
      return { ...vitalsOf(file, known), ...roomOf(path), behindServer: undefined };
    } finally {
      file.close();
    }
  } catch (error) {
    throw translateSqlite(error);
  }
}

function vitalsOf(file: Sqlite.Database, known: readonly string[]) {
  const version = String(file.prepare('SELECT sqlite_version()').pluck().get());
  const hasHistory = file.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'");
  const applied = hasHistory.get() === undefined ? [] : file.prepare(APPLIED_IDS_SQL).pluck().all().map(String);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    file.prepare('SELECT COUNT(*) FROM sqlite_schema').get();
    return performance.now() - began;
  });
  return {
    server: `SQLite ${version}`,
    latencyMs: Math.min(...rounds),
    schema: levelOf(applied, known),
    pending: known.filter((id) => !applied.includes(id)).length,
  };
}

function roomOf(path: string): Pick<StoreVitals, 'sizeBytes' | 'freeBytes'> {
  const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const { bavail, bsize } = statfsSync(dirname(path));
  return { sizeBytes: sizeOf(path) + sizeOf(`${path}-wal`), freeBytes: bavail * bsize };
}
