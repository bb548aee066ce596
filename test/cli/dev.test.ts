// `passbook dev` as somebody who has just cloned the repository meets it: a process of its own in a folder of its own.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, startNode } from '../migrations/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const READY = 'Ctrl-C ends it';
const START_MS_MAX = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(temporaryFolder(), 'passbook-dev-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startNode(`dist/src/${script}`, args, { LOG_LEVEL: 'warn', ...env }, folder);

const migrate = (...args: readonly string[]): Promise<Ended> => run('migrate.js', args).ended;
const dev = (env: Readonly<Record<string, string>> = {}) => run('cli/passbook.js', ['dev'], { PORT: '0', ...env });
const keyFile = (): string => join(folder, 'data', 'dev-api-key');

interface Greeting {
  readonly text: string;
  readonly url: string;
  readonly key: string;
  readonly curls: readonly string[];
}

/** Runs `dev` until `meet` is done with it. Answers how it ended. */
async function served(meet: (greeting: Greeting) => Promise<void>): Promise<Ended> {
  const { child, ended } = dev();
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const until = performance.now() + START_MS_MAX;
  while (!text.includes(READY) && child.exitCode === null && performance.now() < until) await sleep(50);
  try {
    if (!text.includes(READY))
      throw new Error(`it did not come up: ${text}\n${child.exitCode === null ? '' : (await ended).stderr}`);
    const url = /Listens on\s+(\S+)/.exec(text)![1]!;
    const key = /API key\s+(\S+)/.exec(text)![1]!;
    await meet({ text, url, key, curls: text.split('\n').filter((line) => line.includes('curl ')) });
  } finally {
    child.kill('SIGTERM');
  }
  return ended;
}

/** What the printed line asks for, asked without curl. */
async function asPasted(line: string): Promise<{ data: Record<string, unknown>[] }> {
  const [, header, url] = /^ {2}curl -s -H '([^']+)' '([^']+)'$/.exec(line)!;
  const [name, value] = header!.split(': ') as [string, string];
  const answer = await fetch(url!, { headers: { [name]: value } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { data: Record<string, unknown>[] };
}

const linkedIn = async (greeting: Greeting): Promise<unknown[]> => {
  const { data } = await asPasted(greeting.curls[0]!);
  return data.map(({ id, balance }) => [id, balance]);
};

describe('passbook dev', () => {
  let first: { key: string; accounts: unknown[]; lines: unknown[] };

  it('says in a line that there is no store yet, or that its schema is behind, and ends', async () => {
    const lines = async () => {
      const { code, stderr, stdout } = await dev({ LOG_LEVEL: 'silent' }).ended;
      expect(stdout).toBe('');
      return [code, ...stderr.trimEnd().split('\n')];
    };
    expect(await lines()).toEqual([69, expect.stringContaining('migrate up')]);
    expect((await migrate('up', '--to', '3')).code).toBe(0);
    expect(await lines()).toEqual([
      3,
      expect.stringMatching(/^The schema lacks \d+ of \d+ migrations: run "passbook migrate up"\.$/),
    ]);
  });

  it('serves a migrated store with a key of its own and rows to look at', async () => {
    expect((await migrate('up')).code).toBe(0);
    const ended = await served(async (greeting) => {
      expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
      expect(readFileSync(keyFile(), 'utf8')).toBe(`${greeting.key}\n`);
      expect(greeting.text).toMatch(/Sandbox +linked Harbor Bank, Banque Lumière, さくら銀行: 7 accounts, \d{4} lines/);
      expect(greeting.text).toContain(join(folder, 'data', 'passbook.db'));
      expect(greeting.curls).toHaveLength(2);
      const { data: accounts } = await asPasted(greeting.curls[0]!);
      expect(accounts).toHaveLength(7);
      expect(accounts.every(({ balance }) => balance !== null)).toBe(true);
      const { data: lines } = await asPasted(greeting.curls[1]!);
      expect(lines).toHaveLength(5);
      const page = await fetch(/API page\s+(\S+)/.exec(greeting.text)![1]!);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
      first = { key: greeting.key, accounts: await linkedIn(greeting), lines };
    });
    expect(ended.code).toBe(0);
    // The store holds the key's hash alone.
    for (const file of ['passbook.db', 'passbook.db-wal'])
      expect(readable(join(folder, 'data', file)).includes(first.key)).toBe(false);
  });

  it('keeps data and key when it is started again, and shuts the key file again', async () => {
    chmodSync(keyFile(), 0o644);
    await served(async (greeting) => {
      expect(greeting.key).toBe(first.key);
      expect(greeting.text).not.toContain('Sandbox ');
      expect(await linkedIn(greeting)).toEqual(first.accounts);
      expect((await asPasted(greeting.curls[1]!)).data).toEqual(first.lines);
      expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    });
  });

  it('says in a line that the port is taken, or the store', async () => {
    const holder: Server = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port));
    });
    const taken = await dev({ PORT: String(port), HOST: '127.0.0.1' }).ended;
    holder.close();
    expect([taken.code, taken.stderr]).toEqual([
      69,
      `passbook cannot listen on 127.0.0.1:${port}: another process has the port. Set PORT or HOST.\n`,
    ]);
    await served(async () => {
      const second = await dev({ LOG_LEVEL: 'silent' }).ended;
      expect([second.code, second.stderr.trim().split('\n').length]).toEqual([75, 1]);
    });
  });

  it('refuses a key file that holds none, and a folder in which none can be kept', async () => {
    writeFileSync(keyFile(), 'nonsense\n');
    const nonsense = await dev().ended;
    expect([nonsense.code, nonsense.stderr]).toEqual([
      1,
      `${keyFile()} holds no API key. Remove it, and a new one is made.\n`,
    ]);
    rmSync(keyFile());
    rmSync(join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'data'), 'a file');
    const nowhere = await dev().ended;
    expect([nowhere.code, nowhere.stderr.trim().split('\n').length]).toEqual([1, 1]);
    rmSync(join(folder, 'data'));
  });

  it('refuses to run in production', async () => {
    const { code, stderr } = await dev({ NODE_ENV: 'production', ALLOW_SQLITE_IN_PRODUCTION: 'true' }).ended;
    expect([code, stderr]).toEqual([2, '"passbook dev" is not for production: run "node dist/src/main.js".\n']);
  });
});

function readable(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
