import { migration } from '../src/database/schema/migration.js';
import { table } from '../src/database/schema/table-builder.js';

export const FEED_POSITIONS_TABLE = table('feed_positions', (t) =>
  t
    .text('account_id')
    .text('owner')
    .flag('walked')
    .text('walk_cursor', { nullable: true })
    .date('newest_synced', { nullable: true })
    .instant('last_synced_at', { nullable: true })
    .text('last_error_code', { nullable: true })
    .text('last_error_detail', { nullable: true })
    .count('version')
    .primaryKey('account_id')
    .references('account_id', 'accounts'),
);

export const feedPositions = migration({
  id: '0006_feed_positions',
  kind: 'schema',
  up: (schema) => schema.createTable(FEED_POSITIONS_TABLE),
  down: (schema) => schema.dropTable('feed_positions'),
});
