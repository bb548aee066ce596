// How the migration commands speak: lines for people, one JSON object for programs, and exit codes for scripts.
import { Refusal } from '../common/domain-error.js';
import { ConfigurationInvalid } from '../config/configuration-invalid.js';
import { type PlannedMigration, type PlannedStep } from '../database/schema/plan.js';
import { CommandFailed } from './command-failed.js';
import { EXIT, type ExitCode } from '../common/exit-codes.js';

export interface CommonOptions {
  readonly json?: boolean;
}

export interface Outcome {
  readonly json: unknown;
  readonly text: string;
  readonly exit: ExitCode;
}

const EXIT_OF: Readonly<Record<string, ExitCode>> = {
  store_in_use: EXIT.inUse,
  store_busy: EXIT.inUse,
  locked_out: EXIT.inUse,
  store_unavailable: EXIT.unavailable,
  not_permitted: EXIT.notPermitted,
  no_such_migration: EXIT.usage,
};

export function writeOutcome({ json, text, exit }: Outcome, options: CommonOptions): void {
  process.stdout.write(`${options.json === true ? JSON.stringify(json) : text}\n`);
  process.exitCode = exit;
}

/** What was to be expected is said here; anything else is a fault of the program and goes on. */
export function writeFailure(error: unknown, options: CommonOptions): void {
  const failure = failureOf(error);
  if (failure === undefined) throw error;
  const { code, detail, exit } = failure;
  if (options.json !== true) throw new CommandFailed(detail, exit);
  process.stdout.write(`${JSON.stringify({ error: { code, detail } })}\n`);
  process.exitCode = exit;
}

function failureOf(error: unknown): { code: string; detail: string; exit: ExitCode } | undefined {
  if (error instanceof ConfigurationInvalid)
    return { code: 'configuration_invalid', detail: error.message, exit: EXIT.configuration };
  if (error instanceof CommandFailed) return { code: 'refused', detail: error.message, exit: error.exitCode };
  if (!(error instanceof Refusal)) return undefined;
  return { code: error.code, detail: error.message, exit: EXIT_OF[error.code] ?? EXIT.failed };
}

/** Lines of two columns; an empty label goes on under the one before. */
export function facts(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

/** Columns as wide as their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A plan as SQL with comments, to be read or handed to somebody who runs it by hand. */
export function planText(plan: readonly PlannedMigration[]): string {
  return plan.map(migrationText).join('\n\n');
}

function migrationText({ id, kind, direction, transaction, reversible, reason, steps }: PlannedMigration): string {
  const transactions = { one: 'in one transaction', batches: 'a transaction a batch', none: 'outside of transactions' }[
    transaction
  ];
  const why = reason === undefined ? '' : ` (${reason})`;
  return [
    `-- ${id} ${direction}: ${kind}, ${transactions}; reversible: ${reversible}${why}`,
    ...steps.map(stepText),
  ].join('\n');
}

function stepText({ title, statements, lock, rewrites, scans, losesData }: PlannedStep): string {
  const marks = [
    `lock: ${lock}`,
    `rewrites: ${yesNo(rewrites)}`,
    `reads every row: ${yesNo(scans)}`,
    `loses data: ${yesNo(losesData)}`,
  ];
  return [`-- ${title}; ${marks.join(', ')}`, ...statements.map((statement) => `${statement};`)].join('\n');
}

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no';
}
