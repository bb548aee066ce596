// The migrations themselves: each forth and back on each engine, and what they come to together.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findDrift } from '../../src/database/schema/check.js';
import { assertInOrder, isIrreversible } from '../../src/database/schema/migration.js';
import { checksumOf } from '../../src/database/schema/render-migration.js';
import { ENTITIES } from '../../src/entities.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { DIALECTS, eachEngine } from './engines.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

it('the list holds every file of the folder, in the order of their numbers', () => {
  assertInOrder(MIGRATIONS);
  const files = readdirSync(path('../../migrations')).filter((name) => /^\d{4}-.*\.ts$/.test(name));
  expect(files.sort()).toEqual(MIGRATIONS.map(({ id }) => `${id.replaceAll('_', '-')}.ts`));
});

it('what was released stays as it is: the checksums are those of the golden file', () => {
  const lines = MIGRATIONS.flatMap((migration) =>
    DIALECTS.map((dialect) => `${migration.id} ${dialect} ${checksumOf(migration, dialect)}\n`),
  );
  expectGolden('checksums.txt', lines.join(''));
});

eachEngine('the migrations', (withStore, dialect) => {
  it.each(MIGRATIONS.map(({ id }, at) => [id, at] as const))('%s: up, look, down, look, up', (_, at) =>
    withStore(async (store) => {
      const migration = MIGRATIONS[at]!;
      await store.up(MIGRATIONS.slice(0, at));
      // The runner's own tables are made by the first run, whatever it applies.
      await store.up([]);
      const before = await store.look();
      const known = MIGRATIONS.slice(0, at + 1);
      expect(await store.up(known)).toMatchObject([{ id: migration.id }]);
      const after = await store.look();
      if (migration.kind === 'schema') expect(after).not.toBe(before);
      if (isIrreversible(migration.down)) return;
      expect(await store.down(known)).toMatchObject([{ id: migration.id }]);
      expect(await store.look()).toBe(before);
      await store.up(known);
      expect(await store.look()).toBe(after);
    })(),
  );

  it(
    'come to what the entities demand',
    withStore(async (store) => {
      await store.up(MIGRATIONS);
      expect(await findDrift(store.session, ENTITIES)).toEqual([]);
    }),
  );

  it(
    'come to the catalogue of the golden file, also all back and forth again',
    withStore(async (store) => {
      await store.up(MIGRATIONS);
      expectGolden(`catalogue.${dialect}.txt`, await store.look());
      if (MIGRATIONS.some(({ down }) => isIrreversible(down))) return;
      await store.down(MIGRATIONS, '0');
      expect(await store.look()).toMatch(
        /^table schema_migration_progress(?:.|\n)*\n\ntable schema_migrations: [^\n]*\n(?: .*\n)*$/,
      );
      await store.up(MIGRATIONS);
      expectGolden(`catalogue.${dialect}.txt`, await store.look());
    }),
  );
});

/** Written anew by UPDATE_GOLDEN=1. */
function expectGolden(name: string, text: string): void {
  const file = path(`../golden/${name}`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(existsSync(file), `${file} is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
