// A command in this very process: as quick as a call, and as an operator would type it.
import { vi } from 'vitest';
import { passbookCommand } from '../../src/cli/passbook.command.js';
import { runCommand } from '../../src/cli/run-command.js';
import { type Ended } from '../migrations/processes.js';

/** @param env the whole environment, for as long as it runs */
export async function runHere(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk, encodingOrDone, done) => {
      said[stream] += String(chunk);
      const told = typeof encodingOrDone === 'function' ? encodingOrDone : done;
      told?.();
      return true;
    }),
  );
  const { env: before, exitCode } = process;
  process.env = { ...env };
  process.exitCode = undefined;
  try {
    await runCommand(passbookCommand(), ['node', 'passbook', ...args]);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    process.env = before;
    process.exitCode = exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}
