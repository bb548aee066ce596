// Runs the built program as operators do: processes of their own, from dist/.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tether, untether } from '../support/tether.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

export function startNode(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = root,
): { child: ChildProcess; ended: Promise<Ended> } {
  if (!existsSync(`${root}dist/src/migrate.js`)) throw new Error('these tests run what is built: npm run build');
  const child = spawn(process.execPath, [`${root}${script}`, ...args], {
    cwd,
    // Nothing of this process's own store or runner.
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  tether({ pid: child.pid! });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
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
