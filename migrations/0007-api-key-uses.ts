import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const apiKeyUses = migration({
  id: '0007_api_key_uses',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('api_key_uses', (t) =>
        t.text('key_id').instant('last_used_at').primaryKey('key_id').references('key_id', 'api_keys'),
      ),
    ),
  down: (schema) => schema.dropTable('api_key_uses'),
});
