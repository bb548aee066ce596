import { parsePrivateCurrencies } from './private-currencies.js';
import { isSystemAccountList } from './system-accounts.js';
import { OneOf, StoreUrl, Text, TextThat, WholeNumber, YesOrNo } from './setting.js';
import {
  isBaseUrl,
  isDsn,
  isHeaderList,
  isHost,
  isHttpUrl,
  isKeyList,
  isNotAlmostProduction,
  isOriginList,
  isPath,
  isPem,
  isProxyList,
  isSecretList,
} from './text-forms.js';
import { SSL_MODES_ACCEPTED } from './tls.js';

const ENVIRONMENT_NAMES = ['development', 'test', 'production'] as const;
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number];
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
const POOLERS = ['none', 'transaction'] as const;
export type Pooler = (typeof POOLERS)[number];
const TELLER_ENVIRONMENTS = ['sandbox', 'development', 'production'] as const;
export type TellerEnvironment = (typeof TELLER_ENVIRONMENTS)[number];

const DAY_MS = 86_400_000;
const HOUR_S = 3_600;
/** PostgreSQL cuts an application name silently after 63 bytes and replaces what is not printable ASCII. */
const APPLICATION_NAME = /^[\x20-\x7e]{1,63}$/;

/**
 * Every environment variable that is read: name, meaning, what it takes, default. docs/configuration.md is made from
 * this class. Nothing else in `src/` reads the environment; values reach the code as `Settings`.
 */
export class Environment {
  @OneOf(ENVIRONMENT_NAMES, {
    group: 'Process',
    default: 'development',
    about: 'Where this runs. `production` refuses an embedded store and listens on every address.',
  })
  NODE_ENV!: EnvironmentName;

  @TextThat(isNotAlmostProduction, '`production` (or `prod`), or anything that is not a misspelling of it', {
    group: 'Process',
    about:
      'The older name: `production` or `prod` here says production too, whatever `NODE_ENV` says; else not looked at.',
  })
  ENV: string | undefined;

  @WholeNumber(
    { from: 0, to: 10 * 60_000 },
    {
      group: 'Process',
      default: 5_000,
      about: 'Milliseconds that requests in flight are given to end after a stop was asked for.',
    },
  )
  SHUTDOWN_GRACE_MS!: number;

  @WholeNumber(
    { from: 0, to: 10 * 60_000 },
    {
      group: 'Process',
      default: 0,
      about:
        'Milliseconds after a stop was asked for in which requests are still taken while readiness is off, so that whoever sends them notices. Several times the readiness period in production.',
    },
  )
  SHUTDOWN_DELAY_MS!: number;

  @StoreUrl({ group: 'Store', about: 'The store. Wins over the two below: the address inside a private network.' })
  DATABASE_INTERNAL_URL: string | undefined;

  @StoreUrl({ group: 'Store', about: 'The store in production; not looked at elsewhere. Wins over `DATABASE_URL`.' })
  DATABASE_URL_PROD: string | undefined;

  @StoreUrl({
    group: 'Store',
    defaultText: 'SQLite at `./data/passbook.db`; in production none',
    about: 'The store, where neither of the two above is set.',
  })
  DATABASE_URL: string | undefined;

  @YesOrNo({
    group: 'Store',
    default: false,
    about: 'Allows an SQLite store in production, which is otherwise refused.',
  })
  ALLOW_SQLITE_IN_PRODUCTION!: boolean;

  @OneOf(SSL_MODES_ACCEPTED, {
    group: 'Store',
    defaultText: '`prefer`',
    about: 'How far the connection to PostgreSQL is encrypted and checked. `sslmode` in the URL wins.',
  })
  DATABASE_SSLMODE: string | undefined;

  @Text(/^[^\0]+$/, 'the path of a readable file of PEM certificates, or `system`', {
    group: 'Store',
    defaultText: 'none',
    about: "The authorities that may sign the server's certificate. `sslrootcert` in the URL wins.",
  })
  DATABASE_SSLROOTCERT: string | undefined;

  @WholeNumber({ from: 1, to: 1_000 }, { group: 'Pool and queries', default: 5, about: 'Connections that are kept.' })
  DB_POOL_SIZE!: number;

  @WholeNumber(
    { from: 0, to: 1_000 },
    { group: 'Pool and queries', default: 5, about: 'Connections beyond `DB_POOL_SIZE` under load.' },
  )
  DB_MAX_OVERFLOW!: number;

