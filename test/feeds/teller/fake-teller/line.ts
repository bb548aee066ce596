// A line on an account of the fake bank, in the bank's own words and signs.
import { type WireFields } from './wire.js';

export interface LineFacts {
  /** Decimal text as it goes over the wire: money in > 0 on a depository account, charges > 0 on a credit account. */
  readonly amount: string;
  /** `YYYY-MM-DD`; the bank's today when left out. */
  readonly date?: string;
  readonly description?: string;
  readonly type?: string;
  readonly category?: string | null;
  readonly counterparty?: string | null;
  readonly id?: string;
  /** Laid over what goes over the wire: unknown fields, new enum values, faults. */
  readonly wire?: WireFields;
}

export interface BankLine {
  readonly id: string;
  readonly status: 'pending' | 'posted';
  readonly date: string;
  readonly amount: string;
  readonly description: string;
  readonly type: string;
  readonly category: string | null;
  readonly counterparty: string | null;
  readonly wire: WireFields;
  /** Which came later, of lines of one day. */
  readonly number: number;
}

/** Oldest first. */
export function inOrder(a: BankLine, b: BankLine): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  return a.number - b.number;
}
