// The PostgreSQL that the tests bring: it can be crashed and comes back, and it never outlives whoever started it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type RunningPostgres } from './postgres.js';
import { processesOf } from './processes.mjs';
import { createSharedDatabase, sharedPostgresUrl } from './shared-postgres.js';
import { tether, untether } from './tether.js';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A server that is crashed under a connection says so here too.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the shared PostgreSQL', () => {
  it('makes a database, a copy of it, and drops both', async () => {
    const first = await createSharedDatabase();
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const copy = await createSharedDatabase({ template: first.name });
    expect(await ask(copy.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await first.drop();
    await copy.drop();
    const left = await ask(
      sharedPostgresUrl(),
      `SELECT 1 FROM pg_database WHERE datname IN ('${first.name}', '${copy.name}')`,
    );
    expect(left).toEqual([]);
  });
});

describe('a PostgreSQL of its own', () => {
  let postgres: RunningPostgres;

  beforeAll(async () => {
    postgres = await startPostgres({ config: { application_name: "it's" } });
  });

  afterAll(async () => {
    await postgres.dispose();
    expect(existsSync(postgres.socketFolder)).toBe(false);
  });

  it('runs durably in UTF8 and C unless told otherwise, with the settings given', async () => {
    const settings = `SELECT current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding,
      current_setting('max_connections') AS connections, current_setting('application_name') AS named,
      (SELECT datcollate FROM pg_database WHERE datname = 'postgres') AS collate`;
    expect(await ask(postgres.adminUrl, settings)).toEqual([
      { fsync: 'on', encoding: 'UTF8', connections: '300', named: "it's", collate: 'C' },
    ]);
  });

  it('is reached by TCP and by unix socket, with its password only', async () => {
    expect(await ask(postgres.socketUrl, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await expect(ask(postgres.adminUrl.replace(postgres.password, 'wrong'), 'SELECT 1')).rejects.toThrow(/password/);
  });

  it.each(['fast', 'immediate', 'kill'] as const)('keeps what was committed over: %s', async (way) => {
    const database = await postgres.createDatabase();
    await ask(database.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await (way === 'kill' ? postgres.kill() : postgres.stop(way));
    await expect(ask(database.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await postgres.start();
    expect(await ask(database.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await database.drop();
  });

  it('answers nothing while paused and goes on when resumed', async () => {
    const client = new pg.Client({ connectionString: postgres.adminUrl });
    await client.connect();
    postgres.pause();
    const answer = client.query<{ n: number }>('SELECT 1 AS n').then(({ rows }) => rows);
    expect(await Promise.race([answer, sleep(200, 'silence')])).toBe('silence');
    postgres.resume();
    expect(await answer).toEqual([{ n: 1 }]);
    await client.end();
  });
});

describe('a test run that is killed', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('leaves no server, no worker and no folder behind: %s', async (signal) => {
    const scratch = mkdtempSync(join(tmpdir(), 'passbook-killed-run-'));
    tether({ folder: scratch });
    const report = join(scratch, 'folders.json');
    const fixture = fileURLToPath(new URL('./killed-run.fixture.mjs', import.meta.url));
    // TEST_DATABASE_URL would leave the run without a shared server of its own to leave behind.
    const env = { ...process.env, KILLED_RUN_FOLDERS: report, TEST_DATABASE_URL: '' };
    const run = spawn(process.execPath, [fixture], { stdio: ['ignore', 'ignore', 'inherit'], env });
    tether({ pid: run.pid! });
    await until(() => existsSync(report));
    const { folders, worker } = JSON.parse(readFileSync(report, 'utf8')) as { folders: string[]; worker: number };
    expect(folders).toHaveLength(2);
    for (const folder of folders) expect(processesOf({ folders: [folder] }).length).toBeGreaterThan(1);

    run.kill(signal);
    await until(() => processesOf({ folders, pids: [run.pid!, worker] }).length === 0);
    await until(() => !folders.some((folder) => existsSync(folder)));
    untether({ pid: run.pid! });
    rmSync(scratch, { recursive: true });
    untether({ folder: scratch });
  });
});

/** The test's own time limit ends the waiting. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}