  @WholeNumber(
    { from: 1, to: HOUR_S },
    { group: 'Pool and queries', default: 5, about: 'Seconds to wait for a connection before giving up.' },
  )
  DB_POOL_TIMEOUT!: number;

  @WholeNumber(
    { from: 0, to: 24 * HOUR_S },
    { group: 'Pool and queries', default: 300, about: 'Seconds after which a connection is replaced; 0 is never.' },
  )
  DB_POOL_RECYCLE!: number;

  @YesOrNo({ group: 'Pool and queries', default: false, about: 'Logs every statement, without its values.' })
  DB_ECHO!: boolean;

  @WholeNumber(
    { from: 0, to: DAY_MS },
    {
      group: 'Pool and queries',
      default: 500,
      about: 'Milliseconds from which a statement is logged as slow; 0 is never.',
    },
  )
  DB_SLOW_QUERY_MS!: number;

  @WholeNumber(
    { from: 0, to: DAY_MS },
    {
      group: 'Pool and queries',
      default: 30_000,
      about: 'Milliseconds after which PostgreSQL ends a statement; 0 is never.',
    },
  )
  DB_STATEMENT_TIMEOUT_MS!: number;

  @WholeNumber(
    { from: 0, to: DAY_MS },
    {
      group: 'Pool and queries',
      default: 10_000,
      about: 'Milliseconds after which PostgreSQL ends a transaction that does nothing; 0 is never.',
    },
  )
  DB_IDLE_IN_TRANSACTION_TIMEOUT_MS!: number;

  @OneOf(POOLERS, {
    group: 'Store',
    default: 'none',
    about:
      'What stands between this and PostgreSQL. `transaction`: PgBouncer in transaction mode. Statements are then not named, and the limits of time are set in each transaction.',
  })
  DATABASE_POOLER!: Pooler;

  @StoreUrl({
    group: 'Store',
    about:
      'The same database past the pooler, for what needs a session of its own: schema changes, which without it are refused behind a pooler.',
  })
  DATABASE_DIRECT_URL: string | undefined;

  @Text(APPLICATION_NAME, 'at most 63 printable ASCII characters', {
    group: 'Pool and queries',
    default: 'passbook',
    about: 'The name PostgreSQL shows in `pg_stat_activity`. `application_name` in the URL wins.',
  })
  DB_APPLICATION_NAME!: string;

  @YesOrNo({
    group: 'Pool and queries',
    default: true,
    about: 'Named prepared statements. Off for PgBouncer older than 1.21 in transaction mode.',
  })
  DB_PREPARED_STATEMENTS!: boolean;

  @TextThat(isHost, 'an IP address or a host name', {
    group: 'HTTP',
    defaultText: '`127.0.0.1`; in production `0.0.0.0`',
    about: 'The address to listen on.',
  })
  HOST: string | undefined;

  @WholeNumber(
    { from: 0, to: 65_535 },
    { group: 'HTTP', default: 3_000, about: 'The port to listen on; 0 is any free one.' },
  )
  PORT!: number;

  @WholeNumber(
    { from: 1_024, to: 104_857_600 },
    { group: 'HTTP', default: 1_048_576, about: 'Bytes that the body of a request may have.' },
  )
  BODY_LIMIT_BYTES!: number;

  @WholeNumber(
    { from: 100, to: 600_000 },
    {
      group: 'HTTP',
      default: 10_000,
      about: 'Milliseconds within which the head of a request must have come in; then the connection is cut.',
    },
  )
  HEADERS_TIMEOUT_MS!: number;

  @WholeNumber(
    { from: 100, to: 600_000 },
    {
      group: 'HTTP',
      default: 30_000,
      about: 'Milliseconds within which a whole request must have come in; then the connection is cut.',
    },
  )
  REQUEST_TIMEOUT_MS!: number;

  @WholeNumber(
    { from: 100, to: 600_000 },
    {
      group: 'HTTP',
      default: 65_000,
      about:
        'Milliseconds that a connection may be idle between requests. Longer than that of whatever stands in front, which else sends requests into closing connections.',
    },
  )
  KEEP_ALIVE_TIMEOUT_MS!: number;

