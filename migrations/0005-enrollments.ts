import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const ENROLLMENTS_TABLE = table('enrollments', (t) =>
  t
    .text('id')
    .text('owner')
    .text('feed')
    .text('environment')
    .text('external_id')
    .text('user_external_id', { nullable: true })
    .text('institution_id')
    .text('institution_name')
    .text('status')
    .text('status_reason', { nullable: true })
    .instant('last_synced_at', { nullable: true })
    .text('last_error_code', { nullable: true })
    .text('last_error_detail', { nullable: true })
    .instant('created_at')
    .instant('updated_at')
    .instant('disconnected_at', { nullable: true })
    .check('status', "status IN ('connected', 'disconnected')")
    .check('disconnected_at', "(status = 'disconnected') = (disconnected_at IS NOT NULL)")
    .index(['owner', 'id'])
    .unique(['owner', 'feed', 'environment', 'external_id']),
);

export const enrollments = migration({
  id: '0005_enrollments',
  kind: 'schema',
  up: (schema) => schema.createTable(ENROLLMENTS_TABLE),
  down: (schema) => schema.dropTable('enrollments'),
});
