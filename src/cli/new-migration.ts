// Writes the next migration's file, for somebody to fill in.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIGRATIONS } from '../../migrations/index.js';
import { CommandFailed } from './command-failed.js';
import { EXIT } from '../common/exit-codes.js';
import { type Outcome } from './migrate.output.js';

const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const LENGTH_MAX = 60;

/** @param folder of the checkout */
export async function writeNewMigration(
  words: string,
  kind: 'schema' | 'data',
  folder = process.cwd(),
): Promise<Outcome> {
  const index = join(folder, 'migrations', 'index.ts');
  if (!existsSync(index))
    throw new CommandFailed(
      `${index} is not there: new migrations are written in a checkout, from its top folder.`,
      EXIT.usage,
    );
  const name = words
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  if (!NAME.test(name) || name.length > LENGTH_MAX) {
    throw new CommandFailed(
      `"${words}" is no name: it takes letters, digits and "_", a letter first, at most ${LENGTH_MAX}, as accounts_nickname.`,
      EXIT.usage,
    );
  }
  const listed = readFileSync(index, 'utf8');
  // The files may be ahead of what is built.
  const numbers = [...listed.matchAll(/from '\.\/(\d{4})-/g)].map(([, digits]) => Number(digits));
  const number = String(Math.max(0, ...MIGRATIONS.map((one) => one.number), ...numbers) + 1).padStart(4, '0');
  const constant = camelCase(name);
  if (new RegExp(`\\b${constant}\\b`).test(listed))
    throw new CommandFailed(`migrations/index.ts has a ${constant} already: give it another name.`, EXIT.usage);
  const file = `${number}-${name.replaceAll('_', '-')}`;
  const path = join(folder, 'migrations', `${file}.ts`);
  writeFileSync(path, templates[kind](`${number}_${name}`, constant), { flag: 'wx' });
  writeFileSync(index, withListed(listed, constant, file));
  const id = `${number}_${name}`;
  const text = `Wrote migrations/${file}.ts and listed it. Fill in up and down, and the entity with them; then: npm run build && passbook migrate plan`;
  return { json: { id, path }, text, exit: EXIT.ok };
}

function withListed(index: string, constant: string, file: string): string {
  const imported = index.replace(
    /\n\nexport const MIGRATIONS/,
    `\nimport { ${constant} } from './${file}.js';\n\nexport const MIGRATIONS`,
  );
  const listed = imported.replace(
    /(export const MIGRATIONS[^[]*\[\] = \[)([^\]]*?),?\s*\];/,
    (_, start: string, inside: string) => {
      const names = [...inside.split(',').map((one) => one.trim()), constant].filter((one) => one !== '');
      const line = `${start}${names.join(', ')}];`;
      return line.length <= 120 ? line : `${start}\n${names.map((one) => `  ${one},\n`).join('')}];`;
    },
  );
  if (listed === imported || imported === index)
    throw new CommandFailed(
      'migrations/index.ts does not look as expected: list the new file there by hand.',
      EXIT.failed,
    );
  return listed;
}

const templates = {
  schema: (id: string, constant: string) => `import { migration } from '../src/database/schema/migration.js';

export const ${constant} = migration({
  id: '${id}',
  kind: 'schema',
  up: (schema) => {
    // One change: schema.addColumn(table, { name: 'nickname', kind: 'text', nullable: true });
  },
  down: (schema) => {
    // What undoes it: schema.dropColumn(tableWithNickname, 'nickname'); or, in place of the function, { irreversible: 'why' }
  },
});
`,
  data: (id: string, constant: string) => `import { migration } from '../src/database/schema/migration.js';

export const ${constant} = migration({
  id: '${id}',
  kind: 'data',
  up: (rows) => {
    // One change: rows.update(table, { set: { nickname: 'name' }, where: 'nickname IS NULL', losesData: false });
  },
  down: { irreversible: 'say why, or give a function' },
});
`,
};

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
