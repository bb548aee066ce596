// The migration runner, an entry point of its own: for Jobs and pre-deploy commands that run before the server and never beside it.
import { migrateCommand } from './cli/migrate.command.js';
import { runCommand } from './cli/run-command.js';

await runCommand(migrateCommand());
