// read, snapshot and transact: what each sees, what each leaves behind, and that none outlives its work.
import { beforeEach, describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { FailureSwallowed, LeaveEnded } from '../../src/database/database.errors.js';
import { type Reader } from '../../src/database/reader.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { type Transaction } from '../../src/database/transaction.js';
import { ANN, eachSpecimenStore, EVERYBODY, specimen, Specimen, type SpecimenStore } from './specimens.js';

const COUNT = { n: 'number' } as const;
const NOBODYS = ownerless('a count over everything');
const countOf = async (reader: Reader): Promise<number> =>
  (await reader.query(sql`SELECT COUNT(*) FROM specimens WHERE ${NOBODYS}`, COUNT))[0]!.n;
const rowsOf = (reader: Reader): Promise<number> => reader.rows(Specimen).count();

eachSpecimenStore((store) => {
  beforeEach(() => store.empty());

  describe('a read', () => {
    it('never sees what a transaction beside it has not committed, by whichever way it reads', async () => {
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('a')]);
        expect([await countOf(tx), await rowsOf(tx)]).toEqual([1, 1]);
        await store.database.read(EVERYBODY, async (reader) => {
          expect([await countOf(reader), await rowsOf(reader)]).toEqual([0, 0]);
          expect(await reader.scan(sql`SELECT COUNT(*) FROM specimens WHERE ${NOBODYS}`, COUNT)).toEqual([{ n: 0 }]);
        });
      });
      expect(await store.database.read(ANN, countOf)).toBe(1);
    });

    it('sees what was committed before it, at once, hundreds of times over', async () => {
      for (let round = 0; round < 200; round++) {
        await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen(`r${round}`)]));
        const seen = await store.database.read(ANN, async (reader) => [await countOf(reader), await rowsOf(reader)]);
        expect(seen).toEqual([round + 1, round + 1]);
      }
      const scanned = await store.database.read(ANN, (reader) =>
        reader.scan(sql`SELECT COUNT(*) FROM specimens WHERE ${NOBODYS}`, COUNT),
      );
      expect(scanned).toEqual([{ n: 200 }]);
    });
  });

  describe('a snapshot', () => {
    it('holds one view while writes go on, from its very beginning', async () => {
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('a')]));
      await store.database.snapshot(EVERYBODY, async (reader) => {
        await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('b')]));
        expect([await countOf(reader), await rowsOf(reader)]).toEqual([1, 1]);
        await store.database.transact(ANN, (tx) => tx.delete(Specimen, [{ id: 'a' }]));
        const { id } = (await reader.rows(Specimen).findOne({ owner: ANN.owner }))!;
        expect([await countOf(reader), id]).toEqual([1, 'a']);
        expect(await reader.scan(sql`SELECT COUNT(*) FROM specimens WHERE ${NOBODYS}`, COUNT)).toEqual([{ n: 1 }]);
        await store.database.read(EVERYBODY, async (now) =>
          expect((await now.rows(Specimen).find()).map(({ id }) => id)).toEqual(['b']),
        );
      });
      expect(await store.database.snapshot(EVERYBODY, countOf)).toBe(1);
    });

    it('leaves the next one unharmed when its work fails', async () => {
      for (let round = 0; round < 12; round++) {
        await expect(store.database.snapshot(ANN, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
        await expect(
          store.database.snapshot(ANN, (reader) =>
            reader.query(sql`SELECT missing FROM nowhere WHERE ${NOBODYS}`, COUNT),
          ),
        ).rejects.toThrow();
      }
      expect(await store.database.snapshot(ANN, countOf)).toBe(0);
    });

    it('gives many at once each their own', async () => {
      const counts = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen(`s${index}`)]));
          return store.database.snapshot(ANN, async (reader) => (await countOf(reader)) === (await rowsOf(reader)));
        }),
      );
      expect(counts).toEqual(Array.from({ length: 20 }, () => true));
    });
  });

  describe('a transaction', () => {
    it('leaves nothing when its work fails, however far it came', async () => {
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('a', { note: 'before' })]));
      const fails = store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('b')]);
        await tx.update(Specimen, [{ key: { id: 'a' }, set: { note: 'after' } }]);
        await tx.upsert(Specimen, [specimen('c')]);
        await tx.delete(Specimen, [{ id: 'a' }]);
        throw new Error('changed my mind');
      });
      await expect(fails).rejects.toThrow('changed my mind');
      expect(await store.all()).toEqual([specimen('a', { note: 'before' })]);
    });

    it('gives back what its work gives', async () => {
      expect(await store.database.transact(ANN, async () => 42)).toBe(42);
      expect(await store.database.read(ANN, async () => 'read')).toBe('read');
      expect(await store.database.snapshot(ANN, async () => null)).toBeNull();
    });

    it('commits nothing when a statement failed and the error was swallowed', async () => {
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('a')]));
      const swallows = store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('b')]);
        await tx.insert(Specimen, [specimen('c'), specimen('a')]).catch(() => undefined);
      });
      await expect(swallows).rejects.toThrow(FailureSwallowed);
      expect((await store.all()).map(({ id }) => id)).toEqual(['a']);
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('d')]));
      expect(await store.database.read(ANN, countOf)).toBe(2);
    });
  });

  describe('a leave that has ended', () => {
    it('can do nothing any more, wherever it was carried', async () => {
      const kept = await keepAll(store);
      for (const reader of kept) {
        await expect(countOf(reader)).rejects.toThrow(LeaveEnded);
        await expect(rowsOf(reader)).rejects.toThrow(LeaveEnded);
        await expect(reader.rows(Specimen).find()).rejects.toThrow(LeaveEnded);
        await expect(reader.rows(Specimen).findOne({ id: 'a' })).rejects.toThrow(LeaveEnded);
        await expect(reader.scan(sql`SELECT 1 WHERE ${NOBODYS}`, COUNT)).rejects.toThrow(LeaveEnded);
        await expect(reader.select(Specimen, 's', sql`WHERE ${reader.owned('s')}`)).rejects.toThrow(LeaveEnded);
        await expect(reader.pick(Specimen, ['id'], 's', sql`WHERE ${reader.owned('s')}`)).rejects.toThrow(LeaveEnded);
      }
      for (const tx of kept.filter((reader): reader is Transaction => 'insert' in reader)) {
        await expect(tx.insert(Specimen, [specimen('z')])).rejects.toThrow(LeaveEnded);
        await expect(tx.upsert(Specimen, [specimen('z')])).rejects.toThrow(LeaveEnded);
        await expect(tx.update(Specimen, [{ key: { id: 'a' }, set: { note: 'z' } }])).rejects.toThrow(LeaveEnded);
        await expect(tx.delete(Specimen, [{ id: 'a' }])).rejects.toThrow(LeaveEnded);
        await expect(tx.lock(Specimen, ['a'])).rejects.toThrow(LeaveEnded);
        expect(() => tx.afterCommit(() => undefined)).toThrow(LeaveEnded);
      }
      expect(await store.all()).toEqual([]);
    });
  });

  describe('many at once on one row', () => {
    const WRITERS = 100;
    const totalOf = async (): Promise<bigint> => (await store.all())[0]!.total;

    beforeEach(() => store.database.transact(ANN, (tx) => tx.insert(Specimen, [specimen('sum')])));

    it('lose nothing when each locks first, then reads', async () => {
      await Promise.all(
        Array.from({ length: WRITERS }, () =>
          store.database.transact(ANN, async (tx) => {
            const [row] = await tx.lock(Specimen, ['sum']);
            await tx.update(Specimen, [{ key: { id: 'sum' }, set: { total: (row!.total + 1n) as Amount } }]);
          }),
        ),
      );
      expect(await totalOf()).toBe(BigInt(WRITERS));
    });

    it('lose money on PostgreSQL without the lock, and only there: it is the lock that keeps the books', async () => {
      await Promise.all(
        Array.from({ length: WRITERS }, () =>
          store.database.transact(ANN, async (tx) => {
            const row = await tx.rows(Specimen).findOne({ id: 'sum' });
            await tx.update(Specimen, [{ key: { id: 'sum' }, set: { total: (row!.total + 1n) as Amount } }]);
          }),
        ),
      );
      const total = await totalOf();
      if (store.engine === 'sqlite') expect(total).toBe(BigInt(WRITERS));
      else expect(total).toBeLessThan(BigInt(WRITERS));
    });

    it('see each other’s changes through `expected`, which leaves a row alone that changed meanwhile', async () => {
      const written = await Promise.all(
        Array.from({ length: 20 }, () =>
          store.database.transact(ANN, (tx) =>
            tx.update(Specimen, [{ key: { id: 'sum' }, set: { pieces: 1 }, expected: { pieces: 0 } }]),
          ),
        ),
      );
      expect(written.reduce((sum, count) => sum + count, 0)).toBe(1);
    });

    it('lock many rows in one order and never in each other’s way', async () => {
      const ids = Array.from({ length: 8 }, (_, index) => `m${index}`);
      await store.database.transact(ANN, (tx) =>
        tx.insert(
          Specimen,
          ids.map((id) => specimen(id)),
        ),
      );
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          store.database.transact(ANN, async (tx) => {
            const wanted = index % 2 === 0 ? ids : ids.toReversed();
            const rows = await tx.lock(Specimen, [...wanted, ...wanted]);
            expect(rows.map(({ id }) => id)).toEqual(ids);
            await tx.update(
              Specimen,
              rows.map(({ id, pieces }) => ({ key: { id }, set: { pieces: pieces + 1 } })),
            );
          }),
        ),
      );
      expect((await store.all()).filter(({ id }) => ids.includes(id)).map(({ pieces }) => pieces)).toEqual(
        ids.map(() => 60),
      );
    });

    it('roll back alone: the others’ rows stand', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 40 }, (_, index) =>
          store.database.transact(ANN, async (tx) => {
            await tx.insert(Specimen, [specimen(`n${String(index).padStart(2, '0')}`)]);
            if (index % 3 === 0) throw new Error('not this one');
          }),
        ),
      );
      const kept = outcomes.flatMap(({ status }, index) =>
        status === 'fulfilled' ? [`n${String(index).padStart(2, '0')}`] : [],
      );
      expect((await store.all()).map(({ id }) => id).filter((id) => id !== 'sum')).toEqual(kept);
      expect(kept).toHaveLength(26);
    });
  });
});

async function keepAll({ database }: SpecimenStore): Promise<Reader[]> {
  const kept: Reader[] = [];
  const keep = async (reader: Reader): Promise<void> => void kept.push(reader);
  await database.read(ANN, keep);
  await database.snapshot(ANN, keep);
  await database.transact(ANN, keep);
  const fails = database.transact(ANN, async (tx) => {
    await keep(tx);
    throw new Error('no');
  });
  await expect(fails).rejects.toThrow('no');
  return kept;
}
