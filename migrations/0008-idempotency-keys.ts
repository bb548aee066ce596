import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const idempotencyKeys = migration({
  id: '0008_idempotency_keys',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('idempotency_keys', (t) =>
        t
          .text('id')
          .text('operation')
          .text('fingerprint')
          .text('claim')
          .instant('claimed_at')
          .text('answer', { nullable: true })
          .flag('sealed')
          .index(['claimed_at']),
      ),
    ),
  down: (schema) => schema.dropTable('idempotency_keys'),
});
