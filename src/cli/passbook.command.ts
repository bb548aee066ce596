// What the binary can do.
import { Command } from 'commander';
import { VERSION } from '../common/version.js';
import { devCommand } from './dev.command.js';
import { doctorCommand } from './doctor/doctor.command.js';
import { EXIT_HELP } from '../common/exit-codes.js';
import { generateCommand } from './generate.command.js';
import { keysCommand } from './keys.command.js';
import { ledgerCommand } from './ledger/ledger.command.js';
import { migrateCommand } from './migrate.command.js';
import { seedCommand } from './seed.command.js';
import { smokeCommand } from './smoke/smoke.command.js';
import { tokensCommand } from './tokens.command.js';

export function passbookCommand(): Command {
  return new Command('passbook')
    .description('Keeps bank data: accounts, balances and transactions, on SQLite or PostgreSQL.')
    .version(VERSION)
    .showHelpAfterError('(passbook --help tells more)')
    .addCommand(migrateCommand())
    .addCommand(keysCommand())
    .addCommand(tokensCommand())
    .addCommand(seedCommand())
    .addCommand(ledgerCommand())
    .addCommand(smokeCommand())
    .addCommand(doctorCommand())
    .addCommand(devCommand())
    .addCommand(generateCommand(), { hidden: true })
    .addHelpText(
      'after',
      `\nThe store is named by DATABASE_URL (docs/configuration.md). To serve: node dist/src/main.js\n\n${EXIT_HELP}`,
    );
}
