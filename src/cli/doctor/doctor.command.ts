// `passbook doctor`: what is wrong with an installation, and what to do about it.
import { Command, InvalidArgumentError } from 'commander';
import { MIGRATIONS } from '../../../migrations/index.js';
import { EXIT } from '../../common/exit-codes.js';
import { columns, writeOutcome } from '../migrate.output.js';
import { examine } from './doctor.js';
import { type Finding } from './finding.js';

const ABOUT = `Looks at the configuration, the connection, TLS, the schema, the pool against the server's limit, disk and clocks. Each
check ends in ok, warning or fault, with the next step. Reads only; runs beside servers.

Examples:
  passbook doctor
  passbook doctor --processes 6   # as many servers share the store
  passbook doctor --json`;

interface Options {
  readonly processes: number;
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('find out what is wrong, and what to do')
    .description(ABOUT)
    .option('--processes <count>', 'how many servers share the store', wholeNumber, 1)
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const migrations = MIGRATIONS.map(({ id }) => id);
  const findings = await examine(process.env, { processes: options.processes, nowMs: Date.now(), migrations });
  const count = (verdict: Finding['verdict']): number => findings.filter((one) => one.verdict === verdict).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  const verdict = faults > 0 ? 'fault' : warnings > 0 ? 'warning' : 'ok';
  writeOutcome(
    {
      json: { verdict, faults, warnings, findings },
      text: [columns(findings.map(rowOf)), ...nextSteps(findings), sentenceOf(faults, warnings)].join('\n\n'),
      exit: faults > 0 ? EXIT.failed : EXIT.ok,
    },
    options,
  );
}

function rowOf({ check, verdict, detail }: Finding): readonly string[] {
  return [verdict, check, detail];
}

function nextSteps(findings: readonly Finding[]): readonly string[] {
  const steps = findings.filter(({ next }) => next !== null);
  return steps.length === 0 ? [] : [steps.map(({ check, next }) => `${check}: ${next}`).join('\n')];
}

function sentenceOf(faults: number, warnings: number): string {
  if (faults > 0) return `Not well: ${faults} faults, ${warnings} warnings.`;
  return warnings > 0 ? `Well enough: ${warnings} warnings.` : 'All is well.';
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
