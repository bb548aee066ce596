// The import rules, each with a breach planted in a small project of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { violationsIn } from '../scripts/floors.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is wrong in a project of these files. It lies within this one, so that its packages are found. */
function problemsOf(files: Record<string, string>): string[] {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const planted = mkdtempSync(join(root, '.tmp', 'floors-'));
  const compilerOptions = { module: 'nodenext', target: 'es2023', lib: ['es2023'], types: [], strict: true };
  for (const [path, text] of Object.entries({ 'tsconfig.json': JSON.stringify({ compilerOptions }), ...files })) {
    mkdirSync(join(planted, dirname(path)), { recursive: true });
    writeFileSync(join(planted, path), text);
  }
  const problems = violationsIn(planted).map(({ file, line, problem }) => `${file}:${line} ${problem}`);
  rmSync(planted, { recursive: true });
  return problems;
}

const NOUN = 'export class Noun {}\nexport type Word = string;\n';
const USES_NOUN = (path: string) => `import { Noun } from '${path}';\nexport const noun = Noun;\n`;

describe('floors', () => {
  it('finds nothing where imports run down', () => {
    const problems = problemsOf({
      'src/common/noun.ts': NOUN,
      'src/database/schema/words.ts': USES_NOUN('../../common/noun.js'),
      'src/database/schema/table.ts': USES_NOUN('../../common/noun.js'),
      'src/cli/migrate.ts': `import { list } from '../../migrations/index.js';\nexport const known = list;\n`,
      'src/accounts/account.ts': USES_NOUN('../common/noun.js'),
      'src/transfers/transfer.ts': `import { noun } from '../accounts/account.js';\nexport const one = noun;\n`,
      'src/feeds/port/feed.ts': USES_NOUN('../../common/noun.js'),
      'src/feeds/sync/sync.ts': `import { noun } from '../port/feed.js';\nexport const sync = noun;\n`,
      'src/feeds/feeds.ts': `import { sync } from './sync/sync.js';\nexport const feeds = sync;\n`,
      'src/app.module.ts': `import { list } from '../migrations/index.js';\nimport { one } from './transfers/transfer.js';\nexport const app = [one, list];\n`,
      'src/cli/passbook.ts': `import { app } from '../app.module.js';\nexport const cli = app;\n`,
      'src/main.ts': `import { app } from './app.module.js';\nimport 'reflect-metadata';\nexport const main = app;\n`,
      'migrations/index.ts': `import { first } from './0001-first.js';\nexport const list = [first];\n`,
      'migrations/0001-first.ts': `import { noun } from '../src/database/schema/words.js';\nexport const first = noun;\n`,
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['upward', 'src/common/a.ts', '../accounts/noun.js', 'src/accounts/noun.ts'],
    ['to a sibling', 'src/database/a.ts', '../http/noun.js', 'src/http/noun.ts'],
    ['between deeds', 'src/transfers/a.ts', '../feeds/noun.js', 'src/feeds/noun.ts'],
    ['of a room above', 'src/feeds/port/a.ts', '../sync/noun.js', 'src/feeds/sync/noun.ts'],
    ['of the room beside', 'src/feeds/turns/a.ts', '../tokens/noun.js', 'src/feeds/tokens/noun.ts'],
    ['of what puts the rooms together', 'src/feeds/sync/a.ts', '../noun.js', 'src/feeds/noun.ts'],
    ['of the highest floor', 'src/health/a.ts', '../app.module.js', 'src/app.module.ts'],
    ['from deep within a folder', 'src/database/schema/deep/a.ts', '../../../auth/noun.js', 'src/auth/noun.ts'],
    ['of tests', 'src/accounts/a.ts', '../../test/noun.js', 'test/noun.ts'],
    ['of migrations from elsewhere', 'src/accounts/a.ts', '../../migrations/index.js', 'migrations/index.ts'],
    ['of one migration past the list', 'src/cli/a.ts', '../../migrations/0001.js', 'migrations/0001.ts'],
    ['of a noun by a migration', 'migrations/0001.ts', '../src/accounts/noun.js', 'src/accounts/noun.ts'],
    ['of the configuration by a migration', 'migrations/0001.ts', '../src/config/noun.js', 'src/config/noun.ts'],
  ])('refuses an import %s', (_, from, specifier, to) => {
    const problems = problemsOf({ [from]: USES_NOUN(specifier), [to]: NOUN });
    expect(problems).toEqual([expect.stringContaining(`${from}:1 imports ${to}: `)]);
  });

  it.each([
    ['type-only', `import type { Word } from '../accounts/noun.js';\nexport type W = Word;\n`],
    ['type among values', `import { type Word } from '../accounts/noun.js';\nexport type W = Word;\n`],
    ['inline type', `export type W = import('../accounts/noun.js').Word;\n`],
    ['dynamic', `export const late = () => import('../accounts/noun.js');\n`],
    ['worker', `export const worker = new URL('../accounts/noun.js', import.meta.url);\n`],
    ['bare', `import '../accounts/noun.js';\nexport const a = 1;\n`],
  ])('sees an import that is %s', (_, text) => {
    const problems = problemsOf({ 'src/common/a.ts': text, 'src/accounts/noun.ts': NOUN });
    expect(problems).toEqual([expect.stringContaining('src/common/a.ts:1 imports src/accounts/noun.ts: ')]);
  });

  it('knows no folder and no file that stands on no floor', () => {
    const problems = problemsOf({ 'src/utils/a.ts': NOUN, 'src/stray.ts': NOUN });
    expect(problems).toEqual([
      'src/stray.ts:1 src/stray.ts stands on no floor',
      'src/utils/a.ts:1 src/utils stands on no floor',
    ]);
  });
});

describe('circles', () => {
  it('refuses one within a folder, and one of types only', () => {
    const problems = problemsOf({
      'src/common/a.ts': `import type { B } from './b.js';\nexport type A = B[];\n`,
      'src/common/b.ts': `import type { C } from './c.js';\nexport type B = C[];\n`,
      'src/common/c.ts': `import type { A } from './a.js';\nexport type C = A[];\n`,
    });
    expect(problems).toEqual([
      'src/common/a.ts:1 a circle of imports: src/common/a.ts → src/common/b.ts → src/common/c.ts → src/common/a.ts',
    ]);
  });
});

describe('habits', () => {
  it.each(['export * from', 'export { Noun } from', 'export type { Word } from'])('refuses a barrel: %s', (start) => {
    const problems = problemsOf({ 'src/accounts/index.ts': `${start} './noun.js';\n`, 'src/accounts/noun.ts': NOUN });
    expect(problems).toEqual([expect.stringContaining('src/accounts/index.ts:1 passes on')]);
  });

  it('refuses forwardRef', () => {
    const text = `import { Inject, forwardRef } from '@nestjs/common';\nexport const a = Inject(forwardRef(() => Date));\n`;
    expect(problemsOf({ 'src/accounts/a.ts': text })).toHaveLength(2);
  });
});

describe('writes past the door', () => {
  const REFUSED = [
    'const q = "INSERT INTO accounts VALUES (1)";',
    'const q = `insert into ${t} values (1)`;',
    'const q = `UPDATE ${t} SET n = 1`;',
    'const q = "UPDATE \\"accounts\\" AS a SET n = 1";',
    'const q = "UPDATE " + t + " SET n = 1";',
    'const q = `\n  DELETE FROM accounts`;',
    'const q = "SELECT 1; delete from accounts";',
    'const q = `WITH gone AS (DELETE FROM ${t} RETURNING id) SELECT id FROM gone`;',
    'const q = `with gone as (delete from ${t} returning id) select id from gone`;',
    'const q = "TRUNCATE accounts";',
    'const q = "truncate table \\"accounts\\"";',
    'const q = "INSERT OR REPLACE INTO accounts VALUES (1)";',
    'const q = "MERGE INTO accounts USING x ON true";',
    'const q = "COPY accounts (id) FROM STDIN";',
    'const q = String.raw`DELETE FROM accounts`;',
    'await rows.save({ id: "1" });',
    'await rows.insert({ id: "1" });',
    'await rows.update("1", { id: "2" });',
    'await rows.delete("1");',
    'await rows.remove(new Row());',
    'await rows.upsert({ id: "1" }, ["id"]);',
    'await manager.save(new Row());',
    'await source.manager.delete(Row, "1");',
    'await source.getRepository(Row).clear();',
    'await source.createQueryBuilder().update(Row).set({ id: "2" }).execute();',
    'await rows.createQueryBuilder().delete().execute();',
  ];
  const LEFT = [
    'const q = "SELECT id, updated_at FROM accounts FOR UPDATE";',
    'const q = "You may delete from the list what you added, and update a set of them.";',
    'const q = `${t} is set; insert coins`;',
    '// INSERT INTO accounts VALUES (1)',
    'const seen = new Set(["1"]);\nseen.delete("1");',
    'await rows.find();',
  ];
  const textOf = (statement: string) => `import type { DataSource, EntityManager, Repository } from 'typeorm';
    export class Row { id = ''; }
    export async function go(t: string, rows: Repository<Row>, manager: EntityManager, source: DataSource) {
      ${statement}
    }\n`;
  let problems: string[];

  // All in one project: reading TypeORM's types anew for each would take longer than everything else.
  beforeAll(() => {
    const files: Record<string, string> = {};
    for (const [index, statement] of REFUSED.entries()) {
      files[`src/accounts/refused${index}.ts`] = textOf(statement);
      files[`src/database/door${index}.ts`] = textOf(statement);
      files[`migrations/${index}.ts`] = textOf(statement);
    }
    for (const [index, statement] of LEFT.entries()) files[`src/accounts/left${index}.ts`] = textOf(statement);
    problems = problemsOf(files);
  });

  it.each(REFUSED.map((statement, index) => ({ statement, index })))('refuses $statement', ({ index }) => {
    const own = problems.filter((problem) =>
      problem.startsWith(`src/accounts/refused${index}.ts:4 writes past the door`),
    );
    expect(own).toHaveLength(1);
  });

  it('lets stand what only looks like it, and everything within the door and the migrations', () => {
    expect(problems).toHaveLength(REFUSED.length);
  });
});
