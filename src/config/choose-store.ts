import { resolve } from 'node:path';
import { ConfigurationInvalid } from './configuration-invalid.js';
import type { Environment } from './environment.js';
import { maskedUrl, quoted } from './mask.js';
import type { Suspicion, Variables } from './read-environment.js';
import { readStoreUrl, type StoreTarget } from './store-target.js';
import { sslModeOf } from './tls.js';

const DEFAULT_STORE_PATH = './data/passbook.db';

interface StoreChoice {
  readonly variables: Variables;
  /** `variables`, read; a store variable that is a problem already is undefined here. */
  readonly environment: Environment;
  readonly isProduction: boolean;
  /** The folder relative paths start at. */
  readonly cwd: string;
  readonly suspicions: readonly Suspicion[];
}

/**
 * Which store is meant: `DATABASE_INTERNAL_URL`, in production `DATABASE_URL_PROD`, `DATABASE_URL`, the default file.
 * The first that is set wins, and is then used or refused. Undefined when it is a problem that was named already.
 *
 * @throws {ConfigurationInvalid}
 */
export function chooseStore(choice: StoreChoice): StoreTarget | undefined {
  const { variables, environment, isProduction, cwd } = choice;
  const candidates = isProduction
    ? (['DATABASE_INTERNAL_URL', 'DATABASE_URL_PROD', 'DATABASE_URL'] as const)
    : (['DATABASE_INTERNAL_URL', 'DATABASE_URL'] as const);
  const variable = candidates.find((candidate) => variables[candidate] !== undefined);
  if (variable === undefined) return defaultStore(choice, candidates);
  const url = environment[variable];
  if (url === undefined || url === '') return undefined;
  const sslMode = sslModeOf(environment.DATABASE_SSLMODE ?? '');
  const target = readStoreUrl(url, { variable, cwd, sslMode, sslRootCert: environment.DATABASE_SSLROOTCERT });
  if (target.engine === 'sqlite' && isProduction && !environment.ALLOW_SQLITE_IN_PRODUCTION) {
    const takes = 'in production the URL of a PostgreSQL database, or ALLOW_SQLITE_IN_PRODUCTION=true beside it';
    throw new ConfigurationInvalid([{ variable, got: `${quoted(maskedUrl(url))} (${target.path})`, takes }]);
  }
  return target;
}

/**
 * The store as it is reached past a pooler; undefined where no variable names it.
 *
 * @throws {ConfigurationInvalid}
 */
export function chooseDirectStore({ environment, cwd }: StoreChoice): StoreTarget | undefined {
  const variable = 'DATABASE_DIRECT_URL';
  const url = environment[variable];
  if (url === undefined) return undefined;
  const sslMode = sslModeOf(environment.DATABASE_SSLMODE ?? '');
  const target = readStoreUrl(url, { variable, cwd, sslMode, sslRootCert: environment.DATABASE_SSLROOTCERT });
  if (target.engine === 'postgres') return target;
  throw new ConfigurationInvalid([
    { variable, got: quoted(maskedUrl(url)), takes: 'the URL of a PostgreSQL database; a file has no pooler' },
  ]);
}

/** No store is named: the default file, unless this is production or a name is misspelled. */
function defaultStore(choice: StoreChoice, candidates: readonly string[]): StoreTarget {
  const misspelled = choice.suspicions.filter((suspicion) => candidates.includes(suspicion.resembles));
  if (misspelled.length > 0) {
    const problems = misspelled.map(({ variable, resembles }) => ({
      variable,
      got: quoted(maskedUrl(choice.variables[variable] ?? '')),
      takes: `the name ${resembles}: this one is not read, and no other names a store`,
    }));
    throw new ConfigurationInvalid(problems);
  }
  if (choice.isProduction && !choice.environment.ALLOW_SQLITE_IN_PRODUCTION) {
    const takes = 'in production the URL of a PostgreSQL database in one of them, or ALLOW_SQLITE_IN_PRODUCTION=true';
    throw new ConfigurationInvalid([{ variable: candidates.join(' / '), got: 'nothing', takes }]);
  }
  return { engine: 'sqlite', path: resolve(choice.cwd, DEFAULT_STORE_PATH), variable: 'default', urlKind: 'default' };
}
