// The runner's order, its refusals, and what it leaves behind when something goes wrong.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readLevel } from '../../src/database/schema/history.js';
import { levelOf, readSchemaLevel } from '../../src/database/schema/level.js';
import { assertInOrder, type Migration, migration } from '../../src/database/schema/migration.js';
import { table } from '../../src/database/schema/table-builder.js';
import { sql } from '../../src/database/sql.js';
import { books, CHANGES, schemaChange, start, titles } from './changes.js';
import { eachEngine, EmptyStore, openAt } from './engines.js';

const emptied = { irreversible: 'a test' };
const tableOf = (number: number): Migration =>
  schemaChange(
    `000${number}_t${number}`,
    (s) => s.createTable(table(`t${number}`, (t) => t.text('id'))),
    (s) => s.dropTable(`t${number}`),
  );
const [one, two, three] = [tableOf(1), tableOf(2), tableOf(3)];
const ids = (ran: readonly { id: string }[]) => ran.map(({ id }) => id);

eachEngine('the runner', (withStore, dialect) => {
  it(
    'applies in order, notes who did it and when, and then finds nothing to do',
    withStore(async (store) => {
      expect(ids(await store.up([one, two, three]))).toEqual(['0001_t1', '0002_t2', '0003_t3']);
      expect(await store.up([one, two, three])).toEqual([]);
      const { applied, level } = await readLevel(store.session, [one, two, three]);
      expect(level).toBe('current');
      expect(applied[0]).toMatchObject({
        id: '0001_t1',
        appliedBy: '0.0.0-test',
        appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        tookMs: expect.any(Number),
      });
      expect(store.told).toContainEqual(expect.stringMatching(/^applied 0002_t2 \(\d+ ms\)$/));
    }),
  );

  it(
    'goes as far as --to says, by id or number, forth and back',
    withStore(async (store) => {
      expect(ids(await store.up([one, two, three], '2'))).toEqual(['0001_t1', '0002_t2']);
      expect(await store.up([one, two, three], '0001_t1')).toEqual([]);
      expect(ids(await store.up([one, two, three], '0003_t3'))).toEqual(['0003_t3']);
      expect(ids(await store.down([one, two, three]))).toEqual(['0003_t3']);
      expect(ids(await store.down([one, two, three], '0'))).toEqual(['0002_t2', '0001_t1']);
      expect(await store.down([one, two, three])).toEqual([]);
      await expect(store.up([one, two], '9')).rejects.toMatchObject({
        code: 'no_such_migration',
        message: expect.stringContaining('0001_t1, 0002_t2'),
      });
      await expect(store.up([one, two], '0001_other')).rejects.toMatchObject({ code: 'no_such_migration' });
    }),
  );

  it(
    'refuses a migration that was changed after it was applied, by name, both ways',
    withStore(async (store) => {
      await store.up([one, two]);
      const changed = schemaChange(
        '0002_t2',
        (s) => s.createTable(table('t2', (t) => t.text('id').text('name'))),
        (s) => s.dropTable('t2'),
      );
      await expect(store.up([one, changed, three])).rejects.toMatchObject({
        code: 'applied_migration_changed',
        message: expect.stringMatching(/^0002_t2 was changed/),
      });
      await expect(store.down([one, changed])).rejects.toMatchObject({ code: 'applied_migration_changed' });
      expect(await store.up([one, two, three])).toHaveLength(1);
    }),
  );

  it(
    'leaves a store that is ahead alone, and refuses to change it',
    withStore(async (store) => {
      await store.up([one, two]);
      expect(await store.up([one])).toEqual([]);
      expect((await readLevel(store.session, [one])).unknown).toMatchObject([{ id: '0002_t2' }]);
      await expect(store.down([one])).rejects.toMatchObject({
        code: 'store_ahead',
        message: expect.stringMatching(/0002_t2 \(applied by version 0\.0\.0-test\)/),
      });
      const other = schemaChange('0003_other', (s) => s.dropTable('t1'), emptied);
      await expect(store.up([one, other])).rejects.toMatchObject({
        code: 'store_ahead',
        message: expect.stringMatching(/0002_t2.*0003_other/),
      });
    }),
  );

  it(
    'refuses a migration that comes before one that is applied',
    withStore(async (store) => {
      await store.up([one, three]);
      await expect(store.up([one, two, three])).rejects.toMatchObject({
        code: 'migration_out_of_order',
        message: expect.stringMatching(/^0002_t2 would come after 0003_t3/),
      });
    }),
  );

  it(
    'goes back over no data without leave, and over no migration that has no way back',
    withStore(async (store) => {
      const last = schemaChange(
        '0003_last',
        (s) =>
          s.createIndex(
            table('t2', (t) => t.text('id')),
            { name: 'ix_last', columns: ['id'], unique: false },
          ),
        emptied,
      );
      await store.up([one, two]);
      const before = await store.look();
      await expect(store.down([one, two], '0', false)).rejects.toMatchObject({
        code: 'data_would_be_lost',
        message: expect.stringMatching(/0002_t2 \(drop table t2\), 0001_t1/),
      });
      await store.up([one, two, last]);
      await expect(store.down([one, two, last], '0')).rejects.toMatchObject({
        code: 'migration_irreversible',
        message: '0003_last cannot be taken back: a test',
      });
      expect(await store.look()).not.toBe(before);
      expect((await readLevel(store.session, [one, two, last])).pending).toEqual([]);
    }),
  );

  it(
    'undoes all of a migration whose statement fails, names the statement, and keeps what came before',
    withStore(async (store) => {
      const broken = schemaChange(
        '0002_broken',
        (s) => {
          s.createTable(table('half', (t) => t.text('id')));
          s.sql({
            title: 'nonsense',
            sqlite: ['SELECT x FROM nowhere'],
            postgres: ['SELECT x FROM nowhere'],
            lock: 'none',
          });
        },
        emptied,
      );
      await expect(store.up([one, broken])).rejects.toMatchObject({
        code: 'migration_failed',
        message: expect.stringMatching(/^0002_broken: nonsense: .*nowhere.*\nSELECT x FROM nowhere$/s),
      });
      expect(await store.look()).not.toContain('table half');
      expect((await readLevel(store.session, [one, broken])).applied).toMatchObject([{ id: '0001_t1' }]);
      expect(ids(await store.up([one, two]))).toEqual(['0002_t2']);
    }),
  );

  it(
    'tells the readiness of the server the same level',
    withStore(async (store) => {
      const level = (...known: Migration[]) =>
        readSchemaLevel(async (text) => (await store.query(sqlOf(text))).map((row) => Object.values(row)), known);
      expect(await level(one)).toBe('empty');
      expect(await level()).toBe('current');
      await store.up([one]);
      expect(await level(one)).toBe('current');
      expect(await level(one, two)).toBe('behind');
      expect(await level()).toBe('ahead');
      await expect(readSchemaLevel(async () => Promise.reject(new Error('no store')), [one])).rejects.toThrow(
        'no store',
      );
    }),
  );

  it(
    'waits for another runner, then finds its work done',
    withStore(async (store) => {
      const other = await openAt(store.url);
      expect(await other.tryLock()).toBe(true);
      const waiting = store.up([one]);
      await sleep(300);
      expect(store.told).toEqual(['Another runner is at work: waiting for it to end.']);
      await other.unlock();
      expect(ids(await waiting)).toEqual(['0001_t1']);
      await other.close();
    }),
  );

  if (dialect === 'sqlite')
    it(
      'refuses a SQLite store that a server has, unless there is nothing to do',
      withStore(async (store) => {
        await store.up([one]);
        const { lockStore } = await import('../../src/database/sqlite/server-lock.js');
        const server = lockStore(store.url.replace('sqlite:///', ''));
        try {
          await expect(store.up([one, two])).rejects.toMatchObject({
            code: 'store_in_use',
            message: expect.stringMatching(/Stop it, run this again/),
          });
          await expect(store.down([one])).rejects.toMatchObject({ code: 'store_in_use' });
          expect(await store.up([one])).toEqual([]);
        } finally {
          server.release();
        }
        expect(ids(await store.up([one, two]))).toEqual(['0002_t2']);
      }),
    );
});

