// docs/errors.md: every refusal in the order in which a request meets it, and what each route may answer, in its order.
import { type OpenAPIObject } from '@nestjs/swagger';
import { REFUSALS_MARK } from '../http/openapi-operations.js';
import { STATUS_OF } from '../http/problem.js';
import { STAGES } from '../refusals.js';

const INTRODUCTION = `# Refusals

Every answer that is not 2xx is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, and \`code\`, which is
stable and made to be switched on. \`errors\` lists what is wrong with which value, the first fifty: \`pointer\` is a JSON pointer into
the body, or \`?name\` for a query parameter. The probes answer with their own reports instead.

A request goes through the stages below from top to bottom, and is answered by the first refusal that it meets. Within a stage
they are tried in the order of the table; those of accounts, balances, transactions and feeds in the order that the route itself
has, which stands [further down](#by-route). What the store refuses can come as soon as it is asked.

This page is made from the code: \`npm run generate\`.
`;

const ROUTES_INTRODUCTION = `## By route

What each route refuses itself, in the order in which it is tried. Before that comes what its stages refuse: the connection, what
the client takes, limits, the key, the body and the form; after it, what the store refuses.
`;

/** @param document whose operations say what they refuse */
export function errorsPage(document: OpenAPIObject): string {
  return [INTRODUCTION, ...STAGES.map(sectionOf), ROUTES_INTRODUCTION, routesTable(document), ''].join('\n');
}

function sectionOf({ name, refusals }: (typeof STAGES)[number]): string {
  const rows = refusals.map(({ code, kind, title }) => [`\`${code}\``, String(STATUS_OF[kind]), title]);
  return `## ${name}\n\n${tableOf(['Code', 'Status', 'Means'], rows)}\n`;
}

function routesTable({ paths }: OpenAPIObject): string {
  const everywhere = new Set(
    STAGES.flatMap(({ isPassedBy, refusals }) => (isPassedBy ? refusals : [])).map(({ code }) => code),
  );
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Record<string, unknown>>).map(([method, operation]) => {
      const own = (operation[REFUSALS_MARK] as string[]).filter((code) => !everywhere.has(code));
      return [`\`${method.toUpperCase()} ${path}\``, own.map((code) => `\`${code}\``).join(', ')];
    }),
  );
  return tableOf(
    ['Route', 'Refuses'],
    rows.filter(([, own]) => own !== ''),
  );
}

/** A table as the formatter wants it: columns padded to their widest cell. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
