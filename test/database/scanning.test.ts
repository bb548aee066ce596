// Long reads of a SQLite store: beside the event loop, within their time, ended when the store is closed, and again after the process has died.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { QueryTooSlow, StoreUnavailable } from '../../src/database/database.errors.js';
import { type Reader } from '../../src/database/reader.js';
import { Scanner } from '../../src/database/sqlite/scanner.js';
import { ownerless, sql, type Sql } from '../../src/database/sql.js';
import { startNode } from '../migrations/processes.js';
import { signalAll } from '../support/processes.mjs';
import { scanProcesses, untilBusy, untilGone } from './scan-processes.js';
import { ANN, EVERYBODY, specimen, Specimen, type SpecimenStore, specimenStore } from './specimens.js';

const COUNT = { n: 'number' } as const;
const ANYBODYS = ownerless('counting nobody’s rows');
const ENDLESS = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c';
/** Of a clock that is moved by hand, and a little by whoever waits meanwhile. */
const LIMIT_MS = 3_600_000;

/** Counts to a number, which takes about a second for ten million. */
function counting(to: number): Sql {
  return sql`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${to}) SELECT COUNT(*) FROM c WHERE ${ANYBODYS}`;
}
const scanTo = (to: number) => (reader: Reader) => reader.scan(counting(to), COUNT);
const LONG = 50_000_000;
const DAYS = 1e15;

const pathOf = ({ settings }: SpecimenStore): string => (settings.store.engine === 'sqlite' ? settings.store.path : '');

/** The process that comes of it. */
async function startedBy(path: string, scan: () => Promise<unknown>): Promise<number> {
  const before = scanProcesses(path);
  await scan();
  const [pid, ...more] = scanProcesses(path).filter((one) => !before.includes(one));
  expect([pid, more]).toEqual([expect.any(Number), []]);
  return pid!;
}

describe('on sqlite', () => {
  specimenStore('sqlite', (store) => {
    it('a long scan leaves the event loop to others', async () => {
      const other = await store.openAnother();
      const pid = await startedBy(pathOf(store), () => other.database.read(ANN, scanTo(1)));
      let isOver = false;
      const scanning = other.database
        .read(ANN, scanTo(LONG))
        .catch((error: unknown) => error)
        .finally(() => (isOver = true));
      await untilBusy(pid);
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('meanwhile')]));
      expect(isOver).toBe(false);
      await other.close();
      expect(await scanning).toBeInstanceOf(StoreUnavailable);
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

    it('ends what takes longer than DB_STATEMENT_TIMEOUT_MS', async () => {
      const { database } = await store.openAnother({ DB_STATEMENT_TIMEOUT_MS: '200' });
      await expect(database.read(ANN, scanTo(DAYS))).rejects.toThrow(QueryTooSlow);
    });

    it('refuses who waits when the store is closed', async () => {
      const other = await store.openAnother();
      const pid = await startedBy(pathOf(store), () => other.database.read(ANN, scanTo(1)));
      const scanning = other.database.read(ANN, scanTo(DAYS)).catch((error: unknown) => error);
      await untilBusy(pid);
      await other.close();
      expect(await scanning).toBeInstanceOf(StoreUnavailable);
      await untilGone(pid);
    });
  });
});

