import { migration } from '../src/database/schema/migration.js';
import { type Column } from '../src/database/schema/table.js';
import { withColumn } from '../src/database/schema/table-changes.js';
import { FEED_POSITIONS_WITH_PROGRESS } from './0012-first-sync-progress.js';

const COLUMN: Column = { name: 'last_error_at', kind: 'instant', nullable: true };

/** When the bank refused an account last: what it gives nothing for is asked again after a day. */
export const feedErrorTimes = migration({
  id: '0031_feed_error_times',
  kind: 'schema',
  up: (schema) => schema.addColumn(FEED_POSITIONS_WITH_PROGRESS, COLUMN),
  down: (schema) => schema.dropColumn(withColumn(FEED_POSITIONS_WITH_PROGRESS, COLUMN), COLUMN.name),
});
