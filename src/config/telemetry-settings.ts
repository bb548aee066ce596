// What may be seen from outside: read from the environment. Traces and reports of errors are off unless their address is set.
import { type Problem } from './configuration-invalid.js';
import { type Environment } from './environment.js';
import { Secret } from './secret.js';

export interface MetricsSettings {
  /** Whether anything is counted. */
  readonly isOn: boolean;
  /** Of their own port, where they take no key; undefined: there is none. 0 is any free port. */
  readonly port: number | undefined;
  readonly host: string;
}

export interface TraceSettings {
  /** Where spans are sent, by OTLP over HTTP. */
  readonly url: string;
  /** For the collector: name and value. */
  readonly headers: readonly (readonly [string, Secret])[];
  readonly serviceName: string;
  /** Of the traces that begin here, 0 to 1. */
  readonly share: number;
}

export interface ReportSettings {
  /** Of Sentry, or of what speaks like it. */
  readonly dsn: Secret;
  readonly environment: string;
}

const TRACES_PATH = '/v1/traces';

/** @param host that of the API */
export function readMetrics({ METRICS, METRICS_PORT, METRICS_HOST }: Environment, host: string): MetricsSettings {
  return { isOn: METRICS, port: METRICS ? METRICS_PORT : undefined, host: METRICS_HOST ?? host };
}

/** One port cannot be both. */
export function problemsOfPorts({ PORT, METRICS_PORT }: Environment): readonly Problem[] {
  if (METRICS_PORT === undefined || METRICS_PORT === 0 || METRICS_PORT !== PORT) return [];
  return [{ variable: 'METRICS_PORT', got: String(METRICS_PORT), takes: 'another port than PORT' }];
}

/** Undefined where nothing says where to send them. */
export function readTraces(environment: Environment): TraceSettings | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: exact, OTEL_EXPORTER_OTLP_ENDPOINT: base } = environment;
  const url = exact ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}${TRACES_PATH}`);
  if (url === undefined) return undefined;
  return {
    url,
    headers: headersOf(environment.OTEL_EXPORTER_OTLP_HEADERS),
    serviceName: environment.OTEL_SERVICE_NAME,
    share: Number(environment.OTEL_TRACES_SAMPLER_ARG),
  };
}

export function readReports(environment: Environment, name: string): ReportSettings | undefined {
  const { SENTRY_DSN: dsn, SENTRY_ENVIRONMENT } = environment;
  return dsn === undefined ? undefined : { dsn: new Secret(dsn), environment: SENTRY_ENVIRONMENT ?? name };
}

function headersOf(text: string | undefined): readonly (readonly [string, Secret])[] {
  return (text?.split(',') ?? []).map((part) => {
    const equals = part.indexOf('=');
    return [part.slice(0, equals).trim(), new Secret(decodeURIComponent(part.slice(equals + 1).trim()))] as const;
  });
}
