// Brings a store's schema up or down. Runners that race: one works, the others wait and find nothing left to do.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, epochMsOf } from '../../common/clock.js';
import { Refusal } from '../../common/domain-error.js';
import { type Direction, isApplied, makeHistory, noteApplied, noteDone, noteTakenBack, readLevel } from './history.js';
import { isIrreversible, type Migration } from './migration.js';
import { LockedOut, MigrationFailed } from './migration.errors.js';
import { checksumOf } from './render-migration.js';
import { runNextBatch } from './row-runner.js';
import { pendingUpTo, toTakeBack } from './route.js';
import { type SchemaSession } from './session.js';
import { type RowStep, type SchemaStep } from './step.js';

export interface RunnerOptions {
  /** The version of the program, for the history. */
  readonly appliedBy: string;
  readonly clock: Clock;
  /** How long to wait for another runner, and for each lock on a table. */
  readonly waitMs: number;
  /** Told what is going on, a line at a time. */
  readonly tell: (line: string) => void;
}

export interface Ran {
  readonly id: string;
  readonly direction: Direction;
  readonly tookMs: number;
}

const PAUSE_MS = 100;
const PAUSE_FOR_LOCK_MS = 500;
const TELL_ROWS_EVERY_MS = 5_000;

/**
 * Applies what is pending, up to and including `to`.
 *
 * @returns what this runner applied; nothing when there was nothing to do or another runner did it
 * @throws AppliedMigrationChanged | StoreAhead | OutOfOrder | HalfDone | NoSuchMigration | LockedOut | MigrationFailed | StoreInUse
 */
export async function up(
  session: SchemaSession,
  migrations: readonly Migration[],
  options: RunnerOptions & { readonly to?: string | undefined },
): Promise<Ran[]> {
  const next = async () => pendingUpTo(await readLevel(session, migrations), migrations, options.to);
  // Looked at first without any lock: nothing to do is no reason to stop a server or to wait for anybody.
  if (migrations.length > 0 && (await next()).length === 0) return [];
  return underLock(session, options, async () => {
    const ran: Ran[] = [];
    for (let [migration] = await next(); migration !== undefined; [migration] = await next()) {
      ran.push(...(await run(session, migration, 'up', options)));
    }
    return ran;
  });
}

/**
 * Takes back the last migration, or all after `to` (`0`: all).
 *
 * @throws StoreAhead | AppliedMigrationChanged | NoWayBack | DataWouldBeLost | HalfDone | NoSuchMigration | LockedOut | MigrationFailed | StoreInUse; all but the last three before anything is done
 */
export async function down(
  session: SchemaSession,
  migrations: readonly Migration[],
  options: RunnerOptions & { readonly to?: string | undefined; readonly allowDataLoss: boolean },
): Promise<Ran[]> {
  const wanted = async () => toTakeBack(await readLevel(session, migrations), migrations, session.dialect, options);
  if ((await wanted()).length === 0) return [];
  return underLock(session, options, async () => {
    const ran: Ran[] = [];
    for (const migration of await wanted()) ran.push(...(await run(session, migration, 'down', options)));
    return ran;
  });
}

