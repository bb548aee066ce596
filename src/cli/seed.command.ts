// `passbook seed`: what an installation begins with.
import { Command } from 'commander';
import { readSettings } from '../config/settings.js';
import { ofEveryOwner } from '../database/scope.js';
import { type Seeded } from '../transfers/system-accounts.service.js';
import { openLedger } from './ledger/open-ledger.js';
import { columns } from './migrate.output.js';

const ABOUT = `Makes the accounts that the bank itself keeps: those of SYSTEM_ACCOUNTS, once each, with their openings paid out of the
treasury of their currency. What is there stays as it is, so that it may be run with every release.

On PostgreSQL it works beside running servers. On SQLite it needs the store for itself.

Examples:
  passbook seed system
  SYSTEM_ACCOUNTS=treasury:CRD,house:CRD:100000.00 CURRENCIES_PRIVATE=CRD:2 passbook seed system --json`;

const BY_COMMAND = ofEveryOwner('system accounts belong to the installation', {
  name: 'passbook seed system',
  requestId: null,
});

export function seedCommand(): Command {
  const seed = new Command('seed').summary('make what an installation begins with').description(ABOUT);
  seed
    .command('system')
    .description('Makes the system accounts of SYSTEM_ACCOUNTS that are not there yet.')
    .option('--json', 'print JSON')
    .action(system);
  return seed;
}

async function system({ json = false }: { json?: boolean }): Promise<void> {
  const settings = readSettings(process.env);
  const ledger = await openLedger(settings, true);
  try {
    const seeded = await ledger.systemAccounts.seed(settings.systemAccounts, BY_COMMAND);
    process.stdout.write(`${json ? JSON.stringify({ data: seeded }) : columns(seeded.map(rowOf))}\n`);
  } finally {
    await ledger.close();
  }
}

const FUNDS: Readonly<Record<Seeded['funds'], string>> = {
  paid: 'opening paid',
  standing: 'opening was paid before',
  none: 'no opening',
};

function rowOf({ id, accountNumber, role, currency, isNew, opening, funds }: Seeded): string[] {
  const money = opening === undefined ? FUNDS[funds] : `${FUNDS[funds]}: ${opening}`;
  return [id, accountNumber ?? '', role, currency, isNew ? 'made' : 'was there', money];
}
