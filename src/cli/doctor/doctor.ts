// Examines an installation: each check has a verdict, and where it is not well the next step. Nothing is changed.
import { X509Certificate } from 'node:crypto';
import { ConfigurationInvalid } from '../../config/configuration-invalid.js';
import { type Variables } from '../../config/read-environment.js';
import { readSettings, type Settings } from '../../config/settings.js';
import { describeTarget } from '../../config/store-target.js';
import { Refusal } from '../../common/domain-error.js';
import { readPooler, readVitals } from '../../database/read-vitals.js';
import { fault, type Finding, ok, skipped, warning } from './finding.js';
import { CERTIFICATE_DAYS_WARNING, CHECKS_OF_STORE, DAY_MS, judgeStore } from './judge-store.js';

export interface DoctorOptions {
  /** How many server processes share the store. */
  readonly processes: number;
  readonly nowMs: number;
  /** Ids of the migrations that this program needs. */
  readonly migrations: readonly string[];
}

export async function examine(variables: Variables, options: DoctorOptions): Promise<readonly Finding[]> {
  let settings: Settings;
  try {
    settings = readSettings(variables);
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    return [...problemsOf(error), ...skipped(CHECKS_OF_STORE, 'the configuration comes first')];
  }
  return [...configuration(settings), ...(await store(settings, options)), ...bankCertificate(settings, options)];
}

function problemsOf({ problems }: ConfigurationInvalid): readonly Finding[] {
  return problems.map(({ variable, got, takes }) =>
    fault('configuration', `${variable}: got ${got}`, `It takes ${takes}. See docs/configuration.md.`),
  );
}

function configuration(settings: Settings): readonly Finding[] {
  return [
    ok('configuration', `${settings.environment}, ${describeTarget(settings.store)}`),
    ...settings.warnings.map((detail) => warning('configuration', detail, 'Put it right or take it away.')),
  ];
}

async function store(settings: Settings, { processes, nowMs, migrations }: DoctorOptions): Promise<readonly Finding[]> {
  const { isProduction, isBehindPooler, pool } = settings;
  const around = { isProduction, isBehindPooler, poolMax: pool.size + pool.overflow, processes, nowMs };
  try {
    return [...judgeStore(await readVitals(settings, migrations), around), ...(await pooler(settings))];
  } catch (error) {
    return [
      unreached('connection', error),
      ...skipped(CHECKS_OF_STORE.slice(1), 'the store does not answer'),
      ...(await pooler(settings)),
    ];
  }
}

async function pooler(settings: Settings): Promise<readonly Finding[]> {
  try {
    const latencyMs = await readPooler(settings);
    return latencyMs === undefined ? [] : [ok('pooler', `a round trip through it in ${latencyMs.toFixed(1)} ms`)];
  } catch (error) {
    return [unreached('pooler', error)];
  }
}

/** Anything but a refusal is a fault of this program, and goes on. */
function unreached(check: string, error: unknown): Finding {
  if (!(error instanceof Refusal)) throw error;
  const why = error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
  return fault(check, why, 'See docs/runbooks/database-down.md.');
}

/** Of the client, for mutual TLS with a bank's feed. */
function bankCertificate({ teller }: Settings, { nowMs }: DoctorOptions): readonly Finding[] {
  if (teller?.certificate === undefined) return [];
  const ends = Date.parse(new X509Certificate(teller.certificate.certificate).validTo);
  const days = Math.floor((ends - nowMs) / DAY_MS);
  const next = "Download a new one from Teller's dashboard and set TELLER_CERTIFICATE and TELLER_PRIVATE_KEY.";
  if (days < 0) return [fault('Teller certificate', `it ended ${-days} days ago`, next)];
  const detail = `it ends in ${days} days`;
  return [
    days < CERTIFICATE_DAYS_WARNING ? warning('Teller certificate', detail, next) : ok('Teller certificate', detail),
  ];
}
