import { migration } from '../src/database/schema/migration.js';
import { indexOn } from '../src/database/schema/table-builder.js';
import { type Check, type Column, type Table } from '../src/database/schema/table.js';
import { withCheck, withColumn, withIndex } from '../src/database/schema/table-changes.js';
import { ACCOUNTS_WITH_EXTERNAL_IDS } from './0015-external-ids.js';

const COLUMNS: readonly Column[] = [
  { name: 'ledger', kind: 'amount', nullable: false, default: 0 },
  { name: 'held', kind: 'amount', nullable: false, default: 0 },
  { name: 'last_line_at', kind: 'instant', nullable: true },
  { name: 'money_version', kind: 'count', nullable: false, default: 0 },
];

const CHECKS: readonly Check[] = [
  { name: 'ck_accounts_books', condition: "kind = 'book' OR (ledger = 0 AND held = 0 AND last_line_at IS NULL)" },
  { name: 'ck_accounts_held', condition: 'held >= 0' },
  { name: 'ck_accounts_solvent', condition: 'system_role IS NOT NULL OR ledger - held >= -overdraft_limit' },
];

const SYSTEM_ROLE = indexOn('accounts', ['system_role', 'currency'], {
  unique: true,
  where: 'system_role IS NOT NULL',
});

const WITH_COLUMNS = COLUMNS.reduce<Table>(withColumn, ACCOUNTS_WITH_EXTERNAL_IDS);
const WITH_CHECKS = CHECKS.reduce<Table>(withCheck, WITH_COLUMNS);

export const ACCOUNTS_WITH_BOOKS = withIndex(WITH_CHECKS, SYSTEM_ROLE);

/** What a book account holds, which nothing but transfers and holds change. */
export const bookAccounts = migration({
  id: '0016_book_accounts',
  kind: 'schema',
  up: (schema) => {
    schema.rebuildTable(ACCOUNTS_WITH_EXTERNAL_IDS, WITH_CHECKS);
    schema.createIndex(WITH_CHECKS, SYSTEM_ROLE);
  },
  down: (schema) => {
    schema.dropIndex(SYSTEM_ROLE.name);
    schema.rebuildTable(WITH_CHECKS, ACCOUNTS_WITH_EXTERNAL_IDS);
  },
});
