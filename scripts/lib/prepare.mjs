// Brings a checkout to where it can run: packages as the lock file says, dist/ as the sources say. Does nothing when both stand.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, root, run } from './run.mjs';

const LOCK = join(root, 'package-lock.json');
const INSTALLED_LOCK = join(root, 'node_modules', '.package-lock.json');
const BUILT_FROM = join(root, 'dist', '.built-from');
const SOURCES = ['src', 'migrations', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** @returns {Promise<import('./run.mjs').Ran>} */
export async function ensureInstalled() {
  if (isInstalled()) return { code: 0, stdout: '', output: '' };
  console.log('Installing packages; this takes a minute or two …');
  const npm = process.env.npm_execpath;
  // Its own level: `npm test --silent` would hand down silence about what went wrong.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  return npm === undefined ? run('npm', args) : run(process.execPath, [npm, ...args]);
}

/** @returns {Promise<import('./run.mjs').Ran>} */
export async function ensureBuilt() {
  const digest = digestOfSources();
  if (existsSync(BUILT_FROM) && readFileSync(BUILT_FROM, 'utf8') === digest) return { code: 0, stdout: '', output: '' };
  console.log('Building …');
  const built = await run(installed('nest'), ['build']);
  if (built.code === 0) writeFileSync(BUILT_FROM, digest);
  return built;
}

/** Installs and builds, or ends the script with what went wrong. */
export async function prepareOrExit() {
  for (const [name, step] of /** @type {const} */ ([
    ['npm ci', ensureInstalled],
    ['nest build', ensureBuilt],
  ])) {
    const { code, output } = await step();
    if (code === 0) continue;
    console.error(`${output}\n${name} failed; its output is above.`);
    process.exit(code);
  }
}

function isInstalled() {
  if (!existsSync(INSTALLED_LOCK)) return false;
  if (statSync(LOCK).mtimeMs <= statSync(INSTALLED_LOCK).mtimeMs) return true;
  // A checkout touches the file without changing it; only another version of something is a reason to install.
  const wanted = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
  const present = JSON.parse(readFileSync(INSTALLED_LOCK, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '') return true;
    return present[path] === undefined ? optional || devOptional : present[path].version === version;
  });
}

/** Of contents, not of dates: a branch switched back and forth needs no build, a deleted file does. */
function digestOfSources() {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap(filesUnder).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full).flatMap((name) => filesUnder(`${path}/${name}`));
}
