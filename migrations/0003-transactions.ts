import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const TRANSACTIONS_TABLE = table('transactions', (t) =>
  t
    .text('id')
    .text('owner')
    .text('account_id')
    .date('date')
    .amount('amount')
    .text('currency')
    .text('description')
    .text('counterparty', { nullable: true })
    .text('category', { nullable: true })
    .flag('category_set')
    .text('notes', { nullable: true })
    .text('status')
    .text('type', { nullable: true })
    .amount('running_balance', { nullable: true })
    .text('source')
    .text('external_id', { nullable: true })
    .text('pending_external_id', { nullable: true })
    .text('search_text')
    .text('counterparty_folded', { nullable: true })
    .count('version')
    .instant('created_at')
    .instant('updated_at')
    .text('raw', { nullable: true })
    .references('account_id', 'accounts')
    .check('status', "status IN ('pending', 'posted', 'removed')")
    .check('source', "source IN ('feed', 'manual', 'file', 'transfer')")
    .check('version', 'version >= 1')
    .index(['account_id', 'date', 'id'])
    .index(['owner', 'date', 'id'])
    .index(['date', 'id'])
    .unique(['account_id', 'external_id']),
);

export const transactions = migration({
  id: '0003_transactions',
  kind: 'schema',
  up: (schema) => schema.createTable(TRANSACTIONS_TABLE),
  down: (schema) => schema.dropTable('transactions'),
});
