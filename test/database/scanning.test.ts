// Long reads of a SQLite store: beside the event loop, within their time, and again after the thread has died.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { QueryTooSlow, StoreUnavailable } from '../../src/database/database.errors.js';
import { type Reader } from '../../src/database/reader.js';
import { Scanner } from '../../src/database/sqlite/scanner.js';
import { ownerless, sql, type Sql } from '../../src/database/sql.js';
import { ANN, EVERYBODY, specimen, Specimen, specimenStore } from './specimens.js';

const COUNT = { n: 'number' } as const;
const ANYBODYS = ownerless('counting nobody’s rows');

/** Counts to a number, which takes about a second for ten million. */
function counting(to: number): Sql {
  return sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${to}) SELECT COUNT(*) FROM c WHERE ${ANYBODYS}`;
}
const scanTo = (to: number) => (reader: Reader) => reader.scan(counting(to), COUNT);
const DAYS = 1e15;

describe('on sqlite', () => {
  specimenStore('sqlite', (store) => {
    it('a long scan leaves the event loop to others', async () => {
      let longestGap = 0;
      let last = performance.now();
      const pulse = setInterval(() => {
        longestGap = Math.max(longestGap, performance.now() - last);
        last = performance.now();
      }, 5);
      const began = performance.now();
      const scanning = store.database.read(ANN, scanTo(6_000_000));
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('meanwhile')]));
      const wroteAfter = performance.now() - began;
      expect(await scanning).toEqual([{ n: 6_000_000 }]);
      const took = performance.now() - began;
      clearInterval(pulse);
      expect(took).toBeGreaterThan(300);
      expect(wroteAfter).toBeLessThan(took / 2);
      expect(longestGap).toBeLessThan(took / 2);
    });

    it('scans answer as queries do, in whichever order they are asked', async () => {
      await store.empty();
      await store.database.transact(ANN, (tx) =>
        tx.insert(Specimen, [specimen('a', { note: '😀' }), specimen('b', { isRare: true })]),
      );
      await store.database.read(ANN, async (reader) => {
        const rest = sql`WHERE ${reader.owned('s')} ORDER BY s.id`;
        expect(await reader.select(Specimen, 's', rest, { scan: true })).toEqual(
          await reader.select(Specimen, 's', rest),
        );
        const numbers = Array.from({ length: 30 }, (_, index) => index + 1);
        expect(
          (await Promise.all(numbers.map((to) => reader.scan(counting(to), COUNT)))).map(([row]) => row!.n),
        ).toEqual(numbers);
        await expect(reader.scan(sql`SELECT missing FROM nowhere WHERE ${ANYBODYS}`, COUNT)).rejects.toThrow(
          /no such table/,
        );
        expect(await scanTo(3)(reader)).toEqual([{ n: 3 }]);
      });
    });

    it('sees what was committed before it', async () => {
      await store.empty();
      for (let round = 1; round <= 20; round++) {
        await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen(`s${round}`)]));
        const rows = await store.database.read(EVERYBODY, (reader) =>
          reader.scan(sql`SELECT COUNT(*) FROM specimens WHERE ${ANYBODYS}`, COUNT),
        );
        expect(rows).toEqual([{ n: round }]);
      }
    });

    it('ends what takes too long, and only that: what waited behind it is answered', async () => {
      const { database } = await store.openAnother({ DB_STATEMENT_TIMEOUT_MS: '2500' });
      const slow = database.read(ANN, scanTo(DAYS));
      const began = performance.now();
      await sleep(1_000);
      const behind = database.read(ANN, scanTo(1000));
      await expect(slow).rejects.toThrow(QueryTooSlow);
      expect(performance.now() - began).toBeLessThan(4_000);
      expect(await behind).toEqual([{ n: 1000 }]);
      expect(await database.read(ANN, scanTo(10))).toEqual([{ n: 10 }]);
    });

    it('refuses who waits when the store is closed', async () => {
      const other = await store.openAnother();
      const scanning = other.database.read(ANN, scanTo(DAYS));
      await sleep(50);
      const closing = other.close();
      await expect(scanning).rejects.toThrow(StoreUnavailable);
      await closing;
    });
  });
});

describe('a thread that dies', () => {
  specimenStore('sqlite', (store) => {
    it('refuses who waited for it, and another takes its place', async () => {
      const path = store.settings.store.engine === 'sqlite' ? store.settings.store.path : '';
      const scanner = new Scanner(path, 0);
      expect(await scanner.scan('SELECT 1', [])).toEqual([[1]]);
      const text = counting(DAYS).text('sqlite');
      const waiting = [scanner.scan(text, [DAYS]), scanner.scan('SELECT 2', [])];
      await (scanner as unknown as { worker: Worker }).worker.terminate();
      for (const one of waiting) await expect(one).rejects.toThrow(StoreUnavailable);
      expect(await scanner.scan('SELECT 3', [])).toEqual([[3]]);
      await scanner.close();
    });

    it('because there is no file is told, and made good once there is one', async () => {
      const scanner = new Scanner('/nonexistent/store.db', 0);
      const error = await scanner.scan('SELECT 1', []).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailable);
      await expect(scanner.scan('SELECT 1', [])).rejects.toThrow(StoreUnavailable);
      await scanner.close();
    });
  });
});