function sqlOf(text: string) {
  return sql([text] as unknown as TemplateStringsArray);
}

describe('on PostgreSQL the runner', () => {
  const withPostgres = (work: (store: EmptyStore) => Promise<void>) => async () => {
    const store = await EmptyStore.make('postgres');
    try {
      await work(store);
    } finally {
      await store.close();
    }
  };
  const concurrent = CHANGES.find(([name]) => name === 'createIndex concurrently')![1];

  it(
    'drops the unfinished index that a crash left behind, and builds it again',
    withPostgres(async (store) => {
      await store.up([start]);
      // A duplicate makes the build fail after the index stands in the catalogue: what a crash leaves looks the same.
      await store.query(
        sql`INSERT INTO books (id, title, price, lent, bought, pages) VALUES ('a', 'x', 1, true, '2020-01-01', 1), ('b', 'x', 1, true, '2020-01-01', 1)`,
      );
      await expect(
        store.session.execute(`CREATE UNIQUE INDEX CONCURRENTLY ${titles.name} ON books (title)`),
      ).rejects.toThrow(/duplicate|unique/);
      expect(await store.look()).toMatch(new RegExp(`index ${titles.name}: .*valid no`));
      await store.up([start, concurrent]);
      expect(await store.look()).toMatch(new RegExp(`index ${titles.name}: columns title, id; unique no\n`));
      await store.down([start, concurrent]);
      expect(await store.look()).not.toContain(titles.name);
    }),
  );

  it(
    'asks again for a table that others hold, tells who they are, and gives up in time',
    withPostgres(async (store) => {
      await store.up([start]);
      const holder = await openAt(store.url);
      await holder.execute('BEGIN');
      await holder.execute('LOCK TABLE books IN ACCESS SHARE MODE');
      const change = schemaChange(
        '0002_note',
        (s) => s.addColumn(books, { name: 'note', kind: 'text', nullable: true }),
        emptied,
      );
      const { up } = await import('../../src/database/schema/runner.js');
      const impatient = up(store.session, [start, change], { ...store.options(), waitMs: 500 });
      await expect(impatient).rejects.toMatchObject({
        code: 'locked_out',
        message: expect.stringMatching(
          /^0002_note: other sessions held a table.*pid \d+ "passbook migrate": idle in transaction/s,
        ),
      });
      const patient = store.up([start, change]);
      await sleep(600);
      await holder.execute('COMMIT');
      expect(ids(await patient)).toEqual(['0002_note']);
      await holder.close();
    }),
  );

  it(
    'does not go on when the connection that holds its lock is lost',
    withPostgres(async (store) => {
      const cut = schemaChange(
        '0001_cut',
        (s) =>
          s.sql({
            title: 'loses the lock',
            sqlite: [],
            postgres: [
              "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            ],
            lock: 'none',
          }),
        emptied,
      );
      await expect(store.up([cut, two])).rejects.toMatchObject({ code: 'locked_out' });
      expect((await readLevel(store.session, [cut, two])).pending).toEqual([two]);
      expect(ids(await store.up([cut, two]))).toEqual(['0002_t2']);
    }),
  );
});

it('a list whose numbers do not go up is refused', () => {
  expect(() => assertInOrder([two, one])).toThrow(/0001_t1 after 0002_t2/);
  expect(() =>
    assertInOrder([one, migration({ id: '0001_again', kind: 'schema', up: () => undefined, down: emptied })]),
  ).toThrow(/each taken once/);
  expect(() => assertInOrder([one, two, three])).not.toThrow();
});

it('levels are told from ids alone', () => {
  expect(levelOf([], [])).toBe('current');
  expect(levelOf([], ['a'])).toBe('empty');
  expect(levelOf(['a'], ['a', 'b'])).toBe('behind');
  expect(levelOf(['a', 'x'], ['a', 'b'])).toBe('behind');
  expect(levelOf(['a', 'b', 'c'], ['a', 'b'])).toBe('ahead');
});
