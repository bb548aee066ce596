// A server that takes a query and never answers: the request ends in bounded time, and the pool goes on once the server does.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { QueryTooSlow } from '../../src/database/database.errors.js';
import { ofEveryOwner } from '../../src/database/scope.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { openDatabase, type OpenDatabase } from '../../src/database/standalone.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';

const NOBODYS = ofEveryOwner('no rows are read');
const ONE = sql`SELECT 1 WHERE ${ownerless('no rows are read')}`;

let postgres: RunningPostgres;
let opened: OpenDatabase;
beforeAll(async () => {
  postgres = await startPostgres({ config: { fsync: 'off' } });
  const variables = { DATABASE_URL: postgres.url(), DATABASE_SSLMODE: 'disable', DB_STATEMENT_TIMEOUT_MS: '200' };
  opened = await openDatabase(readSettings({ ...variables, DB_POOL_SIZE: '2', DB_MAX_OVERFLOW: '0' }), [], {
    serves: false,
  });
});
afterAll(async () => {
  await opened.close();
  await postgres.dispose();
});

const ask = (): Promise<unknown> => opened.database.read(NOBODYS, (reader) => reader.query(ONE, { one: 'number' }));

it('ends what was asked of a server that stands still, and asks again once it moves', async () => {
  await Promise.all([ask(), ask()]);
  postgres.pause();
  const asked = [ask(), ask()].map((one) => one.catch((error: unknown) => error));
  for (const outcome of await Promise.all(asked)) expect(outcome).toBeInstanceOf(QueryTooSlow);
  postgres.resume();
  expect(await ask()).toEqual([{ one: 1 }]);
});

it('leaves connections alone that were asked nothing', async () => {
  await Promise.all([ask(), ask()]);
  const pid = sql`SELECT pg_backend_pid() WHERE ${ownerless('no rows are read')}`;
  const pids = async (): Promise<unknown> =>
    opened.database.read(NOBODYS, (reader) => reader.query(pid, { pid: 'number' }));
  const before = await pids();
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  expect(await pids()).toEqual(before);
});
