import { migration } from '../src/database/schema/migration.js';
import { withIndex } from '../src/database/schema/table-changes.js';
import { indexOn } from '../src/database/schema/table-builder.js';
import { ACCOUNTS_TABLE } from './0001-accounts.js';
import { ENROLLMENTS_TABLE } from './0005-enrollments.js';

const TABLES = [ACCOUNTS_TABLE, ENROLLMENTS_TABLE];
const COLUMNS = ['external_id'];

export const ACCOUNTS_WITH_EXTERNAL_IDS = withIndex(ACCOUNTS_TABLE, indexOn('accounts', COLUMNS, { unique: false }));

/** What a bank says of its own accord names them by its own ids, and no owner. */
export const externalIds = migration({
  id: '0015_external_ids',
  kind: 'schema',
  up: (schema) => TABLES.forEach((table) => schema.createIndex(table, indexOn(table.name, COLUMNS, { unique: false }))),
  down: (schema) => TABLES.forEach(({ name }) => schema.dropIndex(indexOn(name, COLUMNS, { unique: false }).name)),
});