  @TextThat(
    isProxyList,
    'addresses and networks joined by commas, such as `10.0.0.0/8,::1`, or the number of proxies',
    {
      group: 'HTTP',
      defaultText: 'none',
      about:
        'The proxies in front whose `X-Forwarded-For` is believed: what is behind them is limited by its own address.',
    },
  )
  TRUST_PROXY: string | undefined;

  @TextThat(isOriginList, 'origins joined by commas, such as `https://app.example.com`', {
    group: 'HTTP',
    defaultText: 'none',
    about: 'The web pages whose scripts may call (CORS).',
  })
  CORS_ORIGINS: string | undefined;

  @WholeNumber(
    { from: 1, to: 100_000 },
    {
      group: 'Limits',
      default: 128,
      about:
        'Requests that are worked on at a time, fewer where they get slow; further ones are answered 503 at once. The probes are not counted.',
    },
  )
  MAX_REQUESTS_IN_FLIGHT!: number;

  @WholeNumber(
    { from: 0, to: 1_000_000_000 },
    { group: 'Limits', default: 60_000, about: 'Requests a minute with one key, in each process; 0 is no limit.' },
  )
  RATE_LIMIT_KEY_PER_MINUTE!: number;

  @WholeNumber(
    { from: 0, to: 1_000_000_000 },
    { group: 'Limits', default: 120_000, about: 'Requests a minute from one address, in each process; 0 is no limit.' },
  )
  RATE_LIMIT_ADDRESS_PER_MINUTE!: number;

  @WholeNumber(
    { from: 0, to: 1_000_000_000 },
    {
      group: 'Limits',
      default: 60,
      about: 'Requests a minute without a valid key from one address, in each process; 0 is no limit.',
    },
  )
  RATE_LIMIT_UNKNOWN_KEYS_PER_MINUTE!: number;

  @WholeNumber(
    { from: 24, to: 8_760 },
    {
      group: 'Limits',
      default: 24,
      about: 'Hours that the answer to a request with an `Idempotency-Key` is kept for its repetitions.',
    },
  )
  IDEMPOTENCY_KEEP_HOURS!: number;

  @WholeNumber(
    { from: 1, to: 60_000 },
    {
      group: 'HTTP',
      default: 1_500,
      about: 'Milliseconds within which the store must answer for the service to be ready.',
    },
  )
  READY_CHECK_TIMEOUT_MS!: number;

  @OneOf(LOG_LEVELS, {
    group: 'Log',
    default: 'info',
    caseBlind: true,
    about: 'The least severe lines that are logged. Capital letters do.',
  })
  LOG_LEVEL!: LogLevel;

  @OneOf(LOG_FORMATS, {
    group: 'Log',
    defaultText: '`text`; in production `json`',
    about: 'Lines for people, or one JSON object a line.',
  })
  LOG_FORMAT: LogFormat | undefined;

  @YesOrNo({
    group: 'Metrics, traces and errors',
    default: true,
    about: 'Counts what the service does, for Prometheus. `GET /metrics` takes a key of scope `admin`.',
  })
  METRICS!: boolean;

  @WholeNumber(
    { from: 0, to: 65_535 },
    {
      group: 'Metrics, traces and errors',
      about:
        'A port of its own for `/metrics`, without a key: for a scraper in the same private network. 0 is any free one.',
    },
  )
  METRICS_PORT: number | undefined;

  @TextThat(isHost, 'an IP address or a host name', {
    group: 'Metrics, traces and errors',
    defaultText: 'that of `HOST`',
    about: 'The address that this port is on.',
  })
  METRICS_HOST: string | undefined;

  @TextThat(isHttpUrl, 'an address such as `http://collector:4318`', {
    group: 'Metrics, traces and errors',
    defaultText: 'none: no traces',
    about: 'The OpenTelemetry collector that traces are sent to, by OTLP over HTTP at its `/v1/traces`.',
  })
  OTEL_EXPORTER_OTLP_ENDPOINT: string | undefined;

  @TextThat(isHttpUrl, 'an address such as `http://collector:4318/v1/traces`', {
    group: 'Metrics, traces and errors',
    about: 'The same as a whole address. Wins.',
  })
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string | undefined;

  @TextThat(isHeaderList, '`name=value` parts joined by commas, values percent-encoded', {
    group: 'Metrics, traces and errors',
    secret: true,
    about: 'Headers that the collector wants.',
  })
  OTEL_EXPORTER_OTLP_HEADERS: string | undefined;

