import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const changes = migration({
  id: '0009_changes',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('changes', (t) =>
        t
          .text('id')
          .amount('position', { nullable: true })
          .text('owner', { nullable: true })
          .text('object')
          .text('object_id')
          .text('kind')
          .instant('at')
          .text('actor')
          .text('request_id', { nullable: true })
          .text('value_before', { nullable: true })
          .text('value_after', { nullable: true })
          .check('kind', "kind IN ('added', 'modified', 'removed')")
          .check('position', 'position >= 1')
          .index(['id'], { where: 'position IS NULL' })
          .unique(['position'], { where: 'position IS NOT NULL' })
          .index(['owner', 'position'], { where: 'position IS NOT NULL' })
          .index(['object_id', 'id']),
      ),
    ),
  down: (schema) => schema.dropTable('changes'),
});
