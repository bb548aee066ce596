// The commands as an operator types them: what they print, and the codes they end with.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateCommand } from '../../src/cli/migrate.command.js';
import { runCommand } from '../../src/cli/run-command.js';
import { lockStore } from '../../src/database/sqlite/server-lock.js';
import { sql } from '../../src/database/sql.js';
import { MIGRATIONS } from '../../migrations/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { DIALECTS, emptyUrl, openAt } from './engines.js';
import { type Ended, runMigrate } from './processes.js';

const LAST = MIGRATIONS.at(-1)!;
type Variables = Readonly<Record<string, string>>;

/** Runs one command line in this process, with that environment and no other. */
async function migrate(env: Variables, ...args: string[]): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  const kept = {
    env: process.env,
    stdout: process.stdout.write,
    stderr: process.stderr.write,
    exitCode: process.exitCode,
  };
  process.env = { MIGRATE_LOCK_TIMEOUT_MS: '200', MIGRATE_WAIT_SECONDS: '1', ...env };
  const into = (name: 'stdout' | 'stderr') =>
    ((text: string) => {
      output[name] += text;
      return true;
    }) as typeof process.stdout.write;
  process.stdout.write = into('stdout');
  process.stderr.write = into('stderr');
  process.exitCode = undefined;
  try {
    await runCommand(migrateCommand(), ['node', 'migrate', ...args]);
    return { ...output, code: (process.exitCode as number | undefined) ?? 0 };
  } finally {
    process.env = kept.env;
    process.stdout.write = kept.stdout;
    process.stderr.write = kept.stderr;
    process.exitCode = kept.exitCode;
  }
}

const jsonOf = (ended: Ended) =>
  JSON.parse(ended.stdout) as Record<string, unknown> & { error: { code: string; detail: string } };

