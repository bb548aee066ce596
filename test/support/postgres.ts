// A real PostgreSQL of the tests' own, on a free port and in a temporary folder, which can be stopped, frozen, crashed and started again.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, urlOf, type DatabaseWanted, type TestDatabase } from './databases.js';
import { postgresBinaries, postgresRunsAs, type RunsAs } from './postgres-binaries.js';
import { freePort } from './free-port.js';
import { familyOf, listProcesses, removeFolder, signalAll } from './processes.mjs';
import { keepSecret } from './run-log.js';
import { temporaryFolder } from './temporary-folder.js';
import { tether, untether } from './tether.js';

export interface PostgresOptions {
  /** Lines of postgresql.conf over those below, for example `{ fsync: 'off' }`. */
  readonly config?: Readonly<Record<string, string>>;
  /** The whole of pg_hba.conf, except that the tests themselves always come in by the unix socket. */
  readonly hba?: string;
  /** PEM texts; the server then takes TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const USER = 'postgres';
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 60_000;

const CONFIG = {
  listen_addresses: '127.0.0.1',
  max_connections: '300',
  fsync: 'on',
  // Files in the data folder: a killed server leaves none in /dev/shm, and a small /dev/shm is no obstacle.
  dynamic_shared_memory_type: 'mmap',
  // The password is random; making it slow to guess would only make connecting slow.
  scram_iterations: '64',
  logging_collector: 'off',
};
const HBA = 'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n';

/** @throws Error with the server's log when it does not come up. */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const runsAs = postgresRunsAs();
  const bin = postgresBinaries(runsAs);
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-postgres-'));
  tether({ folder });
  chmodSync(folder, 0o755);
  if (runsAs.uid !== undefined) chownSync(folder, runsAs.uid, runsAs.gid);
  const password = randomBytes(12).toString('hex');
  keepSecret(password);
  const postgres = new RunningPostgres({ bin, folder, runsAs, password, port: await freePort() });
  try {
    initialize(postgres.place, options);
    await postgres.start();
    return postgres;
  } catch (error) {
    await postgres.dispose();
    throw error;
  }
}

interface Place {
  readonly bin: string;
  readonly folder: string;
  readonly runsAs: RunsAs;
  readonly password: string;
  readonly port: number;
}

export class RunningPostgres {
  private server: ChildProcess | undefined;

  /** Made by `startPostgres` only. */
  constructor(readonly place: Place) {}

  get port(): number {
    return this.place.port;
  }

  get password(): string {
    return this.place.password;
  }

  /** The folder of the unix socket. */
  get socketFolder(): string {
    return this.place.folder;
  }

  /** As superuser, over TCP. */
  get adminUrl(): string {
    return `postgres://${USER}:${this.place.password}@127.0.0.1:${this.place.port}/postgres`;
  }

  /** As superuser, over the unix socket, past any `hba`. */
  get socketUrl(): string {
    return `postgres://${USER}:${this.place.password}@${encodeURIComponent(this.place.folder)}:${this.place.port}/postgres`;
  }

  url(database = 'postgres'): string {
    return urlOf(this.adminUrl, database);
  }

  createDatabase(wanted: string | DatabaseWanted = {}): Promise<TestDatabase> {
    const named = typeof wanted === 'string' ? { name: wanted } : wanted;
    return createDatabase(this.socketUrl, named, this.adminUrl);
  }

  /** Starts it, again too, on the same port and folder, and waits until it takes connections. */
  async start(): Promise<void> {
    if (this.server !== undefined) throw new Error('this PostgreSQL is running already');
    const { bin, folder, runsAs } = this.place;
    const log = openSync(join(folder, 'log'), 'a');
    const server = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data')], {
      ...runsAs,
      cwd: folder,
      // A session of its own: an interrupt at the terminal reaches the tests, which then stop it in good order.
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    server.unref();
    server.once('exit', () => {
      if (this.server === server) this.server = undefined;
    });
    this.server = server;
    const deadline = Date.now() + START_MS_MAX;
    while (!this.isReady(server)) {
      if (this.server !== server || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${this.log()}`);
      await sleep(10);
    }
  }

  /** `fast` ends the sessions and writes everything down; `immediate` is a crash that the server knows of. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    this.resume();
    const family = this.family();
    signalAll(family.slice(0, 1), mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await this.ended(family);
  }

  /** As a loss of the machine: nobody in the server gets to do anything more. */
  async kill(): Promise<void> {
    this.pause();
    const family = this.family();
    signalAll(family, 'SIGKILL');
    await this.ended(family);
  }

  /** Freezes it: connections stand, nothing is answered. */
  pause(): void {
    // The eldest first, so that it starts nobody while the others are being frozen.
    signalAll(this.family().slice(0, 1), 'SIGSTOP');
    signalAll(this.family(), 'SIGSTOP');
  }

  resume(): void {
    signalAll(this.family().reverse(), 'SIGCONT');
  }

  /** What the server has written to its log so far. */
  log(): string {
    return readFileSync(join(this.place.folder, 'log'), 'utf8');
  }

  /** Stops it and removes its folder. */
  async dispose(): Promise<void> {
    if (this.server !== undefined) await this.stop('immediate');
    removeFolder(this.place.folder);
    untether({ folder: this.place.folder });
  }

  /** Until this process has seen its end, too, its pid is taken, and the next server believes that it is there. */
  private async ended(family: readonly number[]): Promise<void> {
    const { server } = this;
    await gone(family);
    if (server?.exitCode === null && server.signalCode === null) await once(server, 'exit');
    this.server = undefined;
  }

  private family(): number[] {
    return this.server?.pid === undefined ? [] : familyOf(this.server.pid);
  }

  /** The server says so in its pid file: its own pid first, `ready` in the eighth line. */
  private isReady(server: ChildProcess): boolean {
    try {
      const lines = readFileSync(join(this.place.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
      return lines[0] === String(server.pid) && lines[7]?.trim() === 'ready';
    } catch {
      return false;
    }
  }
}

function initialize({ bin, folder, runsAs, password, port }: Place, options: PostgresOptions): void {
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'log'), '');
  const own = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    if (runsAs.uid !== undefined) chownSync(join(folder, name), runsAs.uid, runsAs.gid);
  };
  own('password', password);
  const settings = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--set=scram_iterations=64', '--no-sync'];
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', USER, `--pwfile=${join(folder, 'password')}`, ...settings],
    { ...runsAs, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed:\n${made.stdout}\n${made.stderr}`, { cause: made.error });

  const config: Record<string, string> = { ...CONFIG, port: String(port), unix_socket_directories: folder };
  if (options.tls !== undefined) {
    own('server.crt', options.tls.cert);
    own('server.key', options.tls.key);
    Object.assign(config, {
      ssl: 'on',
      ssl_cert_file: join(folder, 'server.crt'),
      ssl_key_file: join(folder, 'server.key'),
    });
  }
  const lines = Object.entries({ ...config, ...options.config }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  appendFileSync(join(data, 'postgresql.conf'), `\n${lines.join('')}`);
  writeFileSync(join(data, 'pg_hba.conf'), `local all all scram-sha-256\n${options.hba ?? HBA}\n`);
}

/** One that was free a moment ago: the system hands them out in turn, so nobody else gets it soon. */
/** Shared memory is in use until the last of them is gone, so all are waited for. */
async function gone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + STOP_MS_MAX;
  while (listProcesses().some(({ pid }) => pids.includes(pid))) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL did not stop: ${pids.join(', ')}`);
    await sleep(10);
  }
}
