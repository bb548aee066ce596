// The pool: how many connections, how long one waits for one, when they are replaced, what they are called and what is said of their statements.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StoreBusy } from '../../src/database/database.errors.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { Gate } from '../support/gate.js';
import { ANN, eachSpecimenStore, specimen, Specimen, specimenStore } from './specimens.js';

const ANYBODYS = ownerless('a test');
const PID = sql`SELECT pg_backend_pid() WHERE ${ANYBODYS}`;

describe('on postgres', () => {
  specimenStore('postgres', (store) => {
    const connectionsOf = async (name: string): Promise<number> => {
      const rows = await store.direct(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = '${name}'`,
      );
      return Number(rows[0]!['n']);
    };

    it('holds DB_POOL_SIZE and DB_MAX_OVERFLOW connections, no more under any load, and lets the overflow go', async () => {
      const { database } = await store.openAnother({
        DB_POOL_SIZE: '2',
        DB_MAX_OVERFLOW: '3',
        DB_APPLICATION_NAME: 'bounded',
      });
      const gate = new Gate();
      const pids = new Set<number>();
      const reads = Array.from({ length: 20 }, () =>
        database.snapshot(ANN, async (reader) => {
          const [row] = await reader.query(PID, { pid: 'number' });
          pids.add(row!.pid);
          await gate.passed;
        }),
      );
      await expect.poll(() => pids.size, { timeout: 20_000 }).toBe(5);
      expect(await connectionsOf('bounded')).toBe(5);
      gate.open();
      await Promise.all(reads);
      expect(pids.size).toBe(5);
      await expect.poll(() => connectionsOf('bounded'), { timeout: 20_000, interval: 500 }).toBe(2);
    });

    it('of one connection serves everybody, one after another', async () => {
      const { database } = await store.openAnother({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0' });
      const counts = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          index % 3 === 0
            ? database.transact(ANN, (tx) => tx.upsert(Specimen, [specimen('one')]).then(() => 1))
            : index % 3 === 1
              ? database.read(ANN, (reader) => reader.rows(Specimen).count())
              : database.snapshot(ANN, (reader) => reader.rows(Specimen).count()),
        ),
      );
      expect(counts).toHaveLength(30);
    });

    it('that is used up is StoreBusy after DB_POOL_TIMEOUT, for reads, snapshots and writes, and no longer', async () => {
      const { database } = await store.openAnother({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0', DB_POOL_TIMEOUT: '1' });
      const begun = new Gate();
      const gate = new Gate();
      const holder = database.transact(ANN, () => {
        begun.open();
        return gate.passed;
      });
      await begun.passed;
      const began = performance.now();
      const outcomes = await Promise.allSettled([
        database.read(ANN, (reader) => reader.query(PID, { pid: 'number' })),
        database.read(ANN, (reader) => reader.rows(Specimen).count()),
        database.snapshot(ANN, (reader) => reader.rows(Specimen).count()),
        database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('never')])),
      ]);
      const took = performance.now() - began;
      for (const outcome of outcomes) expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(StoreBusy);
      expect(took).toBeGreaterThan(900);
      gate.open();
      await holder;
      expect(await database.read(ANN, (reader) => reader.rows(Specimen).count({ id: 'never' }))).toBe(0);
    });

    it('replaces a connection after DB_POOL_RECYCLE seconds, under load too, with no request lost', async () => {
      const { database } = await store.openAnother({ DB_POOL_SIZE: '1', DB_MAX_OVERFLOW: '0', DB_POOL_RECYCLE: '1' });
      const pids = new Set<number>();
      while (pids.size < 3) {
        const [row] = await database.read(ANN, (reader) => reader.query(PID, { pid: 'number' }));
        pids.add(row!.pid);
        await database.transact(ANN, (tx) => tx.upsert(Specimen, [specimen('load')]));
        await sleep(5);
      }
    });

    it('names its connections, and the probe’s', async () => {
      const { database, engine } = await store.openAnother({ DB_APPLICATION_NAME: 'the ledger' });
      await database.read(ANN, (reader) => reader.query(PID, { pid: 'number' }));
      await engine.probe.query('SELECT 1');
      expect(await connectionsOf('the ledger')).toBeGreaterThanOrEqual(1);
      expect(await connectionsOf('the ledger probe')).toBe(1);
    });

    it('prepares statements by name, or none where a pooler could not keep them', async () => {
      const prepared = sql`SELECT COUNT(*) FROM pg_prepared_statements WHERE ${ANYBODYS} AND name LIKE 'pb%'`;
      for (const [word, count] of [
        ['true', 1],
        ['false', 0],
      ] as const) {
        const { database } = await store.openAnother({
          DB_PREPARED_STATEMENTS: word,
          DB_POOL_SIZE: '1',
          DB_MAX_OVERFLOW: '0',
        });
        const rows = await database.read(
          ANN,
          async (reader) => (await reader.query(prepared, { n: 'number' }), reader.query(prepared, { n: 'number' })),
        );
        expect(rows).toEqual([{ n: count }]);
      }
    });

    it('tells the server its limits', async () => {
      const { database } = await store.openAnother({
        DB_STATEMENT_TIMEOUT_MS: '12345',
        DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: '23456',
      });
      const ask = sql`SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout') WHERE ${ANYBODYS}`;
      expect(await database.read(ANN, (reader) => reader.query(ask, { one: 'text', two: 'text' }))).toEqual([
        { one: '12345ms', two: '23456ms' },
      ]);
    });
  });
});

