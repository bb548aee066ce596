// insert, upsert, update and delete: every kind of value, any number of rows, and only the rows that are meant.
import { beforeEach, describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Instant } from '../../src/common/clock.js';
import { type Owner } from '../../src/common/owner.js';
import { OwnerNotBound, WriteMisformed } from '../../src/database/database.errors.js';
import { sql } from '../../src/database/sql.js';
import { ANN, BOB, eachSpecimenStore, EVERYBODY, Sighting, specimen, Specimen, Tag } from './specimens.js';

const MAX = 10n ** 15n;

/** What trips those who write arrays, literals or JSON by hand. */
const TEXTS = [
  '',
  ' ',
  'NULL',
  'null',
  '{}',
  '{a,b}',
  '}',
  '"',
  '""',
  "'",
  "''",
  '\\',
  '\\\\',
  '\\n',
  'a,b',
  'a"b',
  "it's",
  '$1',
  '?',
  ':name',
  '%s',
  '--',
  ';',
  '\n',
  '\r\n',
  '\t',
  'ä',
  'é',
  'e\u0301',
  'ß',
  '日本語',
  '😀',
  '👨‍👩‍👧',
  '\u{10FFFF}',
  '\uFFFD',
  '\uFFEE',
  '\u200B',
  '\u0001',
  '\u007F',
  'ا',
  'true',
  'f',
  '0',
  '-0',
  '1e5',
  'x'.repeat(100_000),
];

const FULL: Specimen = specimen('full', {
  note: 'there',
  total: MAX as Amount,
  spare: -MAX as Amount,
  madeAt: '0001-01-01T00:00:00.000Z' as Instant,
  seenAt: '9999-12-31T23:59:59.999Z' as Instant,
  day: '0001-01-01' as CivilDate,
  dueDay: '9999-12-31' as CivilDate,
  pieces: 2_147_483_647,
  weight: -2_147_483_648,
  isRare: true,
  isKnown: false,
});

