// Ties processes and folders to this one: when it is gone, killed or not, they are ended and removed by a watchdog that outlives it.
import { spawn } from 'node:child_process';
import { type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A folder stands for itself and for every process whose command line names it. */
type Tethered = { folder: string } | { pid: number };

let line: Socket | undefined;

/** Ends it and what descends from it, or removes it, as soon as this process is gone. */
export function tether(what: Tethered): void {
  lineToWatchdog().write(`${JSON.stringify({ watch: what })}\n`);
}

/** For what was ended or removed in good order. */
export function untether(what: Tethered): void {
  lineToWatchdog().write(`${JSON.stringify({ forget: what })}\n`);
}

function lineToWatchdog(): Socket {
  if (line === undefined) {
    const watchdog = spawn(process.execPath, [fileURLToPath(new URL('./watchdog.mjs', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // A session of its own, so that killing this process's group leaves it alive.
      detached: true,
      // Started by a test runner it would load the runner's hooks.
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    line = watchdog.stdin as unknown as Socket;
    watchdog.unref();
    line.unref();
  }
  return line;
}
