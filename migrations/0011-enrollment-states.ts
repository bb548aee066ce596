import { migration } from '../src/database/schema/migration.js';
import { withCheck, withoutCheck } from '../src/database/schema/table-changes.js';
import { ENROLLMENTS_WITH_TOKENS } from './0010-enrollment-tokens.js';

const CHECK = 'ck_enrollments_status';

const ENROLLMENTS_WITH_STATES = withCheck(withoutCheck(ENROLLMENTS_WITH_TOKENS, CHECK), {
  name: CHECK,
  condition: "status IN ('connected', 'needs_login', 'locked', 'disconnected')",
});

export const enrollmentStates = migration({
  id: '0011_enrollment_states',
  kind: 'schema',
  up: (schema) => schema.rebuildTable(ENROLLMENTS_WITH_TOKENS, ENROLLMENTS_WITH_STATES),
  // Before, what could be repaired was still called connected, and the next sync found out.
  down: (schema) =>
    schema.rebuildTable(ENROLLMENTS_WITH_STATES, ENROLLMENTS_WITH_TOKENS, {
      status: "CASE WHEN status IN ('needs_login', 'locked') THEN 'connected' ELSE status END",
    }),
});
