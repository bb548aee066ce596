import { ConfigurationInvalid } from './configuration-invalid.js';
import { maskedUrl, quoted } from './mask.js';
import { POSTGRES_KINDS, postgresTarget, type PostgresTarget, type StoreUrlContext } from './postgres-target.js';
import { RefusedUrl, STORE_URL_TAKES } from './refused-url.js';
import { MASK } from './secret.js';
import { parseSqliteUrl } from './sqlite-url.js';

/** How the store was spelled; `default` when no variable named one. */
export type UrlKind = (typeof URL_KINDS)[number] | 'default';
const URL_KINDS = [...POSTGRES_KINDS, 'sqlite', 'file'] as const;

export interface SqliteTarget {
  readonly engine: 'sqlite';
  /** Absolute. */
  readonly path: string;
  /** The variable that named the store, or `default`. */
  readonly variable: string;
  readonly urlKind: UrlKind;
}

export type StoreTarget = SqliteTarget | PostgresTarget;

/**
 * The store that a URL names. Nothing is opened and nothing is guessed: a text that is not wholly understood is a
 * problem, never another store.
 *
 * @throws {ConfigurationInvalid} with one problem, under `context.variable`
 */
export function readStoreUrl(url: string, context: StoreUrlContext): StoreTarget {
  try {
    const urlKind = URL_KINDS.find((kind) => url.startsWith(`${kind}:`));
    if (url.trim() === '') throw new RefusedUrl(STORE_URL_TAKES);
    if (urlKind === 'sqlite' || urlKind === 'file') {
      return { engine: 'sqlite', path: parseSqliteUrl(url, context.cwd), variable: context.variable, urlKind };
    }
    if (url.includes(':memory:')) throw new RefusedUrl(`a file, not a store in memory: ${STORE_URL_TAKES}`);
    if (urlKind === undefined) throw new RefusedUrl(STORE_URL_TAKES);
    return postgresTarget(url, urlKind, context);
  } catch (error) {
    if (!(error instanceof RefusedUrl)) throw error;
    const got = url === '' ? '"" (set but empty)' : quoted(maskedUrl(url));
    throw new ConfigurationInvalid([{ variable: context.variable, got, takes: error.takes }]);
  }
}

/** Which store it is, for a log line: the absolute path or masked URL, and what named it. */
export function describeTarget(target: StoreTarget): string {
  const from = target.variable === 'default' ? 'the default: no variable names a store' : `from ${target.variable}`;
  return `${target.engine === 'sqlite' ? target.path : toMaskedUrl(target)} (${from})`;
}

/** The target as a URL whose password is a mask; for SQLite with the absolute path. */
export function toMaskedUrl(target: StoreTarget): string {
  if (target.engine === 'sqlite') return `sqlite:///${target.path}`;
  const { host, port, user, password, database, tls } = target;
  const credentials = encodeURIComponent(user) + (password === undefined ? '' : `:${MASK}`);
  const name = encodeURIComponent(database);
  if (target.socket !== undefined) return `postgresql://${credentials}@/${name}?host=${encodeURI(host)}&port=${port}`;
  return `postgresql://${credentials}@${host.includes(':') ? `[${host}]` : host}:${port}/${name}?sslmode=${tls.mode}`;
}
