// A PgBouncer of the tests' own, in transaction mode, before the tests' PostgreSQL. Debian's package; where it is not, tests say that they skip.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../../src/config/settings.js';
import { type TestStore } from './each-store.js';
import { freePort } from './free-port.js';
import { postgresRunsAs } from './postgres-binaries.js';
import { temporaryFolder } from './temporary-folder.js';
import { tether, untether } from './tether.js';

const BINARY = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));
const START_MS_MAX = 10_000;

/** Why there is none, for the names of skipped tests; undefined where there is one. */
export const NO_PGBOUNCER = BINARY === undefined ? 'PgBouncer is not installed (apt-get install pgbouncer)' : undefined;

export interface PgBouncer {
  /** The same database, through it. */
  urlOf(direct: string): string;
  stop(): Promise<void>;
}

/** @param server any database's URL on the server that it stands before. @param poolSize connections to the server, per database */
export async function startPgBouncer(server: string, poolSize: number): Promise<PgBouncer> {
  if (BINARY === undefined) throw new Error(NO_PGBOUNCER);
  const { hostname, port: serverPort, username, password } = new URL(server);
  const runsAs = postgresRunsAs();
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-bouncer-'));
  tether({ folder });
  chmodSync(folder, 0o755);
  const port = await freePort();
  const [config, log] = [join(folder, 'pgbouncer.ini'), join(folder, 'log')];
  writeFileSync(
    config,
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort} user=${decodeURIComponent(username)} password=${decodeURIComponent(password)}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nlogfile = ${log}`,
      `auth_type = any\npool_mode = transaction\ndefault_pool_size = ${poolSize}\nmax_client_conn = 2000`,
      // A database that is dropped goes: its connections must not hold others up.
      'server_idle_timeout = 20\nserver_login_retry = 1',
    ].join('\n'),
    { mode: 0o600 },
  );
  if (runsAs.uid !== undefined) for (const path of [folder, config]) chownSync(path, runsAs.uid, runsAs.gid);
  const bouncer = spawn(BINARY, ['-q', config], { ...runsAs, stdio: 'ignore' });
  await listening(bouncer, port, log);
  return {
    urlOf: (direct) => {
      const url = new URL(direct);
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
    stop: async () => {
      const ended = new Promise((resolve) => bouncer.once('exit', resolve));
      if (bouncer.exitCode === null && bouncer.kill('SIGKILL')) await ended;
      rmSync(folder, { recursive: true, force: true });
      untether({ folder });
    },
  };
}

/** The same store, reached through it. */
export function behind(bouncer: PgBouncer, store: TestStore): TestStore {
  const direct = store.environment['DATABASE_URL']!;
  const environment = {
    ...store.environment,
    DATABASE_URL: bouncer.urlOf(direct),
    DATABASE_DIRECT_URL: direct,
    DATABASE_POOLER: 'transaction',
  };
  return { ...store, environment, settings: readSettings(environment) };
}

async function listening(bouncer: ChildProcess, port: number, log: string): Promise<void> {
  for (const until = Date.now() + START_MS_MAX; ; await sleep(20)) {
    if (await answers(port)) return;
    if (bouncer.exitCode !== null || Date.now() > until)
      throw new Error(`PgBouncer did not start:\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
