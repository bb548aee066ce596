// How the fake Teller writes: the documented shapes, in a key order and with a whitespace of their own, and a field that no documentation knows.
import { type BankAccount } from './account.js';
import { type BankEnrollment } from './bank.js';
import { type BankLine } from './line.js';

/** Fields of an object as they go over the wire; laid over what would be written. Undefined leaves a field out. */
export type WireFields = Readonly<Record<string, unknown>>;

export function wireAccount(account: BankAccount, enrollment: BankEnrollment, base: string): string {
  const self = `${base}/accounts/${account.id}`;
  const isOpen = account.status === 'open';
  return print({
    enrollment_id: enrollment.id,
    links: isOpen
      ? { balances: `${self}/balances`, self, transactions: `${self}/transactions`, details: `${self}/details` }
      : { self },
    institution: { name: account.institution.name, id: account.institution.id },
    type: account.type,
    name: account.name,
    subtype: account.subtype,
    currency: account.currency,
    id: account.id,
    last_four: account.lastFour,
    status: account.status,
    opened_on: null,
    ...account.wire,
  });
}

export function wireBalance(account: BankAccount, base: string): string {
  const self = `${base}/accounts/${account.id}`;
  const { ledger, available } = account.balances();
  return print({
    ledger,
    links: { account: self, self: `${self}/balances` },
    account_id: account.id,
    available,
    ...account.wireBalance,
  });
}

export function wireLine(account: BankAccount, line: BankLine, base: string): string {
  const self = `${base}/accounts/${account.id}`;
  return print({
    details: {
      processing_status: line.status === 'pending' ? 'pending' : 'complete',
      category: line.category,
      counterparty: {
        name: line.counterparty,
        type: line.counterparty === null ? null : 'organization',
      },
    },
    running_balance: account.runningBalance(line),
    description: line.description,
    id: line.id,
    date: line.date,
    account_id: account.id,
    links: { account: self, self: `${self}/transactions/${line.id}` },
    amount: line.amount,
    type: line.type,
    status: line.status,
    merchant_reference: null,
    ...line.wire,
  });
}

export function wireError(code: string, message: string): string {
  return print({ error: { code, message } });
}

export function wireList(elements: readonly string[]): string {
  return `[\n  ${elements.join(',\n  ')}\n]\n`;
}

/** JSON as Teller prints it: a space before the colon, too. */
export function print(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((element) => print(element, inner))
    : Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .map(([name, field]) => `${JSON.stringify(name)} : ${print(field, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return parts.length === 0 ? `${open}${close}` : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
