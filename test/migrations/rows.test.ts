// Changes of rows: batch by batch, and on from where they were cut off.
import { expect, it } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { readLevel } from '../../src/database/schema/history.js';
import { type Migration, migration } from '../../src/database/schema/migration.js';
import { planOf } from '../../src/database/schema/plan.js';
import { table } from '../../src/database/schema/table-builder.js';
import { sql } from '../../src/database/sql.js';
import { schemaChange } from './changes.js';
import { type EmptyStore, eachEngine } from './engines.js';

const coins = table('coins', (t) =>
  t
    .text('id')
    .text('side')
    .text('name')
    .amount('worth')
    .flag('rare')
    .instant('found_at', { nullable: true })
    .date('minted', { nullable: true })
    .text('folded', { nullable: true })
    .primaryKey('id', 'side'),
);
const start = schemaChange(
  '0001_coins',
  (s) => s.createTable(coins),
  (s) => s.dropTable('coins'),
);
const COUNT = 25;

const rows = (
  id: string,
  up: Extract<Parameters<typeof migration>[0], { kind: 'data' }>['up'],
  down: Extract<Parameters<typeof migration>[0], { kind: 'data' }>['down'] = { irreversible: 'a test' },
): Migration => migration({ id, kind: 'data', up, down });

async function fill(store: EmptyStore): Promise<void> {
  await store.up([start]);
  for (let index = 0; index < COUNT; index++) {
    const id = `c${String(index).padStart(3, '0')}`;
    await store.query(
      sql`INSERT INTO coins (id, side, name, worth, rare, found_at, minted) VALUES (${id}, ${index % 2 === 0 ? 'head' : 'tail'}, ${`Coin ${index}`}, ${index}, ${index % 5 === 0}, '2026-11-21T08:39:31.120Z', '2001-02-03')`,
    );
  }
}

const counted = async (store: EmptyStore, condition: string) =>
  Number(
    (
      await store.query(sql([`SELECT count(*) AS n FROM coins WHERE ${condition}`] as unknown as TemplateStringsArray))
    )[0]!['n'],
  );

