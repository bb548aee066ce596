import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const apiKeys = migration({
  id: '0004_api_keys',
  kind: 'schema',
  up: (schema) =>
    schema.createTable(
      table('api_keys', (t) =>
        t
          .text('id')
          .text('name')
          .text('hash')
          .text('preview')
          .text('scope')
          .text('bound_owner', { nullable: true })
          .instant('created_at')
          .instant('expires_at', { nullable: true })
          .instant('revoked_at', { nullable: true })
          .check('scope', "scope IN ('read', 'write', 'admin')")
          .unique(['hash']),
      ),
    ),
  down: (schema) => schema.dropTable('api_keys'),
});
