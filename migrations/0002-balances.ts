import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const balances = migration({
  id: '0002_balances',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('balances', (t) =>
        t
          .text('id')
          .text('owner')
          .text('account_id')
          .instant('as_of')
          .amount('available', { nullable: true })
          .amount('ledger', { nullable: true })
          .text('source')
          .instant('created_at')
          .text('raw', { nullable: true })
          .references('account_id', 'accounts')
          .check('source', "source IN ('feed', 'stated', 'imported')")
          .check('stated', 'available IS NOT NULL OR ledger IS NOT NULL')
          .unique(['account_id', 'as_of']),
      ),
    ),
  down: (schema) => schema.dropTable('balances'),
});