eachSpecimenStore((store) => {
  const secret = 'not to be seen in a log';

  async function linesOf(extra: Readonly<Record<string, string>>) {
    const lines = { log: [] as string[], warn: [] as string[] };
    const { database } = await store.openAnother(extra, {
      log: (line) => lines.log.push(line),
      warn: (line) => lines.warn.push(line),
    });
    await store.empty();
    lines.log.length = 0;
    await database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('e', { note: secret })]);
      await tx.update(Specimen, [{ key: { id: 'e' }, set: { label: secret } }]);
      await tx.lock(Specimen, ['e']);
      await tx.rows(Specimen).find({ where: { note: secret } });
    });
    await database.read(ANN, (reader) =>
      reader.query(sql`SELECT s.id FROM specimens s WHERE ${reader.owned('s')} AND s.note = ${secret}`, { id: 'text' }),
    );
    await database.read(ANN, (reader) => reader.rows(Specimen).findOne({ note: secret }));
    await database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('e', { note: secret })])).catch(() => undefined);
    return lines;
  }

  describe('the log of statements', () => {
    it('says every statement when it is asked to, TypeORM’s too, and no values', async () => {
      const { log, warn } = await linesOf({ DB_ECHO: 'true', DB_SLOW_QUERY_MS: '0' });
      for (const words of [
        /ms: INSERT INTO specimens/,
        /ms: UPDATE specimens/,
        /ms: SELECT .* WHERE .*owner/i,
        /"Specimen"/,
        /COMMIT|INSERT/,
      ]) {
        expect(log.some((line) => words.test(line))).toBe(true);
      }
      expect(warn).toEqual([]);
      expect(log.join('\n')).not.toContain(secret);
      for (const line of log) expect(line).toMatch(/^\d+\.\d ms: /);
    });

    it('says slow statements as warnings, and none of the others', async () => {
      const { log, warn } = await linesOf({ DB_SLOW_QUERY_MS: '1' });
      expect(log).toEqual([]);
      expect(warn.join('\n')).not.toContain(secret);
      const slow = await slowLines();
      expect(slow.warn).toHaveLength(1);
      expect(slow.warn[0]).toMatch(/^slow query, \d{3,}\.\d ms: /);
      expect(slow.log).toEqual([]);
    });

    it('says nothing where it is off', async () => {
      expect(await linesOf({ DB_SLOW_QUERY_MS: '0' })).toEqual({ log: [], warn: [] });
    });
  });

  async function slowLines() {
    const lines = { log: [] as string[], warn: [] as string[] };
    const { database } = await store.openAnother(
      { DB_SLOW_QUERY_MS: '100' },
      { log: (line) => lines.log.push(line), warn: (line) => lines.warn.push(line) },
    );
    const slow =
      store.engine === 'postgres'
        ? sql`SELECT 1 FROM pg_sleep(0.2) WHERE ${ANYBODYS}`
        : sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000) SELECT COUNT(*) FROM c WHERE ${ANYBODYS}`;
    await database.read(ANN, (reader) => reader.query(slow, { n: 'number' }));
    await database.read(ANN, (reader) => reader.rows(Specimen).count());
    return lines;
  }
});
