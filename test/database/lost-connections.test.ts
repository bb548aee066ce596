// Connections that break, deadlocks and servers that hang up: what is tried again, what is not, and what is never guessed.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import {
  OutcomeUnknown,
  QueryTooSlow,
  StoreBusy,
  StoreFull,
  StoreUnavailable,
} from '../../src/database/database.errors.js';
import { ATTEMPTS_MAX } from '../../src/database/retry.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { type OpenDatabase } from '../../src/database/standalone.js';
import { type Transaction } from '../../src/database/transaction.js';
import { Proxy } from '../support/proxy.js';
import { sharedPostgresUrl } from '../support/shared-postgres.js';
import { ANN, EVERYBODY, specimen, Specimen, specimenStore } from './specimens.js';

/** As the driver sends it: `READ COMMITTED` holds the same word. */
const COMMIT = 'COMMIT\0';
const ANYBODYS = ownerless('a test');
const pid = async (tx: Transaction) =>
  (await tx.query(sql`SELECT pg_backend_pid() WHERE ${ANYBODYS}`, { pid: 'number' }))[0]!.pid;
const plusOne = async (tx: Transaction, id: string): Promise<void> => {
  const [row] = await tx.lock(Specimen, [id]);
  await tx.update(Specimen, [{ key: { id }, set: { total: (row!.total + 1n) as Amount } }]);
};

