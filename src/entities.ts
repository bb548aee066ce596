// Every table of the store, parents before children.
import { Account } from './accounts/account.entity.js';
import { ApiKey } from './auth/api-key.entity.js';
import { ApiKeyUse } from './auth/api-key-use.entity.js';
import { Balance } from './balances/balance.entity.js';
import { Change } from './changes/change.entity.js';
import { IdempotencyKey } from './changes/idempotency-key.entity.js';
import { type EntityClass } from './database/schema/entity.js';
import { Enrollment } from './feeds/stored/enrollment.entity.js';
import { FeedPosition } from './feeds/stored/feed-position.entity.js';
import { SyncTurn } from './feeds/turns/sync-turn.entity.js';
import { WebhookReceipt } from './feeds/webhooks/webhook-receipt.entity.js';
import { AccountTransaction } from './transactions/account-transaction.entity.js';
import { ChainHead } from './transfers/chain-head.entity.js';
import { Hold } from './transfers/hold.entity.js';
import { Transfer } from './transfers/transfer.entity.js';

export const ENTITIES: readonly EntityClass[] = [
  ApiKey,
  ApiKeyUse,
  Enrollment,
  Account,
  Balance,
  AccountTransaction,
  Transfer,
  ChainHead,
  Hold,
  FeedPosition,
  SyncTurn,
  WebhookReceipt,
  IdempotencyKey,
  Change,
];
