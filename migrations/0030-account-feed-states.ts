import { migration } from '../src/database/schema/migration.js';
import { type Column } from '../src/database/schema/table.js';
import { withColumn } from '../src/database/schema/table-changes.js';
import { ACCOUNTS_TABLE } from './0001-accounts.js';

const STATUS: Column = { name: 'feed_status', kind: 'text', nullable: true };
const REASON: Column = { name: 'feed_status_reason', kind: 'text', nullable: true };
const CHECK = "CONSTRAINT ck_accounts_feed_status CHECK (feed_status IN ('closed', 'unknown', 'unreadable'))";

const WITH_STATUS = withColumn(ACCOUNTS_TABLE, STATUS);
const WITH_REASON = withColumn(WITH_STATUS, REASON);

/** What the bank says of a linked account where it gives nothing for it. */
export const accountFeedStates = migration({
  id: '0030_account_feed_states',
  kind: 'schema',
  up: (schema) => {
    // With its check at once: SQLite would make the whole table anew for one that comes later.
    schema.sql({
      title: 'add column accounts.feed_status',
      sqlite: [`ALTER TABLE accounts ADD COLUMN feed_status TEXT ${CHECK}`],
      postgres: [`ALTER TABLE accounts ADD COLUMN feed_status text COLLATE "C" ${CHECK}`],
      lock: 'ACCESS EXCLUSIVE',
      rewrites: false,
      scans: true,
      losesData: false,
    });
    schema.addColumn(WITH_STATUS, REASON);
  },
  down: (schema) => {
    schema.dropColumn(WITH_REASON, REASON.name);
    schema.dropColumn(WITH_STATUS, STATUS.name);
  },
});
