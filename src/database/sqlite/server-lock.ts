// One server process a SQLite store: a file beside it that the system unlocks by itself when the process ends, however it ends.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { Refusal, type RefusalKind } from '../../common/domain-error.js';
import { isBusy } from './sqlite-errors.js';

/** Another process has the store. */
export class StoreInUse extends Refusal {
  static readonly code: string = 'store_in_use';
  static readonly kind: RefusalKind = 'unavailable';
  static readonly title: string = 'Another process has this SQLite store';
}

export interface ServerLock {
  release(): void;
}

/** Takes `<path>.lock` until released or until the process ends. @throws StoreInUse when another process (or another server in this one) has it. */
export function lockStore(path: string): ServerLock {
  // An SQLite file of its own, exclusively locked: the one lock that works alike on every system that SQLite runs on.
  const lock = new Database(`${realPath(path)}.lock`, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error))
      throw new StoreInUse(`Another passbook process has ${path}. A SQLite store has one server at a time.`, {
        cause: error,
      });
    throw error;
  }
  return { release: () => lock.close() };
}

/** Whichever way the path is spelled, the file has one lock; also while it is still to be made. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}
