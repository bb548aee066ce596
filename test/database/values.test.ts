// Money, moments, days and order are the same in both stores, whatever the server is told of time zones and dates.
import { LessThan, In, MoreThanOrEqual, Not } from 'typeorm';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Instant } from '../../src/common/clock.js';
import { type Reader } from '../../src/database/reader.js';
import { instantFromPostgres } from '../../src/database/shape.js';
import { ownerless, sql, sqlText } from '../../src/database/sql.js';
import { ANN, eachSpecimenStore, EVERYBODY, specimen, Specimen, specimenStore } from './specimens.js';

const MAX = 10n ** 15n;
const ANYBODYS = ownerless('a test');

const MOMENTS = [
  '0001-01-01T00:00:00.000Z',
  '0099-12-31T23:59:59.999Z',
  '1582-10-10T12:00:00.000Z',
  '1883-11-18T20:00:00.001Z',
  '1899-12-31T23:59:59.999Z',
  '1969-12-31T23:59:59.100Z',
  '1970-01-01T00:00:00.000Z',
  '2026-03-29T01:30:00.000Z',
  '2026-10-25T01:30:00.010Z',
  '9999-12-31T23:59:59.999Z',
].map((moment) => moment as Instant);

const asRows = MOMENTS.map((moment, index) =>
  specimen(`m${index}`, { madeAt: moment, seenAt: moment, day: moment.slice(0, 10) as unknown as CivilDate }),
);

const shape = { madeAt: 'instant', day: 'date' } as const;
async function momentsBy(reader: Reader): Promise<unknown[]> {
  const rest = sql`FROM specimens s WHERE ${ANYBODYS} ORDER BY s.id`;
  const queried = await reader.query(sql`SELECT s.made_at, s.day ${rest}`, shape);
  const scanned = await reader.scan(sql`SELECT s.made_at, s.day ${rest}`, shape);
  const found = (await reader.rows(Specimen).find({ order: { id: 'ASC' } })).map(({ madeAt, day }) => ({
    madeAt,
    day,
  }));
  return [queried, scanned, found];
}
const expectedMoments = Array.from({ length: 3 }, () => asRows.map(({ madeAt, day }) => ({ madeAt, day })));

