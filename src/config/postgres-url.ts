import { isIPv6 } from 'node:net';
import { RefusedUrl } from './refused-url.js';

/** The parts of a PostgreSQL URL, decoded; nothing is filled in. */
export interface PostgresUrl {
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** A host name, an IP address without brackets, or the folder of a unix socket (starts with "/"). */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly parameters: ReadonlyMap<PostgresParameter, string>;
}

const PARAMETERS = [
  'sslmode',
  'sslrootcert',
  'ssl',
  'application_name',
  'connect_timeout',
  'options',
  'host',
  'port',
  'user',
  'password',
  'dbname',
] as const;
type PostgresParameter = (typeof PARAMETERS)[number];

const SHAPE = 'postgresql://user:password@host:5432/database';
const ENCODE = `${SHAPE}, with : / ? # @ % and spaces inside the user or password percent-encoded (@ is %40)`;
/** Letters of any script, digits, dots, hyphens; not a "$" or "{" of a template that was not filled in. */
const HOST = /^[\p{L}\p{N}._-]+$/u;

/**
 * Takes `<scheme>://` URLs apart by libpq's rules, by hand: the platform's URL class normalizes hosts and paths, and
 * quotes the whole URL in its errors.
 *
 * @throws {RefusedUrl}
 */
export function parsePostgresUrl(url: string): PostgresUrl {
  if (/[\s\p{Cc}]/u.test(url)) throw new RefusedUrl('a URL without white space (a space is %20)');
  const match = /^[a-z0-9+]+:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(url);
  if (match === null) throw new RefusedUrl(`two slashes after the scheme: ${SHAPE}`);
  const [, authority = '', path = '', query = ''] = match;
  const at = authority.indexOf('@');
  const hostPort = authority.slice(at + 1);
  if (hostPort.includes('@') || path.includes('@')) throw new RefusedUrl(ENCODE);
  const [user, password] = at < 0 ? [] : splitAtFirst(authority.slice(0, at), ':');
  const parameters = parseQuery(query);
  const server = parseHostPort(hostPort);
  const portParameter = parameters.get('port');
  return {
    user: parameters.get('user') ?? decoded(user),
    password: parameters.get('password') ?? decoded(password),
    host: checkedHost(parameters.get('host') ?? server.host),
    port: portParameter === undefined ? server.port : parsePort(portParameter),
    database: parameters.get('dbname') ?? decoded(path),
    parameters,
  };
}

function parseQuery(query: string): Map<PostgresParameter, string> {
  const parameters = new Map<PostgresParameter, string>();
  if (query === '') return parameters;
  for (const pair of query.split('&')) {
    const [name, raw] = splitAtFirst(pair, '=');
    const known = PARAMETERS.find((parameter) => parameter === name);
    if (raw === undefined) throw new RefusedUrl(`name=value parameters after the "?", joined by "&"; or ${ENCODE}`);
    if (known === undefined)
      throw new RefusedUrl(`only the parameters ${PARAMETERS.join(', ')}, ${unknown(name, query)}`);
    if (parameters.has(known)) throw new RefusedUrl(`the parameter ${known} once`);
    parameters.set(known, decoded(raw) ?? '');
  }
  return parameters;
}

/** A raw "&" in a password makes its rest look like a parameter's name: beside a password no name is repeated. */
function unknown(name: string, query: string): string {
  return /^[a-z_]{1,40}$/i.test(name) && !/(^|&)pass/i.test(query) ? `not ${name}` : 'not another one';
}

function parseHostPort(text: string): { host: string | undefined; port: number | undefined } {
  if (text.includes(',')) throw new RefusedUrl('one host, not a list of hosts');
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(text);
  const [, host = '', port] = match ?? [];
  if (match === null || port?.includes(':') === true) {
    throw new RefusedUrl('an IPv6 address in brackets: postgresql://user:password@[::1]:5432/database');
  }
  return { host: decoded(host), port: port === undefined ? undefined : parsePort(port) };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new RefusedUrl(`a port from 1 to 65535 after the host; or ${ENCODE}`);
  return port;
}

function checkedHost(host: string | undefined): string | undefined {
  if (host === undefined || host.startsWith('/')) return host;
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  const address = bracketed ?? (host.includes(':') ? host : undefined);
  if (address === undefined ? HOST.test(host) : isIPv6(address)) return address ?? host;
  throw new RefusedUrl('a host name, an IPv4 address, an IPv6 address in brackets, or the folder of a unix socket');
}

/** Undefined for an absent or empty part. */
function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/%(?![0-9a-f]{2})/i.test(text))
    throw new RefusedUrl('two hexadecimal digits after each "%" (a "%" itself is %25)');
  if (/%00/.test(text)) throw new RefusedUrl('no NUL (%00)');
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RefusedUrl('percent-encoded text in UTF-8');
  }
}

function splitAtFirst(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
