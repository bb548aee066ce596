// The entry of a transfer: everything that is true of it for ever, as one text, chained to the one before by its hash.
// Whoever changes, removes or slips in a transfer afterwards breaks the chain from there on.
import { hash } from 'node:crypto';
import { type AccountId, type HoldId, type TransactionId, type TransferId } from '../common/ids.js';
import { type Instant } from '../common/clock.js';
import { type Currency } from '../common/currency.js';

export type Metadata = Readonly<Record<string, string>>;

export interface EntryLine {
  readonly id: TransactionId;
  readonly account: AccountId;
  readonly currency: Currency;
  /** Minor units, signed, as a decimal integer: JSON's numbers are not exact enough. */
  readonly amount: string;
  /** The account's ledger after this line, in minor units. */
  readonly balance: string;
}

export interface Entry {
  /** Its place in the chain, from 1. */
  readonly seq: string;
  readonly id: TransferId;
  readonly at: Instant;
  readonly kind: string;
  readonly memo: string | null;
  /** Its names in order. */
  readonly metadata: Metadata;
  readonly reverses: TransferId | null;
  readonly hold: HoldId | null;
  readonly actor: string;
  readonly request: string | null;
  readonly lines: readonly EntryLine[];
}

/** What the first entry is chained to. */
export const CHAIN_BEGIN = '0'.repeat(64);

/** The text that is hashed and kept: JSON without spaces, its names always in this order. */
export function entryText(entry: Entry): string {
  const { seq, id, at, kind, memo, metadata, reverses, hold, actor, request } = entry;
  const lines = entry.lines.map(({ id: line, account, currency, amount, balance }) => ({
    id: line,
    account,
    currency,
    amount,
    balance,
  }));
  return JSON.stringify({ seq, id, at, kind, memo, metadata, reverses, hold, actor, request, lines });
}

export function readEntry(text: string): Entry {
  return JSON.parse(text) as Entry;
}

/** SHA-256 in hexadecimal of the hash before, a line feed, and the entry's text in UTF-8. */
export function chained(before: string, text: string): string {
  return hash('sha256', `${before}\n${text}`, 'hex');
}

/** The same names and values, in the one order in which they are sealed. */
export function orderedMetadata(metadata: Metadata): Metadata {
  const names = Object.keys(metadata);
  if (names.length < 2) return metadata;
  return Object.fromEntries(names.sort((one, other) => (one < other ? -1 : 1)).map((name) => [name, metadata[name]!]));
}
