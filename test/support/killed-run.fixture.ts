// The test inside of the run that is killed: it has started a PostgreSQL of its own and says where both lie.
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { it } from 'vitest';
import { startPostgres } from './postgres.js';
import { sharedPostgresUrl } from './shared-postgres.js';

it('waits for its end', async () => {
  const own = await startPostgres();
  const client = new pg.Client({ connectionString: sharedPostgresUrl() });
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const folders = [own.socketFolder, ...rows.map((row) => row.data_directory.replace(/\/data$/, ''))];
  // At its place only when it is whole: the test reads it as soon as it is there.
  const report = process.env['KILLED_RUN_FOLDERS']!;
  writeFileSync(`${report}.part`, JSON.stringify({ folders, worker: process.pid }));
  renameSync(`${report}.part`, report);
  await sleep(600_000);
});