  @Text(/^[\x21-\x7e]{1,64}$/, 'at most 64 printable ASCII characters without spaces', {
    group: 'Metrics, traces and errors',
    default: 'passbook',
    about: 'What the service is called in its traces.',
  })
  OTEL_SERVICE_NAME!: string;

  @Text(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, 'a share from 0 to 1, such as `0.05`', {
    group: 'Metrics, traces and errors',
    default: '1',
    about: 'The share of requests that are traced. One that brings a `traceparent` is traced when that says so.',
  })
  OTEL_TRACES_SAMPLER_ARG!: string;

  @TextThat(isDsn, 'a DSN such as `https://key@o1.ingest.sentry.io/7`', {
    group: 'Metrics, traces and errors',
    secret: true,
    defaultText: 'none: nothing is reported',
    about: 'Where faults of the service itself are reported, by the protocol of Sentry.',
  })
  SENTRY_DSN: string | undefined;

  @Text(/^[A-Za-z0-9_.-]{1,64}$/, 'at most 64 letters, digits, dots, hyphens and underscores', {
    group: 'Metrics, traces and errors',
    defaultText: '`development`, `test` or `production`, as it runs',
    about: 'The environment that reports are filed under.',
  })
  SENTRY_ENVIRONMENT: string | undefined;

  @TextThat(
    (text) => parsePrivateCurrencies(text) !== undefined,
    '`CODE:exponent` parts joined by commas, such as `XGC:0,NCR:2`: 3 to 8 capital letters or digits, a letter first, each code once; exponent 0 to 6',
    {
      group: 'Values',
      defaultText: 'none',
      about: 'Currencies of your own, such as game credits. A code of ISO 4217 is refused.',
    },
  )
  CURRENCIES_PRIVATE: string | undefined;

  @Text(/^[\x21-\x7e]{1,64}$/, 'at most 64 printable ASCII characters without spaces', {
    group: 'Values',
    default: 'passbook',
    about: 'What the sandbox bank is made from: the same seed gives the same bank.',
  })
  SANDBOX_SEED!: string;

  @Text(/^[A-Z0-9]{1,8}$/, '1 to 8 capitals and digits', {
    group: 'Book accounts',
    default: 'NC',
    about: 'What the numbers of book accounts begin with, that are made here: `NC-7K2M-Q4XZ`.',
  })
  ACCOUNT_NUMBER_PREFIX!: string;

  @TextThat(
    isSystemAccountList,
    '`role:CURRENCY` or `role:CURRENCY:opening` parts joined by commas, each role and currency once, an opening only beside a treasury of its currency',
    {
      group: 'Book accounts',
      default: 'treasury:USD,house:USD',
      about:
        'The accounts of the bank itself, which `passbook seed system` opens; they alone may go below zero without a limit. An opening is a transfer out of the treasury of its currency.',
    },
  )
  SYSTEM_ACCOUNTS!: string;

  @TextThat(isKeyList, '`name:key` parts joined by commas, the key 32 bytes in base64 (`openssl rand -base64 32`)', {
    group: 'Bank feeds',
    secret: true,
    about:
      'The keys under which access tokens of banks are kept. The first one seals, all of them open. To change the key while servers run: add the new one at the end everywhere, then move it to the front everywhere, run `passbook tokens reseal`, and take the old one away.',
  })
  ENCRYPTION_KEYS: string | undefined;

  @YesOrNo({
    group: 'Bank feeds',
    default: true,
    about: 'Whether this process syncs enrollments by itself when they are due.',
  })
  SYNC_SCHEDULE!: boolean;

  @WholeNumber(
    { from: 1, to: 24 },
    { group: 'Bank feeds', default: 12, about: 'Hours from one sync of an enrollment to the next, more or less.' },
  )
  SYNC_INTERVAL_HOURS!: number;

  @WholeNumber(
    { from: 1, to: 64 },
    { group: 'Bank feeds', default: 4, about: 'Enrollments that this process syncs by itself at a time.' },
  )
  SYNC_CONCURRENCY!: number;

  @OneOf(TELLER_ENVIRONMENTS, {
    group: 'Bank feeds',
    defaultText: 'none: the feed is off',
    about: 'Turns the feed `teller` on. All but `sandbox` take a client certificate.',
  })
  TELLER_ENVIRONMENT: TellerEnvironment | undefined;

