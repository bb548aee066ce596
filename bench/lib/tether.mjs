// Ties processes and folders to the bench: when it is gone, killed or not, the watchdog of the tests ends and removes them.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WATCHDOG = fileURLToPath(new URL('../../test/support/watchdog.mjs', import.meta.url));
// Short, and open to the user that is lent to PostgreSQL.
const PLACE = '/tmp';

/** @type {import('node:stream').Writable | undefined} */
let line;

/** @param {{ folder: string } | { pid: number }} what */
export function tether(what) {
  line ??= startWatchdog();
  line.write(`${JSON.stringify({ watch: what })}\n`);
}

/** For what was ended or removed in good order. @param {{ folder: string } | { pid: number }} what */
export function untether(what) {
  line?.write(`${JSON.stringify({ forget: what })}\n`);
}

/** A tethered folder that every user may pass through. @param {string} name */
export function openFolder(name) {
  const folder = mkdtempSync(join(PLACE, `passbook-bench-${name}-`));
  tether({ folder });
  chmodSync(folder, 0o755);
  return folder;
}

function startWatchdog() {
  const watchdog = spawn(process.execPath, [WATCHDOG], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watchdog.unref();
  const stdin = /** @type {import('node:net').Socket} */ (watchdog.stdin);
  stdin.unref();
  return stdin;
}
