// The service's answers, made by hand: what every peer sends, so that all send the same bytes but for the cursor's form.

const EXPONENTS = { USD: 2, EUR: 2, JPY: 0 };

/** Minor units as a decimal string. @param {string | bigint | null} minor @param {string} currency */
export function decimal(minor, currency) {
  if (minor === null) return null;
  const exponent = EXPONENTS[currency];
  const text = String(minor);
  if (exponent === 0) return text;
  const negative = text.startsWith('-');
  const digits = (negative ? text.slice(1) : text).padStart(exponent + 1, '0');
  return `${negative ? '-' : ''}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** A row as the database names its columns. */
export function lineView(row) {
  return {
    id: row.id,
    accountId: row.account_id,
    date: row.date,
    amount: decimal(row.amount, row.currency),
    currency: row.currency,
    description: row.description,
    counterparty: row.counterparty,
    category: row.category,
    notes: row.notes,
    status: row.status,
    type: row.type,
    runningBalance: decimal(row.running_balance, row.currency),
    source: row.source,
    externalId: row.external_id,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function balanceView(row) {
  return {
    id: row.id,
    accountId: row.account_id,
    available: decimal(row.available, row.currency),
    ledger: decimal(row.ledger, row.currency),
    currency: row.currency,
    asOf: row.as_of,
  };
}

export function totalsView(row) {
  return {
    currency: row.currency,
    category: row.category,
    month: row.month,
    in: decimal(row.in, row.currency),
    out: decimal(row.out, row.currency),
    net: decimal(BigInt(row.in) + BigInt(row.out), row.currency),
    count: Number(row.count),
  };
}

/** One row more than wanted was read, to know whether there is a next page. */
export function page(rows, limit, view, placeOf) {
  const shown = rows.length > limit ? rows.slice(0, limit) : rows;
  const nextCursor =
    rows.length > limit ? Buffer.from(JSON.stringify(placeOf(shown.at(-1)))).toString('base64url') : null;
  return { data: shown.map(view), nextCursor };
}

/** @param {string | undefined} cursor @returns {string[] | undefined} */
export function placeIn(cursor) {
  return cursor === undefined ? undefined : JSON.parse(Buffer.from(cursor, 'base64url').toString());
}

export const LINE_COLUMNS =
  't.id, t.account_id, t.date, t.amount, t.currency, t.description, t.counterparty, t.category, t.notes, t.status, t.type, t.running_balance, t.source, t.external_id, t.version, t.created_at, t.updated_at';
