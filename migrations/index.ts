// Every change of the schema, in the order in which they are applied. What has been applied anywhere stays as it is: a mistake is put right by the next one.
import { type Migration } from '../src/database/schema/migration.js';
import { accounts } from './0001-accounts.js';
import { balances } from './0002-balances.js';
import { transactions } from './0003-transactions.js';
import { apiKeys } from './0004-api-keys.js';
import { enrollments } from './0005-enrollments.js';
import { feedPositions } from './0006-feed-positions.js';
import { apiKeyUses } from './0007-api-key-uses.js';
import { idempotencyKeys } from './0008-idempotency-keys.js';
import { changes } from './0009-changes.js';
import { enrollmentTokens } from './0010-enrollment-tokens.js';
import { enrollmentStates } from './0011-enrollment-states.js';
import { firstSyncProgress } from './0012-first-sync-progress.js';
import { syncTurns } from './0013-sync-turns.js';
import { webhookReceipts } from './0014-webhook-receipts.js';
import { externalIds } from './0015-external-ids.js';

import { bookAccounts } from './0016-book-accounts.js';
import { transfers } from './0017-transfers.js';
import { holds } from './0018-holds.js';
import { accountFeedStates } from './0030-account-feed-states.js';
import { feedErrorTimes } from './0031-feed-error-times.js';

export const MIGRATIONS: readonly Migration[] = [
  accounts,
  balances,
  transactions,
  apiKeys,
  enrollments,
  feedPositions,
  apiKeyUses,
  idempotencyKeys,
  changes,
  enrollmentTokens,
  enrollmentStates,
  firstSyncProgress,
  syncTurns,
  webhookReceipts,
  externalIds,
  bookAccounts,
  transfers,
  holds,
  accountFeedStates,
  feedErrorTimes,
];
