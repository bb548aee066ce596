// An empty store of each engine for tests of the schema, opened as the runner opens it.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { type Clock, SystemClock } from '../../src/common/clock.js';
import { readSettings } from '../../src/config/settings.js';
import { renderCatalogue } from '../../src/database/schema/catalogue.js';
import { readCatalogue } from '../../src/database/schema/check.js';
import { type Migration } from '../../src/database/schema/migration.js';
import { openSession } from '../../src/database/schema/open-session.js';
import { down, type Ran, type RunnerOptions, up } from '../../src/database/schema/runner.js';
import { type SchemaSession } from '../../src/database/schema/session.js';
import { type Dialect } from '../../src/database/schema/table.js';
import { type Sql } from '../../src/database/sql.js';
import { createSharedDatabase } from '../support/shared-postgres.js';
import { temporaryFolder } from '../support/temporary-folder.js';

export const DIALECTS: readonly Dialect[] = ['sqlite', 'postgres'];

/** Variables that shorten the waiting in tests. */
const IMPATIENT = { MIGRATE_LOCK_TIMEOUT_MS: '200', MIGRATE_WAIT_SECONDS: '20' };

/** An empty store, and the session in which the test works. */
export class EmptyStore {
  readonly told: string[] = [];
  readonly clock: Clock = new SystemClock();

  private constructor(
    readonly url: string,
    readonly session: SchemaSession,
    private readonly remove: () => Promise<void>,
  ) {}

  static async make(dialect: Dialect): Promise<EmptyStore> {
    const { url, remove } = await emptyUrl(dialect);
    return new EmptyStore(url, await openAt(url), remove);
  }

  get dialect(): Dialect {
    return this.session.dialect;
  }

  options(): RunnerOptions {
    return { appliedBy: '0.0.0-test', clock: this.clock, waitMs: 20_000, tell: (line) => void this.told.push(line) };
  }

  up(migrations: readonly Migration[], to?: string): Promise<Ran[]> {
    return up(this.session, migrations, { ...this.options(), to });
  }

  down(migrations: readonly Migration[], to?: string, allowDataLoss = true): Promise<Ran[]> {
    return down(this.session, migrations, { ...this.options(), to, allowDataLoss });
  }

  async look(): Promise<string> {
    return renderCatalogue(await readCatalogue(this.session));
  }

  query(statement: Sql) {
    return this.session.query(statement);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.remove();
  }
}

/** Where an empty store is, or can be made. */
export async function emptyUrl(dialect: Dialect): Promise<{ url: string; remove: () => Promise<void> }> {
  if (dialect === 'postgres') {
    const database = await createSharedDatabase();
    return { url: database.url, remove: () => database.drop() };
  }
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-migrations-'));
  return {
    url: `sqlite:///${join(folder, 'data', 'store.db')}`,
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

export function openAt(url: string): Promise<SchemaSession> {
  return openSession(readSettings({ DATABASE_URL: url, ...IMPATIENT }), { intent: 'make', patienceMs: 20_000 });
}

/** The same tests on each engine; each gets an empty store of its own, which is gone afterwards. */
export function eachEngine(
  title: string,
  tests: (withStore: (work: (store: EmptyStore) => Promise<void>) => () => Promise<void>, dialect: Dialect) => void,
): void {
  describe.each(DIALECTS)(`${title} on %s`, (dialect) => {
    const withStore = (work: (store: EmptyStore) => Promise<void>) => async () => {
      const store = await EmptyStore.make(dialect);
      try {
        await work(store);
      } finally {
        await store.close();
      }
    };
    tests(withStore, dialect);
  });
}
