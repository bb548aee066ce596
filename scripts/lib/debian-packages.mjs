// What some tests need that npm does not have. It is installed where nobody minds, on a Debian whose root this is, as in a container that is
// there for the tests; everywhere else, and where it fails, those tests say that they skip.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const PACKAGES = ['haproxy', 'pgbouncer'];
const APT_GET = '/usr/bin/apt-get';
const SECONDS_MAX = 120;
/** Without a network it fails every time, and once is enough. */
const TRIED = join(root, '.tmp', 'debian-packages');

/** Says in one line what came of it, where there was something to do. It never fails. */
export async function ensureDebianPackages() {
  const missing = PACKAGES.filter((name) => !existsSync(`/usr/sbin/${name}`));
  const names = missing.join(', ');
  if (missing.length === 0 || !isOurs() || triedBefore() === names) return;
  mkdirSync(join(root, '.tmp'), { recursive: true });
  writeFileSync(TRIED, names);
  // The lists of packages are fetched only where those that are there do not do.
  const isDone = (await install(missing)) || ((await aptGet(['update'])) && (await install(missing)));
  console.log(
    isDone
      ? `✓ Debian packages: installed ${names}`
      : `– Debian packages: ${names} could not be installed, and their tests are skipped`,
  );
}

function isOurs() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync(APT_GET);
}

function triedBefore() {
  return existsSync(TRIED) ? readFileSync(TRIED, 'utf8') : undefined;
}

/** @param {readonly string[]} names */
function install(names) {
  return aptGet(['install', '-y', '--no-install-recommends', ...names]);
}

/** @param {readonly string[]} args */
async function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Its standard input is empty, so it asks nothing.
  const { code } = await run('timeout', [String(SECONDS_MAX), APT_GET, '-qq', '-o', 'Acquire::Retries=0', ...args], {
    env,
  });
  return code === 0;
}
