import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const webhookReceipts = migration({
  id: '0014_webhook_receipts',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('webhook_receipts', (t) =>
        t.text('id').text('feed').text('type').instant('received_at').index(['received_at']),
      ),
    ),
  down: (schema) => schema.dropTable('webhook_receipts'),
});
