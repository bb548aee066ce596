// Transfers and holds as the API shows them.
import { formatAmount } from '../common/amount.js';
import { type Currencies } from '../common/currency.js';
import { type TransferId } from '../common/ids.js';
import { type Draft } from './books.js';
import { type Entry, readEntry } from './entry.js';
import { type Hold } from './hold.entity.js';
import { type Made } from './transfer-deed.js';
import { type HoldView, type TransferView } from './transfers.dto.js';

/** What a deed made: sealed, found standing, or only rehearsed. */
export function madeView(made: Made, at: string, currencies: Currencies): TransferView {
  if ('entry' in made) return entryView(readEntry(made.entry), made.hash, currencies);
  return made.sealed === undefined
    ? rehearsedView(made, at, currencies)
    : entryView(made.sealed.entry, made.sealed.hash, currencies);
}

export function entryView(
  entry: Entry,
  hash: string,
  currencies: Currencies,
  reversedBy: TransferId | null = null,
): TransferView {
  const { id, seq, at, kind, memo, metadata, reverses, hold, lines } = entry;
  return {
    id,
    seq,
    at,
    kind,
    memo,
    metadata,
    reverses,
    reversedBy,
    holdId: hold,
    lines: lines.map(({ id: lineId, account, currency, amount, balance }) => {
      const exponent = currencies.exponentOf(currency);
      return {
        id: lineId,
        accountId: account,
        amount: formatAmount(BigInt(amount), exponent),
        currency,
        balance: formatAmount(BigInt(balance), exponent),
      };
    }),
    hash,
    dryRun: false,
  };
}

function rehearsedView(draft: Draft, at: string, currencies: Currencies): TransferView {
  const { id, kind, memo, metadata, reverses, hold } = draft;
  const lines = draft.lines.map(({ account, amount, balance }) => {
    const exponent = currencies.exponentOf(account.currency);
    return {
      id: null,
      accountId: account.id,
      amount: formatAmount(amount, exponent),
      currency: account.currency,
      balance: formatAmount(balance, exponent),
    };
  });
  return {
    id,
    seq: null,
    at,
    kind,
    memo,
    metadata,
    reverses,
    reversedBy: null,
    holdId: hold,
    lines,
    hash: null,
    dryRun: true,
  };
}

export function holdView(hold: Hold, currencies: Currencies): HoldView {
  const { id, owner, status, accountId, toAccountId, amount, captured, currency, kind, memo } = hold;
  const { metadata, transferId, expiresAt, version, createdAt, updatedAt } = hold;
  const exponent = currencies.exponentOf(currency);
  return {
    id,
    owner,
    status,
    from: accountId,
    to: toAccountId,
    amount: formatAmount(amount, exponent),
    captured: formatAmount(captured, exponent),
    currency,
    kind,
    memo,
    metadata: JSON.parse(metadata) as Record<string, string>,
    transferId,
    expiresAt,
    version,
    createdAt,
    updatedAt,
  };
}