describe('a scanning process', () => {
  specimenStore('sqlite', (store) => {
    let scanner: Scanner;
    const open = (timeoutMs = 0): Scanner => (scanner = new Scanner(pathOf(store), timeoutMs));
    const started = (): Promise<number> => startedBy(pathOf(store), () => scanner.scan('SELECT 1', []));
    /** What it was refused with, or its rows. */
    const outcome = (text: string): Promise<unknown> => scanner.scan(text, []).catch((error: unknown) => error);
    afterEach(async () => {
      vi.useRealTimers();
      await scanner.close();
      expect(scanProcesses(pathOf(store))).toEqual([]);
    });

    it('that takes too long is ended, and what waited behind it is answered by another', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      open(LIMIT_MS);
      const pid = await started();
      const slow = outcome(ENDLESS);
      vi.advanceTimersByTime(LIMIT_MS / 2);
      const behind = outcome('SELECT 2');
      await untilBusy(pid);
      vi.advanceTimersByTime(LIMIT_MS / 2);
      expect(await slow).toBeInstanceOf(QueryTooSlow);
      await untilGone(pid);
      expect(await behind).toEqual([[2]]);
      expect(await outcome('SELECT 3')).toEqual([[3]]);
    });

    it('is ended when the store is closed before it has begun', async () => {
      open();
      const waiting = [outcome(ENDLESS), outcome('SELECT 2')];
      await scanner.close();
      for (const one of waiting) expect(await one).toBeInstanceOf(StoreUnavailable);
    });

    it('is ended when the store is closed in the middle of a statement', async () => {
      open();
      const pid = await started();
      const waiting = [outcome(ENDLESS), outcome('SELECT 2')];
      await untilBusy(pid);
      await scanner.close();
      for (const one of waiting) expect(await one).toBeInstanceOf(StoreUnavailable);
      await untilGone(pid);
    });

    it('is not started any more when the store has been closed', async () => {
      open();
      await scanner.close();
      const refused = outcome('SELECT 1');
      expect(scanProcesses(pathOf(store))).toEqual([]);
      expect(await refused).toBeInstanceOf(StoreUnavailable);
    });

    it('that dies refuses who waited for it, and another takes its place', async () => {
      open();
      const pid = await started();
      const waiting = [outcome(ENDLESS), outcome('SELECT 2')];
      await untilBusy(pid);
      process.kill(pid, 'SIGKILL');
      for (const one of waiting) {
        const refused = await one;
        expect(refused).toBeInstanceOf(StoreUnavailable);
        expect((refused as StoreUnavailable).cause).toMatchObject({ message: 'ended by SIGKILL' });
      }
      expect(await outcome('SELECT 3')).toEqual([[3]]);
    });

    it('is not ended by signals that are meant for the server', async () => {
      open();
      const pid = await started();
      const scanning = scanner.scan(counting(3_000_000).text('sqlite'), [3_000_000]);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal);
      expect(await scanning).toEqual([[3_000_000]]);
      expect(scanProcesses(pathOf(store))).toEqual([pid]);
    });

    it('is told nothing of the server’s environment but where temporary files go', async () => {
      open();
      const environment = readFileSync(`/proc/${await started()}/environ`, 'latin1').split('\0');
      const names = environment.map((one) => one.split('=')[0]!).filter((name) => !name.startsWith('NODE_'));
      for (const name of names) expect(name).toBeOneOf(['', 'TMPDIR', 'SQLITE_TMPDIR']);
    });

    it('that has no file says so, and is made good once there is one', async () => {
      scanner = new Scanner('/nonexistent/store.db', 0);
      for (let time = 0; time < 2; time++) {
        const refused = await outcome('SELECT 1');
        expect(refused).toBeInstanceOf(StoreUnavailable);
        expect((refused as StoreUnavailable).cause).toMatchObject({
          message: expect.stringContaining('directory does not exist'),
        });
      }
    });

    it('that cannot be started refuses who waits, and is started once it can be', async () => {
      open();
      const { execPath } = process;
      process.execPath = '/nonexistent/node';
      const refused = await outcome('SELECT 1').finally(() => (process.execPath = execPath));
      expect(refused).toBeInstanceOf(StoreUnavailable);
      expect((refused as StoreUnavailable).cause).toMatchObject({ code: 'ENOENT' });
      expect(await outcome('SELECT 1')).toEqual([[1]]);
    });
  });
});

describe('a server that has scanned', () => {
  specimenStore('sqlite', (store) => {
    const start = async (left: string) => {
      const { child, ended } = startNode('test/database/scan-parent.fixture.mjs', [pathOf(store), left], {});
      await once(child.stdout!, 'data');
      return { child, ended, pids: scanProcesses(pathOf(store)) };
    };

    it.each([
      ['in the middle of a statement', ENDLESS],
      ['while nothing is asked', 'idle'],
    ])('and is killed %s leaves no process behind', async (_when, left) => {
      const { child, pids } = await start(left);
      try {
        expect(pids).toHaveLength(1);
        if (left === ENDLESS) await untilBusy(pids[0]!);
        child.kill('SIGKILL');
        await untilGone(pids[0]!);
      } finally {
        // A test that fails leaves none behind, either.
        signalAll(pids, 'SIGKILL');
      }
    });

    it('and has nothing left to do ends, and its process with it', async () => {
      const { ended, pids } = await start('done');
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
      for (const pid of pids) await untilGone(pid);
    });
  });
});
