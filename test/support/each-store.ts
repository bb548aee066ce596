// Every behaviour on both engines: `eachStore((store) => { it(…) })` runs its tests on a SQLite file and on PostgreSQL.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { openDatabase, type OpenDatabase } from '../../src/database/standalone.js';
import { ENTITIES } from '../../src/entities.js';
import { type TestDatabase } from './databases.js';
import { migrateUp } from './migrate-up.js';
import { createSharedDatabase, environmentOf, SHARED_POOLER_VARIABLE } from './shared-postgres.js';
import { temporaryFolder } from './temporary-folder.js';

export type Engine = 'sqlite' | 'postgres';
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres'];
/** A run through the pooler has nothing new to say of SQLite. */
const EACH = process.env[SHARED_POOLER_VARIABLE] === undefined ? ENGINES : (['postgres'] as const);

/** One migrated, empty store, and the settings that lead to it. */
export interface TestStore {
  readonly engine: Engine;
  /** The environment that names the store. */
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Settings;
  dispose(): Promise<void>;
}

/** What a file's tests of one engine share. */
export interface StoreOfTests extends TestStore {
  /** The door, open for the length of the tests; as the server of its store. */
  open(): Promise<OpenDatabase>;
}

/** Runs `tests` once an engine. The store is made before the first and gone after the last of them. */
export function eachStore(tests: (store: StoreOfTests) => void): void {
  describe.each(EACH)('on %s', (engine) => {
    let made: TestStore | undefined;
    const opened: OpenDatabase[] = [];
    const there = (): TestStore => {
      if (made === undefined) throw new Error('the store is there only while tests run');
      return made;
    };
    beforeAll(async () => {
      made = await makeStore(engine);
    });
    afterAll(async () => {
      for (const one of opened) await one.close();
      await made?.dispose();
    });
    tests({
      engine,
      get environment() {
        return there().environment;
      },
      get settings() {
        return there().settings;
      },
      dispose: () => there().dispose(),
      open: async () => {
        const database = await openDatabase(there().settings, ENTITIES, {
          serves: engine === 'sqlite' && opened.length === 0,
        });
        opened.push(database);
        return database;
      },
    });
  });
}

const BASE = {
  NODE_ENV: 'test',
  PORT: '0',
  LOG_LEVEL: 'warn',
  CURRENCIES_PRIVATE: 'XGC:0,XGM:4',
  // Tests ask faster than people: those about the limits set their own.
  RATE_LIMIT_KEY_PER_MINUTE: '0',
  RATE_LIMIT_ADDRESS_PER_MINUTE: '0',
  RATE_LIMIT_UNKNOWN_KEYS_PER_MINUTE: '0',
  // Tests say themselves when something is synced.
  SYNC_SCHEDULE: 'false',
};

/** A migrated, empty store of its own. */
export async function makeStore(engine: Engine, extra: Readonly<Record<string, string>> = {}): Promise<TestStore> {
  return engine === 'sqlite' ? sqliteStore(extra) : postgresStore(extra);
}

let sqliteTemplate: Promise<string> | undefined;
let postgresTemplate: Promise<TestDatabase> | undefined;

async function sqliteStore(extra: Readonly<Record<string, string>>): Promise<TestStore> {
  sqliteTemplate ??= migratedFile();
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-store-'));
  const path = join(folder, 'passbook.db');
  copyFileSync(await sqliteTemplate, path);
  const environment = { ...BASE, DATABASE_URL: `sqlite:///${path}`, ...extra };
  return {
    engine: 'sqlite',
    environment,
    settings: readSettings(environment),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function migratedFile(): Promise<string> {
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-template-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'template.db');
  await migrateUp(readSettings({ ...BASE, DATABASE_URL: `sqlite:///${path}` }));
  return path;
}

async function postgresStore(extra: Readonly<Record<string, string>>): Promise<TestStore> {
  postgresTemplate ??= migratedDatabase();
  const database = await createSharedDatabase({ template: (await postgresTemplate).name });
  const environment = { ...BASE, ...environmentOf(database), ...extra };
  return { engine: 'postgres', environment, settings: readSettings(environment), dispose: () => database.drop() };
}

async function migratedDatabase(): Promise<TestDatabase> {
  const template = await createSharedDatabase();
  await migrateUp(readSettings({ ...BASE, DATABASE_URL: template.url, DATABASE_SSLMODE: 'disable' }));
  return template;
}