  @Text(/^app_[a-z0-9]{1,64}$/, 'an id like `app_…`', {
    group: 'Bank feeds',
    about: "The application's id at Teller, which the front end needs to open Teller Connect.",
  })
  TELLER_APPLICATION_ID: string | undefined;

  @TextThat(isPem('CERTIFICATE'), 'a certificate in PEM; `\\n` stands for a new line', {
    group: 'Bank feeds',
    secret: true,
    isBlock: true,
    about: 'The client certificate for Teller. Or:',
  })
  TELLER_CERTIFICATE: string | undefined;

  @TextThat(isPath, 'a path', { group: 'Bank feeds', about: 'The file that holds it.' })
  TELLER_CERTIFICATE_FILE: string | undefined;

  @TextThat(isPem('PRIVATE KEY'), 'a private key in PEM; `\\n` stands for a new line', {
    group: 'Bank feeds',
    secret: true,
    isBlock: true,
    about: 'Its private key. Or:',
  })
  TELLER_PRIVATE_KEY: string | undefined;

  @TextThat(isPath, 'a path', { group: 'Bank feeds', about: 'The file that holds it.' })
  TELLER_PRIVATE_KEY_FILE: string | undefined;

  @Text(/^[A-Za-z0-9+/]{43}=$/, '32 bytes in base64', {
    group: 'Bank feeds',
    about:
      "The token signing key that Teller's dashboard shows: with it, consents must be signed over a nonce that this service gave.",
  })
  TELLER_SIGNING_KEY: string | undefined;

  @TextThat(isSecretList, 'secrets of 16 to 200 printable ASCII characters joined by commas', {
    group: 'Bank feeds',
    secret: true,
    about: 'What webhooks are signed with. Several while one is replaced by another.',
  })
  TELLER_WEBHOOK_SECRETS: string | undefined;

  @WholeNumber(
    { from: 50, to: 60_000 },
    {
      group: 'Bank feeds',
      default: 750,
      about:
        'Milliseconds that the store may take over a webhook: Teller waits for a second, and is told before to send it again.',
    },
  )
  TELLER_WEBHOOK_TIMEOUT_MS!: number;

  @Text(/^test_token_[a-z0-9]{1,100}$|^token_[a-z0-9]{1,100}$/, 'an access token', {
    group: 'Bank feeds',
    secret: true,
    about: 'An access token that `npm start` enrolls with, for development.',
  })
  TELLER_ACCESS_TOKEN: string | undefined;

  @TextThat(isBaseUrl, 'an address such as `https://api.teller.io`', {
    group: 'Bank feeds',
    default: 'https://api.teller.io',
    about: 'Where Teller is.',
  })
  TELLER_API_URL!: string;

  @TextThat(isPath, 'a path', {
    group: 'Bank feeds',
    about: 'Certificates in PEM that are trusted instead of the usual ones, where Teller is reached through a proxy.',
  })
  TELLER_CA_FILE: string | undefined;

  @WholeNumber(
    { from: 100, to: 600_000 },
    { group: 'Bank feeds', default: 30_000, about: 'Milliseconds that one question to Teller may take.' },
  )
  TELLER_TIMEOUT_MS!: number;

  @WholeNumber(
    { from: 1, to: 32 },
    { group: 'Bank feeds', default: 2, about: 'Questions that are put to Teller at a time for one enrollment.' },
  )
  TELLER_CONCURRENCY!: number;

  @WholeNumber(
    { from: 0, to: HOUR_S * 1_000 },
    {
      group: 'Migrations',
      default: 5_000,
      about: 'Milliseconds that a schema change waits for a table lock; 0 is for ever.',
    },
  )
  MIGRATE_LOCK_TIMEOUT_MS!: number;

  @WholeNumber(
    { from: 0, to: DAY_MS },
    {
      group: 'Migrations',
      default: 0,
      about: 'Milliseconds after which a statement of a schema change is ended; 0 is never.',
    },
  )
  MIGRATE_STATEMENT_TIMEOUT_MS!: number;

  @WholeNumber(
    { from: 0, to: 24 * HOUR_S },
    {
      group: 'Migrations',
      default: 60,
      about: 'Seconds to wait for the store to answer, and for another runner to end.',
    },
  )
  MIGRATE_WAIT_SECONDS!: number;
}
