// The drift check finds what was changed by hand. Each kind of drift is planted in a store that was right, and the check must name it, and nothing else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Catalogue } from '../../src/database/schema/catalogue.js';
import { demandedCatalogue, findDrift, readCatalogue } from '../../src/database/schema/check.js';
import { differenceLine, driftOf } from '../../src/database/schema/drift.js';
import {
  AmountColumn,
  CivilDateColumn,
  CountColumn,
  definitionOf,
  type EntityClass,
  FlagColumn,
  InstantColumn,
  Table,
  TextColumn,
} from '../../src/database/schema/entity.js';
import { type Migration } from '../../src/database/schema/migration.js';
import { type Dialect } from '../../src/database/schema/table.js';
import { sql } from '../../src/database/sql.js';
import { schemaChange } from './changes.js';
import { EmptyStore } from './engines.js';

@Table('shops', { unique: [['name']], checks: { open: "kind IN ('open', 'closed')" } })
class Shop {
  @TextColumn({ key: true }) id!: string;
  @TextColumn() name!: string;
  @TextColumn({ default: 'open' }) kind!: string;
}

@Table('sales', {
  indexes: [['shop_id', 'sold_on', 'id']],
  unique: [['receipt']],
  checks: { note: "note <> 'it''s (nothing), really'" },
})
class Sale {
  @TextColumn({ key: true }) id!: string;
  @TextColumn({ references: 'shops' }) shopId!: string;
  @TextColumn() receipt!: string;
  @AmountColumn() price!: bigint;
  @CivilDateColumn() soldOn!: string;
  @InstantColumn({ nullable: true }) paidAt!: string | null;
  @CountColumn({ default: 1 }) pieces!: number;
  @FlagColumn({ default: false }) gift!: boolean;
  @TextColumn({ nullable: true }) note!: string | null;
}

const ENTITIES: readonly EntityClass[] = [Shop, Sale];
const migrations: readonly Migration[] = ENTITIES.map((entity, at) =>
  schemaChange(`000${at + 1}_${definitionOf(entity).name}`, (s) => s.createTable(definitionOf(entity)), {
    irreversible: 'a test',
  }),
);

/** Planted in the text of a definition, for what SQLite cannot alter. */
interface Edit {
  readonly table: 'shops' | 'sales';
  readonly from: string | RegExp;
  readonly to: string;
}

interface Plant {
  readonly sqlite?: string | Edit;
  readonly postgres?: string;
  /** Every difference that the check must give: all of these and no more. */
  readonly lines: { readonly sqlite?: readonly string[]; readonly postgres?: readonly string[] } | readonly string[];
}

const inSales = (from: string | RegExp, to: string): Edit => ({ table: 'sales', from, to });
const inShops = (from: string | RegExp, to: string): Edit => ({ table: 'shops', from, to });

