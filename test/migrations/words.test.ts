// The words of migrations: what each does to a table that has rows, and that the opposite word takes it back.
import { describe, expect, it } from 'vitest';
import { isIrreversible, migration } from '../../src/database/schema/migration.js';
import { checksumOf, statementsOf } from '../../src/database/schema/render-migration.js';
import {
  withCheck,
  withForeignKey,
  withIndex,
  withoutCheck,
  withoutColumn,
  withoutForeignKey,
  withoutIndex,
} from '../../src/database/schema/table-changes.js';
import { sql } from '../../src/database/sql.js';
import {
  books,
  CHANGES,
  type Described,
  everything,
  lent,
  note,
  schemaChange,
  shelfKey,
  shelves,
  start,
  titles,
} from './changes.js';
import { eachEngine } from './engines.js';

const fill = sql`INSERT INTO books (id, title, price, shelf_id, lent, bought, read_at, pages)
  VALUES ('b1', 'Emma', 1250, 's1', ${true}, '1815-12-23', '2026-11-21T08:39:31.123Z', 512), ('b2', 'Ulysses', 900, NULL, ${false}, '1922-02-02', NULL, 730)`;
const rows = sql`SELECT id, title, CAST(price AS text) AS price, CAST(bought AS text) AS bought, pages FROM books ORDER BY id`;

eachEngine('a word', (withStore) => {
  it.each(CHANGES)('%s: forth and back, with the rows kept', (_, change) =>
    withStore(async (store) => {
      await store.up([start]);
      await store.query(sql`INSERT INTO shelves (id, place) VALUES ('s1', 'hall')`);
      await store.query(fill);
      const before = await store.look();
      const kept = await store.query(rows);
      await store.up([start, change]);
      const after = await store.look();
      expect(after).not.toBe(before);
      expect(await store.query(rows)).toEqual(kept);
      await store.down([start, change]);
      expect(await store.look()).toBe(before);
      expect(await store.query(rows)).toEqual(kept);
      await store.up([start, change]);
      expect(await store.look()).toBe(after);
    })(),
  );

  it(
    'a rebuilt table does what its description says: what is filled in, and what is refused from then on',
    withStore(async (store) => {
      const change = schemaChange('0002_p', (s) => s.rebuildTable(books, everything, { genre: "'novel'" }), {
        irreversible: 'a test',
      });
      await store.up([start]);
      await store.query(sql`INSERT INTO shelves (id, place) VALUES ('s1', 'hall')`);
      await store.query(fill);
      await store.up([start, change]);
      expect(await store.query(sql`SELECT DISTINCT genre FROM books`)).toEqual([{ genre: 'novel' }]);
      await expect(store.query(sql`UPDATE books SET price = -1`)).rejects.toThrow(/ck_books_priced/);
      await expect(store.query(sql`UPDATE books SET shelf_id = 'none'`)).rejects.toThrow(/foreign key/i);
      await expect(store.query(sql`UPDATE books SET genre = NULL`)).rejects.toThrow(/not.null/i);
    }),
  );

  it(
    'a foreign key that the rows do not keep is refused, and the table stands as it was',
    withStore(async (store) => {
      const change = schemaChange('0002_j', (s) => s.addForeignKey(books, shelfKey), { irreversible: 'a test' });
      await store.up([start]);
      await store.query(fill);
      const before = await store.look();
      await expect(store.up([start, change])).rejects.toThrow(/0002_j.*(?:foreign key|point to nothing)/s);
      expect(await store.look()).toBe(before);
      expect(await store.query(sql`SELECT count(*) AS n FROM books`)).toMatchObject([{ n: expect.anything() }]);
    }),
  );

  it(
    'a table that others point to is rebuilt with its pointers kept',
    withStore(async (store) => {
      const pointed = schemaChange('0002_x', (s) => s.addForeignKey(books, shelfKey), { irreversible: 'a test' });
      const place = { name: 'ck_shelves_place', condition: "place <> ''" };
      const rebuilt = schemaChange('0003_y', (s) => s.addCheck(shelves, place), { irreversible: 'a test' });
      await store.up([start]);
      await store.query(sql`INSERT INTO shelves (id, place) VALUES ('s1', 'hall')`);
      await store.query(fill);
      await store.up([start, pointed, rebuilt]);
      expect(await store.look()).toMatch(/foreign key fk_books_shelf_id: columns shelf_id; references shelves \(id\)/);
      await expect(store.query(sql`DELETE FROM shelves`)).rejects.toThrow(/foreign key/i);
    }),
  );
});

