// What Teller's webhooks say: which type, and which enrollments and accounts it is about. Nothing else of them is read, since it may be asked for.
import { RequestInvalid } from '../../http/http.errors.js';
import { type Named } from '../webhooks/concerned-enrollments.js';

/** `unknown` stands for every other one: what a sender calls it is repeated nowhere. */
export const TELLER_WEBHOOK_TYPES = [
  'enrollment.disconnected',
  'transactions.processed',
  'account.number_verification.processed',
  'webhook.test',
  'unknown',
] as const;
export type TellerWebhookType = (typeof TELLER_WEBHOOK_TYPES)[number];

export interface TellerWebhook {
  readonly type: TellerWebhookType;
  /** By Teller's ids, none twice. */
  readonly named: Named;
}

/** Of any other form no id is known here, and not every text can be asked for in a store. */
const ID = /^[\x21-\x7e]{1,100}$/;

/** What is missing in its payload, or of a wrong type, names nobody. @throws RequestInvalid for what is no webhook at all */
export function readWebhook(body: unknown): TellerWebhook {
  if (!isObject(body) || typeof body['type'] !== 'string')
    throw new RequestInvalid([{ pointer: '/type', detail: 'must be the type of a webhook' }]);
  const type = TELLER_WEBHOOK_TYPES.find((known) => known === body['type']) ?? 'unknown';
  const payload = isObject(body['payload']) ? body['payload'] : {};
  return { type, named: namedIn(type, payload) };
}

function namedIn(type: TellerWebhookType, payload: Fields): Named {
  if (type === 'enrollment.disconnected') return { enrollments: ids([payload['enrollment_id']]), accounts: [] };
  const lines = payload['transactions'];
  if (type !== 'transactions.processed' || !Array.isArray(lines)) return { enrollments: [], accounts: [] };
  return { enrollments: [], accounts: ids(lines.map((line) => (isObject(line) ? line['account_id'] : undefined))) };
}

function ids(values: readonly unknown[]): string[] {
  const texts = values.filter((value): value is string => typeof value === 'string' && ID.test(value));
  return [...new Set(texts)];
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
