// The fake Teller's webhooks: events as documented, signed with every secret that has not expired.
import { createHmac } from 'node:crypto';
import { type BankAccount } from './account.js';
import { type BankEnrollment, type DisconnectReason } from './bank.js';
import { nextId } from './ids.js';
import { type BankLine } from './line.js';
import { print, wireLine } from './wire.js';

export interface Webhook {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SignOptions {
  /** The newest first; each signs. */
  readonly secrets: readonly string[];
  /** When it is signed, in milliseconds since 1970. */
  readonly at: number;
}

/** An event of any type; `payload` as it goes over the wire. */
export function event(type: string, payload: unknown, at: number): string {
  return print({ id: nextId('wh'), payload, timestamp: new Date(at).toISOString(), type });
}

export function disconnectedEvent(enrollment: BankEnrollment, reason: DisconnectReason, at: number): string {
  const word = reason === '' ? 'disconnected' : `disconnected.${reason}`;
  return event('enrollment.disconnected', { enrollment_id: enrollment.id, reason: word }, at);
}

export function processedEvent(account: BankAccount, lines: readonly BankLine[], at: number): string {
  const transactions: unknown[] = lines.map((line) => JSON.parse(wireLine(account, line, 'https://api.teller.io')));
  return event('transactions.processed', { transactions }, at);
}

export function testEvent(at: number): string {
  return event('webhook.test', {}, at);
}

/** The request that brings an event. */
export function signed(body: string, { secrets, at }: SignOptions): Webhook {
  const seconds = Math.floor(at / 1_000);
  const signatures = secrets.map((secret) => createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  const header = [`t=${seconds}`, ...signatures.map((signature) => `v1=${signature}`)].join(',');
  return { body, headers: { 'content-type': 'application/json', 'teller-signature': header } };
}

/** Sends it over a real connection, and gives the status of the answer. */
export async function sendWebhook(url: string, { body, headers }: Webhook): Promise<number> {
  const answer = await fetch(url, { method: 'POST', body, headers });
  await answer.arrayBuffer();
  return answer.status;
}