describe('a description that cannot work is refused when its file is loaded', () => {
  const refused = (
    name: string,
    up: Extract<Described, { kind: 'schema' }>['up'],
    words: RegExp,
    transactional = true,
  ) =>
    it(name, () => expect(() => schemaChange('0002_x', up, { irreversible: 'a test' }, transactional)).toThrow(words));

  refused(
    'a column without a value for the rows there are',
    (s) => s.addColumn(books, { ...note, nullable: false }),
    /0002_x: books.note must be nullable or have a default/,
  );
  refused(
    'a column that an index names',
    (s) => s.dropColumn(withIndex(books, titles), 'title'),
    /ix_books_title_id: drop that first/,
  );
  refused('a column that a check names', (s) => s.dropColumn(withCheck(books, lent), 'price'), /ck_books_priced/);
  refused(
    'a column that a foreign key names',
    (s) => s.dropColumn(withForeignKey(books, shelfKey), 'shelf_id'),
    /fk_books_shelf_id/,
  );
  refused('a column of the primary key', (s) => s.dropColumn(books, 'id'), /pk_books/);
  refused('a column that is not there', (s) => s.dropColumn(books, 'colour'), /books has no column colour/);
  refused('a check that is not there', (s) => s.dropCheck(books, 'ck_books_x'), /books has no ck_books_x/);
  refused(
    'an index beside writers within a transaction',
    (s) => s.createIndex(books, titles, { concurrently: true }),
    /transactional: false/,
  );
  refused('a table outside of a transaction', (s) => s.createTable(books), /could leave it half done/, false);
  refused('a rebuild under another name', (s) => s.rebuildTable(books, shelves), /cannot be rebuilt/);

  it('an id of another form', () => {
    for (const id of ['1_a', '0000_a', '0001-a', '0001_', '0001_A', '0001_a__b'])
      expect(() => schemaChange(id, () => undefined, { irreversible: 'x' })).toThrow(/no id of a migration/);
  });

  it('a rule over columns that are not there, or batches by a key that is no text', () => {
    const compute = (of: typeof books, column: string) => () =>
      migration({
        id: '0002_x',
        kind: 'data',
        up: (r) => r.compute(of, { read: [column], write: ['title'], compute: () => undefined }),
        down: { irreversible: 'x' },
      });
    expect(compute(books, 'colour')).toThrow(/books has no column colour/);
    expect(compute({ ...books, primaryKey: ['pages'] }, 'title')).toThrow(/key of texts/);
  });

  it('words about quoted text do not count as the column', () => {
    expect(
      withoutColumn(withCheck(books, { name: 'ck_books_x', condition: "title <> 'price'" }), 'price').columns,
    ).toHaveLength(7);
    expect(withoutCheck(withCheck(books, lent), lent.name)).toEqual(books);
    expect(withoutForeignKey(withForeignKey(books, shelfKey), shelfKey.name)).toEqual(books);
    expect(withoutIndex(withIndex(books, titles), titles.name)).toEqual(books);
  });
});

it('the checksum follows the SQL and not its layout, and is of its engine', () => {
  const own = (text: string) =>
    schemaChange('0002_x', (s) => s.sql({ title: 'x', sqlite: [text], postgres: [text], lock: 'none' }), {
      irreversible: 'x',
    });
  expect(checksumOf(own('SELECT  1\n'), 'sqlite')).toBe(checksumOf(own('SELECT 1'), 'sqlite'));
  expect(checksumOf(own('SELECT 2'), 'sqlite')).not.toBe(checksumOf(own('SELECT 1'), 'sqlite'));
  expect(checksumOf(start, 'sqlite')).not.toBe(checksumOf(start, 'postgres'));
  expect(checksumOf(start, 'postgres')).toMatch(/^[0-9a-f]{64}$/);
});

it('every change of the list has a way back', () => {
  for (const [, { down }] of CHANGES) expect(isIrreversible(down)).toBe(false);
  expect(statementsOf(start.up[0]!, 'sqlite')[0]).toMatch(/^CREATE TABLE shelves/);
});