describe.each(DIALECTS)('passbook migrate on %s', (dialect) => {
  let url: string;
  let remove: () => Promise<void>;
  beforeAll(async () => ({ url, remove } = await emptyUrl(dialect)));
  afterAll(() => remove());
  const run = (...args: string[]) => migrate({ DATABASE_URL: url }, ...args);

  it('status of an empty store lists what is pending and ends with 3', async () => {
    const { code, stdout } = await run('status');
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^store {4}\S+ \(from DATABASE_URL\)\nlevel {4}empty\ncurrent {2}none\npending {2}0001_accounts\n {9}0002_/,
    );
    expect(jsonOf(await run('status', '--json'))).toMatchObject({
      level: 'empty',
      current: null,
      pending: MIGRATIONS.map(({ id }) => id),
    });
  });

  it('plan prints the SQL and runs none of it', async () => {
    const { code, stdout } = await run('plan', '--to', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^-- 0001_accounts up: schema, in one transaction; reversible: with data loss \(drop table accounts\)\n-- create table accounts; lock: (?:none|write), rewrites: no, .*\nCREATE TABLE accounts \(/,
    );
    expect(stdout).toContain('CREATE TABLE balances');
    expect(stdout).not.toContain('CREATE TABLE transactions');
    expect((await run('status')).code).toBe(3);
    expect((jsonOf(await run('plan', '--json'))['plan'] as unknown[]).length).toBe(MIGRATIONS.length);
  });

  it('check names what is missing and says what comes first', async () => {
    await run('up', '--to', '1');
    const { code, stdout } = await run('check');
    expect(code).toBe(1);
    expect(stdout).toContain('table balances: missing\n');
    expect(stdout).toMatch(/"passbook migrate up" comes first\.\n$/);
  });

  it('up applies the rest, then nothing; status ends with 0; history tells when', async () => {
    expect(await run('up')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(`applied ${LAST.id} .*Done: the schema is current, at ${LAST.id}\\.\n$`, 's'),
      ),
    });
    expect(await run('up')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do: the schema is current'),
    });
    expect(jsonOf(await run('up', '--json'))).toMatchObject({ ran: [], level: 'current' });
    expect(await run('status')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`current {2}${LAST.id} \\(applied 2.*Z by version \\d`)),
    });
    expect(await run('check')).toMatchObject({ code: 0, stdout: 'The schema is what this version demands.\n' });
    expect((await run('history')).stdout.split('\n')[0]).toMatch(
      /^0001_accounts +2\d{3}-.*Z +\d+ ms +version \d+\.\d+\.\d+$/,
    );
    expect(jsonOf(await run('history', '--json'))['data']).toHaveLength(MIGRATIONS.length);
    expect((await run('plan')).stdout).toMatch(/^-- Nothing to do/);
  });

  it('check ends with 1 and a line for what was changed by hand', async () => {
    const session = await openAt(url);
    await session.execute('CREATE INDEX by_hand ON accounts (name)');
    expect(await run('check')).toMatchObject({
      code: 1,
      stdout: 'index by_hand of table accounts: extra\n1 difference.\n',
    });
    expect(jsonOf(await run('check', '--json'))['differences']).toEqual([
      {
        table: 'accounts',
        kind: 'index',
        name: 'by_hand',
        difference: 'extra',
        line: 'index by_hand of table accounts: extra',
      },
    ]);
    await session.execute('DROP INDEX by_hand');
    await session.close();
  });

  it('wait ends at once when there is nothing to wait for', async () => {
    expect(await run('wait')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The store answers \(\d+ ms\)\.\n$/),
    });
    expect((await run('wait', '--schema', '--timeout', '0')).code).toBe(0);
  });

  it('down refuses to lose data, and goes where it is told when it may', async () => {
    expect(await run('down', '--to', '0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('say --allow-data-loss'),
    });
    expect((await run('plan', '--down', '--to', '0')).stdout).toMatch(
      new RegExp(`^-- ${LAST.id} down: .*DROP TABLE accounts;\n$`, 's'),
    );
    expect(jsonOf(await run('down', '--to', '0', '--json'))).toMatchObject({ error: { code: 'data_would_be_lost' } });
    expect((await run('down', '--to', '0', '--allow-data-loss')).code).toBe(0);
    expect(await run('down')).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
  });

  it('wait --schema ends with 4 when nobody brings it up in time, and with 0 as soon as somebody does', async () => {
    expect(await run('wait', '--schema', '--timeout', '0')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^Not in 0 s: the store is at nothing applied, \d+ pending\.\n$/),
    });
    const waiting = runMigrate(['wait', '--schema', '--timeout', '30'], { DATABASE_URL: url });
    await sleep(300);
    expect((await run('up')).code).toBe(0);
    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The schema is up to date/) });
  });

  it('a store that is ahead is told apart: status 0, up 0, down refused by name', async () => {
    const session = await openAt(url);
    await session.query(
      sql`INSERT INTO schema_migrations (id, checksum, applied_at, took_ms, applied_by) VALUES ('9999_future', 'x', '2030-01-01T00:00:00.000Z', 1, '9.9.9')`,
    );
    expect(await run('status')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/level {4}ahead\n.*\nunknown {2}9999_future/),
    });
    expect(await run('up')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('the store is ahead of this version, at 9999_future'),
    });
    expect(await run('down')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^9999_future \(applied by version 9\.9\.9\) is not known to this version/),
    });
    expect((await run('history')).stdout).toMatch(/9999_future .* unknown\n$/);
    await session.query(sql`DELETE FROM schema_migrations WHERE id = '9999_future'`);

    await session.query(sql`UPDATE schema_migrations SET checksum = 'x' WHERE id = '0001_accounts'`);
    expect(await run('status')).toMatchObject({ code: 1, stdout: expect.stringMatching(/changed {2}0001_accounts/) });
    expect(jsonOf(await run('up', '--json'))).toMatchObject({
      error: { code: 'applied_migration_changed', detail: expect.stringMatching(/^0001_accounts/) },
    });
    expect((await run('history')).stdout).toMatch(/^0001_accounts .* changed\n/);
    await session.close();
  });

  it('wrong usage ends with 2', async () => {
    expect(await run('up', '--to', '77')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^No migration is called "77"\. There are 0001_accounts, /),
    });
    expect((await run('sideways')).code).toBe(2);
    expect((await run('wait', '--timeout', 'soon')).code).toBe(2);
    expect((await run('up', '--fast')).code).toBe(2);
  });
});

