// Many runners at once, and runners that are killed: real processes on one store.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { renderCatalogue } from '../../src/database/schema/catalogue.js';
import { readCatalogue } from '../../src/database/schema/check.js';
import { type Dialect } from '../../src/database/schema/table.js';
import { sql } from '../../src/database/sql.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { share } from '../support/share.js';
import { DIALECTS, emptyUrl, openAt } from './engines.js';
import { runMigrate, startNode } from './processes.js';

const RUNNERS = 12;
const FIXTURE = 'test/migrations/interrupted.fixture.mjs';
const ROWS = 20_000;

/** Dozens of processes, on a machine that may have more to do. */
const TEST_MS_MAX = share({ test: 180_000, prove: 3_600_000 });

describe.each(DIALECTS)('on %s', { timeout: TEST_MS_MAX }, (dialect) => {
  it(`of ${RUNNERS} runners at once on an empty store one applies each migration, none fails`, async () => {
    const { url, remove } = await emptyUrl(dialect);
    const ended = await Promise.all(
      Array.from({ length: RUNNERS }, () => runMigrate(['up', '--json'], { DATABASE_URL: url })),
    );
    expect(ended.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(
      Array.from({ length: RUNNERS }, () => 0),
    );
    const ran = ended.flatMap(({ stdout }) =>
      (JSON.parse(stdout) as { ran: { id: string }[] }).ran.map(({ id }) => id),
    );
    expect(ran.sort()).toEqual(MIGRATIONS.map(({ id }) => id));
    expect((await runMigrate(['check'], { DATABASE_URL: url })).code).toBe(0);
    await remove();
  });

  it('of runners at once through a long change of rows none does a row twice', async () => {
    const { url, remove } = await emptyUrl(dialect);
    const ended = await Promise.all(
      Array.from({ length: 4 }, () => startNode(FIXTURE, [], { DATABASE_URL: url }).ended),
    );
    expect(ended.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0, 0]);
    await expectDoneOnce(url);
    await remove();
  });

  it('a runner that is killed over and over leaves a store that the next one finishes', async () => {
    const reference = await undisturbed(dialect);
    for (let round = 0; round < share({ test: 1, prove: 15 }); round++) {
      const { url, remove } = await emptyUrl(dialect);
      const kills = await killUntilDone(url);
      expect(kills).toBeGreaterThan(0);
      await expectDoneOnce(url);
      expect(await lookAt(url)).toBe(reference);
      await remove();
    }
  });
});

/** Kills runners at growing distances from their start, every third time two that are at it together, until one gets through. Answers how many were killed. */
async function killUntilDone(url: string): Promise<number> {
  for (let kills = 0; ; kills++) {
    const runners = Array.from({ length: kills % 3 === 2 ? 2 : 1 }, () =>
      startNode(FIXTURE, [], { DATABASE_URL: url }),
    );
    await Promise.race(runners.map(({ child }) => new Promise((resolve) => child.stdout!.once('data', resolve))));
    for (const { child, ended } of runners) {
      await Promise.race([ended, sleep(20 + kills * 80 + Math.random() * 80)]);
      child.kill('SIGKILL');
    }
    const codes = (await Promise.all(runners.map(({ ended }) => ended))).map(({ code }) => code);
    if (codes.includes(0)) return kills;
  }
}

/** What the store comes to when nobody interrupts. */
async function undisturbed(dialect: Dialect): Promise<string> {
  const { url, remove } = await emptyUrl(dialect);
  expect(await startNode(FIXTURE, [], { DATABASE_URL: url }).ended).toMatchObject({ code: 0 });
  const catalogue = await lookAt(url);
  await remove();
  return catalogue;
}

async function expectDoneOnce(url: string): Promise<void> {
  const session = await openAt(url);
  const right = sql`SELECT count(*) AS n FROM numbers
    WHERE value = CAST(substr(id, 2) AS integer) + 1000001 AND words = CAST(CAST(substr(id, 2) AS integer) + 1000000 AS text) || ','`;
  expect(Number((await session.query(right))[0]!['n'])).toBe(ROWS);
  expect((await session.query(sql`SELECT id FROM schema_migrations ORDER BY id`)).map(({ id }) => id)).toHaveLength(5);
  expect(await session.query(sql`SELECT id FROM schema_migration_progress`)).toEqual([]);
  await session.close();
}

async function lookAt(url: string): Promise<string> {
  const session = await openAt(url);
  const catalogue = renderCatalogue(await readCatalogue(session));
  await session.close();
  return catalogue;
}
