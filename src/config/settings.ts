import { chooseDirectStore, chooseStore } from './choose-store.js';
import { ConfigurationInvalid, type Problem } from './configuration-invalid.js';
import { type Environment, type EnvironmentName, type LogFormat, type LogLevel } from './environment.js';
import {
  type NamedKey,
  readEncryptionKeys,
  readSyncSettings,
  readTeller,
  type SyncSettings,
  type TellerSettings,
} from './feed-settings.js';
import { parseSystemAccounts, type SystemAccount } from './system-accounts.js';
import { parsePrivateCurrencies, type PrivateCurrency } from './private-currencies.js';
import { misspellings, readEnvironment, type Suspicion, type Variables } from './read-environment.js';
import type { StoreTarget } from './store-target.js';
import {
  type MetricsSettings,
  problemsOfPorts,
  readMetrics,
  readReports,
  readTraces,
  type ReportSettings,
  type TraceSettings,
} from './telemetry-settings.js';
import { isProductionWord } from './text-forms.js';

/** What was asked for at start: injected everywhere by this class, frozen throughout, passwords held as `Secret`. */
export class Settings {
  readonly environment: EnvironmentName;
  readonly isProduction: boolean;
  readonly http: HttpSettings;
  readonly limits: LimitSettings;
  /** How long the answer to a request with an Idempotency-Key is kept. */
  readonly idempotencyKeepHours: number;
  readonly store: StoreTarget;
  /** Whether a pooler in transaction mode stands before the store: nothing of a session outlives a transaction. */
  readonly isBehindPooler: boolean;
  /** The store past the pooler; the store itself where there is none. Undefined: there is one, and no way past it is known. */
  readonly directStore: StoreTarget | undefined;
  readonly pool: PoolSettings;
  readonly queries: QuerySettings;
  readonly log: LogSettings;
  readonly metrics: MetricsSettings;
  /** Undefined: no traces. */
  readonly traces: TraceSettings | undefined;
  /** Undefined: faults stand in the log alone. */
  readonly reports: ReportSettings | undefined;
  readonly migrate: MigrateSettings;
  /** Not yet compared with ISO 4217: the table of currencies does that. */
  readonly privateCurrencies: readonly PrivateCurrency[];
  /** What numbers of book accounts begin with. */
  readonly accountNumberPrefix: string;
  /** Currencies not yet looked up. */
  readonly systemAccounts: readonly SystemAccount[];
  readonly sandboxSeed: string;
  /** The first one seals access tokens of banks, all of them open. */
  readonly encryptionKeys: readonly NamedKey[];
  readonly sync: SyncSettings;
  /** Undefined: the feed is off. */
  readonly teller: TellerSettings | undefined;
  /** How long requests are still taken, with readiness off, after a stop was asked for. */
  readonly shutdownDelayMs: number;
  /** How long requests in flight are given to end after that. */
  readonly shutdownGraceMs: number;
  /** How long the store may take to answer for the service to be ready. */
  readonly readyCheckTimeoutMs: number;
  /** Lines to log as warnings at start; no values in them. */
  readonly warnings: readonly string[];

  constructor(
    environment: Environment,
    store: StoreTarget,
    direct: StoreTarget | undefined,
    teller: TellerSettings | undefined,
    warnings: readonly string[],
  ) {
    const isProduction = saysProduction(environment);
    this.environment = isProduction ? 'production' : environment.NODE_ENV;
    this.isProduction = isProduction;
    this.http = {
      host: environment.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
      port: environment.PORT,
      bodyLimitBytes: environment.BODY_LIMIT_BYTES,
      headersTimeoutMs: environment.HEADERS_TIMEOUT_MS,
      requestTimeoutMs: environment.REQUEST_TIMEOUT_MS,
      keepAliveTimeoutMs: environment.KEEP_ALIVE_TIMEOUT_MS,
      trustedProxies: proxiesOf(environment.TRUST_PROXY),
      corsOrigins: partsOf(environment.CORS_ORIGINS),
    };
    this.limits = {
      inFlight: environment.MAX_REQUESTS_IN_FLIGHT,
      keyPerMinute: environment.RATE_LIMIT_KEY_PER_MINUTE,
      addressPerMinute: environment.RATE_LIMIT_ADDRESS_PER_MINUTE,
      unknownKeysPerMinute: environment.RATE_LIMIT_UNKNOWN_KEYS_PER_MINUTE,
    };
    this.idempotencyKeepHours = environment.IDEMPOTENCY_KEEP_HOURS;
    this.store = store;
    this.isBehindPooler = environment.DATABASE_POOLER === 'transaction';
    this.directStore = direct ?? (this.isBehindPooler ? undefined : store);
    this.pool = {
      size: environment.DB_POOL_SIZE,
      overflow: environment.DB_MAX_OVERFLOW,
      timeoutSeconds: environment.DB_POOL_TIMEOUT,
      recycleSeconds: environment.DB_POOL_RECYCLE,
    };
    const urlName = store.engine === 'postgres' ? store.options.applicationName : undefined;
    this.queries = {
      echo: environment.DB_ECHO,
      slowMs: environment.DB_SLOW_QUERY_MS,
      statementTimeoutMs: environment.DB_STATEMENT_TIMEOUT_MS,
      idleInTransactionTimeoutMs: environment.DB_IDLE_IN_TRANSACTION_TIMEOUT_MS,
      applicationName: urlName ?? environment.DB_APPLICATION_NAME,
      preparedStatements: environment.DB_PREPARED_STATEMENTS && !this.isBehindPooler,
    };
    this.log = { level: environment.LOG_LEVEL, format: environment.LOG_FORMAT ?? (isProduction ? 'json' : 'text') };
    this.metrics = readMetrics(environment, this.http.host);
    this.traces = readTraces(environment);
    this.reports = readReports(environment, this.environment);
    this.migrate = {
      lockTimeoutMs: environment.MIGRATE_LOCK_TIMEOUT_MS,
      statementTimeoutMs: environment.MIGRATE_STATEMENT_TIMEOUT_MS,
      waitSeconds: environment.MIGRATE_WAIT_SECONDS,
    };
    this.privateCurrencies = parsePrivateCurrencies(environment.CURRENCIES_PRIVATE ?? '') ?? [];
    this.accountNumberPrefix = environment.ACCOUNT_NUMBER_PREFIX;
    this.systemAccounts = parseSystemAccounts(environment.SYSTEM_ACCOUNTS) ?? [];
    this.sandboxSeed = environment.SANDBOX_SEED;
    this.encryptionKeys = readEncryptionKeys(environment);
    this.sync = readSyncSettings(environment);
    this.teller = teller;
    this.shutdownDelayMs = environment.SHUTDOWN_DELAY_MS;
    this.shutdownGraceMs = environment.SHUTDOWN_GRACE_MS;
    this.readyCheckTimeoutMs = environment.READY_CHECK_TIMEOUT_MS;
    this.warnings = warnings;
    freezeAll(this);
  }
}

