// Runs the built program as operators do: processes of their own, from dist/.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepLines } from '../support/run-log.js';
import { tether, untether } from '../support/tether.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What these print is their log. The command's own answers are not: it shows the keys that it makes. */
const LOGGING = ['dist/src/main.js', 'dist/src/migrate.js'];

const root = fileURLToPath(new URL('../../', import.meta.url));

/** @param script of this checkout, or by its whole path */
export function startNode(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = root,
): { child: ChildProcess; ended: Promise<Ended> } {
  if (!existsSync(`${root}dist/src/migrate.js`)) throw new Error('these tests run what is built: npm run build');
  const child = spawn(process.execPath, [resolve(root, script), ...args], {
    cwd,
    // Nothing of this process's own store or runner.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  tether({ pid: child.pid! });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  if (LOGGING.some((one) => script.endsWith(one))) {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => keepLines(`process-${child.pid}`, chunk.toString()));
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      untether({ pid: child.pid! });
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended };
}

export function runMigrate(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return startNode('dist/src/migrate.js', args, env).ended;
}
