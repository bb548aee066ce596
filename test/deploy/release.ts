// A release as its image holds it: what is built, at a version, in a folder of its own; a later one with migrations that only add.
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildProcess } from 'node:child_process';
import { type Ended, startNode } from '../migrations/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tether, untether } from '../support/tether.js';
import { ROOT } from './kube.js';

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** How many migrations each expansion of the schema is. */
export const MIGRATIONS_EACH = 2;
/** Far above those of the product. */
const FIRST_NUMBER = 9_000;

export class Release {
  private constructor(private readonly folder: string) {}

  /** @param expansions how often it adds to the schema; each one what all before it add, and more */
  static make(version: string, expansions = 0): Release {
    const folder = mkdtempSync(join(temporaryFolder(), 'passbook-release-'));
    tether({ folder });
    cpSync(`${ROOT}dist`, join(folder, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') });
    // Found from here as from the checkout.
    symlinkSync(`${ROOT}node_modules`, join(folder, 'node_modules'));
    const about = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as object;
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...about, version }));
    if (expansions > 0) addMigrations(join(folder, 'dist', 'migrations'), expansions);
    return new Release(folder);
  }

  /** @param command as it stands in a description: `node dist/src/…` */
  run(command: readonly string[], environment: Readonly<Record<string, string>>): Running {
    const [program, entry = '', ...args] = command;
    if (program !== 'node') throw new Error(`${command.join(' ')} is no command of an image of ours`);
    return startNode(join(this.folder, entry), args, environment, this.folder);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
    untether({ folder: this.folder });
  }
}

function addMigrations(folder: string, expansions: number): void {
  renameSync(join(folder, 'index.js'), join(folder, 'before.js'));
  writeFileSync(join(folder, 'added.js'), ADDED);
  writeFileSync(
    join(folder, 'index.js'),
    `import { MIGRATIONS as BEFORE } from './before.js';
import { expansion } from './added.js';
const numbers = Array.from({ length: ${expansions} }, (_, index) => ${FIRST_NUMBER} + ${MIGRATIONS_EACH} * index);
export const MIGRATIONS = [...BEFORE, ...numbers.flatMap(expansion)];
`,
  );
}

/** A column for the table that is written to most, and an index over it, built while it is written to. */
const ADDED = `import { migration } from '../src/database/schema/migration.js';
import { indexOn, table } from '../src/database/schema/table-builder.js';
import { withColumn } from '../src/database/schema/table-changes.js';

const before = table('transactions', (t) => t.text('id'));

export function expansion(number) {
  const column = { name: 'added_' + number, kind: 'text', nullable: true };
  const after = withColumn(before, column);
  const index = indexOn(after.name, [column.name, 'id'], { unique: false });
  return [
    migration({
      id: number + '_column',
      kind: 'schema',
      up: (schema) => schema.addColumn(before, column),
      down: (schema) => schema.dropColumn(after, column.name),
    }),
    migration({
      id: number + 1 + '_index',
      kind: 'schema',
      transactional: false,
      up: (schema) => schema.createIndex(after, index, { concurrently: true }),
      down: (schema) => schema.dropIndex(index.name, { concurrently: true }),
    }),
  ];
}
`;