eachSpecimenStore((store) => {
  beforeEach(() => store.empty());

  describe('money', () => {
    it('is a bigint wherever it is read, to the last unit', async () => {
      const totals = [0n, 1n, -11n, MAX, -MAX, MAX - 1n, 2n ** 49n + 1n].map((total) => total as Amount);
      await store.database.transact(ANN, (tx) =>
        tx.insert(
          Specimen,
          totals.map((total, index) => specimen(`t${index}`, { total, spare: total })),
        ),
      );
      await store.database.read(ANN, async (reader) => {
        const rest = sql`WHERE ${reader.owned('s')} ORDER BY s.id`;
        const read = [
          (await reader.rows(Specimen).find({ order: { id: 'ASC' } })).map(({ total }) => total),
          (await reader.select(Specimen, 's', rest)).map(({ total }) => total),
          (await reader.pick(Specimen, ['id', 'spare'], 's', rest)).map(({ spare }) => spare),
          (await reader.query(sql`SELECT s.total FROM specimens s ${rest}`, { total: 'amount' })).map(
            ({ total }) => total,
          ),
          (await reader.scan(sql`SELECT s.total FROM specimens s ${rest}`, { total: 'amount?' })).map(
            ({ total }) => total,
          ),
        ];
        expect(read).toEqual(Array.from({ length: 5 }, () => totals));
      });
    });

    it('is compared as money, by query and by TypeORM', async () => {
      const totals = [-MAX, -12n, 0n, 9n, 10n, 100n, MAX].map((total) => total as Amount);
      await store.database.transact(ANN, (tx) =>
        tx.insert(
          Specimen,
          totals.map((total, index) => specimen(`t${index}`, { total })),
        ),
      );
      await store.database.read(ANN, async (reader) => {
        const totalsOf = async (rows: Promise<Specimen[]>) => (await rows).map(({ total }) => total);
        const order = { total: 'ASC' } as const;
        expect(
          await totalsOf(reader.rows(Specimen).find({ where: { total: MoreThanOrEqual(10n as Amount) }, order })),
        ).toEqual([10n, 100n, MAX]);
        expect(
          await totalsOf(reader.rows(Specimen).find({ where: { total: In([9n, MAX] as Amount[]) }, order })),
        ).toEqual([9n, MAX]);
        expect(
          await totalsOf(reader.rows(Specimen).find({ where: { total: Not(LessThan(100n as Amount)) }, order })),
        ).toEqual([100n, MAX]);
        expect(await totalsOf(reader.rows(Specimen).find({ where: { total: MAX as Amount } }))).toEqual([MAX]);
        const query = sql`SELECT s.total FROM specimens s WHERE ${reader.owned('s')} AND s.total < ${10n} ORDER BY s.total DESC`;
        expect((await reader.query(query, { total: 'amount' })).map(({ total }) => total)).toEqual([
          9n,
          0n,
          -12n,
          -MAX,
        ]);
      });
    });

    it('is summed exactly, beyond 2^53 and beyond 2^63, and to nothing over no rows', async () => {
      const sumOf = (reader: Reader) =>
        reader.query(
          sql`SELECT ${reader.words.sum('s.total')}, ${reader.words.sum('s.spare')}, COUNT(*) FROM specimens s WHERE ${reader.owned('s')}`,
          {
            sum: 'sum',
            spare: 'sum',
            count: 'number',
          },
        );
      expect(await store.database.read(ANN, sumOf)).toEqual([{ sum: 0n, spare: 0n, count: 0 }]);
      const rows = Array.from({ length: 10_000 }, (_, index) =>
        specimen(`s${index}`, {
          total: (MAX - BigInt(index)) as Amount,
          spare: index % 2 === 0 ? null : (-MAX as Amount),
        }),
      );
      await store.database.transact(ANN, (tx) => tx.insert(Specimen, rows));
      const sum = 10_000n * MAX - BigInt((9_999 * 10_000) / 2);
      expect(sum).toBeGreaterThan(2n ** 63n);
      expect(await store.database.read(ANN, sumOf)).toEqual([{ sum, spare: -5_000n * MAX, count: 10_000 }]);
    });
  });

  describe('moments and days', () => {
    beforeEach(() => store.database.transact(ANN, (tx) => tx.insert(Specimen, asRows)));

    it('come back to the millisecond, from year 1 to year 9999', async () => {
      expect(await store.database.read(EVERYBODY, momentsBy)).toEqual(expectedMoments);
    });

    it('are ordered and compared as moments', async () => {
      await store.database.read(EVERYBODY, async (reader) => {
        const ordered = await reader.rows(Specimen).find({ order: { madeAt: 'DESC' } });
        expect(ordered.map(({ madeAt }) => madeAt)).toEqual(MOMENTS.toReversed());
        const before = await reader
          .rows(Specimen)
          .find({ where: { madeAt: LessThan(MOMENTS[4]!) }, order: { madeAt: 'ASC' } });
        expect(before.map(({ madeAt }) => madeAt)).toEqual(MOMENTS.slice(0, 4));
        const byDay = await reader.query(
          sql`SELECT s.day FROM specimens s WHERE ${ANYBODYS} AND s.day < ${'1900-01-01'} ORDER BY s.day`,
          { day: 'date' },
        );
        expect(byDay).toEqual(asRows.slice(0, 5).map(({ day }) => ({ day })));
        const months = await reader.query(
          sql`SELECT ${reader.words.month('s.day')} FROM specimens s WHERE ${ANYBODYS} ORDER BY s.day`,
          { month: 'text' },
        );
        expect(months.map(({ month }) => month)).toEqual(asRows.map(({ day }) => day.slice(0, 7)));
        const days = await reader.query(
          sql`SELECT ${reader.words.day('s.made_at')} FROM specimens s WHERE ${ANYBODYS} ORDER BY s.made_at`,
          { day: 'text' },
        );
        expect(days.map(({ day }) => day)).toEqual(MOMENTS.map((moment) => moment.slice(0, 10)));
      });
    });
  });

  describe('flags', () => {
    it('are true and false for TypeORM’s conditions too', async () => {
      await store.database.transact(ANN, (tx) =>
        tx.insert(Specimen, [specimen('t', { isRare: true, isKnown: false }), specimen('f', { isKnown: true })]),
      );
      await store.database.read(ANN, async (reader) => {
        const of = async (where: object) => (await reader.rows(Specimen).find({ where })).map(({ id }) => id);
        expect([
          await of({ isRare: true }),
          await of({ isRare: false }),
          await of({ isKnown: In([false]) }),
          await of({ isRare: Not(true) }),
        ]).toEqual([['t'], ['f'], ['t'], ['f']]);
        expect(
          await reader.query(sql`SELECT s.is_rare FROM specimens s WHERE ${ANYBODYS} AND s.is_rare = ${true}`, {
            isRare: 'flag',
          }),
        ).toEqual([{ isRare: true }]);
      });
    });
  });

  describe('order of texts', () => {
    // By UTF-16 units an astral letter (a surrogate pair, U+D8xx) comes before U+E000 to U+FFFF; by code point and by UTF-8 bytes after.
    const texts = [
      '',
      ' ',
      '-',
      '0',
      '10',
      '9',
      'A',
      'B',
      'Z',
      '_',
      'a',
      'ab',
      'b',
      'z',
      '~',
      '\u00DF',
      '\u00E4',
      'a\u0308',
      'e\u0301',
      '\u0416',
      '\u3042',
      '\uD7FF',
      '\uE000',
      '\uFB00',
      '\uFF21',
      '\uFFFD',
      '\u{10000}',
      '\u{1F600}',
      '\u{1F600}a',
      '\u{10FFFF}',
    ];
    const byCodePoint = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    it('is by code point, as key and as value, by query and by TypeORM', async () => {
      expect(byCodePoint).not.toEqual([...texts].sort());
      await store.database.transact(ANN, (tx) =>
        tx.insert(
          Specimen,
          texts.map((text) => specimen(`k${text}`, { label: `k${text}`, note: text })),
        ),
      );
      await store.database.read(ANN, async (reader) => {
        for (const column of ['id', 'label'] as const) {
          const found = await reader.rows(Specimen).find({ order: { [column]: 'ASC' } });
          expect(found.map((row) => row[column].slice(1))).toEqual(byCodePoint);
          const query = sql`WHERE ${reader.owned('s')} ORDER BY ${sqlText(`s.${column}`)}`;
          expect((await reader.select(Specimen, 's', query)).map((row) => row[column].slice(1))).toEqual(byCodePoint);
        }
        for (const [index, text] of byCodePoint.entries()) {
          const after = sql`SELECT s.note FROM specimens s WHERE ${reader.owned('s')} AND s.note > ${text} ORDER BY s.note`;
          expect((await reader.query(after, { note: 'text' })).map(({ note }) => note)).toEqual(
            byCodePoint.slice(index + 1),
          );
        }
      });
    });

    it('is that in which rows are locked', async () => {
      await store.database.transact(ANN, (tx) =>
        tx.insert(
          Specimen,
          texts.map((text) => specimen(`k${text}`, { label: text })),
        ),
      );
      const locked = await store.database.transact(ANN, (tx) =>
        tx.lock(
          Specimen,
          texts.map((text) => `k${text}`),
        ),
      );
      expect(locked.map(({ label }) => label)).toEqual(byCodePoint);
    });
  });

  describe('words', () => {
    it('find texts to the letter and values of a list', async () => {
      const notes = ['a%b', 'a_b', 'A%B', 'a\\b', "a'b", 'a😀b', ''];
      await store.database.transact(ANN, (tx) =>
        tx.insert(
          Specimen,
          notes.map((note, index) => specimen(`w${index}`, { note })),
        ),
      );
      await store.database.read(ANN, async (reader) => {
        const noted = async (condition: ReturnType<typeof sql>) =>
          (
            await reader.query(
              sql`SELECT s.note FROM specimens s WHERE ${reader.owned('s')} AND ${condition} ORDER BY s.id`,
              { note: 'text' },
            )
          ).map(({ note }) => note);
        const { contains, oneOf, dialect } = reader.words;
        expect(dialect).toBe(store.engine);
        expect(await noted(contains('s.note', '%'))).toEqual(['a%b', 'A%B']);
        expect(await noted(contains('s.note', '_'))).toEqual(['a_b']);
        expect(await noted(contains('s.note', '\\'))).toEqual(['a\\b']);
        expect(await noted(contains('s.note', '😀'))).toEqual(['a😀b']);
        expect(await noted(contains('s.note', ''))).toEqual(notes);
        expect(await noted(oneOf('s.note', []))).toEqual([]);
        expect(await noted(oneOf('s.note', ["a'b", 'a\\b', '', 'none']))).toEqual(['a\\b', "a'b", '']);
      });
    });
  });
});

