import { migration } from '../src/database/schema/migration.js';
import { type Column } from '../src/database/schema/table.js';
import { withColumn } from '../src/database/schema/table-changes.js';
import { ENROLLMENTS_TABLE } from './0005-enrollments.js';

const TOKEN: Column = { name: 'access_token', kind: 'text', nullable: true };

export const ENROLLMENTS_WITH_TOKENS = withColumn(ENROLLMENTS_TABLE, TOKEN);

export const enrollmentTokens = migration({
  id: '0010_enrollment_tokens',
  kind: 'schema',
  up: (schema) => schema.addColumn(ENROLLMENTS_TABLE, TOKEN),
  down: (schema) => schema.dropColumn(ENROLLMENTS_WITH_TOKENS, TOKEN.name),
});
