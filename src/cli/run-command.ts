// Runs a command line to its exit code. What is expected to go wrong ends in one line on stderr; only a bug shows a stack.
import { type Command, CommanderError } from 'commander';
import { Refusal } from '../common/domain-error.js';
import { ConfigurationInvalid, describeProblems } from '../config/configuration-invalid.js';
import { CommandFailed } from './command-failed.js';
import { EXIT, type ExitCode } from '../common/exit-codes.js';

const OF_CODE: Readonly<Record<string, ExitCode>> = {
  store_in_use: EXIT.inUse,
  store_busy: EXIT.inUse,
  not_permitted: EXIT.notPermitted,
};

export async function runCommand(command: Command, argv: readonly string[] = process.argv): Promise<void> {
  overrideExits(command);
  try {
    await command.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = failureOf(error);
  }
}

/** Says what went wrong and answers the exit code. */
function failureOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has said it
  if (error instanceof ConfigurationInvalid) return said(describeProblems(error), EXIT.configuration);
  if (error instanceof CommandFailed) return said(error.message, error.exitCode);
  if (error instanceof Refusal)
    return said(
      withCause(error),
      OF_CODE[error.code] ?? (error.kind === 'unavailable' ? EXIT.unavailable : EXIT.failed),
    );
  return said(error instanceof Error ? (error.stack ?? error.message) : String(error), EXIT.internal);
}

function withCause(refusal: Refusal): string {
  return refusal.cause instanceof Error && !refusal.message.includes(refusal.cause.message)
    ? `${refusal.message} (${refusal.cause.message})`
    : refusal.message;
}

function said(message: string, code: ExitCode): ExitCode {
  process.stderr.write(`${message}\n`);
  return code;
}

function overrideExits(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) overrideExits(sub);
}
