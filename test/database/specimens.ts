// Tables of the tests' own, with a column of every kind, on an empty store of each engine.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Amount } from '../../src/common/amount.js';
import { type CivilDate } from '../../src/common/civil-date.js';
import { type Instant } from '../../src/common/clock.js';
import { type Owner } from '../../src/common/owner.js';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { type Database } from '../../src/database/database.js';
import { createTableSql } from '../../src/database/schema/ddl.js';
import {
  AmountColumn,
  CivilDateColumn,
  CountColumn,
  definitionOf,
  type EntityClass,
  FlagColumn,
  InstantColumn,
  Table,
  TextColumn,
} from '../../src/database/schema/entity.js';
import { ofEveryOwner, ownedBy } from '../../src/database/scope.js';
import { openDatabase, type OpenDatabase } from '../../src/database/standalone.js';
import { type StatementLines } from '../../src/database/statement-log.js';
import { ENGINES, type Engine } from '../support/each-store.js';
import { createSharedDatabase } from '../support/shared-postgres.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Two columns of every kind: one that must be there, one that need not. */
@Table('specimens', {
  unique: [['label']],
  checks: { positive: 'total >= 0 OR total < -10' },
  indexes: [['owner', 'label']],
})
export class Specimen {
  @TextColumn({ key: true }) id!: string;
  @TextColumn() owner!: Owner;
  @TextColumn() label!: string;
  @TextColumn({ nullable: true }) note!: string | null;
  @AmountColumn() total!: Amount;
  @AmountColumn({ nullable: true }) spare!: Amount | null;
  @InstantColumn() madeAt!: Instant;
  @InstantColumn({ nullable: true }) seenAt!: Instant | null;
  @CivilDateColumn() day!: CivilDate;
  @CivilDateColumn({ nullable: true }) dueDay!: CivilDate | null;
  @CountColumn() pieces!: number;
  @CountColumn({ nullable: true }) weight!: number | null;
  @FlagColumn() isRare!: boolean;
  @FlagColumn({ nullable: true }) isKnown!: boolean | null;
}

/** A key of three columns of three kinds, pointing at specimens; nobody's own. */
@Table('sightings', {})
export class Sighting {
  @TextColumn({ key: true, references: 'specimens' }) specimenId!: string;
  @CivilDateColumn({ key: true }) day!: CivilDate;
  @CountColumn({ key: true }) place!: number;
  @TextColumn({ nullable: true }) remark!: string | null;
}

/** Nothing but a key. */
@Table('tags', {})
export class Tag {
  @TextColumn({ key: true }) subject!: string;
  @TextColumn({ key: true }) tag!: string;
}

const ENTITIES: readonly EntityClass[] = [Specimen, Sighting, Tag];

export const EVERYBODY = ofEveryOwner('a test looks at everything');
export const ANN = ownedBy('ann' as Owner);
export const BOB = ownedBy('bob' as Owner);

export function specimen(id: string, fields: Partial<Specimen> = {}): Specimen {
  return {
    id,
    owner: 'ann' as Owner,
    label: `label of ${id}`,
    note: null,
    total: 0n as Amount,
    spare: null,
    madeAt: '2026-11-21T08:39:31.123Z' as Instant,
    seenAt: null,
    day: '2026-11-21' as CivilDate,
    dueDay: null,
    pieces: 0,
    weight: null,
    isRare: false,
    isKnown: null,
    ...fields,
  };
}

export interface SpecimenStore {
  readonly engine: Engine;
  readonly settings: Settings;
  /** With the variables given beside those of the store. */
  settingsWith(extra: Readonly<Record<string, string>>): Settings;
  readonly database: Database;
  /** A door of its own; on SQLite not as the server. Closed after the tests. */
  openAnother(extra?: Readonly<Record<string, string>>, lines?: StatementLines): Promise<OpenDatabase>;
  /** Past the door, on a connection of its own. */
  direct(text: string): Promise<Record<string, unknown>[]>;
  /** All specimens, by id. */
  all(): Promise<Specimen[]>;
  empty(): Promise<void>;
}

/** Runs `tests` on an empty store of each engine. */
export function eachSpecimenStore(tests: (store: SpecimenStore) => void): void {
  describe.each(ENGINES)('on %s', (engine) => specimenStore(engine, tests));
}

export function specimenStore(
  engine: Engine,
  tests: (store: SpecimenStore) => void,
  extra: Readonly<Record<string, string>> = {},
): void {
  let made: Made | undefined;
  const opened: OpenDatabase[] = [];
  const there = (): Made => {
    if (made === undefined) throw new Error('the store is there only while tests run');
    return made;
  };
  beforeAll(async () => {
    made = await make(engine, extra);
    opened.push(await openDatabase(made.settings, ENTITIES, { serves: true }));
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    await made?.dispose();
  });
  const settingsWith = (more: Readonly<Record<string, string>>) => readSettings({ ...there().environment, ...more });
  const direct = (text: string) => there().direct(text);
  tests({
    engine,
    get settings() {
      return there().settings;
    },
    get database() {
      return opened[0]!.database;
    },
    settingsWith,
    openAnother: async (more = {}, lines) => {
      const one = await openDatabase(settingsWith(more), ENTITIES, {
        serves: false,
        ...(lines === undefined ? {} : { lines }),
      });
      opened.push(one);
      return one;
    },
    direct,
    all: () => opened[0]!.database.read(EVERYBODY, (reader) => reader.rows(Specimen).find({ order: { id: 'ASC' } })),
    empty: async () => {
      for (const { name } of [Sighting, Tag, Specimen].map(definitionOf)) await direct(`DELETE FROM ${name}`);
    },
  });
}

interface Made {
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Settings;
  direct(text: string): Promise<Record<string, unknown>[]>;
  dispose(): Promise<void>;
}

async function make(engine: Engine, extra: Readonly<Record<string, string>>): Promise<Made> {
  const made = engine === 'sqlite' ? makeFile() : await makeDatabase();
  for (const entity of ENTITIES) {
    for (const statement of createTableSql(definitionOf(entity), engine)) await made.direct(statement);
  }
  const environment = { NODE_ENV: 'test', ...made.environment, ...extra };
  return { ...made, environment, settings: readSettings(environment) };
}

function makeFile(): Omit<Made, 'settings'> {
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-specimens-'));
  const path = join(folder, 'store.db');
  const database = new SqliteDatabase(path);
  return {
    environment: { DATABASE_URL: `sqlite:///${path}` },
    direct: async (text) => {
      const statement = database.prepare(text);
      if (statement.reader) return statement.all() as Record<string, unknown>[];
      statement.run();
      return [];
    },
    dispose: async () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function makeDatabase(): Promise<Omit<Made, 'settings'>> {
  const { url, drop } = await createSharedDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    environment: { DATABASE_URL: url, DATABASE_SSLMODE: 'disable' },
    direct: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
    dispose: async () => {
      await client.end();
      await drop();
    },
  };
}
