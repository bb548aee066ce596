// A small store of test tables, and a change by every word with its opposite.
import { type Migration, migration } from '../../src/database/schema/migration.js';
import { foreignKeyOn, indexOn, table } from '../../src/database/schema/table-builder.js';
import { withCheck, withColumn, withForeignKey, withoutColumn } from '../../src/database/schema/table-changes.js';

export const shelves = table('shelves', (t) => t.text('id').text('place'));
export const books = table('books', (t) =>
  t
    .text('id')
    .text('title')
    .amount('price')
    .text('shelf_id', { nullable: true })
    .flag('lent')
    .date('bought')
    .instant('read_at', { nullable: true })
    .count('pages'),
);
export const start = migration({
  id: '0001_start',
  kind: 'schema',
  up: (schema) => {
    schema.createTable(shelves);
    schema.createTable(books);
  },
  down: (schema) => {
    schema.dropTable('books');
    schema.dropTable('shelves');
  },
});

export const note = { name: 'note', kind: 'text', nullable: true } as const;
const rating = { name: 'rating', kind: 'amount', nullable: false, default: 5 } as const;
export const lent = { name: 'ck_books_priced', condition: 'price >= 0' };
export const shelfKey = foreignKeyOn('books', 'shelf_id', 'shelves');
export const titles = indexOn('books', ['title', 'id'], { unique: false });
const unlent = indexOn('books', ['title'], { unique: true, where: 'price > 0' });
const open = {
  ...books,
  columns: books.columns.map((column) => (column.name === 'title' ? { ...column, nullable: true } : column)),
};
const priceAsText = {
  ...books,
  columns: books.columns.map((column) => (column.name === 'price' ? { ...column, kind: 'text' as const } : column)),
};
const pagesDefault = {
  ...books,
  columns: books.columns.map((column) => (column.name === 'pages' ? { ...column, default: 7 } : column)),
};
const otherKey = { ...books, primaryKey: ['title', 'id'] };
export const everything = withCheck(
  withForeignKey(
    withColumn({ ...open, indexes: [titles] }, { name: 'genre', kind: 'text', nullable: false }),
    shelfKey,
  ),
  lent,
);

export type Described = Parameters<typeof migration>[0];
export const schemaChange = (
  id: string,
  up: Extract<Described, { kind: 'schema' }>['up'],
  down: Extract<Described, { kind: 'schema' }>['down'],
  transactional = true,
) => migration({ id, kind: 'schema', up, down, transactional });

export const CHANGES: readonly (readonly [string, Migration])[] = [
  [
    'createTable with a key to another',
    schemaChange(
      '0002_a',
      (s) =>
        s.createTable(
          table('loans', (t) => t.text('id').text('book_id').references('book_id', 'books').index(['book_id'])),
        ),
      (s) => s.dropTable('loans'),
    ),
  ],
  [
    'addColumn, open',
    schemaChange(
      '0002_b',
      (s) => s.addColumn(books, note),
      (s) => s.dropColumn(withColumn(books, note), 'note'),
    ),
  ],
  [
    'addColumn with a default and a condition',
    schemaChange(
      '0002_c',
      (s) => s.addColumn(books, rating),
      (s) => s.dropColumn(withColumn(books, rating), 'rating'),
    ),
  ],
  [
    'dropColumn',
    schemaChange(
      '0002_d',
      (s) => s.dropColumn(books, 'shelf_id'),
      (s) => s.addColumn(withoutColumn(books, 'shelf_id'), books.columns[3]!),
    ),
  ],
  [
    'createIndex',
    schemaChange(
      '0002_e',
      (s) => s.createIndex(books, titles),
      (s) => s.dropIndex(titles.name),
    ),
  ],
  [
    'createIndex, unique and partial',
    schemaChange(
      '0002_f',
      (s) => s.createIndex(books, unlent),
      (s) => s.dropIndex(unlent.name),
    ),
  ],
  [
    'createIndex concurrently',
    schemaChange(
      '0002_g',
      (s) => s.createIndex(books, titles, { concurrently: true }),
      (s) => s.dropIndex(titles.name, { concurrently: true }),
      false,
    ),
  ],
  [
    'addCheck',
    schemaChange(
      '0002_h',
      (s) => s.addCheck(books, lent),
      (s) => s.dropCheck(withCheck(books, lent), lent.name),
    ),
  ],
  [
    'addCheck outside of a transaction',
    schemaChange(
      '0002_i',
      (s) => s.addCheck(books, lent),
      (s) => s.dropCheck(withCheck(books, lent), lent.name),
      false,
    ),
  ],
  [
    'addForeignKey',
    schemaChange(
      '0002_j',
      (s) => s.addForeignKey(books, shelfKey),
      (s) => s.dropForeignKey(withForeignKey(books, shelfKey), shelfKey.name),
    ),
  ],
  [
    'addForeignKey outside of a transaction',
    schemaChange(
      '0002_k',
      (s) => s.addForeignKey(books, shelfKey),
      (s) => s.dropForeignKey(withForeignKey(books, shelfKey), shelfKey.name),
      false,
    ),
  ],
  [
    'rebuildTable: nullability',
    schemaChange(
      '0002_l',
      (s) => s.rebuildTable(books, open),
      (s) => s.rebuildTable(open, books, { title: "coalesce(title, '')" }),
    ),
  ],
  [
    'rebuildTable: another kind',
    schemaChange(
      '0002_m',
      (s) => s.rebuildTable(books, priceAsText, { price: 'CAST(price AS text)' }),
      (s) => s.rebuildTable(priceAsText, books, { price: 'CAST(price AS bigint)' }),
    ),
  ],
  [
    'rebuildTable: a default',
    schemaChange(
      '0002_n',
      (s) => s.rebuildTable(books, pagesDefault),
      (s) => s.rebuildTable(pagesDefault, books),
    ),
  ],
  [
    'rebuildTable: another primary key',
    schemaChange(
      '0002_o',
      (s) => s.rebuildTable(books, otherKey),
      (s) => s.rebuildTable(otherKey, books),
    ),
  ],
  [
    'rebuildTable: all at once',
    schemaChange(
      '0002_p',
      (s) => s.rebuildTable(books, everything, { genre: "'novel'" }),
      (s) => s.rebuildTable(everything, books),
    ),
  ],
  [
    'sql',
    schemaChange(
      '0002_q',
      (s) =>
        s.sql({
          title: 'an index by hand',
          sqlite: ['CREATE INDEX by_hand ON books (lower(title))'],
          postgres: ['CREATE INDEX by_hand ON books (lower(title))'],
          lock: 'SHARE',
        }),
      (s) => s.dropIndex('by_hand'),
    ),
  ],
];
