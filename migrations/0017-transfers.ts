import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';
import { type Column } from '../src/database/schema/table.js';
import { withColumn } from '../src/database/schema/table-changes.js';
import { TRANSACTIONS_TABLE } from './0003-transactions.js';

const TRANSFER_ID: Column = { name: 'transfer_id', kind: 'text', nullable: true };
export const TRANSACTIONS_WITH_TRANSFERS = withColumn(TRANSACTIONS_TABLE, TRANSFER_ID);

export const transfers = migration({
  id: '0017_transfers',
  kind: 'schema',
  up: (schema) => {
    schema.createTable(
      table('transfers', (t) =>
        t
          .text('id')
          .amount('seq')
          .instant('at')
          .text('kind')
          .text('reverses', { nullable: true })
          .text('actor')
          .text('request_id', { nullable: true })
          .text('entry')
          .text('hash')
          .check('seq', 'seq >= 1')
          .index(['at', 'seq'])
          .unique(['seq'])
          .unique(['reverses'], { where: 'reverses IS NOT NULL' }),
      ),
    );
    schema.createTable(
      table('chain_heads', (t) =>
        t
          .text('id')
          .amount('seq')
          .text('hash')
          .instant('at', { nullable: true })
          .text('last_line_id', { nullable: true })
          .check('seq', 'seq >= 0'),
      ),
    );
    schema.addColumn(TRANSACTIONS_TABLE, TRANSFER_ID);
  },
  down: (schema) => {
    schema.dropColumn(TRANSACTIONS_WITH_TRANSFERS, TRANSFER_ID.name);
    schema.dropTable('chain_heads');
    schema.dropTable('transfers');
  },
});
