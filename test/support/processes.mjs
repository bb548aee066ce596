// The machine's processes as the watchdog and the test PostgreSQL see them: who descends from whom, and how they are ended.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const GRACE_MS = 5_000;
const WATCHDOG = fileURLToPath(new URL('./watchdog.mjs', import.meta.url));

/** @typedef {{ pid: number, parent: number, command: string }} Process */

/** Every living process; a zombie is not one. @returns {Process[]} */
export function listProcesses() {
  return existsSync('/proc/self/stat') ? listFromProc() : listFromPs();
}

/** @returns {Process[]} */
function listFromProc() {
  const processes = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name stands in parentheses and may itself hold some; state and parent follow the last one.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
      processes.push({ pid: Number(name), parent: Number(parent), command });
    } catch {
      // It ended while it was being read.
    }
  }
  return processes;
}

/** @returns {Process[]} */
function listFromPs() {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state = 'Z', command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || parent === undefined || command === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** The process and everything that descends from it, the eldest first. @param {number} root @returns {number[]} */
export function familyOf(root, processes = listProcesses()) {
  const family = processes.some(({ pid }) => pid === root) ? [root] : [];
  // The list grows while it is walked: children of children come too.
  for (const elder of family) for (const { pid, parent } of processes) if (parent === elder) family.push(pid);
  return family;
}

/**
 * The processes named, those whose command line names one of the folders, and all that descend from them; never the asking one or a watchdog.
 * @param {{ folders?: string[], pids?: number[] }} of @returns {number[]}
 */
export function processesOf({ folders = [], pids = [] }) {
  const processes = listProcesses();
  const roots = processes.filter(
    ({ pid, command }) => pids.includes(pid) || folders.some((folder) => command.includes(folder)),
  );
  // A watchdog in the family has things of its own to clean up, and ends by itself.
  const spared = new Set(processes.filter(({ command }) => command.includes(WATCHDOG)).map(({ pid }) => pid));
  const found = new Set(roots.flatMap(({ pid }) => familyOf(pid, processes)));
  return [...found].filter((pid) => pid !== process.pid && !spared.has(pid));
}

/** Sends a signal to each; those already gone are passed over. @param {number[]} pids @param {NodeJS.Signals} signal */
export function signalAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
}

/**
 * Asks to quit, then insists. PostgreSQL that is asked gives its shared memory back; a killed one leaves it behind.
 * @param {() => number[]} find
 */
export async function endProcesses(find) {
  const askedAtMs = Date.now();
  signalAll(find(), 'SIGCONT');
  signalAll(find(), 'SIGQUIT');
  for (let pids = find(); pids.length > 0; pids = find()) {
    if (Date.now() - askedAtMs > GRACE_MS) signalAll(pids, 'SIGKILL');
    await sleep(20);
  }
}

/** Removes a folder, and the shared memory of a PostgreSQL in `<folder>/data` that was killed. @param {string} folder */
export function removeFolder(folder) {
  const pidFile = join(folder, 'data', 'postmaster.pid');
  if (existsSync(pidFile)) {
    const sharedMemoryId = /^\s*\d+\s+(\d+)\s*$/.exec(readFileSync(pidFile, 'utf8').split('\n')[6] ?? '')?.[1];
    if (sharedMemoryId !== undefined) spawnSync('ipcrm', ['-m', sharedMemoryId], { stdio: 'ignore' });
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
