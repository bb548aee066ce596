// One connection to PostgreSQL, outside of any pool.
import pg, { type Client, type ClientConfig } from 'pg';
import { type PostgresTarget } from '../../config/postgres-target.js';
import { hearErrors, postgresConnectConfig } from './connect-config.js';
import { driverErrorOf } from './postgres-errors.js';

export interface ConnectLimits {
  readonly applicationName: string;
  /** 0 is none. */
  readonly statementTimeoutMs: number;
  /** How long connecting may take, where the URL does not say it. */
  readonly connectTimeoutMs: number;
}

/** Connects with the TLS that the target asks for; `prefer` comes in plain where the server takes it no other way. Throws what the driver throws. */
export async function connectPostgres(store: PostgresTarget, limits: ConnectLimits): Promise<Client> {
  const config = {
    connectionTimeoutMillis: limits.connectTimeoutMs,
    keepAlive: true,
    ...postgresConnectConfig(store, limits),
  };
  try {
    return await connect(config);
  } catch (error) {
    if (store.tls.mode !== 'prefer' || !isAboutTls(error)) throw error;
    return await connect({ ...config, ssl: false });
  }
}

/** Connects once, to find out what a pool cannot: whether the server is there, and whether `prefer` means TLS or plain. */
export async function takesTls(store: PostgresTarget, limits: ConnectLimits): Promise<boolean> {
  const client = await connectPostgres(store, limits);
  const encrypted = Boolean(client.ssl);
  void client.end().catch(() => undefined);
  return encrypted;
}

async function connect(config: ClientConfig): Promise<Client> {
  const client = new pg.Client(config);
  hearErrors(client);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** The server has no TLS, or its list of hosts has no entry for an encrypted connection. */
function isAboutTls(error: unknown): boolean {
  const driver = driverErrorOf(error);
  if (driver === undefined) return false;
  return (
    /does not support SSL/.test(driver.message) ||
    (driver.code === '28000' && /SSL encryption|pg_hba/.test(driver.message))
  );
}
