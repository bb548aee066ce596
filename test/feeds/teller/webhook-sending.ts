// Webhooks as Teller sends them, and enrollments that they may be about.
import { type Account } from '../../../src/accounts/account.entity.js';
import { type Instant } from '../../../src/common/clock.js';
import { type EnrollmentId, IdSource } from '../../../src/common/ids.js';
import { Database } from '../../../src/database/database.js';
import { Enrollment, type EnrollmentStatus } from '../../../src/feeds/stored/enrollment.entity.js';
import { SyncTurn } from '../../../src/feeds/turns/sync-turn.entity.js';
import { WebhookReceipt } from '../../../src/feeds/webhooks/webhook-receipt.entity.js';
import { EVERYBODY, linkedAccount, ownerOf } from '../../support/builders.js';
import { keepSecret } from '../../support/run-log.js';
import { type Answer, type TestApp } from '../../support/test-app.js';
import { event, signed, type Webhook } from './fake-teller/webhooks.js';

export const URL_OF_WEBHOOKS = '/v1/webhooks/teller';
/** The newer and the older, while the one is replaced by the other. */
export const SECRETS = ['whsec_of-the-new-one-0001', 'whsec_of-the-old-one-0002'] as const;
keepSecret(...SECRETS);

export const TELLER = {
  TELLER_ENVIRONMENT: 'sandbox',
  TELLER_WEBHOOK_SECRETS: SECRETS.join(','),
  // A busy machine is no slow store: what is about that says so itself.
  TELLER_WEBHOOK_TIMEOUT_MS: '60000',
  ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
};

/** An event that is signed now. */
export function webhook(app: TestApp, type: string, payload: unknown = {}): Webhook {
  const at = Date.parse(app.clock.now());
  return signed(event(type, payload, at), { secrets: [SECRETS[0]], at });
}

export function processed(app: TestApp, ...accounts: readonly unknown[]): Webhook {
  return webhook(app, 'transactions.processed', { transactions: accounts.map((id) => ({ account_id: id })) });
}

export function send(app: TestApp, { body, headers }: Webhook): Promise<Answer> {
  return app.call('POST', URL_OF_WEBHOOKS, { key: undefined, payload: body, headers });
}

interface Linked {
  readonly enrollment: EnrollmentId;
  readonly account: Account;
}

/** A consent with one account, past the API. */
export async function linked(
  app: TestApp,
  at: { enrollment: string; account: string; owner?: string; environment?: string; status?: EnrollmentStatus },
): Promise<Linked> {
  const { owner = 'ann', environment = 'sandbox', status = 'connected' } = at;
  const now = app.clock.now();
  const enrollment: Enrollment = {
    id: app.app.get(IdSource).next('enrollment'),
    owner: ownerOf(owner),
    feed: 'teller',
    environment,
    externalId: at.enrollment,
    userExternalId: null,
    accessToken: null,
    institutionId: 'chase',
    institutionName: 'Chase',
    status,
    statusReason: null,
    lastSyncedAt: null,
    lastErrorCode: null,
    lastErrorDetail: null,
    createdAt: now,
    updatedAt: now,
    disconnectedAt: status === 'disconnected' ? now : null,
  };
  await app.app.get(Database).transact(EVERYBODY, (tx) => tx.insert(Enrollment, [enrollment]));
  const { id: enrollmentId } = enrollment;
  const account = await linkedAccount(app, {
    owner: ownerOf(owner),
    feed: 'teller',
    environment,
    externalId: at.account,
    enrollmentId,
  });
  return { enrollment: enrollmentId, account };
}

/** When each enrollment is due by a webhook. */
export async function dueByWebhook(app: TestApp): Promise<ReadonlyMap<string, Instant>> {
  const turns = await app.app.get(Database).read(EVERYBODY, (reader) => reader.rows(SyncTurn).find());
  return new Map(turns.filter(({ cause }) => cause === 'webhook').map((turn) => [turn.enrollmentId, turn.dueAt]));
}

export function receipts(app: TestApp): Promise<WebhookReceipt[]> {
  return app.app.get(Database).read(EVERYBODY, (reader) => reader.rows(WebhookReceipt).find());
}

/** As if nothing had come yet. */
export async function forgetAll(app: TestApp): Promise<void> {
  await app.app.get(Database).transact(EVERYBODY, async (tx) => {
    const kept = await tx.rows(WebhookReceipt).find();
    await tx.delete(
      WebhookReceipt,
      kept.map(({ id }) => ({ id })),
    );
    const turns = await tx.rows(SyncTurn).find();
    await tx.delete(
      SyncTurn,
      turns.map(({ enrollmentId }) => ({ enrollmentId })),
    );
  });
}
