// docs/errors.md: every refusal, floor by floor, in the order in which they are tried.
import { ACCOUNT_REFUSALS } from '../accounts/accounts.errors.js';
import { AUTH_REFUSALS } from '../auth/auth.errors.js';
import { BALANCE_REFUSALS } from '../balances/balances.errors.js';
import { type RefusalClass } from '../common/domain-error.js';
import { DATABASE_REFUSALS } from '../database/database.errors.js';
import { FEED_REFUSALS } from '../feeds/feeds.errors.js';
import { HTTP_REFUSALS } from '../http/http.errors.js';
import { LIMIT_REFUSALS } from '../http/limits/limits.errors.js';
import { STATUS_OF } from '../http/problem.js';
import { TRANSACTION_REFUSALS } from '../transactions/transactions.errors.js';

/** In the order in which a request meets them. */
const GROUPS: readonly (readonly [string, readonly RefusalClass[]])[] = [
  ['The door', HTTP_REFUSALS],
  ['Limits', LIMIT_REFUSALS],
  ['Keys', AUTH_REFUSALS],
  ['Accounts', ACCOUNT_REFUSALS],
  ['Balances', BALANCE_REFUSALS],
  ['Transactions', TRANSACTION_REFUSALS],
  ['Feeds', FEED_REFUSALS],
  ['The store', DATABASE_REFUSALS],
];

const INTRODUCTION = `# Refusals

Every answer that is not 2xx is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, and \`code\`, which is
stable and made to be switched on. \`errors\` lists what is wrong with which value: \`pointer\` is a JSON pointer into the body, or
\`?name\` for a query parameter. Within a group the refusals stand in the order in which they are tried. The probes answer with
their own reports instead.

This page is made from the code: \`npm run generate\`.
`;

export function errorsPage(): string {
  const sections = GROUPS.map(([name, refusals]) => {
    const rows = refusals.map((refusal) => [`\`${refusal.code}\``, String(STATUS_OF[refusal.kind]), refusal.title]);
    return `## ${name}\n\n${tableOf(['Code', 'Status', 'Means'], rows)}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** A table as the formatter wants it: columns padded to their widest cell. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
