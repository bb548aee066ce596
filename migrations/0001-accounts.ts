import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const ACCOUNTS_TABLE = table('accounts', (t) =>
  t
    .text('id')
    .text('owner')
    .text('kind')
    .text('name')
    .text('currency')
    .text('status')
    .text('type')
    .text('subtype', { nullable: true })
    .text('institution_id', { nullable: true })
    .text('institution_name', { nullable: true })
    .text('last_four', { nullable: true })
    .text('feed', { nullable: true })
    .text('environment', { nullable: true })
    .text('external_id', { nullable: true })
    .text('enrollment_id', { nullable: true })
    .text('account_number', { nullable: true })
    .text('system_role', { nullable: true })
    .amount('overdraft_limit')
    .text('balance_id', { nullable: true })
    .amount('balance_available', { nullable: true })
    .amount('balance_ledger', { nullable: true })
    .instant('balance_as_of', { nullable: true })
    .count('version')
    .instant('created_at')
    .instant('updated_at')
    .instant('closed_at', { nullable: true })
    .text('raw', { nullable: true })
    .check('kind', "kind IN ('linked', 'manual', 'book')")
    .check('status', "status IN ('open', 'closed')")
    .check('type', "type IN ('depository', 'credit', 'cash', 'other')")
    .check('closed_at', "(status = 'closed') = (closed_at IS NOT NULL)")
    .check('linked', "(kind = 'linked') = (external_id IS NOT NULL AND feed IS NOT NULL AND environment IS NOT NULL)")
    .check('system_role', "system_role IS NULL OR kind = 'book'")
    .check('overdraft_limit', 'overdraft_limit >= 0')
    .check('version', 'version >= 1')
    .index(['owner', 'id'])
    .index(['enrollment_id'])
    .unique(['owner', 'feed', 'environment', 'external_id'])
    .unique(['account_number']),
);

export const accounts = migration({
  id: '0001_accounts',
  kind: 'schema',
  up: (schema) => schema.createTable(ACCOUNTS_TABLE),
  down: (schema) => schema.dropTable('accounts'),
});
