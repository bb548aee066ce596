// Ids and tokens of the form that Teller gives them.
import { randomBytes } from 'node:crypto';
import { keepSecret } from '../../../support/run-log.js';

let count = 0;

/** Unique in this worker: `txn_o…`. */
export function nextId(prefix: 'usr' | 'enr' | 'acc' | 'txn' | 'wh'): string {
  count += 1;
  return `${prefix}_o${count.toString(32).padStart(14, '0')}000`;
}

export function newToken(environment: string): string {
  const token = `${environment === 'sandbox' ? 'test_' : ''}token_${randomBytes(10).toString('hex')}`;
  keepSecret(token);
  return token;
}
