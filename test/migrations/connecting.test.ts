// How the runner reaches PostgreSQL: with the TLS that was asked for, or with a line that says why not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.js';
import { openSession } from '../../src/database/schema/open-session.js';
import { sql } from '../../src/database/sql.js';
import { makeAuthority, makeServer } from '../config/certificates.js';
import { type RunningPostgres, startPostgres } from '../support/postgres.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HBA = `hostssl only_tls all 127.0.0.1/32 scram-sha-256
hostnossl only_plain all 127.0.0.1/32 scram-sha-256
host postgres all 127.0.0.1/32 scram-sha-256`;

describe('a server with TLS', () => {
  const authority = makeAuthority('the right authority');
  let postgres: RunningPostgres;
  let folder: string;
  beforeAll(async () => {
    postgres = await startPostgres({ tls: makeServer('127.0.0.1', 'the right authority', authority), hba: HBA });
    for (const name of ['only_tls', 'only_plain']) await postgres.createDatabase(name);
    folder = mkdtempSync(join(temporaryFolder(), 'passbook-authorities-'));
    writeFileSync(join(folder, 'right.pem'), authority.cert);
    writeFileSync(join(folder, 'wrong.pem'), makeAuthority('another authority').cert);
  });
  afterAll(async () => {
    await postgres.dispose();
    rmSync(folder, { recursive: true });
  });

  /** Whether the connection is encrypted. */
  const reach = async (database: string, sslmode: string, authorities?: string): Promise<unknown> => {
    const root = authorities === undefined ? {} : { DATABASE_SSLROOTCERT: join(folder, authorities) };
    const session = await openSession(
      readSettings({ DATABASE_URL: postgres.url(database), DATABASE_SSLMODE: sslmode, ...root }),
      { intent: 'change', patienceMs: 0 },
    );
    try {
      // The connection that holds the lock is made the same way.
      expect(await session.tryLock()).toBe(true);
      return (
        await session.query(
          sql`SELECT bool_and(ssl) AS ssl, count(*)::int AS n FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'passbook migrate'`,
        )
      )[0];
    } finally {
      await session.close();
    }
  };

  it.each([
    ['only_tls', 'prefer', undefined, true],
    ['only_tls', 'require', undefined, true],
    ['only_tls', 'verify-full', 'right.pem', true],
    ['only_tls', 'verify-ca', 'right.pem', true],
    ['only_plain', 'prefer', undefined, false],
    ['only_plain', 'disable', undefined, false],
    ['postgres', 'prefer', undefined, true],
  ])('%s by %s (%s): encrypted is %s', async (database, mode, authorities, ssl) => {
    expect(await reach(database, mode, authorities)).toEqual({ ssl, n: 2 });
  });

  it.each([
    ['only_tls', 'disable', undefined, 'not_permitted', /no pg_hba\.conf entry/],
    ['only_plain', 'require', undefined, 'not_permitted', /no pg_hba\.conf entry/],
    ['only_tls', 'verify-full', 'wrong.pem', 'store_unavailable', /cannot be reached: .*(?:certificate|self-signed)/],
    ['only_tls', 'verify-ca', 'wrong.pem', 'store_unavailable', /cannot be reached: .*(?:certificate|self-signed)/],
  ])('%s by %s (%s) is refused: %s', async (database, mode, authorities, code, message) => {
    await expect(reach(database, mode, authorities)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('a server that is gone is told at once, and reached again when it is back', async () => {
    await postgres.stop();
    await expect(reach('postgres', 'prefer')).rejects.toMatchObject({ code: 'store_unavailable' });
    await postgres.start();
    expect(await reach('postgres', 'prefer')).toMatchObject({ n: 2 });
  });
});