describe('on SQLite', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(temporaryFolder(), 'passbook-cli-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (path: string) => ({ DATABASE_URL: `sqlite:///${join(folder, path)}` });

  it('up alone makes the file and its folders, for their owner only', async () => {
    const env = at('deep/er/store.db');
    expect((await migrate(env, 'status')).code).toBe(3);
    expect(await migrate(env, 'check')).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/There is no SQLite file at .*"passbook migrate up" makes it/),
    });
    expect((await migrate(env, 'down')).code).toBe(69);
    expect((await migrate(env, 'history')).stdout).toBe('Nothing was applied yet.\n');
    expect((await migrate(env, 'wait')).code).toBe(0);
    expect((await migrate(env, 'wait', '--schema', '--timeout', '0')).code).toBe(4);
    expect(existsSync(join(folder, 'deep'))).toBe(false);
    expect((await migrate(env, 'up')).code).toBe(0);
    expect(statSync(join(folder, 'deep/er/store.db')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deep/er')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700);
    const session = await openAt(env.DATABASE_URL);
    expect(await session.query(sql`SELECT journal_mode FROM pragma_journal_mode`)).toEqual([{ journal_mode: 'wal' }]);
    await session.close();
  });

  it('a store that a server has is left alone, with what to do', async () => {
    const env = at('served.db');
    await migrate(env, 'up', '--to', '1');
    const server = lockStore(join(folder, 'served.db'));
    expect(await migrate(env, 'up')).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/Stop it, run this again, then start it/),
    });
    expect((await migrate(env, 'down', '--allow-data-loss')).code).toBe(75);
    expect((await migrate(env, 'status')).code).toBe(3);
    server.release();
    expect((await migrate(env, 'up')).code).toBe(0);
  });

  it('a file that another process writes to is waited for, then given up', async () => {
    const env = at('busy.db');
    await migrate(env, 'up', '--to', '1');
    const other = await openAt(env.DATABASE_URL);
    await other.execute('BEGIN IMMEDIATE');
    expect(await migrate(env, 'up', '--json')).toMatchObject({
      code: 75,
      stdout: expect.stringContaining('"code":"locked_out"'),
    });
    await other.execute('ROLLBACK');
    expect((await migrate(env, 'up')).code).toBe(0);
    await other.close();
  });

  it('what is no SQLite file, or cannot be made, is said in one line', async () => {
    writeFileSync(
      join(folder, 'letter.db'),
      'Dear Sir or Madam, this is a letter and not a database at all, whatever its name says.',
    );
    expect(await migrate(at('letter.db'), 'status')).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/letter\.db is no SQLite file\.\n$/),
    });
    expect(await migrate(at('letter.db/store.db'), 'up')).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/cannot be made or opened: (?:ENOTDIR|EEXIST)/),
    });
  });

  it('nothing to do is no reason to touch a file that is read-only', async () => {
    const env = at('kept.db');
    await migrate(env, 'up');
    chmodSync(join(folder, 'kept.db'), 0o400);
    expect((await migrate(env, 'status')).code).toBe(0);
  });
});