describe('on postgres', () => {
  specimenStore('postgres', (store) => {
    let proxy: Proxy;
    let by: OpenDatabase;
    const url = () => (store.settings.store.engine === 'postgres' ? store.settings.store : undefined)!;
    const totalOf = async (id: string) => (await store.all()).find((row) => row.id === id)!.total;
    const through = (extra: Record<string, string> = {}) => {
      const direct = new URL(sharedPostgresUrl());
      direct.pathname = `/${url().database}`;
      return store.openAnother({ DATABASE_URL: proxy.urlOf(direct.href), ...extra });
    };

    beforeAll(async () => {
      proxy = await Proxy.to({ host: url().host, port: url().port });
      by = await through();
      await store.direct(
        'CREATE FUNCTION raise_error(code text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = code; END $$',
      );
    });
    afterAll(() => proxy.close());
    beforeEach(async () => {
      await store.empty();
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('a'), specimen('b')]));
    });

    it('a deadlock is survived: the one that was chosen runs again', async () => {
      const waiting = { arrived: 0, both: () => undefined as void };
      const bothThere = new Promise<void>((resolve) => (waiting.both = resolve));
      let runs = 0;
      const cross = (first: string, second: string) =>
        store.database.transact(ANN, async (tx) => {
          runs++;
          await plusOne(tx, first);
          if (++waiting.arrived === 2) waiting.both();
          await bothThere;
          await plusOne(tx, second);
        });
      await Promise.all([cross('a', 'b'), cross('b', 'a')]);
      expect([await totalOf('a'), await totalOf('b')]).toEqual([2n, 2n]);
      expect(runs).toBe(3);
    });

    it('what fails for a passing reason again and again ends, as StoreBusy', async () => {
      let runs = 0;
      const fails = store.database.transact(ANN, async (tx) => {
        runs++;
        await plusOne(tx, 'a');
        await tx.query(sql`SELECT 1 WHERE ${ANYBODYS} AND ${raising('40P01')}`, { n: 'number' });
      });
      await expect(fails).rejects.toThrow(StoreBusy);
      expect(runs).toBe(ATTEMPTS_MAX);
      expect(await totalOf('a')).toBe(0n);
    });

    it('a disk without room is refused by name, once, and nothing is written', async () => {
      let runs = 0;
      const fails = store.database.transact(ANN, async (tx) => {
        runs++;
        await plusOne(tx, 'a');
        await tx.query(sql`SELECT 1 WHERE ${ANYBODYS} AND ${raising('53100')}`, { n: 'number' });
      });
      await expect(fails).rejects.toThrow(StoreFull);
      expect(runs).toBe(1);
      expect(await totalOf('a')).toBe(0n);
    });

    it('a line cut before the commit is tried again, with one effect', async () => {
      // Of a prepared statement only the values go over the line.
      for (const [moment, expectedRuns] of [
        ['BEGIN', 1],
        ['{"a"}', 2],
        [COMMIT, 1],
      ] as const) {
        proxy.cutBefore(moment);
        const follow = vi.fn();
        let runs = 0;
        const adds = by.database.transact(ANN, async (tx) => {
          runs++;
          tx.afterCommit(follow);
          await plusOne(tx, 'a');
        });
        if (moment === COMMIT) await expect(adds).rejects.toThrow(OutcomeUnknown);
        else await adds;
        expect({ moment, runs, followed: follow.mock.calls.length }).toEqual({
          moment,
          runs: expectedRuns,
          followed: moment === COMMIT ? 0 : 1,
        });
      }
      expect(await totalOf('a')).toBe(2n);
    });

    it('an answer to COMMIT that never came is never guessed and never repeated', async () => {
      for (const [round, lose] of (['cutAfter', 'silenceAfter'] as const).entries()) {
        const { database } =
          lose === 'cutAfter' ? by : await through({ DB_POOL_SIZE: '1', DB_STATEMENT_TIMEOUT_MS: '1000' });
        proxy[lose](COMMIT);
        const follow = vi.fn();
        let runs = 0;
        const adds = database.transact(ANN, async (tx) => {
          runs++;
          tx.afterCommit(follow);
          await plusOne(tx, 'b');
        });
        await expect(adds).rejects.toThrow(OutcomeUnknown);
        expect({ runs, followed: follow.mock.calls.length }).toEqual({ runs: 1, followed: 0 });
        // It stands, as one sees by looking.
        expect(await totalOf('b')).toBe(BigInt(round + 1));
        await database.transact(ANN, (tx) => plusOne(tx, 'a'));
      }
    }, 30_000);

    it('a read whose line is cut is read again', async () => {
      for (const ask of [
        () => by.database.read(ANN, (reader) => reader.rows(Specimen).count()),
        () =>
          by.database.read(
            ANN,
            async (reader) => (await reader.select(Specimen, 's', sql`WHERE ${reader.owned('s')}`)).length,
          ),
        () => by.database.snapshot(ANN, (reader) => reader.rows(Specimen).count()),
      ]) {
        await ask();
        proxy.cutBefore('ann');
        expect(await ask()).toBe(2);
        proxy.cutAfter('ann');
        expect(await ask()).toBe(2);
        proxy.cutAll();
        expect(await ask()).toBe(2);
      }
    });

    it('a server that ends the connection in the middle of the work is asked again, on whichever way the work notices', async () => {
      const notices: ((tx: Transaction) => Promise<unknown>)[] = [
        (tx) => tx.lock(Specimen, ['a']),
        (tx) => tx.rows(Specimen).count(),
        (tx) => tx.insert(Specimen, [specimen('z')]),
        async () => undefined,
      ];
      for (const notice of notices) {
        for (const pause of [0, 50]) {
          let runs = 0;
          await store.database.transact(ANN, async (tx) => {
            if (++runs === 1) {
              await store.direct(`SELECT pg_terminate_backend(${await pid(tx)})`);
              await sleep(pause);
            }
            await notice(tx);
            await tx.delete(Specimen, [{ id: 'z' }]);
          });
          expect(runs).toBe(2);
        }
      }
    });

    it('a connection that was lost while nothing ran is known before COMMIT is said, so nothing is unknown', async () => {
      let runs = 0;
      await store.database.transact(ANN, async (tx) => {
        await plusOne(tx, 'a');
        if (++runs > 1) return;
        await store.direct(`SELECT pg_terminate_backend(${await pid(tx)})`);
        await sleep(100);
      });
      expect([runs, await totalOf('a')]).toEqual([2, 1n]);
    });

    it('a transaction that stands still for too long is ended, not repeated, and said to be too slow', async () => {
      const { database } = await store.openAnother({ DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: '150' });
      let runs = 0;
      const idles = database.transact(ANN, async (tx) => {
        runs++;
        await plusOne(tx, 'a');
        await sleep(500);
        await plusOne(tx, 'a');
      });
      await expect(idles).rejects.toThrow(QueryTooSlow);
      const forgets = database.transact(ANN, async (tx) => {
        runs++;
        await plusOne(tx, 'a');
        await sleep(500);
      });
      await expect(forgets).rejects.toThrow(QueryTooSlow);
      expect([runs, await totalOf('a')]).toEqual([2, 0n]);
      await database.transact(ANN, (tx) => plusOne(tx, 'a'));
    });

    it('a statement that runs too long is ended, not repeated, and the connection is as good as before', async () => {
      const { database } = await store.openAnother({
        DB_STATEMENT_TIMEOUT_MS: '200',
        DB_POOL_SIZE: '1',
        DB_MAX_OVERFLOW: '0',
      });
      const sleeps = sql`SELECT 1 FROM pg_sleep(30) WHERE ${ANYBODYS}`;
      let runs = 0;
      await expect(
        database.read(ANN, (reader) => {
          runs++;
          return reader.query(sleeps, { n: 'number' });
        }),
      ).rejects.toThrow(QueryTooSlow);
      await expect(
        database.transact(ANN, (tx) => {
          runs++;
          return tx.query(sleeps, { n: 'number' });
        }),
      ).rejects.toThrow(QueryTooSlow);
      await expect(
        database.snapshot(ANN, (reader) => {
          runs++;
          return reader.scan(sleeps, { n: 'number' });
        }),
      ).rejects.toThrow(QueryTooSlow);
      expect(runs).toBe(3);
      await database.transact(ANN, (tx) => plusOne(tx, 'a'));
    });

    it('a server that takes nobody is StoreUnavailable, and fine again by itself', async () => {
      proxy.refuse(true);
      proxy.cutAll();
      await expect(by.database.read(ANN, (reader) => reader.rows(Specimen).count())).rejects.toThrow(StoreUnavailable);
      await expect(by.database.transact(ANN, (tx) => plusOne(tx, 'a'))).rejects.toThrow(StoreUnavailable);
      proxy.refuse(false);
      await by.database.transact(ANN, (tx) => plusOne(tx, 'a'));
      expect(await totalOf('a')).toBe(1n);
    });

    it('a table whose columns changed their types meanwhile is read on, on every connection that had it prepared', async () => {
      const { database } = await store.openAnother();
      const read = () =>
        database.read(EVERYBODY, (reader) =>
          reader.select(Specimen, 's', sql`WHERE ${reader.owned('s')} ORDER BY s.id`),
        );
      const inTransaction = () =>
        database.transact(EVERYBODY, async (tx) => {
          await sleep(5);
          return tx.lock(Specimen, ['a', 'b']);
        });
      await Promise.all(Array.from({ length: 20 }, () => Promise.all([read(), inTransaction()])));
      await store.direct('ALTER TABLE specimens ALTER COLUMN note TYPE varchar(300) COLLATE "C"');
      const all = await Promise.all(Array.from({ length: 20 }, () => Promise.all([read(), inTransaction()])));
      for (const [read1, locked] of all) expect([read1.length, locked.length]).toEqual([2, 2]);
      await store.direct('ALTER TABLE specimens ALTER COLUMN note TYPE text COLLATE "C"');
      expect(await read()).toHaveLength(2);
    });
  });
});

/** A condition that fails with this SQLSTATE. */
function raising(code: string) {
  return sql`raise_error(${code}) IS NULL`;
}
