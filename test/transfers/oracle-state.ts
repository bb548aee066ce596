// What the oracle knows: accounts, transfers in their order, holds; and money as text.

export interface Account {
  readonly name: string;
  readonly number: string;
  readonly owner: string;
  readonly currency: string;
  readonly isSystem: boolean;
  readonly isBook: boolean;
  isClosed: boolean;
  limit: bigint;
  ledger: bigint;
  held: bigint;
}

export interface Transfer {
  readonly name: string;
  readonly seq: number;
  readonly kind: string;
  readonly memo: string | null;
  readonly reverses: string | null;
  readonly hold: string | null;
  readonly lines: readonly { readonly account: string; readonly amount: bigint; readonly balance: bigint }[];
  /** The lines without their balances, as text. */
  readonly legs: string;
}

export interface Hold {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly memo: string | null;
  readonly expiresAt: number | undefined;
  captured: bigint;
  status: 'active' | 'captured' | 'released' | 'expired';
  transfer: string | null;
}

export interface State {
  now: number;
  /** Of the last transfer. */
  seq: number;
  /** Names of transfers and holds that stood before the request. */
  stood: ReadonlySet<string>;
  accounts: Map<string, Account>;
  transfers: Transfer[];
  holds: Map<string, Hold>;
}

export function clone(state: State): State {
  return structuredClone(state);
}

const STATUSES: Readonly<Record<string, number>> = {
  idempotency_key_reused: 422,
  owner_forbidden: 403,
  transfer_not_found: 404,
  hold_not_found: 404,
  transfer_id_taken: 409,
  transfer_is_reversal: 409,
  hold_not_active: 409,
  accounts_must_differ: 422,
  account_not_found: 404,
  account_closed: 409,
  account_not_book: 422,
  account_not_empty: 409,
  overdraft_in_use: 409,
  currency_differs: 422,
  amount_invalid: 400,
  amount_not_positive: 422,
  legs_unbalanced: 422,
  capture_too_large: 422,
  hold_expires_in_past: 422,
  insufficient_funds: 409,
  limit_exceeded: 409,
  bulk_refused: 422,
};

/** A refusal by its code. */
export class No extends Error {
  readonly status: number;

  constructor(readonly code: string) {
    super(code);
    this.status = STATUSES[code]!;
  }
}

/** Decimals, by the currency. */
const DECIMALS: Readonly<Record<string, number>> = { USD: 2, XGC: 0 };
const LIMIT = 10n ** 15n;

/** @throws No where it has more decimals than the currency, or is past the limit */
export function minor(text: string, currency: string): bigint {
  const [whole, part = ''] = text.split('.') as [string, string?];
  const decimals = DECIMALS[currency]!;
  if (part.length > decimals) throw new No('amount_invalid');
  const value = BigInt(whole + part.padEnd(decimals, '0'));
  if (value > LIMIT || value < -LIMIT) throw new No('amount_invalid');
  return value;
}

export function format(value: bigint, currency: string): string {
  const decimals = DECIMALS[currency]!;
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return value < 0n ? `-${text}` : text;
}