eachSpecimenStore((store) => {
  beforeEach(() => store.empty());

  /** The same rows by every way of reading. */
  async function expectAll(rows: readonly Specimen[]): Promise<void> {
    const sorted = [...rows].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
    expect(await store.all()).toEqual(sorted);
    await store.database.read(EVERYBODY, async (reader) => {
      const rest = sql`WHERE ${reader.owned('s')} ORDER BY s.id`;
      expect(await reader.select(Specimen, 's', rest)).toEqual(sorted);
      expect(await reader.select(Specimen, 's', rest, { scan: true })).toEqual(sorted);
    });
    const locked = await store.database.transact(EVERYBODY, (tx) =>
      tx.lock(
        Specimen,
        rows.map(({ id }) => id),
      ),
    );
    expect(locked).toEqual(sorted);
  }

  describe('values', () => {
    it('of every kind come back as they went in: limits, nulls, false, empty', async () => {
      const rows = [
        specimen('bare'),
        FULL,
        specimen('low', { total: -MAX as Amount, spare: 0n as Amount, note: '', weight: 0, isKnown: true }),
      ];
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, rows));
      await expectAll(rows);
    });

    it('of every kind are written by upsert and update too', async () => {
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('full'), specimen('other')]);
        await tx.upsert(Specimen, [FULL, specimen('new')]);
        const { id: _id, owner: _owner, label: _label, ...set } = FULL;
        expect(await tx.update(Specimen, [{ key: { id: 'other' }, set }])).toBe(1);
      });
      await expectAll([FULL, specimen('new'), { ...FULL, id: 'other', label: 'label of other' }]);
      const bare = specimen('full');
      await store.database.transact(ANN, (tx) => tx.upsert(Specimen, [bare]));
      await expectAll([bare, specimen('new'), { ...FULL, id: 'other', label: 'label of other' }]);
    });

    it('that are texts may hold anything, as values and as keys', async () => {
      const rows = TEXTS.map((text, index) =>
        specimen(`${index}${text.slice(0, 100)}`, { label: `${index}${text}`, note: text }),
      );
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, rows));
      await expectAll(rows);
      const changed = rows.map((row) => ({ ...row, note: `${row.note}!` }));
      await store.database.transact(ANN, async (tx) => {
        const changes = rows.map(({ id, note }) => ({ key: { id }, set: { note: `${note}!` }, expected: { note } }));
        expect(await tx.update(Specimen, changes)).toBe(rows.length);
      });
      await expectAll(changed);
      for (const { note } of changed) {
        const found = await store.database.read(ANN, (reader) => reader.rows(Specimen).find({ where: { note } }));
        expect(found.map((row) => row.note)).toEqual([note]);
      }
      await store.database.transact(ANN, async (tx) => {
        expect(
          await tx.delete(
            Specimen,
            rows.map(({ id }) => ({ id })),
          ),
        ).toBe(rows.length);
      });
      await expectAll([]);
    });

    it('are null where a nullable one is left out of a row', async () => {
      const { note: _note, spare: _spare, dueDay: _dueDay, ...row } = specimen('a');
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, [row as Specimen]));
      await expectAll([specimen('a')]);
    });
  });

  describe('numbers of rows', () => {
    it('may be none, which writes and tells nothing', async () => {
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, []);
        await tx.upsert(Specimen, []);
        expect([await tx.update(Specimen, []), await tx.delete(Specimen, []), await tx.lock(Specimen, [])]).toEqual([
          0,
          0,
          [],
        ]);
      });
      await expectAll([]);
    });

    it('may be ten thousand in one verb', async () => {
      const rows = Array.from({ length: 10_000 }, (_, index) =>
        specimen(`k${String(index).padStart(5, '0')}`, { total: BigInt(index) as Amount }),
      );
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, rows.slice(0, 9_000));
        await tx.upsert(Specimen, rows);
        expect(
          await tx.update(
            Specimen,
            rows.map(({ id, pieces }) => ({ key: { id }, set: { pieces: pieces + 1 } })),
          ),
        ).toBe(10_000);
      });
      const after = await store.all();
      expect(after).toHaveLength(10_000);
      expect(after.at(-1)).toEqual({ ...rows.at(-1)!, pieces: 1 });
      await store.database.transact(ANN, async (tx) =>
        expect(
          await tx.delete(
            Specimen,
            rows.map(({ id }) => ({ id })),
          ),
        ).toBe(10_000),
      );
      await expectAll([]);
    });
  });

  describe('an update', () => {
    beforeEach(() =>
      store.database.transact(EVERYBODY, (tx) =>
        tx.insert(Specimen, [
          specimen('a'),
          specimen('b', { note: 'n', isKnown: false, seenAt: '2026-01-01T00:00:00.000Z' as Instant }),
        ]),
      ),
    );

    it.each([
      ['null', 'a', { note: null, spare: null, seenAt: null, dueDay: null, weight: null, isKnown: null }, 1],
      [
        'values of every kind',
        'b',
        {
          note: 'n',
          total: 0n as Amount,
          madeAt: specimen('').madeAt,
          seenAt: '2026-01-01T00:00:00.000Z' as Instant,
          day: specimen('').day,
          pieces: 0,
          isRare: false,
          isKnown: false,
        },
        1,
      ],
      ['another text', 'b', { note: 'other' }, 0],
      ['null where there is a value', 'b', { note: null }, 0],
      ['a value where there is null', 'a', { isKnown: false }, 0],
      ['the other flag', 'b', { isKnown: true }, 0],
      ['a moment later', 'b', { seenAt: '2026-01-01T00:00:00.001Z' as Instant }, 0],
      ['one of two wrong', 'b', { note: 'n', pieces: 1 }, 0],
    ])('that expects %s', async (_, id, expected, count) => {
      await store.database.transact(ANN, async (tx) => {
        expect(await tx.update(Specimen, [{ key: { id }, set: { label: 'changed' }, expected }])).toBe(count);
      });
      expect((await store.all()).filter(({ label }) => label === 'changed')).toHaveLength(count);
    });

    it('counts only the rows that are there', async () => {
      await store.database.transact(ANN, async (tx) => {
        expect(
          await tx.update(
            Specimen,
            ['a', 'x', 'b'].map((id) => ({ key: { id }, set: { pieces: 7 } })),
          ),
        ).toBe(2);
        expect(
          await tx.delete(
            Specimen,
            ['x', 'a', 'a'].map((id) => ({ id })),
          ),
        ).toBe(1);
      });
      await expectAll([{ ...(await store.all())[0]!, id: 'b', pieces: 7 }]);
    });

    it.each([
      ['sets nothing', [{ key: { id: 'a' }, set: {} }]],
      ['sets a key', [{ key: { id: 'a' }, set: { id: 'c' } }]],
      ['sets undefined, which is not null', [{ key: { id: 'a' }, set: { note: undefined } }]],
      ['has no key', [{ key: {}, set: { note: 'n' } }]],
      ['expects undefined', [{ key: { id: 'a' }, set: { note: 'n' }, expected: { weight: undefined } }]],
      [
        'sets different columns',
        [
          { key: { id: 'a' }, set: { note: 'n' } },
          { key: { id: 'b' }, set: { note: 'n', weight: 1 } },
        ],
      ],
      [
        'sets fewer columns in the second change',
        [
          { key: { id: 'a' }, set: { note: 'n', weight: 1 } },
          { key: { id: 'b' }, set: { note: 'n' } },
        ],
      ],
      [
        'has a row twice',
        [
          { key: { id: 'a' }, set: { note: 'n' } },
          { key: { id: 'a' }, set: { note: 'm' } },
        ],
      ],
      ['sets what is no column', [{ key: { id: 'a' }, set: { colour: 'red' } as Partial<Specimen> }]],
    ])('is refused when it %s', async (_, changes) => {
      const before = await store.all();
      await expect(store.database.transact(ANN, (tx) => tx.update(Specimen, changes))).rejects.toThrow(WriteMisformed);
      expect(await store.all()).toEqual(before);
    });
  });

  describe('an upsert', () => {
    it('is refused when a key stands twice in it', async () => {
      const twice = store.database.transact(ANN, (tx) =>
        tx.upsert(Specimen, [specimen('a'), specimen('a', { note: 'n' })]),
      );
      await expect(twice).rejects.toThrow(WriteMisformed);
      await expectAll([]);
    });

    it('may be of a table that is all key', async () => {
      const tags: Tag[] = [
        { subject: 'a', tag: 'x' },
        { subject: 'a', tag: 'y' },
      ];
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Tag, tags.slice(0, 1));
        await tx.upsert(Tag, tags);
      });
      expect(
        await store.database.read(EVERYBODY, (reader) => reader.rows(Tag).find({ order: { tag: 'ASC' } })),
      ).toEqual(tags);
    });
  });

  describe('a key of several columns', () => {
    const at = (place: number, remark: string | null = null): Sighting => ({
      specimenId: 'a',
      day: '2026-11-21' as CivilDate,
      place,
      remark,
    });
    const sightings = () =>
      store.database.read(EVERYBODY, (reader) => reader.rows(Sighting).find({ order: { place: 'ASC' } }));

    it('is one row for upsert, update and delete', async () => {
      await store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('a')]);
        await tx.insert(Sighting, [at(1), at(2), at(-3)]);
        await tx.upsert(Sighting, [at(2, 'again'), at(4)]);
        const { remark: _remark, ...key } = at(1);
        expect(
          await tx.update(Sighting, [
            { key, set: { remark: 'first' } },
            { key: { ...key, day: '2026-11-22' as CivilDate }, set: { remark: 'no' } },
          ]),
        ).toBe(1);
        expect(await tx.delete(Sighting, [at(-3), at(9)])).toBe(1);
      });
      expect(await sightings()).toEqual([at(1, 'first'), at(2, 'again'), at(4)]);
    });
  });

  describe('another owner’s rows', () => {
    const bobs = specimen('b', { owner: 'bob' as Owner, note: 'mine' });

    beforeEach(() => store.database.transact(EVERYBODY, (tx) => tx.insert(Specimen, [specimen('a'), bobs])));

    it('are not there for update, delete and lock', async () => {
      await store.database.transact(ANN, async (tx) => {
        const both = ['a', 'b'];
        expect((await tx.lock(Specimen, both)).map(({ id }) => id)).toEqual(['a']);
        expect(
          await tx.update(
            Specimen,
            both.map((id) => ({ key: { id }, set: { note: 'ann was here' } })),
          ),
        ).toBe(1);
        expect(
          await tx.delete(
            Specimen,
            both.map((id) => ({ id })),
          ),
        ).toBe(1);
      });
      await expectAll([bobs]);
    });

    it('are refused by upsert, and with them the whole transaction', async () => {
      const steals = store.database.transact(ANN, async (tx) => {
        await tx.insert(Specimen, [specimen('c')]);
        await tx.upsert(Specimen, [specimen('d'), specimen('b', { note: 'stolen', label: 'stolen' })]);
      });
      await expect(steals).rejects.toThrow(OwnerNotBound);
      await expectAll([specimen('a'), bobs]);
    });

    it('are neither made nor given away by a leave of one owner', async () => {
      for (const verb of ['insert', 'upsert'] as const) {
        await expect(store.database.transact(ANN, (tx) => tx[verb](Specimen, [{ ...bobs, id: 'c' }]))).rejects.toThrow(
          OwnerNotBound,
        );
      }
      const gives = store.database.transact(ANN, (tx) =>
        tx.update(Specimen, [{ key: { id: 'a' }, set: { owner: 'bob' as Owner } }]),
      );
      await expect(gives).rejects.toThrow(OwnerNotBound);
      await expectAll([specimen('a'), bobs]);
      await store.database.transact(BOB, (tx) => tx.upsert(Specimen, [{ ...bobs, note: 'still mine' }]));
      await expectAll([specimen('a'), { ...bobs, note: 'still mine' }]);
    });

    it('are written by a leave of every owner', async () => {
      await store.database.transact(EVERYBODY, async (tx) => {
        expect(await tx.update(Specimen, [{ key: { id: 'a' }, set: { owner: 'bob' as Owner } }])).toBe(1);
        await tx.upsert(Specimen, [{ ...bobs, owner: 'ann' as Owner }]);
      });
      await expectAll([specimen('a', { owner: 'bob' as Owner }), { ...bobs, owner: 'ann' as Owner }]);
    });
  });
});
