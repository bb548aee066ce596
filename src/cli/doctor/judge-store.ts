// Judges a store by its vitals: what is well, what will not be for long, and what is wrong.
import { type ServerVitals, type StoreVitals } from '../../database/vitals.js';
import { fault, type Finding, ok, skipped, warning } from './finding.js';

export const CHECKS_OF_STORE = ['connection', 'TLS', 'schema', 'pool', 'disk', 'clock', 'durability'] as const;

export interface Circumstances {
  readonly isProduction: boolean;
  readonly isBehindPooler: boolean;
  /** Connections that one server process may open in its pool. */
  readonly poolMax: number;
  /** How many server processes share the store. */
  readonly processes: number;
  readonly nowMs: number;
}

const MIB = 1_048_576;
export const DAY_MS = 86_400_000;
const LATENCY_MS_SLOW = 50;
const CLOCK_MS_WARNING = 1_000;
/** Webhooks of banks are believed for three minutes. */
const CLOCK_MS_FAULT = 60_000;
export const CERTIFICATE_DAYS_WARNING = 21;
/** Beside the pool: the probe of readiness, and what listens. */
const CONNECTIONS_BESIDE_POOL = 1;

/** In the order of CHECKS_OF_STORE. */
export function judgeStore(vitals: StoreVitals, circumstances: Circumstances): readonly Finding[] {
  const { behindServer } = vitals;
  const ofServer =
    behindServer === undefined
      ? skipped(['TLS', 'pool', 'clock', 'durability'], 'an embedded store has no server')
      : [
          tls(behindServer, circumstances),
          pool(behindServer, circumstances),
          clock(behindServer),
          durability(behindServer),
        ];
  const all = [connection(vitals), schema(vitals), disk(vitals), ...ofServer];
  return CHECKS_OF_STORE.map((check) => all.find((finding) => finding.check === check)!);
}

function connection({ server, latencyMs, behindServer }: StoreVitals): Finding {
  const detail = `${server}, a round trip in ${latencyMs.toFixed(1)} ms`;
  if (behindServer !== undefined && behindServer.encoding !== 'UTF8')
    return fault('connection', `the database is encoded in ${behindServer.encoding}`, 'Make one with ENCODING UTF8.');
  if (latencyMs > LATENCY_MS_SLOW)
    return warning('connection', detail, 'Put server and store near each other: each request makes several trips.');
  return ok('connection', detail);
}

function tls({ tls: seen, isLocal }: ServerVitals, { isProduction, nowMs }: Circumstances): Finding {
  const verify = 'Say sslmode=verify-full and sslrootcert in DATABASE_URL.';
  if (seen === undefined) {
    if (isLocal) return ok('TLS', 'none, and none is needed: the server is on this machine');
    const finding = isProduction ? fault : warning;
    return finding('TLS', 'the connection is in plain: passwords and money pass in the open', verify);
  }
  const days = seen.certificateEndsMs === undefined ? undefined : (seen.certificateEndsMs - nowMs) / DAY_MS;
  const until = days === undefined ? '' : `, the certificate ends in ${Math.floor(days)} days`;
  if (days !== undefined && days < CERTIFICATE_DAYS_WARNING)
    return warning('TLS', `${seen.protocol}${until}`, "Renew the server's certificate.");
  if (!seen.isVerified && !isLocal)
    return warning('TLS', `${seen.protocol}, and nothing proves who the server is`, verify);
  return ok('TLS', `${seen.protocol}${seen.isVerified ? ', verified' : ''}${until}`);
}

function schema({ schema: level, pending }: StoreVitals): Finding {
  if (level === 'current') return ok('schema', 'as this version needs it');
  if (level === 'ahead') return ok('schema', 'newer than this version, which it serves');
  return fault('schema', `${level}: ${pending} migrations are pending`, 'Run "passbook migrate up".');
}

function pool(
  { connectionsLeft, connectionsMax }: ServerVitals,
  { poolMax, processes, isBehindPooler }: Circumstances,
): Finding {
  if (isBehindPooler)
    return ok('pool', `a pooler shares out the ${connectionsLeft} of ${connectionsMax} connections that are left`);
  const each = poolMax + CONNECTIONS_BESIDE_POOL;
  const needed = processes * each;
  const detail = `${processes} × ${each} connections, of ${connectionsMax} that this role may have ${connectionsLeft} are left`;
  const next =
    'Lower DB_POOL_SIZE and DB_MAX_OVERFLOW, raise max_connections, or put PgBouncer in between (docs/runbooks/pool-exhausted.md).';
  if (needed > connectionsLeft) return fault('pool', detail, next);
  if (needed > connectionsLeft * 0.8)
    return warning('pool', detail, `A rollout has more processes for a while. ${next}`);
  return ok('pool', detail);
}

function disk({ sizeBytes, freeBytes }: StoreVitals): Finding {
  const size = `the store takes ${mib(sizeBytes)}`;
  if (freeBytes === undefined) return ok('disk', `${size}; its room is for the server's own watch`);
  const detail = `${size}, ${mib(freeBytes)} are free`;
  const next = 'See docs/runbooks/disk-full.md.';
  if (freeBytes < 64 * MIB) return fault('disk', detail, next);
  // A migration may rebuild a table, which takes its room again.
  if (freeBytes < 2 * sizeBytes) return warning('disk', detail, `A migration may need as much again. ${next}`);
  return ok('disk', detail);
}

function clock({ clockOffsetMs }: ServerVitals): Finding {
  const off = Math.abs(clockOffsetMs);
  const detail = `the server's is ${off.toFixed(0)} ms ${clockOffsetMs < 0 ? 'behind' : 'ahead'}`;
  const next = 'Let both follow NTP (chronyd, systemd-timesyncd).';
  if (off > CLOCK_MS_FAULT) return fault('clock', detail, next);
  return off > CLOCK_MS_WARNING ? warning('clock', detail, next) : ok('clock', detail);
}

function durability({ undurable }: ServerVitals): Finding {
  if (undurable.length === 0) return ok('durability', 'what is acknowledged is on the disk');
  const names = undurable.join(' and ');
  return fault('durability', `${names}: off, so a crash may lose or break what was acknowledged`, `Turn on ${names}.`);
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
