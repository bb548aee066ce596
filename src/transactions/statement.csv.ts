// A statement as text/csv (RFC 4180): the opening, the lines of the page, and after the last of them the closing.
import { type StatementView } from './statements.dto.js';

const COLUMNS = [
  'date',
  'at',
  'description',
  'amount',
  'balance',
  'currency',
  'transaction',
  'transfer',
  'category',
  'notes',
];

/** @param isFirst whether the page is the first, and begins with what stood before */
export function statementCsv(
  { from, to, currency, opening, closing, lines, nextCursor }: StatementView,
  isFirst: boolean,
): string {
  const rows: (string | null)[][] = [COLUMNS];
  if (isFirst) rows.push(balanceRow(from, 'Opening balance', opening, currency));
  for (const line of lines) {
    const { id, date, createdAt, description, amount, runningBalance, transferId, category, notes } = line;
    rows.push([date, createdAt, description, amount, runningBalance, currency, id, transferId, category, notes]);
  }
  if (nextCursor === null) rows.push(balanceRow(to, 'Closing balance', closing, currency));
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function balanceRow(date: string, description: string, balance: string, currency: string): (string | null)[] {
  return [date, null, description, null, balance, currency, null, null, null, null];
}

function cell(value: string | null): string {
  if (value === null) return '';
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
