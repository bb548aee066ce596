import { Environment } from './environment.js';
import { GROUPS, settingsOf, type SettingRecord } from './setting.js';

const COLUMNS = ['Variable', 'Takes', 'Default', 'What it is for'] as const;

const INTRODUCTION = `# Configuration

<!-- Generated from src/config/environment.ts: change it there. -->

Everything is set by environment variables, read once at start. All problems are named at once, each with the variable,
what it got (passwords masked) and what it takes; the exit code is then 78. Variables that are not listed are ignored,
but one that looks like a misspelling of a listed one is logged as a warning. No \`.env\` file is loaded: have the shell, the
container or the service manager set the variables.

- A variable that is set but empty, or has white space around its value, is a problem and never a default: it is usually
  a template that was not filled in.
- Numbers are digits only: \`5.5\`, \`1e3\` and \`abc\` are problems.
- Production is said by \`NODE_ENV=production\`, or by the older \`ENV=production\`; either is enough.
`;

const STORE_SECTION = `## Which store

1. \`DATABASE_INTERNAL_URL\`
2. in production \`DATABASE_URL_PROD\`
3. \`DATABASE_URL\`
4. SQLite at \`./data/passbook.db\`

The first that is set wins; the others are not looked at. Whatever it holds is used or refused, and never passed over for
the next. At start the absolute path, or the URL with its password masked, is logged together with the variable that won.

In production an SQLite store, the default one too, is refused unless \`ALLOW_SQLITE_IN_PRODUCTION=true\`. Where no variable
names a store, one that looks like a misspelling of theirs (\`DATABSE_URL\`) is a problem, because a new empty file would be
opened in its place.

| Spelling                                          | Means                                                                  |
| ------------------------------------------------- | ---------------------------------------------------------------------- |
| \`postgresql://user:password@host:5432/database\`   | PostgreSQL; without a port 5432, without a user the one of the process |
| \`postgres://\`, \`postgresql+psycopg://\`            | the same, as hosts and older applications spell it                     |
| \`postgresql+psycopg2://\`                          | the same                                                               |
| \`postgresql://user@[2001:db8::1]/database\`        | an IPv6 address stands in brackets                                     |
| \`postgresql:///database?host=/var/run/postgresql\` | a unix socket in that folder; also as host, encoded: \`%2Fvar%2Frun\`    |
| \`sqlite:///data/passbook.db\`                      | a file relative to the working folder                                  |
| \`sqlite:////var/lib/passbook/passbook.db\`         | an absolute path (four slashes); taken as written, with no decoding    |
| \`file:data/passbook.db\`, \`file:/var/lib/pb.db\`    | the same as a file URL: percent-encoding is decoded, \`#\` must be \`%23\` |

- In the user, the password and the database the characters \`: / ? # @ %\` and spaces are percent-encoded in UTF-8: \`p@ss\` is
  \`p%40ss\`. A URL with two \`@\` is refused.
- Parameters: \`sslmode\`, \`sslrootcert\`, \`application_name\`, \`connect_timeout\` (seconds), \`options\`, \`host\`, \`port\`, \`user\`,
  \`password\`, \`dbname\`, and \`ssl=true\` for \`sslmode=require\`. Any other is refused by name, and so is one given twice.
- Without a password in the URL, \`PGPASSWORD\` and the password file (\`~/.pgpass\`) are looked at when connecting.
- A store in memory (\`sqlite://\`, \`:memory:\`) is refused: it is empty again at the next start.
`;

const TLS_SECTION = `## TLS to PostgreSQL

\`sslmode\` and \`sslrootcert\` in the URL win over \`DATABASE_SSLMODE\` and \`DATABASE_SSLROOTCERT\`. The words mean what they mean to
libpq:

| Mode          | Encrypted               | Authority checked            | Host name checked |
| ------------- | ----------------------- | ---------------------------- | ----------------- |
| \`disable\`     | no                      | no                           | no                |
| \`prefer\`      | when the server has TLS | no                           | no                |
| \`require\`     | yes, or no connection   | only with a root certificate | no                |
| \`verify-ca\`   | yes, or no connection   | yes                          | no                |
| \`verify-full\` | yes, or no connection   | yes                          | yes               |

- The default is \`prefer\`; \`allow\` is read as \`prefer\`. With the root certificates \`system\` the default is \`verify-full\`, and
  \`disable\`, \`prefer\` and \`require\` are refused.
- \`verify-ca\` and \`verify-full\` without root certificates use the authorities of the machine (libpq looks for a file in the
  home folder instead). Those sign for anybody, so with them \`verify-ca\` checks the host name too.
- A file of root certificates that can't be read, or holds no PEM certificate, is a problem at start.
- Over a unix socket there is no TLS, whatever the mode.
`;

const EXAMPLES_SECTION = `## Examples

\`\`\`sh
# PostgreSQL in production, its certificate checked against the provider's authority
NODE_ENV=production
DATABASE_URL='postgresql://passbook:p%40ss@db.example.com/passbook?sslmode=verify-full'
DATABASE_SSLROOTCERT=/etc/passbook/authority.pem

# A single machine that keeps its data in one file
NODE_ENV=production
ALLOW_SQLITE_IN_PRODUCTION=true
DATABASE_URL=sqlite:////var/lib/passbook/passbook.db

# Behind PgBouncer 1.18 in transaction mode
DB_PREPARED_STATEMENTS=false
\`\`\`
`;

/** The text of docs/configuration.md, in the shape the formatter leaves alone. */
export function configurationPage(): string {
  const records = settingsOf(Environment);
  const groups = GROUPS.map((group) => {
    const rows = records.filter((record) => record.group === group).map(rowOf);
    return `## ${group}\n\n${table([COLUMNS, ...rows])}\n`;
  });
  return [INTRODUCTION, ...groups, STORE_SECTION, TLS_SECTION, EXAMPLES_SECTION].join('\n');
}

function rowOf(record: SettingRecord): readonly string[] {
  const takes = record.kind === 'store URL' ? 'a store URL: see [which store](#which-store)' : record.takes;
  return [`\`${record.variable}\``, takes, defaultOf(record), record.about];
}

function defaultOf(record: SettingRecord): string {
  if (record.defaultText !== undefined) return record.defaultText;
  return record.default === undefined ? 'none' : `\`${record.default}\``;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [lines[0], line(widths.map((width) => '-'.repeat(width))), ...lines.slice(1)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
