// The scanning processes as the system sees them.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { listProcesses } from '../support/processes.mjs';

const PATIENCE = { timeout: 30_000, interval: 10 };
/** Of 10 ms each: more than one takes that only waits. */
const BUSY_TICKS = 20;

/** Those that have this file open, or are about to. */
export function scanProcesses(path: string): number[] {
  return listProcesses()
    .filter(({ command }) => command.includes('scan-process.mjs') && command.includes(path))
    .map(({ pid }) => pid);
}

/** Comes back when a statement runs in a process that has answered what it was asked before. */
export async function untilBusy(pid: number): Promise<void> {
  const before = ticksOf(pid);
  await expect.poll(() => ticksOf(pid) - before, PATIENCE).toBeGreaterThan(BUSY_TICKS);
}

export async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => listProcesses().some((one) => one.pid === pid), PATIENCE).toBe(false);
}

/** Processor time that it has taken. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name stands in parentheses and may itself hold some; user and system time are the twelfth and the next after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