eachEngine('a change of rows', (withStore) => {
  it(
    'sets, computes and deletes, only where it shall, whatever the size of the batches',
    withStore(async (store) => {
      await fill(store);
      const seen: unknown[] = [];
      const change = rows('0002_rows', (r) => {
        r.update(coins, {
          set: { worth: 'worth * 10' },
          where: { sqlite: 'rare = 1', postgres: 'rare' },
          batchRows: 2,
        });
        r.compute(coins, {
          read: ['name', 'worth', 'rare', 'found_at', 'minted'],
          write: ['folded', 'worth', 'rare', 'found_at'],
          batchRows: 7,
          compute: (row) => {
            seen.push(row);
            if (row['name'] === 'Coin 3') return undefined;
            return {
              folded: String(row['name']).toLowerCase(),
              worth: (row['worth'] as Amount) + 1n,
              rare: row['rare'],
              found_at: row['found_at'],
            };
          },
        });
        r.delete(coins, { where: "name = 'Coin 24'" });
      });
      await store.up([start, change]);
      expect(seen[5]).toEqual({
        name: 'Coin 5',
        worth: 50n,
        rare: true,
        found_at: '2026-11-21T08:39:31.120Z',
        minted: '2001-02-03',
      });
      expect(seen).toHaveLength(COUNT);
      expect(await counted(store, "folded = 'coin 10' AND worth = 101")).toBe(1);
      expect(await counted(store, "folded = 'coin 11' AND worth = 12")).toBe(1);
      expect(await counted(store, 'folded IS NULL')).toBe(1);
      expect(await counted(store, '1 = 1')).toBe(COUNT - 1);
      expect((await readLevel(store.session, [start, change])).level).toBe('current');
    }),
  );

  it(
    'that was cut off goes on where it stopped: no row twice, none left out',
    withStore(async (store) => {
      await fill(store);
      let left = 12;
      const change = rows('0002_cut', (r) => {
        r.update(coins, { set: { worth: 'worth + 1000' }, batchRows: 4 });
        r.compute(coins, {
          read: ['worth'],
          write: ['worth'],
          batchRows: 5,
          compute: (row) => {
            if (left-- === 0) throw new Error('the power went out');
            return { worth: (row['worth'] as Amount) + 100_000n };
          },
        });
      });
      await expect(store.up([start, change])).rejects.toThrow(/0002_cut: the power went out/);
      expect(await counted(store, 'worth >= 101000')).toBe(10);
      const level = await readLevel(store.session, [start, change]);
      expect(level).toMatchObject({ underWay: { id: '0002_cut', direction: 'up', step: 1 }, level: 'behind' });

      await expect(store.down([start, change])).rejects.toMatchObject({
        code: 'migration_half_done',
        message: expect.stringMatching(/0002_cut was cut off on its way up/),
      });
      left = Number.POSITIVE_INFINITY;
      await store.up([start, change]);
      expect(await counted(store, 'worth >= 101000 AND worth < 102000')).toBe(COUNT);
      expect((await readLevel(store.session, [start, change])).underWay).toBeUndefined();
    }),
  );

  it(
    'goes back too, and is finished in the direction in which it was cut off',
    withStore(async (store) => {
      await fill(store);
      let fails = true;
      const change = rows(
        '0002_back',
        (r) => r.update(coins, { set: { folded: 'name' }, losesData: false }),
        (r) => {
          r.update(coins, { set: { folded: 'NULL' }, losesData: false, batchRows: 10 });
          r.compute(coins, {
            read: [],
            write: ['folded'],
            losesData: false,
            compute: () => {
              if (fails) throw new Error('the power went out');
              return undefined;
            },
          });
        },
      );
      await store.up([start, change]);
      expect(await counted(store, 'folded = name')).toBe(COUNT);
      await expect(store.down([start, change], undefined, false)).rejects.toThrow('the power went out');
      await expect(store.up([start, change])).rejects.toMatchObject({ code: 'migration_half_done' });
      fails = false;
      expect(await store.down([start, change], undefined, false)).toMatchObject([
        { id: '0002_back', direction: 'down' },
      ]);
      expect(await counted(store, 'folded IS NULL')).toBe(COUNT);
      expect(await store.up([start, change])).toMatchObject([{ id: '0002_back' }]);
    }),
  );

  it(
    'of no rows is done at once',
    withStore(async (store) => {
      const change = rows('0002_none', (r) => r.delete(coins, {}));
      expect(await store.up([start, change])).toHaveLength(2);
    }),
  );

  it(
    'whose rule gives too little is refused',
    withStore(async (store) => {
      await fill(store);
      const change = rows('0002_little', (r) =>
        r.compute(coins, { read: ['name'], write: ['folded'], compute: () => ({}) }),
      );
      await expect(store.up([start, change])).rejects.toThrow(/0002_little: the rule for coins gave no folded/);
    }),
  );
});

it('the plan shows one batch of it', () => {
  const change = rows(
    '0002_plan',
    (r) => {
      r.update(coins, { set: { worth: 'worth * 10' }, where: { sqlite: 'rare = 1', postgres: 'rare' } });
      r.compute(coins, { read: ['name'], write: ['folded'], compute: () => undefined, losesData: false });
      r.delete(coins, {});
    },
    (r) => r.update(coins, { set: { folded: 'NULL' }, losesData: false }),
  );
  const [planned] = planOf([change], 'up', 'postgres');
  expect(planned).toMatchObject({ kind: 'data', transaction: 'batches', reversible: 'yes' });
  expect(
    planned!.steps.map(({ statements, lock, losesData }) => ({ sql: statements.join(), lock, losesData })),
  ).toEqual([
    {
      sql: 'UPDATE coins SET worth = worth * 10 WHERE (id, side) > :after AND (id, side) <= :until AND (rare)',
      lock: 'ROW EXCLUSIVE',
      losesData: true,
    },
    {
      sql: 'UPDATE coins SET folded = computed(name) WHERE (id, side) > :after AND (id, side) <= :until',
      lock: 'ROW EXCLUSIVE',
      losesData: false,
    },
    {
      sql: 'DELETE FROM coins WHERE (id, side) > :after AND (id, side) <= :until',
      lock: 'ROW EXCLUSIVE',
      losesData: true,
    },
  ]);
});
