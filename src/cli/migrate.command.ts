// `passbook migrate`: the verbs, what they take, and the help that teaches them.
import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT_HELP } from '../common/exit-codes.js';
import { bringUp, showCheck, showHistory, showPlan, showStatus, takeBack, waitFor } from './migrate.actions.js';
import { type CommonOptions, type Outcome, writeFailure, writeOutcome } from './migrate.output.js';
import { writeNewMigration } from './new-migration.js';

const ABOUT = `Brings the store's schema up to date, or back, and tells how it stands. The server never does this by itself.

The store is named by DATABASE_URL (docs/configuration.md). On PostgreSQL use a direct connection, not a pooler in
transaction mode; servers may go on running. A SQLite store is changed while no server has it.
Several runners may be started at once: one works, the others wait and find nothing left to do.`;

const EXAMPLES = `
Examples:
  passbook migrate plan                    what would run: SQL, locks, what is lost
  passbook migrate up                      apply everything pending
  passbook migrate up --to 0003            … up to and including 0003
  passbook migrate down                    take back the last one
  passbook migrate down --to 0 --allow-data-loss
  passbook migrate status --json           exit code 3 while something is pending
  passbook migrate wait --schema --timeout 120 && node dist/src/main.js

${EXIT_HELP}`;

const SECONDS_MAX = 86_400;

export function migrateCommand(): Command {
  const migrate = new Command('migrate')
    .summary('bring the schema up to date, or look at it')
    .description(ABOUT)
    .addHelpText('after', EXAMPLES);
  const verb = (name: string, about: string) =>
    migrate.command(name).description(about).option('--json', 'print one JSON object').helpCommand(false);
  const to = (about: string) => new Option('--to <migration>', `${about}: an id (0003_transactions) or its number (3)`);

  verb('up', 'Applies what is pending. A SQLite file that is not there is made. Nothing to do is no failure.')
    .addOption(to('the last one to apply'))
    .action(run(bringUp));
  verb(
    'down',
    'Takes back the last migration. Refuses before it begins where data would be lost or where there is no way back.',
  )
    .addOption(to('take back all after this one; 0 for all'))
    .option('--allow-data-loss', 'take back also what drops tables, columns or rows')
    .action(run(takeBack));
  verb(
    'status',
    'Tells where the store stands. Exits 0 when nothing is pending (also when the store is ahead), 3 when something is, 1 when the history is not what this version knows.',
  ).action(run(showStatus));
  verb('history', 'Lists what was applied, when, by which version, and how long it took.').action(run(showHistory));
  verb(
    'plan',
    'Prints the SQL that would run, without running it: locks, whole-table rewrites, the way back, data loss.',
  )
    .addOption(to('plan as far as this one'))
    .option('--down', 'plan the way back instead: one step, or as far as --to')
    .action(run(showPlan));
  verb(
    'check',
    'Compares the live schema with what this version demands of it. Exits 1 on any difference, a line each.',
  ).action(run(showCheck));
  verb('wait', 'Waits until the store answers; exits 4 when it does not in time. A wrong password is not waited for.')
    .option('--timeout <seconds>', 'how long (default: MIGRATE_WAIT_SECONDS)', seconds)
    .option('--schema', 'also wait until nothing is pending')
    .action(run(waitFor));
  verb('new', 'Writes the next numbered file into migrations/ and lists it in migrations/index.ts. In a checkout only.')
    .argument('<name>', 'what it does, in words: accounts_nickname')
    .addOption(
      new Option('--kind <kind>', 'schema and rows are never changed in one file')
        .choices(['schema', 'data'])
        .default('schema'),
    )
    .action((name: string, options: CommonOptions & { kind: 'schema' | 'data' }) =>
      run((chosen: typeof options) => writeNewMigration(name, chosen.kind))(options),
    );
  return migrate;
}

/** An action whose outcome is printed, as text or as one JSON object, and becomes the exit code. */
function run<Options extends CommonOptions>(
  action: (options: Options) => Promise<Outcome>,
): (options: Options) => Promise<void> {
  return async (options) => {
    try {
      writeOutcome(await action(options), options);
    } catch (error) {
      writeFailure(error, options);
    }
  };
}

function seconds(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > SECONDS_MAX)
    throw new InvalidArgumentError(`It takes whole seconds up to ${SECONDS_MAX}.`);
  return Number(text);
}
