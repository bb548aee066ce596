// The older habits: what `make` does with a store, and what it refuses.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../migrations/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const hasMake = spawnSync('make', ['--version']).status === 0;

describe.runIf(hasMake)('make', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(temporaryFolder(), 'passbook-make-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const make = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const store = { DATABASE_URL: `sqlite:///${join(folder, 'store.db')}` };
    const options = { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...store, ...env } };
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      execFile('make', args, options, (error, stdout, stderr) =>
        resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  };

  it('alone lists what it can do', async () => {
    const { status, stdout } = await make([]);
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'help',
      'db-init',
      'db-up',
      'db-down',
      'db-rev',
      'db-reset',
      '',
    ]);
  });

  it('db-init, db-down, db-up and db-reset move the store', async () => {
    expect(await make(['db-init'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`current, at ${MIGRATIONS.at(-1)!.id}`),
    });
    expect(await make(['db-down', 'LOSE_DATA=yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`took back ${MIGRATIONS.at(-1)!.id}`),
    });
    expect((await make(['db-up'])).stdout).toContain(`applied ${MIGRATIONS.at(-1)!.id}`);
    expect(await make(['db-reset', 'CONFIRM=yes'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/took back 0001_accounts.*applied 0001_accounts/s),
    });
  });

  it('db-reset asks first, and refuses in production, however that is said', async () => {
    expect(await make(['db-reset'])).toMatchObject({ status: 2, stderr: expect.stringContaining('CONFIRM=yes') });
    for (const env of [{ NODE_ENV: 'production' }, { ENV: 'prod' }, { ENV: 'Production' }] as Record<
      string,
      string
    >[]) {
      expect(await make(['db-reset', 'CONFIRM=yes'], env)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('not in production'),
      });
    }
  });

  it('db-rev wants a message, and no shell reads it', async () => {
    expect(await make(['db-rev'])).toMatchObject({ status: 2, stderr: expect.stringContaining('MESSAGE=') });
    const planted = join(folder, 'planted');
    expect(await make(['db-rev', `MESSAGE="; touch ${planted}; "`])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is no name'),
    });
    expect(existsSync(planted)).toBe(false);
  });
});
