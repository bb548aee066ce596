// What follows a commit: only a commit, once, and without power over it.
import { beforeEach, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '../../src/database/database.errors.js';
import { Database } from '../../src/database/database.js';
import { type Engine, type WritingConnection } from '../../src/database/engine.js';
import { ATTEMPTS_MAX } from '../../src/database/retry.js';
import { ANN, eachSpecimenStore, specimen, Specimen } from './specimens.js';

eachSpecimenStore((store) => {
  beforeEach(() => store.empty());

  it('runs in order once the rows stand for everybody', async () => {
    const seen: unknown[] = [];
    await store.database.transact(ANN, async (tx) => {
      tx.afterCommit(
        async () => void seen.push(await store.database.read(ANN, (reader) => reader.rows(Specimen).count())),
      );
      tx.afterCommit(() => void seen.push('second'));
      await tx.insert(Specimen, [specimen('a')]);
      expect(seen).toEqual([]);
    });
    expect(seen).toEqual([1, 'second']);
  });

  it('may write, in a transaction of its own', async () => {
    await store.database.transact(ANN, async (tx) => {
      tx.afterCommit(() => store.database.transact(ANN, (next) => next.insert(Specimen, [specimen('b')])));
      await tx.insert(Specimen, [specimen('a')]);
    });
    expect(await store.all()).toHaveLength(2);
  });

  it('does not run when the transaction fails, in its work or in its commit', async () => {
    const follow = vi.fn();
    const fails = store.database.transact(ANN, async (tx) => {
      tx.afterCommit(follow);
      await tx.insert(Specimen, [specimen('a')]);
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    const swallows = store.database.transact(ANN, async (tx) => {
      tx.afterCommit(follow);
      await tx.insert(Specimen, [specimen('a'), specimen('a')]).catch(() => undefined);
    });
    await expect(swallows).rejects.toThrow();
    expect(follow).not.toHaveBeenCalled();
  });

  it('fails alone: the commit stands, the rest follows, and the fault is told', async () => {
    const told: unknown[] = [];
    const engine = await engineOf(() => undefined);
    const database = new Database(engine, (message, error) => void told.push([message, error]));
    const next = vi.fn();
    const result = await database.transact(ANN, async (tx) => {
      tx.afterCommit(() => Promise.reject(new Error('late')));
      tx.afterCommit(() => {
        throw new Error('later');
      });
      tx.afterCommit(next);
      await tx.insert(Specimen, [specimen('a')]);
      return 'stands';
    });
    expect(result).toBe('stands');
    expect(next).toHaveBeenCalledTimes(1);
    expect(told.map((one) => (one as [string, Error])[1].message)).toEqual(['late', 'later']);
    expect(await store.all()).toHaveLength(1);
  });

  it('runs once when the transaction was repeated, and of the last attempt only', async () => {
    let attempt = 0;
    const engine = await engineOf(() => attempt < 3);
    const database = new Database(engine, () => undefined);
    const followed: number[] = [];
    await database.transact(ANN, async (tx) => {
      const mine = ++attempt;
      tx.afterCommit(() => void followed.push(mine));
      await tx.insert(Specimen, [specimen('a')]);
    });
    expect({ attempt, followed }).toEqual({ attempt: 3, followed: [3] });
    expect(await store.all()).toHaveLength(1);
  });

  it('is not reached when every attempt fails for a passing reason, which ends after a few', async () => {
    const follow = vi.fn();
    let attempts = 0;
    const database = new Database(await engineOf(() => true), () => undefined);
    const fails = database.transact(ANN, async (tx) => {
      attempts++;
      tx.afterCommit(follow);
    });
    await expect(fails).rejects.toThrow(StoreUnavailable);
    expect(attempts).toBe(ATTEMPTS_MAX);
    expect(follow).not.toHaveBeenCalled();
  });

  /** The store's engine, whose transactions fail for a passing reason as long as it is told so. */
  async function engineOf(failing: () => boolean | undefined): Promise<Engine> {
    const { engine } = await store.openAnother();
    const passing = new StoreUnavailable('for a moment');
    return {
      dialect: engine.dialect,
      read: (work) => engine.read(work),
      probe: engine.probe,
      loads: () => engine.loads(),
      open: () => engine.open(),
      close: () => engine.close(),
      transact: <T>(work: (connection: WritingConnection) => Promise<T>) =>
        engine.transact(async (connection) => {
          const result = await work(connection);
          if (failing() === true) throw passing;
          return result;
        }),
      snapshot: (work) => engine.snapshot(work),
      isPassing: (error) => error === passing || engine.isPassing(error),
      translate: (error) => engine.translate(error),
    };
  }
});
