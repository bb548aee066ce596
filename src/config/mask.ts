import { MASK } from './secret.js';

const SHOWN_PARAMETERS = new Set([
  'sslmode',
  'sslrootcert',
  'application_name',
  'connect_timeout',
  'host',
  'port',
  'user',
  'dbname',
]);
const SHOWN_LENGTH_MAX = 120;

/** A value as it stands in a problem: quoted, control characters escaped, and cut when long. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, SHOWN_LENGTH_MAX)}…` : value);
}

/**
 * A store URL without its password, for a problem. It can't rely on the URL being well formed, so it shows only what
 * can't be part of a password: when in doubt it masks more.
 */
export function maskedUrl(url: string): string {
  const match = /^(\s*[a-z][a-z0-9+.-]{0,30}):\/\/(.*)$/is.exec(url);
  if (match === null) return maskedUnstructured(url);
  const [, scheme = '', whole = ''] = match;
  if (/^(sqlite|file)$/i.test(scheme) && !/[@?]/.test(whole)) return url;
  // Nothing after a password parameter is looked at: a raw "&" or "@" inside it would look like structure.
  const passwordAt = whole.search(/[?&]pass/i);
  const rest = passwordAt < 0 ? whole : whole.slice(0, passwordAt);
  const hidden = passwordAt < 0 ? '' : `${whole[passwordAt]}password=${MASK}`;
  const at = rest.lastIndexOf('@');
  const question = rest.indexOf('?', at + 1);
  const tail = question < 0 ? rest.slice(at + 1) : rest.slice(at + 1, question);
  const query =
    question < 0
      ? ''
      : `?${rest
          .slice(question + 1)
          .split('&')
          .map(maskedParameter)
          .join('&')}`;
  const server = at < 0 ? maskedAuthority(tail) : `${maskedCredentials(rest.slice(0, at))}@${tail}`;
  return `${scheme}://${server}${query}${hidden}`;
}

/** Shows the user, unless what stands there may be part of something else. */
function maskedCredentials(credentials: string): string {
  const colon = credentials.indexOf(':');
  const user = colon < 0 ? credentials : credentials.slice(0, colon);
  if (/[/?#=@&]/.test(user)) return MASK;
  return colon < 0 ? user : `${user}:${MASK}`;
}

/** Without an "@" the part after a colon is a port, or a password whose "@" was forgotten. */
function maskedAuthority(tail: string): string {
  if (/^[^:]*(:\d{1,5})?(\/[^:]*)?$/.test(tail) || /^\[[0-9a-f:.]+\](:\d{1,5})?(\/[^:]*)?$/i.test(tail)) return tail;
  return `${tail.slice(0, tail.indexOf(':'))}:${MASK}`;
}

function maskedParameter(pair: string): string {
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals);
  if (equals < 0 || !/^[a-z_]{1,40}$/i.test(name)) return MASK;
  return SHOWN_PARAMETERS.has(name) ? pair : `${name}=${MASK}`;
}

/** Not a URL with "://": shown when it is plainly a path or `sqlite:…`, `file:…`, and else only its length. */
function maskedUnstructured(text: string): string {
  const isPathLike = /^\s*((sqlite|file):|\.{0,2}\/|~)/i.test(text) || /\.(db|sqlite3?)\s*$/i.test(text);
  if (text.trim() === '' || text === ':memory:') return text;
  if (isPathLike && !/[@=?]/.test(text)) return text;
  const scheme = /^\s*(postgres[a-z0-9+]{0,20}|sqlite|file):/i.exec(text)?.[1];
  return scheme === undefined ? `${MASK} (${text.length} characters, not a URL)` : `${scheme}:${MASK}`;
}
