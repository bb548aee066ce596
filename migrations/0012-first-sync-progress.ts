import { migration } from '../src/database/schema/migration.js';
import { type Column, type Table } from '../src/database/schema/table.js';
import { withColumn } from '../src/database/schema/table-changes.js';
import { FEED_POSITIONS_TABLE } from './0006-feed-positions.js';

const COLUMNS: readonly Column[] = [
  { name: 'walk_began_at', kind: 'instant', nullable: true },
  { name: 'walk_ended_at', kind: 'instant', nullable: true },
  { name: 'walk_lines', kind: 'count', nullable: false, default: 0 },
];

/** The table before each of the columns, and after the last. */
const STAGES = COLUMNS.reduce<readonly Table[]>(
  (stages, column) => [...stages, withColumn(stages.at(-1)!, column)],
  [FEED_POSITIONS_TABLE],
);

export const FEED_POSITIONS_WITH_PROGRESS = STAGES.at(-1)!;

export const firstSyncProgress = migration({
  id: '0012_first_sync_progress',
  kind: 'schema',
  up: (schema) => COLUMNS.forEach((column, index) => schema.addColumn(STAGES[index]!, column)),
  down: (schema) =>
    [...COLUMNS.keys()].reverse().forEach((index) => schema.dropColumn(STAGES[index + 1]!, COLUMNS[index]!.name)),
});