const PLANTS: Readonly<Record<string, Plant>> = {
  'a column is missing': {
    sqlite: inSales(/, paid_at TEXT CONSTRAINT .*?'\)/, ''),
    postgres: 'ALTER TABLE sales DROP COLUMN paid_at',
    lines: {
      sqlite: ['column paid_at of table sales: missing', 'check ck_sales_paid_at_instant of table sales: missing'],
      postgres: ['column paid_at of table sales: missing'],
    },
  },
  'a column too many': {
    sqlite: 'ALTER TABLE sales ADD COLUMN colour TEXT',
    postgres: 'ALTER TABLE sales ADD COLUMN colour text',
    lines: ['column colour of table sales: extra'],
  },
  'a column is called otherwise': {
    sqlite: 'ALTER TABLE sales RENAME COLUMN paid_at TO payed_at',
    postgres: 'ALTER TABLE sales RENAME COLUMN paid_at TO payed_at',
    lines: {
      sqlite: [
        'column paid_at of table sales: missing',
        'check ck_sales_paid_at_instant of table sales: condition',
        'column payed_at of table sales: extra',
      ],
      postgres: ['column paid_at of table sales: missing', 'column payed_at of table sales: extra'],
    },
  },
  'another type': {
    sqlite: inSales('pieces INTEGER', 'pieces ANY'),
    postgres: 'ALTER TABLE sales ALTER COLUMN pieces TYPE bigint',
    lines: {
      sqlite: ['column pieces of table sales: type is ANY, demanded is INTEGER'],
      postgres: ['column pieces of table sales: type is bigint, demanded is integer'],
    },
  },
  'a length': {
    sqlite: inShops(/name TEXT NOT NULL([^]*) STRICT/, 'name VARCHAR(40) NOT NULL$1'),
    postgres: 'ALTER TABLE shops ALTER COLUMN name TYPE varchar(40) COLLATE "C"',
    lines: {
      sqlite: [
        'table shops: strict is no, demanded is yes',
        'column name of table shops: type is VARCHAR(40), demanded is TEXT',
      ],
      postgres: ['column name of table shops: type is character varying(40), demanded is text'],
    },
  },
  'a precision': {
    postgres: 'ALTER TABLE sales ALTER COLUMN paid_at TYPE timestamptz(6)',
    lines: [
      'column paid_at of table sales: type is timestamp(6) with time zone, demanded is timestamp(3) with time zone',
    ],
  },
  'a moment without its zone': {
    postgres: 'ALTER TABLE sales ALTER COLUMN paid_at TYPE timestamp(3)',
    lines: [
      'column paid_at of table sales: type is timestamp(3) without time zone, demanded is timestamp(3) with time zone',
    ],
  },
  'a column that may be empty': {
    sqlite: inSales('receipt TEXT NOT NULL', 'receipt TEXT'),
    postgres: 'ALTER TABLE sales ALTER COLUMN receipt DROP NOT NULL',
    lines: ['column receipt of table sales: nullable is yes, demanded is no'],
  },
  'a column that may not be empty': {
    sqlite: inSales('note TEXT', 'note TEXT NOT NULL'),
    postgres: 'ALTER TABLE sales ALTER COLUMN note SET NOT NULL',
    lines: ['column note of table sales: nullable is no, demanded is yes'],
  },
  'a default too many': {
    sqlite: inSales('receipt TEXT NOT NULL', "receipt TEXT NOT NULL DEFAULT 'none'"),
    postgres: "ALTER TABLE sales ALTER COLUMN receipt SET DEFAULT 'none'",
    lines: {
      sqlite: ["column receipt of table sales: default is 'none', demanded is none"],
      postgres: ["column receipt of table sales: default is 'none'::text, demanded is none"],
    },
  },
  'a default is missing': {
    sqlite: inSales(' DEFAULT 1', ''),
    postgres: 'ALTER TABLE sales ALTER COLUMN pieces DROP DEFAULT',
    lines: ['column pieces of table sales: default is none, demanded is 1'],
  },
  'another default': {
    sqlite: inSales(' DEFAULT 1', ' DEFAULT 2'),
    postgres: 'ALTER TABLE sales ALTER COLUMN pieces SET DEFAULT 2',
    lines: ['column pieces of table sales: default is 2, demanded is 1'],
  },
  'another collation': {
    sqlite: inShops('name TEXT NOT NULL', 'name TEXT COLLATE NOCASE NOT NULL'),
    postgres: 'ALTER TABLE shops ALTER COLUMN name TYPE text COLLATE "POSIX"',
    lines: {
      sqlite: ['column name of table shops: collation is nocase, demanded is none'],
      postgres: ['column name of table shops: collation is POSIX, demanded is C'],
    },
  },
  "the machine's collation": {
    postgres: 'ALTER TABLE shops ALTER COLUMN name TYPE text COLLATE "default"',
    lines: ['column name of table shops: collation is none, demanded is C'],
  },
  'a generated column': {
    sqlite: 'ALTER TABLE sales ADD COLUMN half INTEGER GENERATED ALWAYS AS (price / 2) VIRTUAL',
    postgres: 'ALTER TABLE sales ADD COLUMN half bigint GENERATED ALWAYS AS (price / 2) STORED',
    lines: ['column half of table sales: extra'],
  },
  'a column that was made a generated one': {
    sqlite: inSales('note TEXT', 'note TEXT AS (receipt) STORED'),
    postgres:
      "ALTER TABLE sales DROP COLUMN note; ALTER TABLE sales ADD COLUMN note text COLLATE \"C\" GENERATED ALWAYS AS (receipt) STORED; ALTER TABLE sales ADD CONSTRAINT ck_sales_note CHECK (note <> 'it''s (nothing), really')",
    lines: ['column note of table sales: generated is receipt'],
  },
  'an identity': {
    postgres:
      'ALTER TABLE sales ALTER COLUMN pieces DROP DEFAULT; ALTER TABLE sales ALTER COLUMN pieces ADD GENERATED BY DEFAULT AS IDENTITY',
    lines: [
      'column pieces of table sales: default is none, demanded is 1',
      'column pieces of table sales: identity is by default, demanded is none',
      'sequence sales_pieces_seq: extra',
    ],
  },
  'an index is missing': {
    sqlite: 'DROP INDEX ix_sales_shop_id_sold_on_id',
    postgres: 'DROP INDEX ix_sales_shop_id_sold_on_id',
    lines: ['index ix_sales_shop_id_sold_on_id of table sales: missing'],
  },
  'an index too many': {
    sqlite: 'CREATE INDEX ix_more ON sales (price)',
    postgres: 'CREATE INDEX ix_more ON sales (price)',
    lines: ['index ix_more of table sales: extra'],
  },
  'an index on other columns': both(
    'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id, sold_on)',
    ['index ix_sales_shop_id_sold_on_id of table sales: columns is shop_id, sold_on, demanded is shop_id, sold_on, id'],
  ),
  'an index with its columns in another order': both(
    'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (sold_on, shop_id, id)',
    ['columns is sold_on, shop_id, id, demanded is shop_id, sold_on, id'],
  ),
  'an index that runs the other way': both(
    'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id, sold_on DESC, id)',
    ['columns is shop_id, sold_on desc, id, demanded is shop_id, sold_on, id'],
  ),
  'an index over an expression': both(
    'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id, abs(price), id)',
    ['columns is shop_id, '],
  ),
  'an index in another collation': {
    sqlite:
      'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id COLLATE NOCASE, sold_on, id)',
    postgres:
      'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id COLLATE "POSIX", sold_on, id)',
    lines: {
      sqlite: ['columns is shop_id collate nocase, sold_on, id'],
      postgres: ['columns is shop_id collate POSIX, sold_on, id'],
    },
  },
  'an index that is no longer unique': both(
    'DROP INDEX uq_sales_receipt; CREATE INDEX uq_sales_receipt ON sales (receipt)',
    ['index uq_sales_receipt of table sales: unique is no, demanded is yes'],
  ),
  'an index that became unique': both(
    'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE UNIQUE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id, sold_on, id)',
    ['unique is yes, demanded is no'],
  ),
  'a unique index over a part only': both(
    'DROP INDEX uq_sales_receipt; CREATE UNIQUE INDEX uq_sales_receipt ON sales (receipt) WHERE price > 0',
    ['index uq_sales_receipt of table sales: where is '],
  ),
  'an index of another method': {
    postgres:
      'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales USING brin (shop_id, sold_on, id)',
    lines: ['method is brin, demanded is none'],
  },
  'an index that carries more': {
    postgres: 'DROP INDEX uq_sales_receipt; CREATE UNIQUE INDEX uq_sales_receipt ON sales (receipt) INCLUDE (price)',
    lines: ['includes is price, demanded is none'],
  },
  'an index with other places for nulls': {
    postgres:
      'DROP INDEX ix_sales_shop_id_sold_on_id; CREATE INDEX ix_sales_shop_id_sold_on_id ON sales (shop_id, sold_on NULLS FIRST, id)',
    lines: ['columns is shop_id, sold_on nulls first, id'],
  },
  'an index of another operator class': {
    postgres: 'DROP INDEX uq_sales_receipt; CREATE UNIQUE INDEX uq_sales_receipt ON sales (receipt text_pattern_ops)',
    lines: ['columns is receipt text_pattern_ops, demanded is receipt'],
  },
  'an index that was never finished': {
    postgres: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'uq_sales_receipt'::regclass",
    lines: ['index uq_sales_receipt of table sales: valid is no, demanded is none'],
  },
  'a unique constraint in the place of an index': {
    sqlite: inSales('receipt TEXT NOT NULL', 'receipt TEXT NOT NULL UNIQUE'),
    postgres: 'ALTER TABLE sales ADD CONSTRAINT uq_more UNIQUE (receipt)',
    lines: {
      sqlite: ['unique constraint (receipt) of table sales: extra'],
      postgres: ['unique constraint uq_more of table sales: extra'],
    },
  },
  'a check is missing': {
    sqlite: inShops(/, CONSTRAINT ck_shops_open CHECK \(.*?\)\)/, ''),
    postgres: 'ALTER TABLE shops DROP CONSTRAINT ck_shops_open',
    lines: ['check ck_shops_open of table shops: missing'],
  },
  'a check too many': {
    sqlite: inShops(') STRICT', ", CONSTRAINT ck_more CHECK (name <> '')) STRICT"),
    postgres: "ALTER TABLE shops ADD CONSTRAINT ck_more CHECK (name <> '')",
    lines: ['check ck_more of table shops: extra'],
  },
  'a check without a name': {
    sqlite: inShops('name TEXT NOT NULL', "name TEXT NOT NULL CHECK (name <> '')"),
    postgres: "ALTER TABLE shops ADD CHECK (name <> '')",
    lines: {
      sqlite: ["check (name <> '') of table shops: extra"],
      postgres: ['check shops_name_check of table shops: extra'],
    },
  },
  'another check under its name': {
    sqlite: inShops("'open', 'closed'", "'open', 'shut'"),
    postgres:
      "ALTER TABLE shops DROP CONSTRAINT ck_shops_open; ALTER TABLE shops ADD CONSTRAINT ck_shops_open CHECK (kind IN ('open', 'shut'))",
    lines: ['check ck_shops_open of table shops: condition is '],
  },
  'another text within a check': {
    sqlite: inSales('(nothing), really', '(nothing),  really'),
    postgres:
      "ALTER TABLE sales DROP CONSTRAINT ck_sales_note; ALTER TABLE sales ADD CONSTRAINT ck_sales_note CHECK (note <> 'it''s (nothing),  really')",
    lines: ['check ck_sales_note of table sales: condition is '],
  },
  'a check that the rows were never held against': {
    postgres:
      "ALTER TABLE shops DROP CONSTRAINT ck_shops_open; ALTER TABLE shops ADD CONSTRAINT ck_shops_open CHECK (kind IN ('open', 'closed')) NOT VALID",
    lines: ['check ck_shops_open of table shops: valid is no, demanded is none'],
  },
  'the limit of an amount': {
    sqlite: inSales('-1000000000000000 AND 1000000000000000', '-10 AND 10'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT ck_sales_price_amount; ALTER TABLE sales ADD CONSTRAINT ck_sales_price_amount CHECK (price BETWEEN -10 AND 10)',
    lines: ['check ck_sales_price_amount of table sales: condition is '],
  },
  'a foreign key is missing': {
    sqlite: inSales(/, CONSTRAINT fk_sales_shop_id .*?\(id\)/, ''),
    postgres: 'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id',
    lines: ['foreign key fk_sales_shop_id of table sales: missing'],
  },
  'a foreign key too many': {
    sqlite: inSales(') STRICT', ', CONSTRAINT fk_more FOREIGN KEY (receipt) REFERENCES shops (id)) STRICT'),
    postgres: 'ALTER TABLE sales ADD CONSTRAINT fk_more FOREIGN KEY (receipt) REFERENCES shops (id)',
    lines: ['foreign key fk_more of table sales: extra'],
  },
  'a foreign key to another table': {
    sqlite: inSales('REFERENCES shops (id)', 'REFERENCES sales (id)'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id; ALTER TABLE sales ADD CONSTRAINT fk_sales_shop_id FOREIGN KEY (shop_id) REFERENCES sales (id)',
    lines: ['references is sales (id), demanded is shops (id)'],
  },
  'a foreign key to another column': {
    sqlite: inSales('REFERENCES shops (id)', 'REFERENCES shops (name)'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id; ALTER TABLE sales ADD CONSTRAINT fk_sales_shop_id FOREIGN KEY (shop_id) REFERENCES shops (name)',
    lines: ['references is shops (name), demanded is shops (id)'],
  },
  'a foreign key from another column': {
    sqlite: inSales('FOREIGN KEY (shop_id)', 'FOREIGN KEY (receipt)'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id; ALTER TABLE sales ADD CONSTRAINT fk_sales_shop_id FOREIGN KEY (receipt) REFERENCES shops (id)',
    lines: ['columns is receipt, demanded is shop_id'],
  },
  'a foreign key that deletes': {
    sqlite: inSales('REFERENCES shops (id)', 'REFERENCES shops (id) ON DELETE CASCADE'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id; ALTER TABLE sales ADD CONSTRAINT fk_sales_shop_id FOREIGN KEY (shop_id) REFERENCES shops (id) ON DELETE CASCADE',
    lines: ['on delete is cascade, demanded is no action'],
  },
  'a foreign key that follows changes': {
    sqlite: inSales('REFERENCES shops (id)', 'REFERENCES shops (id) ON UPDATE CASCADE'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id; ALTER TABLE sales ADD CONSTRAINT fk_sales_shop_id FOREIGN KEY (shop_id) REFERENCES shops (id) ON UPDATE CASCADE',
    lines: ['on update is cascade, demanded is no action'],
  },
  'a foreign key that is held to at the end only': {
    sqlite: inSales('REFERENCES shops (id)', 'REFERENCES shops (id) DEFERRABLE INITIALLY DEFERRED'),
    postgres: 'ALTER TABLE sales ALTER CONSTRAINT fk_sales_shop_id DEFERRABLE INITIALLY DEFERRED',
    lines: ['deferrable is initially deferred, demanded is none'],
  },
  'a foreign key that the rows were never held against': {
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT fk_sales_shop_id; ALTER TABLE sales ADD CONSTRAINT fk_sales_shop_id FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID',
    lines: ['foreign key fk_sales_shop_id of table sales: valid is no'],
  },
  'a foreign key that is switched off': {
    postgres: 'ALTER TABLE sales DISABLE TRIGGER ALL',
    lines: ['foreign key fk_sales_shop_id of table sales: enforced is no'],
  },
  'another primary key': {
    sqlite: inSales('PRIMARY KEY (id)', 'PRIMARY KEY (receipt, id)'),
    postgres:
      'ALTER TABLE sales DROP CONSTRAINT pk_sales; ALTER TABLE sales ADD CONSTRAINT pk_sales PRIMARY KEY (receipt, id)',
    lines: ['primary key pk_sales of table sales: columns is receipt, id, demanded is id'],
  },
  'no primary key': {
    sqlite: inSales(', CONSTRAINT pk_sales PRIMARY KEY (id)', ''),
    postgres: 'ALTER TABLE sales DROP CONSTRAINT pk_sales',
    lines: ['primary key pk_sales of table sales: missing'],
  },
  'a primary key of another name': {
    sqlite: inSales('pk_sales', 'sales_pkey'),
    postgres: 'ALTER TABLE sales RENAME CONSTRAINT pk_sales TO sales_pkey',
    lines: ['primary key pk_sales of table sales: missing', 'primary key sales_pkey of table sales: extra'],
  },
  'a table too many': both('CREATE TABLE left_over (id text)', ['table left_over: extra']),
  'a table is missing': both('DROP TABLE sales', ['table sales: missing']),
  "the runner's table was changed": both('ALTER TABLE schema_migrations ADD COLUMN who text', [
    'column who of table schema_migrations: extra',
  ]),
  'a trigger': {
    sqlite: 'CREATE TRIGGER behind AFTER INSERT ON sales BEGIN DELETE FROM shops; END',
    postgres:
      "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER behind AFTER INSERT ON sales EXECUTE FUNCTION nothing()",
    lines: ['trigger behind of table sales: extra'],
  },
  'a rule': {
    postgres: 'CREATE RULE never AS ON DELETE TO sales DO INSTEAD NOTHING',
    lines: ['rule never of table sales: extra'],
  },
  'a view': both('CREATE VIEW seen AS SELECT id FROM sales', ['view seen: extra']),
  'a materialized view': {
    postgres: 'CREATE MATERIALIZED VIEW seen AS SELECT id FROM sales',
    lines: ['materialized view seen: extra'],
  },
  'a sequence': { postgres: 'CREATE SEQUENCE counter', lines: ['sequence counter: extra'] },
  'a partitioned table': {
    postgres: 'CREATE TABLE parts (id text) PARTITION BY HASH (id)',
    lines: ['partitioned table parts: extra'],
  },
  'a table that another inherits from': {
    postgres: 'CREATE TABLE child () INHERITS (shops)',
    lines: ['table shops: inheritance is yes, demanded is none', 'table child: extra'],
  },
  'a virtual table': {
    sqlite: 'CREATE VIRTUAL TABLE words USING fts5(text)',
    lines: ['virtual table words: extra', 'words_config', 'words_content', 'words_data', 'words_docsize', 'words_idx'],
  },
  'strictness lost': { sqlite: inShops(') STRICT', ')'), lines: ['table shops: strict is no, demanded is yes'] },
  'no rowid': {
    sqlite: inShops(') STRICT', ') STRICT, WITHOUT ROWID'),
    lines: ['table shops: rowid is without, demanded is none'],
  },
  'a key that replaces': {
    sqlite: inShops('PRIMARY KEY (id)', 'PRIMARY KEY (id) ON CONFLICT REPLACE'),
    lines: ['table shops: extras is on conflict replace, demanded is none'],
  },
  'a table that a crash empties': {
    postgres: 'ALTER TABLE sales SET UNLOGGED',
    lines: ['table sales: persistence is unlogged, demanded is permanent'],
  },
  'rows that some do not see': {
    postgres: 'ALTER TABLE sales ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON sales USING (true)',
    lines: ['table sales: row level security is on, demanded is none', 'policy own of table sales: extra'],
  },
};

describe.each(['sqlite', 'postgres'] as const)('drift on %s', (dialect) => {
  const planted = Object.entries(PLANTS).filter(([, plant]) => plant[dialect] !== undefined);
  let store: EmptyStore;
  let demanded: Catalogue;
  beforeAll(async () => {
    store = await EmptyStore.make(dialect);
    await store.up(migrations);
    // Asked for outside of the transaction that a plant lives in: on PostgreSQL it takes one itself.
    demanded = await demandedCatalogue(store.session, ENTITIES);
  });
  afterAll(() => store.close());

  it('is of at least 25 kinds', () => expect(planted.length).toBeGreaterThanOrEqual(25));

  it('is not found where there is none', async () => expect(await findDrift(store.session, ENTITIES)).toEqual([]));

  it.each(planted)('%s', async (_, plant) => {
    const wanted = linesOf(plant, dialect);
    await store.session.execute('BEGIN');
    try {
      await plantIt(store, plant[dialect]!);
      const lines = driftOf(demanded, await readCatalogue(store.session)).map(differenceLine);
      expect(lines).toEqual(wanted.map((line) => expect.stringContaining(line)));
    } finally {
      await store.session.execute('ROLLBACK');
    }
  });

  it('is gone with what was planted', async () => expect(await findDrift(store.session, ENTITIES)).toEqual([]));
});

describe('what is no drift', () => {
  it('on SQLite: case, quotes, comments, layout, and columns that were added later', async () => {
    const store = await EmptyStore.make('sqlite');
    await store.up(migrations);
    await store.session.execute('DROP TABLE shops');
    await store.session.execute(
      `create table "shops" ( -- ours, not theirs
         [id] TEXT not null, \`kind\` TEXT NOT NULL DEFAULT 'open', "name" TEXT NOT NULL /* , x CHECK (y) */,
         constraint ck_shops_open check ("kind" in('open','closed')), Constraint pk_shops PRIMARY KEY("id")) strict`,
    );
    await store.session.execute('CREATE UNIQUE INDEX uq_shops_name ON "shops" ("name" ASC)');
    expect(await driftLines(store)).toEqual([]);
    await store.close();
  });

  it('on PostgreSQL: what extensions bring, other schemas, and statistics', async () => {
    const store = await EmptyStore.make('postgres');
    await store.up(migrations);
    await store.session.execute('CREATE EXTENSION pg_stat_statements');
    await store.session.execute('CREATE SCHEMA elsewhere CREATE TABLE theirs (id text)');
    await store.session.execute('ANALYZE');
    expect(await driftLines(store)).toEqual([]);
    expect((await store.look()).includes('pg_stat')).toBe(false);
    await store.close();
  });
});

function both(statements: string, lines: readonly string[]): Plant {
  return { sqlite: statements, postgres: statements, lines };
}

function linesOf({ lines }: Plant, dialect: Dialect): readonly string[] {
  return 'length' in lines ? lines : (lines[dialect] ?? []);
}

async function driftLines(store: EmptyStore): Promise<string[]> {
  return (await findDrift(store.session, ENTITIES)).map(differenceLine);
}

async function plantIt(store: EmptyStore, plant: string | Edit): Promise<void> {
  if (typeof plant === 'string') return store.session.execute(plant);
  const objects = await store.query(
    sql`SELECT type, sql FROM sqlite_schema WHERE tbl_name = ${plant.table} AND sql IS NOT NULL`,
  );
  const text = (type: string) => objects.filter((row) => row['type'] === type).map((row) => String(row['sql']));
  const old = (text('table')[0] ?? '')
    .replaceAll(/\n {2}/g, ' ')
    .replaceAll('\n', '')
    .replace('( ', '(');
  const edited = old.replace(plant.from, plant.to);
  expect(edited).not.toBe(old);
  await store.session.execute(`DROP TABLE ${plant.table}`);
  await store.session.execute(edited);
  for (const index of text('index')) await store.session.execute(index);
}
