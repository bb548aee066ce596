// The SQLite file: never made here, served by one process, waited for without stopping the event loop, and refused by name when it is no good.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { StoreBusy, StoreFull, StoreUnavailable } from '../../src/database/database.errors.js';
import { createTableSql } from '../../src/database/schema/ddl.js';
import { definitionOf } from '../../src/database/schema/entity.js';
import { StoreInUse } from '../../src/database/sqlite/server-lock.js';
import { openDatabase, type OpenDatabase } from '../../src/database/standalone.js';
import { startNode as start } from '../migrations/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { ANN, EVERYBODY, specimen, Specimen } from './specimens.js';

let folder: string;
let path: string;
const opened: OpenDatabase[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(temporaryFolder(), 'passbook-file-'));
  path = join(folder, 'store.db');
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

function makeFile(rows = 0): void {
  const database = new SqliteDatabase(path);
  for (const statement of createTableSql(definitionOf(Specimen), 'sqlite')) database.exec(statement);
  const text = 'x'.repeat(1000);
  const insert = database.prepare(
    "INSERT INTO specimens (id, owner, label, note, total, made_at, day, pieces, is_rare) VALUES (?, 'ann', ?, ?, 0, '2026-01-01T00:00:00.000Z', '2026-01-01', 0, 0)",
  );
  database.transaction(() => {
    for (let index = 0; index < rows; index++) insert.run(`r${index}`, `l${index}`, text);
  })();
  database.close();
}

async function open(at = path, options: { serves?: boolean; waitSeconds?: number } = {}): Promise<OpenDatabase> {
  const settings = readSettings({
    NODE_ENV: 'test',
    DATABASE_URL: `sqlite:///${at}`,
    DB_POOL_TIMEOUT: String(options.waitSeconds ?? 5),
  });
  const one = await openDatabase(settings, [Specimen], { serves: options.serves ?? true });
  opened.push(one);
  return one;
}

/** Another process, once it has said that it is there. */
async function startNode(script: string, args: readonly string[]): Promise<ReturnType<typeof start>> {
  const started = start(script, args, {});
  await once(started.child.stdout!, 'data');
  return started;
}

const write = ({ database }: OpenDatabase, id = 'w') =>
  database.transact(ANN, (tx) => tx.insert(Specimen, [specimen(id)]));
const count = ({ database }: OpenDatabase) => database.read(EVERYBODY, (reader) => reader.rows(Specimen).count());

describe('a file that is not there', () => {
  it('is not made, whoever asks and however often', async () => {
    for (const serves of [true, false, true]) await expect(open(path, { serves })).rejects.toThrow(StoreUnavailable);
    await expect(open(join(folder, 'no', 'such', 'folder.db'))).rejects.toThrow(
      /no SQLite file at .*passbook migrate up/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is noticed when it goes or is replaced while it is being served: what would be written there would be lost', async () => {
    makeFile();
    const server = await open();
    await write(server, 'a');
    renameSync(path, `${path}.old`);
    await expect(write(server, 'b')).rejects.toThrow(StoreUnavailable);
    await expect(server.engine.probe.query('SELECT 1')).rejects.toThrow(/moved, replaced or removed/);
    expect(existsSync(path)).toBe(false);
    copyFileSync(`${path}.old`, path);
    await expect(write(server, 'b')).rejects.toThrow(StoreUnavailable);
    rmSync(path);
    renameSync(`${path}.old`, path);
    await write(server, 'c');
    expect(await count(server)).toBe(2);
  });
});

describe('one server', () => {
  it('has the store: another is refused, in this process too, until the first has closed', async () => {
    makeFile();
    const first = await open();
    await expect(open()).rejects.toThrow(StoreInUse);
    const tool = await open(path, { serves: false });
    await write(first, 'a');
    expect(await count(tool)).toBe(1);
    await first.close();
    await write(await open(), 'b');
  });

  it('has it by whatever path the file is reached', async () => {
    makeFile();
    await open();
    const link = join(folder, 'link.db');
    symlinkSync(path, link);
    const folderLink = join(folder, 'folder');
    symlinkSync(folder, folderLink);
    for (const other of [link, join(folderLink, 'store.db'), join(folder, '.', 'x', '..', 'store.db')]) {
      await expect(open(other)).rejects.toThrow(StoreInUse);
    }
  });

  it('that is another process keeps others out for as long as it lives, and not a moment longer when it is killed', async () => {
    makeFile();
    const { child, ended } = await startNode('test/database/store-lock.fixture.mjs', [path]);
    await expect(open()).rejects.toThrow(StoreInUse);
    child.kill('SIGKILL');
    await ended;
    await write(await open());
  });
});

describe('a file that another process holds', () => {
  it('is waited for, while everything else goes on', async () => {
    makeFile(1);
    const server = await open(path, { waitSeconds: 30 });
    const { child, ended } = await startNode('test/database/held-file.fixture.mjs', [path]);
    let written = 0;
    const writing = ['a', 'b', 'c'].map((id) => write(server, id).then(() => written++));
    for (let read = 0; read < 20; read++) {
      expect(await count(server)).toBe(1);
      await sleep(1);
    }
    expect(written).toBe(0);
    child.kill('SIGKILL');
    await ended;
    await Promise.all(writing);
    expect(await count(server)).toBe(4);
  });

  it('for too long is StoreBusy for all who wait, and free again afterwards', async () => {
    makeFile();
    const server = await open(path, { waitSeconds: 1 });
    const { child, ended } = await startNode('test/database/held-file.fixture.mjs', [path]);
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((id) => write(server, id)));
    for (const outcome of outcomes) expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(StoreBusy);
    expect(await count(server)).toBe(0);
    child.kill('SIGKILL');
    await ended;
    await write(server);
    expect(await count(server)).toBe(1);
  });

  it('as the store is being opened is waited for too', async () => {
    makeFile();
    const database = new SqliteDatabase(path);
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
    const opening = open();
    await sleep(200);
    database.exec('COMMIT');
    database.close();
    await write(await opening);
  });
});

