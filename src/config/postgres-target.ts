import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { ConfigurationInvalid } from './configuration-invalid.js';
import { quoted } from './mask.js';
import { parsePostgresUrl, type PostgresUrl } from './postgres-url.js';
import { RefusedUrl } from './refused-url.js';
import { Secret } from './secret.js';
import { rootCertFault, SSL_MODES, sslModeOf, SYSTEM_AUTHORITIES, type SslMode, type TlsTarget } from './tls.js';

export const POSTGRES_KINDS = ['postgres', 'postgresql', 'postgresql+psycopg', 'postgresql+psycopg2'] as const;
export type PostgresKind = (typeof POSTGRES_KINDS)[number];

export interface PostgresTarget {
  readonly engine: 'postgres';
  /** A host name, an IP address, or the folder of a unix socket: as the driver's `host` takes it. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Undefined when the URL has none: the driver then looks at `PGPASSWORD` and the password file. */
  readonly password: Secret | undefined;
  readonly database: string;
  readonly tls: TlsTarget;
  /** The socket file's path, when the connection is not over TCP. */
  readonly socket: string | undefined;
  readonly options: PostgresOptions;
  readonly variable: string;
  readonly urlKind: PostgresKind;
}

/** Parameters of the URL beyond the address; undefined where the URL has none. */
export interface PostgresOptions {
  readonly applicationName: string | undefined;
  /** Seconds; 0 waits for ever. */
  readonly connectTimeoutSeconds: number | undefined;
  /** Command-line options for the server process, such as `-c search_path=bank`. */
  readonly serverOptions: string | undefined;
}

/** What a store URL is read with: the variable it came from, and what stands beside it. */
export interface StoreUrlContext {
  readonly variable: string;
  /** The folder relative paths start at. */
  readonly cwd: string;
  /** `DATABASE_SSLMODE`, which `sslmode` in the URL overrules. */
  readonly sslMode?: string | undefined;
  /** `DATABASE_SSLROOTCERT`, which `sslrootcert` in the URL overrules. */
  readonly sslRootCert?: string | undefined;
}

const CONNECT_TIMEOUT_SECONDS_MAX = 3_600;
const CERTIFICATES = 'the path of a readable file of PEM certificates, or system';

/**
 * @throws {RefusedUrl} the URL is at fault
 * @throws {ConfigurationInvalid} a variable beside it is
 */
export function postgresTarget(text: string, urlKind: PostgresKind, context: StoreUrlContext): PostgresTarget {
  const url = parsePostgresUrl(text);
  const { host, database, parameters } = url;
  if (host === undefined) {
    throw new RefusedUrl('a host before the database (or ?host=/var/run/postgresql for a unix socket)');
  }
  if (database === undefined) throw new RefusedUrl('the name of a database after the host: …@host:5432/database');
  const port = url.port ?? 5432;
  const isSocket = host.startsWith('/');
  return {
    engine: 'postgres',
    host,
    port,
    user: url.user ?? accountOfThisProcess(),
    password: url.password === undefined ? undefined : new Secret(url.password),
    database,
    tls: isSocket ? { mode: 'disable', rootCert: undefined } : readTls(parameters, context),
    socket: isSocket ? `${host.replace(/\/$/, '')}/.s.PGSQL.${port}` : undefined,
    options: {
      applicationName: readApplicationName(parameters.get('application_name')),
      connectTimeoutSeconds: readConnectTimeout(parameters.get('connect_timeout')),
      serverOptions: parameters.get('options'),
    },
    variable: context.variable,
    urlKind,
  };
}

/** Like libpq: who runs the process. A container's user may have no name. */
function accountOfThisProcess(): string {
  try {
    return userInfo().username;
  } catch {
    throw new RefusedUrl('the name of a user before the host: postgresql://user:password@host:5432/database');
  }
}

function readTls(parameters: PostgresUrl['parameters'], context: StoreUrlContext): TlsTarget {
  const urlMode = parameters.get('sslmode') ?? jdbcMode(parameters.get('ssl'));
  const rootCert = parameters.get('sslrootcert') ?? context.sslRootCert;
  const isSystem = rootCert === SYSTEM_AUTHORITIES;
  const text = urlMode ?? context.sslMode ?? (isSystem ? 'verify-full' : 'prefer');
  const mode = sslModeOf(text);
  const modeVariable = urlMode === undefined ? 'DATABASE_SSLMODE' : context.variable;
  const rootVariable = parameters.has('sslrootcert') ? context.variable : 'DATABASE_SSLROOTCERT';
  if (mode === undefined) throw refused(modeVariable, `sslmode ${quoted(text)}`, `one of ${SSL_MODES.join(', ')}`);
  if (isSystem && (mode === 'prefer' || mode === 'require' || mode === 'disable')) {
    const variable = modeVariable === rootVariable ? modeVariable : `${modeVariable} / ${rootVariable}`;
    throw refused(
      variable,
      `sslmode ${quoted(text)} with root certificates "system"`,
      'only verify-full with "system"',
    );
  }
  if (mode === 'disable') return { mode, rootCert: undefined };
  if (rootCert === undefined || isSystem) return { mode, rootCert };
  const path = resolve(context.cwd, rootCert);
  const fault = rootCertFault(path);
  if (fault !== undefined) throw refused(rootVariable, `${quoted(rootCert)} (${path}: ${fault})`, CERTIFICATES);
  return { mode, rootCert: path };
}

function refused(variable: string, got: string, takes: string): ConfigurationInvalid {
  return new ConfigurationInvalid([{ variable, got, takes }]);
}

/** `ssl=true`, which libpq reads as `sslmode=require`. */
function jdbcMode(ssl: string | undefined): SslMode | undefined {
  if (ssl === undefined) return undefined;
  if (ssl === 'true') return 'require';
  throw new RefusedUrl('ssl=true, or an sslmode instead');
}

function readApplicationName(text: string | undefined): string | undefined {
  if (text === undefined || /^[\x20-\x7e]{1,63}$/.test(text)) return text;
  throw new RefusedUrl('an application_name of at most 63 printable ASCII characters');
}

function readConnectTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= CONNECT_TIMEOUT_SECONDS_MAX) return seconds;
  throw new RefusedUrl(`a connect_timeout from 0 to ${CONNECT_TIMEOUT_SECONDS_MAX} seconds`);
}
