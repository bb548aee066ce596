import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const holds = migration({
  id: '0018_holds',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('holds', (t) =>
        t
          .text('id')
          .text('owner')
          .text('account_id')
          .text('to_account_id')
          .amount('amount')
          .amount('captured')
          .text('currency')
          .text('kind')
          .text('memo', { nullable: true })
          .text('metadata')
          .text('status')
          .text('transfer_id', { nullable: true })
          .instant('expires_at', { nullable: true })
          .count('version')
          .instant('created_at')
          .instant('updated_at')
          .references('account_id', 'accounts')
          .references('to_account_id', 'accounts')
          .check('status', "status IN ('active', 'captured', 'released', 'expired')")
          .check('amount', 'amount > 0 AND captured >= 0 AND captured <= amount')
          .check('captured', "(status = 'captured') = (captured > 0 AND transfer_id IS NOT NULL)")
          .check('version', 'version >= 1')
          .index(['owner', 'id'])
          .index(['account_id', 'id'])
          .index(['expires_at'], { where: "status = 'active'" }),
      ),
    ),
  down: (schema) => schema.dropTable('holds'),
});
