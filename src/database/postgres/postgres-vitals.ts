// The vitals of a PostgreSQL database, over one connection beside the pool.
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Client } from 'pg';
import { type PostgresTarget } from '../../config/postgres-target.js';
import { type Settings } from '../../config/settings.js';
import { APPLIED_IDS_SQL, levelOf } from '../schema/level.js';
import { type ServerVitals, type StoreVitals, type TlsVitals } from '../vitals.js';
import { connectPostgres } from './connect.js';
import { translatePostgres } from './postgres-errors.js';

const ROUNDS = 5;
const CONNECT_MS_MAX = 10_000;

/** A limit of -1 is none; what the server keeps for its own people is not ours. */
const CONNECTIONS_SQL = `
  SELECT LEAST(
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
             - COALESCE(current_setting('reserved_connections', true)::int, 0),
           CASE WHEN r.rolconnlimit < 0 THEN 2147483647 ELSE r.rolconnlimit END,
           CASE WHEN d.datconnlimit < 0 THEN 2147483647 ELSE d.datconnlimit END) AS most,
         (SELECT COUNT(*) FROM pg_stat_activity a
           WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
             AND (a.application_name <> $1 OR a.datname <> current_database()))::int AS others
    FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`;

const FACTS_SQL = `
  SELECT current_setting('server_version') AS version, pg_database_size(current_database())::text AS size,
         pg_encoding_to_char(encoding) AS encoding, current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS full_page_writes, to_regclass('schema_migrations') IS NOT NULL AS has_history
    FROM pg_database WHERE datname = current_database()`;

interface Facts {
  readonly version: string;
  readonly size: string;
  readonly encoding: string;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly has_history: boolean;
}

export async function postgresVitals(
  store: PostgresTarget,
  { queries }: Settings,
  known: readonly string[],
): Promise<StoreVitals> {
  return over(store, (client) => vitalsOver(client, store, queries.applicationName, known));
}

/** How long the shortest one takes, in milliseconds, connecting left out. */
export async function roundTrip(store: PostgresTarget): Promise<number> {
  return over(store, async (client) => (await clocksOf(client)).latencyMs);
}

/** A limit of time would be refused by a pooler, and nothing here takes long. */
async function over<T>(store: PostgresTarget, work: (client: Client) => Promise<T>): Promise<T> {
  const limits = { applicationName: 'passbook doctor', statementTimeoutMs: 0, connectTimeoutMs: CONNECT_MS_MAX };
  try {
    const client = await connectPostgres(store, limits);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw translatePostgres(error);
  }
}

async function vitalsOver(
  client: Client,
  store: PostgresTarget,
  applicationName: string,
  known: readonly string[],
): Promise<StoreVitals> {
  const facts = (await client.query<Facts>(FACTS_SQL)).rows[0]!;
  const history = facts.has_history ? await client.query<{ id: string }>(APPLIED_IDS_SQL) : { rows: [] };
  const applied = history.rows.map(({ id }) => id);
  const connections = await client.query<{ most: number; others: number }>(CONNECTIONS_SQL, [applicationName]);
  const { most, others } = connections.rows[0]!;
  const { latencyMs, clockOffsetMs } = await clocksOf(client);
  const behindServer: ServerVitals = {
    tls: tlsOf(client, store),
    isLocal: isLocal(store),
    connectionsLeft: most - others,
    connectionsMax: most,
    clockOffsetMs,
    encoding: facts.encoding,
    undurable: (['fsync', 'full_page_writes'] as const).filter((name) => facts[name] === 'off'),
  };
  return {
    server: `PostgreSQL ${facts.version}`,
    latencyMs,
    schema: levelOf(applied, known),
    pending: known.filter((id) => !applied.includes(id)).length,
    sizeBytes: Number(facts.size),
    freeBytes: undefined,
    behindServer,
  };
}

/** The server's moment is taken for that in the middle of the shortest round trip. */
async function clocksOf(client: Client): Promise<{ latencyMs: number; clockOffsetMs: number }> {
  let best = { latencyMs: Infinity, clockOffsetMs: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const [beganAt, began] = [Date.now(), performance.now()];
    const { rows } = await client.query<{ ms: string }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS ms',
    );
    const latencyMs = performance.now() - began;
    if (latencyMs < best.latencyMs)
      best = { latencyMs, clockOffsetMs: Number(rows[0]!.ms) - (beganAt + latencyMs / 2) };
  }
  return best;
}

function tlsOf(client: Client, { tls }: PostgresTarget): TlsVitals | undefined {
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  if (!(stream instanceof TLSSocket)) return undefined;
  const ends = Date.parse(stream.getPeerCertificate().valid_to ?? '');
  return {
    protocol: stream.getProtocol() ?? 'TLS',
    isVerified: stream.authorized && tls.mode !== 'prefer',
    certificateEndsMs: Number.isNaN(ends) ? undefined : ends,
  };
}

function isLocal({ host, socket }: PostgresTarget): boolean {
  if (socket !== undefined || host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