async function underLock<T>(
  session: SchemaSession,
  { waitMs, tell }: RunnerOptions,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (let asked = 0; !(await session.tryLock()); asked++) {
    if (asked === 0) tell('Another runner is at work: waiting for it to end.');
    if (Date.now() >= deadline) throw new LockedOut(`Another runner was still at work after ${waitMs / 1000} s.`);
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
  try {
    await makeHistory(session);
    return await work();
  } finally {
    await session.unlock();
  }
}

/** One migration; empty when another runner, whom the lock did not keep out, was faster. */
async function run(
  session: SchemaSession,
  migration: Migration,
  direction: Direction,
  options: RunnerOptions,
): Promise<Ran[]> {
  const { id } = migration;
  const startedMs = epochMsOf(options.clock.now());
  if (!(await session.holdsLock()))
    throw new LockedOut('The connection that holds the lock was lost; nothing more is changed.');
  const tookMs = () => Math.max(0, epochMsOf(options.clock.now()) - startedMs);
  const note = async () => {
    const applied = {
      id,
      checksum: checksumOf(migration, session.dialect),
      appliedAt: options.clock.now(),
      tookMs: tookMs(),
      appliedBy: options.appliedBy,
    };
    await session.query(direction === 'up' ? noteApplied(applied) : noteTakenBack(id));
  };
  const isStillToDo = async () => {
    await session.lockHistory();
    return (await isApplied(session, id)) === (direction === 'down');
  };
  const did = await work(session, migration, direction, options, { isStillToDo, note });
  if (!did) return [];
  options.tell(`${direction === 'up' ? 'applied' : 'took back'} ${id} (${tookMs()} ms)`);
  return [{ id, direction, tookMs: tookMs() }];
}

interface Books {
  isStillToDo(): Promise<boolean>;
  note(): Promise<void>;
}

async function work(
  session: SchemaSession,
  migration: Migration,
  direction: Direction,
  options: RunnerOptions,
  books: Books,
): Promise<boolean> {
  const attempt = <T>(what: () => Promise<T>) => whileLockedOut(session, migration.id, options, what);
  if (migration.kind === 'data') {
    const steps = stepsOf<RowStep>(migration, direction);
    return runRows(session, { id: migration.id, direction, steps }, options, books, attempt);
  }
  const steps = stepsOf<SchemaStep>(migration, direction);
  const note = () =>
    attempt(() =>
      session.transaction(async () => {
        if (!(await books.isStillToDo())) return false;
        await books.note();
        return true;
      }),
    );
  if (!migration.transactional && session.dialect === 'postgres') {
    // Each step may be run again: what a crash or a lock that did not come leaves behind is cleared away by its own first statement.
    for (const step of steps) await attempt(() => runStatements(session, step));
    return note();
  }
  return attempt(() =>
    session.transaction(
      async () => {
        if (!(await books.isStillToDo())) return false;
        for (const step of steps) await runStatements(session, step);
        await books.note();
        return true;
      },
      { rebuilds: steps.some((step) => step.rebuildsOnSqlite) },
    ),
  );
}

function stepsOf<Step>(migration: Migration, direction: Direction): readonly Step[] {
  const steps = direction === 'up' ? migration.up : migration.down;
  if (isIrreversible(steps as Migration['down'])) throw new Error(`${migration.id} has no way back`);
  return steps as readonly Step[];
}

async function runStatements(session: SchemaSession, step: SchemaStep): Promise<void> {
  for (const statement of step.statements[session.dialect]) {
    try {
      await session.execute(statement);
    } catch (error) {
      if (session.isLockedOut(error) || error instanceof Refusal) throw error;
      throw new MigrationFailed(`${step.title}: ${messageOf(session.translate(error))}\n${statement}`, {
        cause: error,
      });
    }
  }
}

async function runRows(
  session: SchemaSession,
  rows: Parameters<typeof runNextBatch>[1],
  { tell }: RunnerOptions,
  books: Books,
  attempt: <T>(what: () => Promise<T>) => Promise<T>,
): Promise<boolean> {
  let done = 0;
  let toldAt = Date.now();
  for (;;) {
    const outcome = await attempt(() =>
      session.transaction(async () => {
        if (!(await books.isStillToDo())) return 'done by another';
        const count = await runNextBatch(session, rows);
        if (count !== undefined) return count;
        await books.note();
        await session.query(noteDone(rows.id));
        return 'done';
      }),
    );
    if (typeof outcome === 'string') return outcome === 'done';
    done += outcome;
    if (Date.now() - toldAt < TELL_ROWS_EVERY_MS) continue;
    toldAt = Date.now();
    tell(`${rows.id}: ${done} rows so far`);
  }
}

/** A lock on a table is waited for briefly (`lock_timeout`), so that readers and writers that queue behind go on; then it is asked for again. */
async function whileLockedOut<T>(
  session: SchemaSession,
  id: string,
  { waitMs, tell }: RunnerOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (let told = false; ; told = true) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refusal) throw named(id, error);
      if (!session.isLockedOut(error)) throw named(id, session.translate(error));
      const blockers = await session.blockers().catch(() => []);
      const by = blockers.length === 0 ? '' : ` In transactions just now:\n  ${blockers.join('\n  ')}`;
      if (Date.now() >= deadline)
        throw new LockedOut(`${id}: other sessions held a table for ${waitMs / 1000} s.${by}`, { cause: error });
      if (!told) tell(`${id} waits for a lock on a table.${by}`);
      await sleep(PAUSE_FOR_LOCK_MS * (1 + Math.random()));
    }
  }
}

function named(id: string, error: unknown): unknown {
  if (error instanceof Refusal && !(error instanceof MigrationFailed)) return error;
  return new MigrationFailed(`${id}: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