describe('a transaction within another', () => {
  it('waits for its turn in vain, and says so, instead of hanging', async () => {
    makeFile();
    const server = await open(path, { waitSeconds: 1 });
    const nested = server.database.transact(ANN, () => write(server));
    await expect(nested).rejects.toThrow(StoreBusy);
    await write(server);
  });
});

describe('a file that is no good', () => {
  const cases: [string, () => void, RegExp][] = [
    ['no database', () => writeFileSync(path, 'This is a letter, not a database. '.repeat(100)), /SQLITE_NOTADB/],
    ['cut in its first page', () => truncateSync(path, 700), /SQLITE_(?:CORRUPT|NOTADB|IOERR)/],
    ['cut in the middle', () => truncateSync(path, 4096 * 5), /SQLITE_(?:CORRUPT|IOERR)/],
    [
      'a folder',
      () => {
        rmSync(path);
        mkdirSync(path);
      },
      /SQLITE_(?:CANTOPEN|IOERR|READONLY)/,
    ],
  ];

  it.each(cases)('is refused by name: %s', async (_, spoil, words) => {
    makeFile(200);
    spoil();
    const use = async (): Promise<void> => {
      const server = await open();
      await server.database.read(EVERYBODY, (reader) => reader.rows(Specimen).find());
      await write(server);
    };
    const error = await use().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as Error).message).toMatch(words);
  });

  it('is refused by name: read-only', async () => {
    makeFile();
    const server = await open();
    rawOf(server).pragma('query_only = ON');
    await expect(write(server)).rejects.toThrow(/SQLITE_READONLY/);
    await expect(write(server)).rejects.toThrow(StoreUnavailable);
    rawOf(server).pragma('query_only = OFF');
    await write(server);
  });

  it('is refused by name: no room left, and what was written before stands', async () => {
    makeFile(20);
    const server = await open();
    rawOf(server).pragma(`max_page_count = ${Number(rawOf(server).pragma('page_count', { simple: true })) + 2}`);
    const big = Array.from({ length: 200 }, (_, index) => specimen(`big${index}`, { note: 'y'.repeat(1000) }));
    const fills = server.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('small')]);
      await tx.insert(Specimen, big);
    });
    await expect(fills).rejects.toThrow(StoreFull);
    expect(await count(server)).toBe(20);
    rawOf(server).pragma('max_page_count = 1000000');
    await server.database.transact(ANN, (tx) => tx.insert(Specimen, big));
    expect(await count(server)).toBe(220);
  });
});

describe('a store that is being closed', () => {
  it('refuses what comes later by name, and leaves nothing half written', async () => {
    makeFile();
    const server = await open();
    const cut = server.database.transact(ANN, async (tx) => {
      await tx.insert(Specimen, [specimen('a')]);
      await server.close();
      await tx.insert(Specimen, [specimen('b')]);
    });
    await expect(cut).rejects.toThrow(StoreUnavailable);
    await expect(write(server)).rejects.toThrow(StoreUnavailable);
    await expect(count(server)).rejects.toThrow(StoreUnavailable);
    expect(await count(await open())).toBe(0);
  });
});

/** The connection that writes, behind TypeORM. */
function rawOf({ engine }: OpenDatabase): SqliteDatabase.Database {
  const { sources } = engine as unknown as {
    sources: { writing: { driver: { databaseConnection: SqliteDatabase.Database } } };
  };
  return sources.writing.driver.databaseConnection;
}