describe('on PostgreSQL', () => {
  it.each([
    [
      'nobody listens',
      'postgresql://me:s3cret@127.0.0.1:1/bank',
      69,
      /^postgresql:\/\/me:\S*@127\.0\.0\.1:1\/bank\S* cannot be reached: connect ECONNREFUSED/,
    ],
    [
      'the host is not there',
      'postgresql://me:s3cret@nowhere.invalid/bank',
      69,
      /cannot be reached: getaddrinfo (?:ENOTFOUND|EAI_AGAIN)/,
    ],
  ])('%s: one readable line, without the password', async (_, url, code, line) => {
    const ended = await migrate({ DATABASE_URL: url }, 'status');
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(line) });
    expect(ended.stderr).not.toContain('s3cret');
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(jsonOf(await migrate({ DATABASE_URL: url }, 'up', '--json'))).toMatchObject({
      error: { code: 'store_unavailable' },
    });
    expect((await migrate({ DATABASE_URL: url }, 'wait', '--timeout', '1')).code).toBe(4);
  });

  it('a wrong password, a database that is not there, and a user without rights are told apart', async () => {
    const { url, remove } = await emptyUrl('postgres');
    const wrong = new URL(url);
    wrong.password = 'wr0ng';
    expect(await migrate({ DATABASE_URL: wrong.href }, 'up')).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/refuses the password of user "/),
    });
    expect((await migrate({ DATABASE_URL: wrong.href }, 'wait', '--timeout', '5')).code).toBe(77);
    const elsewhere = new URL(url);
    elsewhere.pathname = '/not_there';
    expect(await migrate({ DATABASE_URL: elsewhere.href }, 'up')).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/there is no database "not_there"\. Create it first\./),
    });

    const session = await openAt(url);
    const role = `passbook_guest_${randomBytes(4).toString('hex')}`;
    await session.execute(`CREATE ROLE ${role} LOGIN PASSWORD 'guest'`);
    await session.execute('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const guest = new URL(url);
    guest.username = role;
    guest.password = 'guest';
    expect(await migrate({ DATABASE_URL: guest.href }, 'up')).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/permission denied for schema public/),
    });
    await session.execute(`DROP ROLE ${role}`);
    await session.close();
    await remove();
  });

  it('another runner that does not end is given up on', async () => {
    const { url, remove } = await emptyUrl('postgres');
    const other = await openAt(url);
    await other.tryLock();
    expect(await migrate({ DATABASE_URL: url }, 'up')).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/^Another runner was still at work after 1 s\./),
    });
    await other.close();
    await remove();
  });
});

it('a wrong configuration ends with 78, as text and as JSON', async () => {
  const env = { DATABASE_URL: 'mysql://bank' };
  expect(await migrate(env, 'up')).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(/^The configuration has a problem:\n {2}DATABASE_URL: got /),
  });
  expect(jsonOf(await migrate(env, 'status', '--json'))).toMatchObject({ error: { code: 'configuration_invalid' } });
});

it('the help teaches: verbs, examples, exit codes', async () => {
  const { code, stdout } = await migrate({}, '--help');
  expect(code).toBe(0);
  for (const word of [
    'up',
    'down',
    'status',
    'history',
    'plan',
    'check',
    'new',
    'wait',
    'Examples:',
    'Exit codes:',
    '--allow-data-loss',
    '69',
    '78',
  ])
    expect(stdout).toContain(word);
  expect((await migrate({}, 'down', '--help')).stdout).toMatch(/--to <migration>.*--allow-data-loss/s);
});

describe('new', () => {
  it('writes the next file and lists it', async () => {
    const folder = mkdtempSync(join(temporaryFolder(), 'passbook-new-'));
    const kept = process.cwd();
    try {
      mkdirSync(join(folder, 'migrations'));
      cpSync('migrations/index.ts', join(folder, 'migrations/index.ts'));
      process.chdir(folder);
      const next = (number: number) => String(LAST.number + number).padStart(4, '0');
      expect(await migrate({}, 'new', 'Accounts nickname')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`migrations/${next(1)}-accounts-nickname.ts`),
      });
      expect(jsonOf(await migrate({}, 'new', 'fold_names', '--kind', 'data', '--json'))).toMatchObject({
        id: `${next(2)}_fold_names`,
      });
      const index = readFileSync('migrations/index.ts', 'utf8');
      expect(index).toContain(
        `import { accountsNickname } from './${next(1)}-accounts-nickname.js';\nimport { foldNames } from './${next(2)}-fold-names.js';\n\nexport const MIGRATIONS`,
      );
      expect(index.replaceAll(/\s+/g, ' ')).toMatch(/, accountsNickname, foldNames,? ?\];/);
      expect(readFileSync(`migrations/${next(1)}-accounts-nickname.ts`, 'utf8')).toContain(
        `id: '${next(1)}_accounts_nickname',\n  kind: 'schema',`,
      );
      expect(readFileSync(`migrations/${next(2)}-fold-names.ts`, 'utf8')).toContain("kind: 'data',");

      expect((await migrate({}, 'new', 'fold names')).code).toBe(2);
      expect((await migrate({}, 'new', '../evil')).code).toBe(2);
      rmSync('migrations', { recursive: true });
      expect(await migrate({}, 'new', 'x')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/written in a checkout/),
      });
    } finally {
      process.chdir(kept);
      rmSync(folder, { recursive: true });
    }
  });
});
