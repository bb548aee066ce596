// Runs one program after the other; a signal to this script reaches the program, and ends the script with it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json; every program runs there. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** @typedef {{ code: number, stdout: string, output: string }} Ran `code` is 128 + n for a program ended by signal n. */

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
/** @type {NodeJS.Signals | undefined} */
let stoppedBy;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    stoppedBy = signal;
    // A terminal sends its interrupt to all of them itself; twice would mean "at once" to the program.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) running?.kill(signal);
    if (running === undefined) process.exit(codeOf(signal));
  });
}

/** A program of an installed package. @param {string} name @returns {string} */
export function installed(name) {
  return join(root, 'node_modules', '.bin', name);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ shown?: boolean, isLast?: boolean, env?: NodeJS.ProcessEnv }} [options] shown: writes through to this script's own output;
 *   isLast: the script has nothing left to do, so that after a signal, too, the program's own code is what counts
 * @returns {Promise<Ran>}
 */
export async function run(program, args, { shown = false, isLast = false, env = process.env } = {}) {
  const ran = await new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    running = child;
    let stdout = '';
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.once('error', (error) => resolve({ code: 127, stdout, output: `${output}${error.message}\n` }));
    child.once('close', (code, signal) => resolve({ code: signal === null ? code : codeOf(signal), stdout, output }));
  });
  running = undefined;
  if (stoppedBy !== undefined && !isLast) process.exit(codeOf(stoppedBy));
  return ran;
}

/** @param {NodeJS.Signals} signal */
function codeOf(signal) {
  return 128 + constants.signals[signal];
}
