// Every sslmode against every kind of server, through the pool, the transactions and the probe.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { StoreUnavailable } from '../../src/database/database.errors.js';
import { ownerless, sql } from '../../src/database/sql.js';
import { openDatabase } from '../../src/database/standalone.js';
import { makeAuthority, makeServer } from '../config/certificates.js';
import { type PostgresOptions, type RunningPostgres, startPostgres } from '../support/postgres.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { EVERYBODY } from './specimens.js';

const ENCRYPTED = sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ${ownerless('the connection itself')}`;

const folder = mkdtempSync(join(temporaryFolder(), 'passbook-tls-'));
const ours = makeAuthority('Our authority');
const another = makeAuthority('Another authority');
const rootCert = join(folder, 'ours.pem');
writeFileSync(rootCert, ours.cert);
const good = makeServer('127.0.0.1', 'Our authority', ours);
const misnamed = makeServer('db.example.com', 'Our authority', ours);
const foreign = makeServer('127.0.0.1', 'Another authority', another);

afterAll(() => rmSync(folder, { recursive: true }));

type Outcome = 'plain' | 'encrypted' | 'refused';

/** How the store is reached; the same way by all that connect. */
async function outcomeOf(url: string, variables: Readonly<Record<string, string>>): Promise<Outcome> {
  const settings = readSettings({ NODE_ENV: 'test', DATABASE_URL: url, DB_POOL_SIZE: '1', ...variables });
  let opened;
  try {
    opened = await openDatabase(settings, [], { serves: true });
  } catch (error) {
    expect(error).toBeInstanceOf(StoreUnavailable);
    return 'refused';
  }
  const { database, engine, close } = opened;
  try {
    const [[read], [written], [probed]] = [
      await database.read(EVERYBODY, (reader) => reader.query(ENCRYPTED, { ssl: 'flag' })),
      await database.transact(EVERYBODY, (tx) => tx.query(ENCRYPTED, { ssl: 'flag' })),
      await engine.probe.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    ];
    expect([written!.ssl, probed![0]]).toEqual([read!.ssl, read!.ssl]);
    return read!.ssl ? 'encrypted' : 'plain';
  } finally {
    await close();
  }
}

const WAYS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['nothing said', {}],
  ['disable', { DATABASE_SSLMODE: 'disable' }],
  ['allow', { DATABASE_SSLMODE: 'allow' }],
  ['prefer', { DATABASE_SSLMODE: 'prefer' }],
  ['require', { DATABASE_SSLMODE: 'require' }],
  ['require with a root', { DATABASE_SSLMODE: 'require', DATABASE_SSLROOTCERT: rootCert }],
  ['verify-ca', { DATABASE_SSLMODE: 'verify-ca', DATABASE_SSLROOTCERT: rootCert }],
  ['verify-full', { DATABASE_SSLMODE: 'verify-full', DATABASE_SSLROOTCERT: rootCert }],
  ['verify-full by the machine’s authorities', { DATABASE_SSLMODE: 'verify-full', DATABASE_SSLROOTCERT: 'system' }],
];
const [p, e, r] = ['plain', 'encrypted', 'refused'] as const;
const host = (kind: string): string => `${kind} all all 127.0.0.1/32 scram-sha-256`;

const SERVERS: readonly (readonly [string, PostgresOptions, readonly Outcome[]])[] = [
  //                                                                         –  dis all pre req req+ca full sys
  ['with TLS', { tls: good }, [e, p, e, e, e, e, e, e, r]],
  ['that insists on TLS', { tls: good, hba: host('hostssl') }, [e, r, e, e, e, e, e, e, r]],
  ['of another name', { tls: misnamed }, [e, p, e, e, e, e, e, r, r]],
  ['of another authority', { tls: foreign }, [e, p, e, e, e, r, r, r, r]],
  ['with TLS for others only', { tls: good, hba: host('hostnossl') }, [p, p, p, p, r, r, r, r, r]],
  ['without TLS', {}, [p, p, p, p, r, r, r, r, r]],
];

describe.each(SERVERS)('a server %s', (_, options, outcomes) => {
  let postgres: RunningPostgres;
  beforeAll(async () => {
    postgres = await startPostgres({ ...options, config: { fsync: 'off' } });
  });
  afterAll(() => postgres.dispose());

  it.each(WAYS.map(([way, variables], index) => ({ way, variables, outcome: outcomes[index]! })))(
    '$way: $outcome',
    async ({ variables, outcome }) => {
      expect(await outcomeOf(postgres.adminUrl, variables)).toBe(outcome);
    },
  );

  it('as the URL says, whatever the variable says', async () => {
    expect(
      await outcomeOf(`${postgres.adminUrl}?sslmode=disable`, {
        DATABASE_SSLMODE: 'verify-full',
        DATABASE_SSLROOTCERT: rootCert,
      }),
    ).toBe(outcomes[1]);
    expect(await outcomeOf(`${postgres.adminUrl}?sslmode=require`, { DATABASE_SSLMODE: 'disable' })).toBe(outcomes[4]);
  });

  it('is reached by its unix socket, however that is spelled, without TLS', async () => {
    const { socketFolder, password, port } = postgres;
    expect(await outcomeOf(postgres.socketUrl, { DATABASE_SSLMODE: 'require' })).toBe('plain');
    expect(await outcomeOf(`postgresql://postgres:${password}@/postgres?host=${socketFolder}&port=${port}`, {})).toBe(
      'plain',
    );
    expect(
      await outcomeOf(
        `postgresql+psycopg://postgres:${password}@/postgres?host=${encodeURIComponent(socketFolder)}&port=${port}`,
        {},
      ),
    ).toBe('plain');
    expect(await outcomeOf(`postgresql://postgres:${password}@/postgres?host=${socketFolder}&port=1`, {})).toBe(
      'refused',
    );
  });
});
