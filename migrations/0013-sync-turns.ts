import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const syncTurns = migration({
  id: '0013_sync_turns',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('sync_turns', (t) =>
        t
          .text('enrollment_id')
          .instant('due_at')
          .text('cause')
          .count('failures')
          .text('holder', { nullable: true })
          .instant('held_until', { nullable: true })
          .instant('began_at', { nullable: true })
          .check('cause', "cause IN ('first', 'interval', 'webhook', 'retry')")
          .check('holder', '(holder IS NULL) = (held_until IS NULL)')
          .primaryKey('enrollment_id')
          .references('enrollment_id', 'enrollments')
          .index(['due_at']),
      ),
    ),
  down: (schema) => schema.dropTable('sync_turns'),
});