export interface HttpSettings {
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  readonly bodyLimitBytes: number;
  /** For the head of a request. */
  readonly headersTimeoutMs: number;
  /** For a whole request. */
  readonly requestTimeoutMs: number;
  /** Between two requests on a connection. */
  readonly keepAliveTimeoutMs: number;
  /** Addresses and networks, or how many; undefined is none. */
  readonly trustedProxies: readonly string[] | number | undefined;
  /** None: CORS is off. */
  readonly corsOrigins: readonly string[];
}

/** Of the limits a minute, 0 is none; each process counts for itself. */
export interface LimitSettings {
  readonly inFlight: number;
  readonly keyPerMinute: number;
  readonly addressPerMinute: number;
  /** Without a valid key, from one address. */
  readonly unknownKeysPerMinute: number;
}

export interface PoolSettings {
  readonly size: number;
  /** Connections beyond `size`: the pool's maximum is the sum. */
  readonly overflow: number;
  readonly timeoutSeconds: number;
  /** 0 is never. */
  readonly recycleSeconds: number;
}

/** Of the limits in milliseconds, 0 is none. */
export interface QuerySettings {
  readonly echo: boolean;
  readonly slowMs: number;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  readonly applicationName: string;
  readonly preparedStatements: boolean;
}

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** Of the limits in milliseconds, 0 is none. */
export interface MigrateSettings {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly waitSeconds: number;
}

/**
 * Reads environment variables into settings. Nothing is written or opened, except that a file of root certificates is
 * looked into; no `.env` file is loaded.
 *
 * @param options.cwd the folder relative paths start at; else the working folder of the process
 * @throws {ConfigurationInvalid} naming every problem at once
 */
export function readSettings(variables: Variables, options: { readonly cwd?: string } = {}): Settings {
  const problems: Problem[] = [];
  const environment = readEnvironment(variables, problems);
  const suspicions = misspellings(variables);
  const cwd = options.cwd ?? process.cwd();
  const isProduction = saysProduction(environment);
  let store: StoreTarget | undefined;
  let direct: StoreTarget | undefined;
  try {
    const choice = { variables, environment, isProduction, cwd, suspicions };
    store = chooseStore(choice);
    direct = chooseDirectStore(choice);
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    problems.push(...error.problems);
  }
  if (store?.engine === 'sqlite' && environment.DATABASE_POOLER !== 'none')
    problems.push({
      variable: 'DATABASE_POOLER',
      got: environment.DATABASE_POOLER,
      takes: '`none` over a SQLite file',
    });
  problems.push(...problemsOfPorts(environment));
  const teller = readTeller(environment, cwd, problems);
  if (store === undefined || problems.length > 0) throw new ConfigurationInvalid(problems);
  return new Settings(environment, store, direct, teller, warningsOf(suspicions, store));
}

function proxiesOf(text: string | undefined): readonly string[] | number | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) : partsOf(text);
}

function partsOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((part) => part.trim());
}

function saysProduction(environment: Environment): boolean {
  return environment.NODE_ENV === 'production' || isProductionWord(environment.ENV ?? '');
}

function warningsOf(suspicions: readonly Suspicion[], store: StoreTarget): readonly string[] {
  const warnings = suspicions.map(({ variable, resembles }) => `${variable} is not read: did you mean ${resembles}?`);
  if (store.engine === 'postgres' && store.tls.mode === 'prefer' && store.tls.rootCert !== undefined) {
    warnings.push(
      'root certificates are named, but sslmode is prefer, which checks nothing: did you mean verify-full?',
    );
  }
  return warnings;
}

function freezeAll(value: object): void {
  for (const part of Object.values(value) as unknown[]) if (typeof part === 'object' && part !== null) freezeAll(part);
  Object.freeze(value);
}
