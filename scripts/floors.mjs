// Which folder of src stands on which floor, and the rules that follow: imports run down, and only the door to the store writes.
import './lib/require-node.mjs';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { circlesIn, each, importsOf, lineOf, programOf } from './lib/imports.mjs';
import { writesIn } from './lib/writes.mjs';

/** The lowest first. Those on one floor do not meet, except on the highest, which composes all the others. */
export const FLOORS = [
  ['common'],
  ['config'],
  ['database', 'http'],
  ['changes'],
  ['auth', 'flags'],
  ['accounts'],
  ['balances'],
  ['transactions'],
  ['transfers', 'feeds', 'budget'],
  ['imports'],
  ['storage'],
  ['health', 'metrics', 'history'],
  [
    'entities.ts',
    'refusals.ts',
    'app.module.ts',
    'server.ts',
    'listen.ts',
    'stop-on-signal.ts',
    'end-on-fault.ts',
    'main.ts',
    'migrate.ts',
    'cli',
  ],
];
const HIGHEST = FLOORS.length - 1;

/** The rooms of a folder that is large enough to have some, the lowest first. What lies in none of them puts them together. */
const ROOMS = new Map([
  [
    'feeds',
    [
      ['port'],
      ['stored'],
      ['turns', 'tokens'],
      ['enrollments'],
      ['lines'],
      ['sync'],
      ['webhooks', 'sandbox'],
      ['teller'],
    ],
  ],
]);

/** Migrations lie beside src: they know the schema's words, and are known through one list. */
const MIGRATIONS_MAY_IMPORT = ['database', 'common'];
const MIGRATIONS_LIST = 'migrations/index.ts';
const MAY_IMPORT_MIGRATIONS = ['app.module.ts', 'cli'];
const MAY_WRITE = ['database'];

/** @typedef {{ file: string, line: number, problem: string }} Violation */

/** Every breach of the rules in the project at that folder. @param {string} root @returns {Violation[]} */
export function violationsIn(root) {
  const program = programOf(root, ['src', 'migrations']);
  const checker = program.getTypeChecker();
  const place = root.endsWith('/') ? root : `${root}/`;
  const sources = program.getSourceFiles().filter((source) => /^(src|migrations)\//.test(pathIn(place, source)));
  const imports = sources.flatMap((source) => importsOf(source, place));

  /** @type {Violation[]} */
  const violations = [];
  for (const source of sources) {
    const file = pathIn(place, source);
    if (!file.startsWith('src/')) continue;
    if (floorOf(file) === undefined)
      violations.push({ file, line: 1, problem: `src/${unitOf(file)} stands on no floor` });
    violations.push(...habitsIn(source, file));
    if (MAY_WRITE.includes(unitOf(file))) continue;
    for (const { line, what } of writesIn(source, checker)) {
      violations.push({ file, line, problem: `writes past the door to the store: ${what}` });
    }
  }
  for (const { from, line, to } of imports) {
    const problem = from.startsWith('src/') ? problemFromSrc(from, to) : problemFromMigrations(to);
    if (problem !== undefined) violations.push({ file: from, line, problem: `imports ${to}: ${problem}` });
  }
  for (const circle of circlesIn(imports)) {
    violations.push({ file: circle[0] ?? '', line: 1, problem: `a circle of imports: ${circle.join(' → ')}` });
  }
  return violations;
}

/** @param {string} from @param {string} to @returns {string | undefined} */
function problemFromSrc(from, to) {
  const unit = unitOf(from);
  if (to.startsWith('migrations/')) {
    if (!MAY_IMPORT_MIGRATIONS.includes(unit))
      return `only ${MAY_IMPORT_MIGRATIONS.join(' and ')} may import migrations`;
    return to === MIGRATIONS_LIST ? undefined : `migrations are imported through ${MIGRATIONS_LIST} only`;
  }
  if (!to.startsWith('src/')) return to.endsWith('.json') ? undefined : 'src may import src only';
  const [own, other] = [floorOf(from), floorOf(to)];
  if (own === undefined || other === undefined) return undefined;
  if (unit === unitOf(to)) return problemBetweenRooms(from, to);
  if (other < own || (own === HIGHEST && other === HIGHEST)) return undefined;
  return `${unit} (floor ${own}) may import only floors below it, and ${unitOf(to)} is on floor ${other}`;
}

/** @param {string} from @param {string} to both in one folder @returns {string | undefined} */
function problemBetweenRooms(from, to) {
  const rooms = ROOMS.get(unitOf(from)) ?? [];
  const [room, other] = [roomOf(from), roomOf(to)];
  const levelOf = (/** @type {string} */ name) => rooms.findIndex((level) => level.includes(name));
  const [own, others] = [levelOf(room), levelOf(other)];
  if (rooms.length === 0 || room === '' || room === other) return undefined;
  if (others >= 0 && others < own) return undefined;
  return `${room} may import only the rooms below it, and ${other === '' ? to : other} is not`;
}

/** @param {string} to @returns {string | undefined} */
function problemFromMigrations(to) {
  if (to.startsWith('migrations/') || (to.startsWith('src/') && MIGRATIONS_MAY_IMPORT.includes(unitOf(to))))
    return undefined;
  return `migrations may import only ${MIGRATIONS_MAY_IMPORT.map((unit) => `src/${unit}`).join(' and ')}`;
}

/** Barrels and forwardRef hide what the floors show. @param {ts.SourceFile} source @param {string} file @returns {Violation[]} */
function habitsIn(source, file) {
  /** @type {Violation[]} */
  const violations = [];
  each(source, (node) => {
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      violations.push({ file, line: lineOf(source, node), problem: 'passes on what another file exports (a barrel)' });
    }
    if (ts.isIdentifier(node) && node.text === 'forwardRef') {
      violations.push({
        file,
        line: lineOf(source, node),
        problem: 'forwardRef: two modules that need each other are one',
      });
    }
  });
  return violations;
}

/** The folder of src, or the file that lies directly in it. @param {string} file */
function unitOf(file) {
  return file.split('/')[1] ?? '';
}

/** The folder within the unit; '' for what lies directly in it. @param {string} file */
function roomOf(file) {
  const [, , room, ...rest] = file.split('/');
  return rest.length === 0 ? '' : (room ?? '');
}

/** @param {string} file @returns {number | undefined} */
function floorOf(file) {
  const floor = FLOORS.findIndex((units) => units.includes(unitOf(file)));
  return floor < 0 ? undefined : floor;
}

/** @param {string} place @param {ts.SourceFile} source */
function pathIn(place, source) {
  return source.fileName.startsWith(place) ? source.fileName.slice(place.length) : source.fileName;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const violations = violationsIn(fileURLToPath(new URL('..', import.meta.url)));
  for (const { file, line, problem } of violations) console.log(`${file}:${line}  ${problem}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
