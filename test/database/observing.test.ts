// The seam at which every write is seen: within its transaction, whole, and only what was written.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Owner } from '../../src/common/owner.js';
import { LeaveEnded } from '../../src/database/database.errors.js';
import { type RowChange, type Transaction, type WriteObserver } from '../../src/database/transaction.js';
import { ANN, eachSpecimenStore, EVERYBODY, Sighting, specimen, Specimen, Tag } from './specimens.js';

eachSpecimenStore((store) => {
  const removers: (() => void)[] = [];
  let told: [string, string, readonly (readonly unknown[])[]][] = [];

  const observe = (observer: WriteObserver): (() => void) => {
    const remove = store.database.observe(observer);
    removers.push(remove);
    return remove;
  };
  const note: WriteObserver = async (_tx, { entity, verb, keys }) => void told.push([entity.name, verb, keys]);
  const insert = (...ids: string[]) =>
    store.database.transact(ANN, (tx) =>
      tx.insert(
        Specimen,
        ids.map((id) => specimen(id)),
      ),
    );

  beforeEach(() => {
    told = [];
    return store.empty();
  });
  afterEach(() => {
    for (const remove of removers.splice(0)) remove();
  });

  it('is told of every row that a verb wrote, by its key', async () => {
    observe(note);
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('a'), specimen('b')]);
      await tx.upsert(Specimen, [specimen('b'), specimen('c')]);
      await tx.update(Specimen, [{ key: { id: 'a' }, set: { pieces: 1 } }]);
      await tx.delete(Specimen, [{ id: 'c' }]);
    });
    expect(told).toEqual([
      ['specimens', 'insert', [['a'], ['b']]],
      ['specimens', 'upsert', [['b'], ['c']]],
      ['specimens', 'update', [['a']]],
      ['specimens', 'delete', [['c']]],
    ]);
  });

  it('is told keys as the program holds them, whatever their kinds and the verb', async () => {
    await insert('a');
    observe(note);
    const key = { specimenId: 'a', day: '2026-11-21' as CivilDate, place: 7 };
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Sighting, [{ ...key, remark: null }]);
      await tx.upsert(Sighting, [{ ...key, remark: 'again' }]);
      await tx.update(Sighting, [{ key, set: { remark: 'n' } }]);
      await tx.delete(Sighting, [key]);
    });
    expect(told.map(([, , keys]) => keys)).toEqual(Array.from({ length: 4 }, () => [['a', '2026-11-21', 7]]));
  });

  it('is told nothing of verbs that wrote nothing, and of the rows that were written only', async () => {
    await insert('a', 'b');
    await store.database.transact(EVERYBODY, (tx) => tx.insert(Specimen, [specimen('x', { owner: 'bob' as Owner })]));
    observe(note);
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, []);
      await tx.upsert(Specimen, []);
      await tx.update(Specimen, [{ key: { id: 'none' }, set: { pieces: 1 } }]);
      await tx.update(Specimen, [{ key: { id: 'a' }, set: { pieces: 1 }, expected: { pieces: 5 } }]);
      await tx.delete(Specimen, [{ id: 'none' }]);
      await tx.lock(Specimen, ['a']);
      expect(told).toEqual([]);
      await tx.update(
        Specimen,
        ['x', 'a', 'none'].map((id) => ({ key: { id }, set: { pieces: 2 } })),
      );
      await tx.delete(Specimen, [{ id: 'x' }, { id: 'none' }, { id: 'b' }]);
    });
    expect(told).toEqual([
      ['specimens', 'update', [['a']]],
      ['specimens', 'delete', [['b']]],
    ]);
  });

  it('writes within the transaction: what it writes stands or falls with the row, and is told to nobody', async () => {
    observe(note);
    observe(async (tx, { entity, keys }) =>
      tx.insert(
        Tag,
        keys.map(([id]) => ({ subject: entity.name, tag: String(id) })),
      ),
    );
    const tags = () => store.database.read(EVERYBODY, (reader) => reader.rows(Tag).find({ order: { tag: 'ASC' } }));
    await insert('a', 'b');
    expect((await tags()).map(({ tag }) => tag)).toEqual(['a', 'b']);
    const fails = store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('c')]);
      expect(await tx.rows(Tag).count()).toBe(3);
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    expect((await tags()).map(({ tag }) => tag)).toEqual(['a', 'b']);
    expect(told.map(([name]) => name)).toEqual(['specimens', 'specimens']);
  });

  it('undoes everything by an error in it', async () => {
    observe(async (_tx, { keys }) => {
      if (keys.some(([id]) => id === 'b')) throw new Error('not b');
    });
    const fails = store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('a')]);
      await tx.insert(Specimen, [specimen('b')]);
    });
    await expect(fails).rejects.toThrow('not b');
    expect(await store.all()).toEqual([]);
  });

  it('sees each verb when several run at once in one transaction', async () => {
    const written: unknown[] = [];
    observe(async (tx, { keys }) => {
      await tx.lock(
        Specimen,
        keys.map(([id]) => String(id)),
      );
      written.push(...keys.map(([id]) => id));
      await tx.insert(
        Tag,
        keys.map(([id]) => ({ subject: 'seen', tag: String(id) })),
      );
    });
    await store.database.transact(ANN, (tx) =>
      Promise.all(['a', 'b', 'c', 'd'].map((id) => tx.insert(Specimen, [specimen(id)]))),
    );
    expect(written.sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('observes a transaction from its beginning or not at all, and not once it was taken away', async () => {
    let remove = (): void => undefined;
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('a')]);
      remove = observe(note);
      await tx.insert(Specimen, [specimen('b')]);
    });
    expect(told).toEqual([]);
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('c')]);
      remove();
      await tx.insert(Specimen, [specimen('d')]);
    });
    expect(told.flatMap(([, , keys]) => keys)).toEqual([['c'], ['d']]);
    await insert('e');
    expect(told).toHaveLength(2);
  });

  it('is taken away alone, however often it is asked for', async () => {
    const remove = observe(async () => undefined);
    observe(note);
    remove();
    remove();
    remove();
    await insert('a');
    expect(told).toHaveLength(1);
  });

  describe('of tables whose rows it wants', () => {
    let rows: RowChange[] = [];
    const noteRows: WriteObserver = async (_tx, written) => void rows.push(...written.rows);
    const observeRows = (): void => {
      rows = [];
      removers.push(store.database.observe(noteRows, ({ name }) => name === 'specimens'));
    };
    const byId = (all: readonly Specimen[]) => new Map(all.map((row) => [row.id, row]));

    it('is told each row before and after every verb, as the store has it', async () => {
      await insert('a', 'b', 'c');
      const before = byId(await store.all());
      observeRows();
      const changed = specimen('b', { pieces: 7, spare: 9n as Amount, dueDay: '2026-12-01' as CivilDate });
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('d')]);
        await tx.upsert(Specimen, [changed, specimen('e')]);
        await tx.update(Specimen, [{ key: { id: 'a' }, set: { note: 'n', isKnown: true, weight: null } }]);
        await tx.delete(Specimen, [{ id: 'c' }]);
        expect(await tx.insertNew(Specimen, specimen('f'))).toBe(true);
        expect(await tx.insertNew(Specimen, specimen('f', { label: 'other' }))).toBe(false);
      });
      const after = byId(await store.all());
      expect(rows).toEqual([
        { before: null, after: after.get('d') },
        { before: before.get('b'), after: after.get('b') },
        { before: null, after: after.get('e') },
        { before: before.get('a'), after: after.get('a') },
        { before: before.get('c'), after: null },
        { before: null, after: after.get('f') },
      ]);
    });

    it('is told what its own transaction wrote before, and of rows that were written only', async () => {
      await insert('a', 'b');
      observeRows();
      await store.database.transact(ANN, async (tx) => {
        await tx.update(Specimen, [{ key: { id: 'a' }, set: { pieces: 1 } }]);
        await tx.update(Specimen, [{ key: { id: 'a' }, set: { pieces: 2 } }]);
        await tx.update(Specimen, [{ key: { id: 'b' }, set: { pieces: 3 }, expected: { pieces: 8 } }]);
        await tx.update(Specimen, [{ key: { id: 'none' }, set: { pieces: 3 } }]);
        await tx.delete(Specimen, [{ id: 'none' }]);
      });
      const pieces = rows.map(({ before, after }) => [(before as Specimen).pieces, (after as Specimen).pieces]);
      expect(pieces).toEqual([
        [0, 1],
        [1, 2],
      ]);
    });

    it('is told of each row by its key, however many and in whichever order', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => `s${String((index * 7) % 300).padStart(3, '0')}`);
      await insert(...ids);
      observeRows();
      const keysTold: unknown[] = [];
      removers.push(store.database.observe(async (_tx, { keys }) => void keysTold.push(...keys.map(([id]) => id))));
      await store.database.transact(ANN, (tx) =>
        tx.update(
          Specimen,
          ids.map((id, index) => ({ key: { id }, set: { pieces: index } })),
        ),
      );
      const after = byId(await store.all());
      expect(rows.map(({ after: row }) => (row as Specimen).id)).toEqual(keysTold);
      expect(keysTold).toHaveLength(ids.length);
      for (const row of rows) expect(row.after).toEqual(after.get((row.after as Specimen).id));
    });

    it('costs tables of which nobody wants rows nothing', async () => {
      await insert('a');
      observeRows();
      let asked = 0;
      removers.push(store.database.observe(async (_tx, { rows: told2 }) => void (asked += told2.length)));
      const key = { specimenId: 'a', day: '2026-11-21' as CivilDate, place: 7 };
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Sighting, [{ ...key, remark: null }]);
        await tx.update(Sighting, [{ key, set: { remark: 'x' } }]);
        await tx.delete(Sighting, [key]);
      });
      expect([rows, asked]).toEqual([[], 0]);
    });

    it('is told the row as it is under the lock, whoever wrote it meanwhile', async () => {
      await insert('a');
      observeRows();
      const plusOne = () =>
        store.database.transact(ANN, async (tx) => {
          const [row] = await tx.lock(Specimen, ['a']);
          await tx.update(Specimen, [{ key: { id: 'a' }, set: { pieces: row!.pieces + 1 } }]);
        });
      await Promise.all(Array.from({ length: 10 }, plusOne));
      const pieces = rows.map(({ before, after }) => [(before as Specimen).pieces, (after as Specimen).pieces]);
      expect(pieces.sort(([x], [y]) => x! - y!)).toEqual(Array.from({ length: 10 }, (_, index) => [index, index + 1]));
    });
  });

  it('a name is held by one transaction at a time, until its end', async () => {
    const order: string[] = [];
    const holding = (who: string, ms: number) =>
      store.database.transact(ANN, async (tx) => {
        await tx.hold('the order of things');
        order.push(`${who} begins`);
        await sleep(ms);
        order.push(`${who} ends`);
      });
    await Promise.all([holding('a', 40), holding('b', 20), holding('c', 0)]);
    for (let index = 0; index < order.length; index += 2)
      expect(order[index]!.replace('begins', 'ends')).toBe(order[index + 1]);
    const other = await Promise.race([
      store.database.transact(ANN, async (tx) => {
        await tx.hold('one');
        if (store.engine === 'postgres') await store.database.transact(ANN, (another) => another.hold('another'));
        return 'both';
      }),
      sleep(5_000).then(() => 'stuck'),
    ]);
    expect(other).toBe('both');
  });

  it('of two that insert the same new row at once one has done it, and the other knows when that stands', async () => {
    const isNew = await Promise.all(
      Array.from({ length: 10 }, (_, nth) =>
        store.database.transact(ANN, async (tx) => {
          const mine = await tx.insertNew(Specimen, specimen('only', { label: `label ${nth}` }));
          const [there] = await tx.lock(Specimen, ['only']);
          return { nth, mine, label: there!.label };
        }),
      ),
    );
    const [winner] = isNew.filter(({ mine }) => mine);
    expect(isNew.filter(({ mine }) => mine)).toHaveLength(1);
    for (const { label } of isNew) expect(label).toBe(`label ${winner!.nth}`);
  });

  it('has nothing left to write with once the transaction has ended', async () => {
    let kept: Transaction | undefined;
    const followed: string[] = [];
    observe(async (tx) => {
      kept = tx;
      tx.afterCommit(() => void followed.push('observer'));
    });
    await store.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('a')]);
      tx.afterCommit(() => void followed.push('work'));
    });
    expect(followed).toEqual(['observer', 'work']);
    await expect(kept!.insert(Tag, [{ subject: 'a', tag: 'late' }])).rejects.toThrow(LeaveEnded);
  });
});