describe('a PostgreSQL that is told otherwise', () => {
  specimenStore('postgres', (store) => {
    it.each([
      ["TimeZone = 'America/Los_Angeles'", 'a zone behind, whose first moments lie before year 1'],
      ["TimeZone = 'Pacific/Kiritimati'", 'a zone ahead, whose last moments lie in year 10000'],
      ["TimeZone = 'Asia/Kathmandu'", 'a zone of quarter hours'],
      ["DateStyle = 'SQL, DMY'", 'dates with slashes'],
      ["DateStyle = 'German'", 'dates with dots'],
      ["synchronous_commit = 'off'", 'commits that are not waited for'],
    ])('by %s: %s', async (setting) => {
      const [database] = await store.direct('SELECT current_database() AS name');
      const name = pg.escapeIdentifier(String(database!['name']));
      await store.direct(`ALTER DATABASE ${name} SET ${setting}`);
      await store.empty();
      const other = await store.openAnother();
      await other.database.transact(ANN, (tx) => tx.insert(Specimen, asRows));
      expect(await other.database.read(EVERYBODY, momentsBy)).toEqual(expectedMoments);
      expect(await other.database.snapshot(EVERYBODY, momentsBy)).toEqual(expectedMoments);
      expect(await other.database.transact(EVERYBODY, momentsBy)).toEqual(expectedMoments);
      const shown = await other.database.read(EVERYBODY, (reader) =>
        reader.query(sql`SELECT current_setting('synchronous_commit') WHERE ${ANYBODYS}`, { word: 'text' }),
      );
      expect(shown).toEqual([{ word: 'on' }]);
      await store.direct(`ALTER DATABASE ${name} RESET ALL`);
    });

    it('to wait for standbys keeps its word', async () => {
      const [database] = await store.direct('SELECT current_database() AS name');
      await store.direct(
        `ALTER DATABASE ${pg.escapeIdentifier(String(database!['name']))} SET synchronous_commit = 'remote_apply'`,
      );
      const other = await store.openAnother();
      const shown = await other.database.read(EVERYBODY, (reader) =>
        reader.query(sql`SELECT current_setting('synchronous_commit') WHERE ${ANYBODYS}`, { word: 'text' }),
      );
      expect(shown).toEqual([{ word: 'remote_apply' }]);
    });
  });

  it('gives moments in forms that are read wherever they come from', () => {
    expect(instantFromPostgres('2026-11-21 08:39:31+00')).toBe('2026-11-21T08:39:31.000Z');
    expect(instantFromPostgres('2026-11-21 08:39:31.1+00')).toBe('2026-11-21T08:39:31.100Z');
    expect(instantFromPostgres('2026-11-21 08:39:31.123+00')).toBe('2026-11-21T08:39:31.123Z');
    expect(instantFromPostgres('2026-11-21 08:39:31.12-08')).toBe('2026-11-21T16:39:31.120Z');
    expect(instantFromPostgres('2026-11-21 08:39:31.12+05:45')).toBe('2026-11-21T02:54:31.120Z');
  });
});
