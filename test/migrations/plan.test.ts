// What the plan says of each change, and that PostgreSQL does just that.
import { describe, expect, it } from 'vitest';
import { planOf } from '../../src/database/schema/plan.js';
import { type Lock } from '../../src/database/schema/step.js';
import { sql } from '../../src/database/sql.js';
import { books, CHANGES, note, schemaChange, start } from './changes.js';
import { EmptyStore } from './engines.js';

describe('what the plan says', () => {
  const planned = (id: string) => planOf([CHANGES.find(([, change]) => change.id === id)![1]], 'up', 'postgres')[0]!;

  it.each([
    ['0002_a', { lock: 'SHARE ROW EXCLUSIVE', rewrites: false, losesData: false }],
    ['0002_b', { lock: 'ACCESS EXCLUSIVE', rewrites: false, scans: false, losesData: false }],
    ['0002_c', { lock: 'ACCESS EXCLUSIVE', rewrites: false, scans: true, losesData: false }],
    ['0002_d', { lock: 'ACCESS EXCLUSIVE', rewrites: false, losesData: true }],
    ['0002_e', { lock: 'SHARE', scans: true }],
    ['0002_g', { lock: 'SHARE UPDATE EXCLUSIVE', scans: true }],
    ['0002_h', { lock: 'ACCESS EXCLUSIVE', scans: true }],
    ['0002_j', { lock: 'SHARE ROW EXCLUSIVE', scans: true }],
    ['0002_l', { lock: 'ACCESS EXCLUSIVE', rewrites: false }],
    ['0002_m', { lock: 'ACCESS EXCLUSIVE', rewrites: true, losesData: true }],
  ] as const)('of %s on PostgreSQL: %o', (id, effect) => expect(planned(id).steps[0]).toMatchObject(effect));

  it('of the transaction and of the way back', () => {
    expect(planned('0002_a')).toMatchObject({
      transaction: 'one',
      reversible: 'with data loss',
      reason: 'drop table loans',
    });
    expect(planned('0002_d')).toMatchObject({ reversible: 'yes' });
    expect(planned('0002_g')).toMatchObject({ transaction: 'none', reversible: 'yes' });
    expect(
      planOf([schemaChange('0002_x', (s) => s.addColumn(books, note), { irreversible: 'sold' })], 'up', 'sqlite')[0],
    ).toMatchObject({ reversible: 'no', reason: 'sold' });
  });

  it('a rebuild on SQLite names its cost', () => {
    const [step] = planOf([CHANGES[7]![1]], 'up', 'sqlite')[0]!.steps;
    expect(step).toMatchObject({ lock: 'write', rewrites: true, losesData: false });
    expect(step!.statements.map((statement) => statement.split(' (')[0])).toEqual([
      'CREATE TABLE rebuilt_books',
      'INSERT INTO rebuilt_books',
      'DROP TABLE books',
      'ALTER TABLE rebuilt_books RENAME TO books',
    ]);
  });
});

const STRENGTH: readonly (Lock | string)[] = [
  'none',
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

describe('what PostgreSQL does', () => {
  it.each(CHANGES.filter(([, change]) => change.transactional && change.kind === 'schema'))(
    'for %s is the lock and the rewriting that was planned',
    async (_, change) => {
      const store = await EmptyStore.make('postgres');
      try {
        await store.up([start]);
        const filesSql = sql`SELECT relname::text AS name, relfilenode AS file FROM pg_class WHERE relname IN ('books', 'shelves') ORDER BY 1`;
        const before = await store.query(filesSql);
        const [planned] = planOf([change], 'up', 'postgres');
        await store.session.transaction(async () => {
          for (const statement of planned!.steps.flatMap(({ statements }) => statements))
            await store.session.execute(statement);
          const locks = await store.query(
            sql`SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('books'::regclass, 'shelves'::regclass)`,
          );
          // Looking itself takes the two weakest.
          const strongest = Math.max(
            0,
            ...locks.map(({ mode }) => STRENGTH.indexOf(String(mode))).filter((strength) => strength > 2),
          );
          expect(STRENGTH[strongest]!.replace(/Lock$/, '')).toBe(
            planned!.steps[0]!.lock.replaceAll(
              /(\w)(\w*) ?/g,
              (_all, first: string, rest: string) => first + rest.toLowerCase(),
            ).replace('None', 'none'),
          );
          const isRewritten = JSON.stringify(await store.query(filesSql)) !== JSON.stringify(before);
          if (isRewritten) expect(planned!.steps[0]!.rewrites).toBe(true);
        });
      } finally {
        await store.close();
      }
    },
  );
});
