import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../../src/config/edit-distance.js';
import { Secret } from '../../src/config/secret.js';
import { describeTarget } from '../../src/config/store-target.js';
import { makeAuthority } from './certificates.js';
import { POSTGRES, read } from './reading.js';

describe('settings', () => {
  it('stand at their defaults when nothing is set', () => {
    expect(JSON.parse(JSON.stringify(read()))).toEqual({
      environment: 'development',
      isProduction: false,
      http: {
        host: '127.0.0.1',
        port: 3000,
        bodyLimitBytes: 1_048_576,
        headersTimeoutMs: 10_000,
        requestTimeoutMs: 30_000,
        keepAliveTimeoutMs: 65_000,
        corsOrigins: [],
      },
      limits: { inFlight: 128, keyPerMinute: 60_000, addressPerMinute: 120_000, unknownKeysPerMinute: 60 },
      idempotencyKeepHours: 24,
      isBehindPooler: false,
      directStore: {
        engine: 'sqlite',
        path: '/srv/passbook/data/passbook.db',
        variable: 'default',
        urlKind: 'default',
      },
      store: { engine: 'sqlite', path: '/srv/passbook/data/passbook.db', variable: 'default', urlKind: 'default' },
      pool: { size: 5, overflow: 5, timeoutSeconds: 5, recycleSeconds: 300 },
      queries: {
        echo: false,
        slowMs: 500,
        statementTimeoutMs: 30_000,
        idleInTransactionTimeoutMs: 10_000,
        applicationName: 'passbook',
        preparedStatements: true,
      },
      log: { level: 'info', format: 'text' },
      metrics: { isOn: true, host: '127.0.0.1' },
      migrate: { lockTimeoutMs: 5_000, statementTimeoutMs: 0, waitSeconds: 60 },
      privateCurrencies: [],
      accountNumberPrefix: 'NC',
      systemAccounts: [
        { role: 'treasury', currency: 'USD' },
        { role: 'house', currency: 'USD' },
      ],
      sandboxSeed: 'passbook',
      encryptionKeys: [],
      sync: { schedule: true, intervalHours: 12, concurrency: 4 },
      shutdownDelayMs: 0,
      shutdownGraceMs: 5_000,
      readyCheckTimeoutMs: 1_500,
      warnings: [],
    });
  });

  it('differ in production', () => {
    expect(read({ NODE_ENV: 'production', DATABASE_URL: POSTGRES })).toMatchObject({
      environment: 'production',
      isProduction: true,
      http: { host: '0.0.0.0' },
      log: { format: 'json' },
    });
  });

  it('take every variable', () => {
    const settings = read({
      NODE_ENV: 'test',
      HOST: '::1',
      PORT: '0',
      DB_POOL_SIZE: '7',
      DB_MAX_OVERFLOW: '0',
      DB_POOL_TIMEOUT: '9',
      DB_POOL_RECYCLE: '0',
      DB_ECHO: 'On',
      DB_SLOW_QUERY_MS: '0',
      DB_STATEMENT_TIMEOUT_MS: '1',
      DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: '2',
      DB_APPLICATION_NAME: 'my app',
      DB_PREPARED_STATEMENTS: 'no',
      LOG_LEVEL: 'INFO',
      LOG_FORMAT: 'json',
      CURRENCIES_PRIVATE: 'XGC:0, NCR:2',
      ACCOUNT_NUMBER_PREFIX: 'GB',
      SYSTEM_ACCOUNTS: 'treasury:NCR, house:NCR:12.50',
      SANDBOX_SEED: 'seed-1',
      MIGRATE_LOCK_TIMEOUT_MS: '3',
      MIGRATE_STATEMENT_TIMEOUT_MS: '4',
      MIGRATE_WAIT_SECONDS: '5',
      SHUTDOWN_GRACE_MS: '6',
      READY_CHECK_TIMEOUT_MS: '7',
      BODY_LIMIT_BYTES: '2048',
    });
    expect(settings).toMatchObject({
      environment: 'test',
      http: { host: '::1', port: 0, bodyLimitBytes: 2048 },
      pool: { size: 7, overflow: 0, timeoutSeconds: 9, recycleSeconds: 0 },
      queries: {
        echo: true,
        slowMs: 0,
        statementTimeoutMs: 1,
        idleInTransactionTimeoutMs: 2,
        preparedStatements: false,
      },
      log: { level: 'info', format: 'json' },
      migrate: { lockTimeoutMs: 3, statementTimeoutMs: 4, waitSeconds: 5 },
      privateCurrencies: [
        { code: 'XGC', exponent: 0 },
        { code: 'NCR', exponent: 2 },
      ],
      accountNumberPrefix: 'GB',
      systemAccounts: [
        { role: 'treasury', currency: 'NCR' },
        { role: 'house', currency: 'NCR', opening: '12.50' },
      ],
      sandboxSeed: 'seed-1',
      shutdownGraceMs: 6,
      readyCheckTimeoutMs: 7,
    });
    expect(settings.queries.applicationName).toBe('my app');
  });

  it('prefer the application name of the URL', () => {
    const settings = read({ DATABASE_URL: `${POSTGRES}?application_name=url`, DB_APPLICATION_NAME: 'variable' });
    expect(settings.queries.applicationName).toBe('url');
  });

  it('can not be changed, at any depth', () => {
    const settings = read({ DATABASE_URL: POSTGRES });
    expect(() => Object.assign(settings.pool, { size: 9 })).toThrow(TypeError);
    expect(() => Object.assign(settings, { store: undefined })).toThrow(TypeError);
    expect(Object.isFrozen(settings.store)).toBe(true);
  });

  it('never show the password', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (text) => {
        const secret = `Qx7${text}zW9`;
        const settings = read({ DATABASE_URL: `postgresql://ann:${encodeURIComponent(secret)}@db/bank` });
        const shown = [JSON.stringify(settings), inspect(settings, { depth: 9, showHidden: true })];
        for (const output of [...shown, describeTarget(settings.store)]) expect(output).not.toMatch(/Qx7|zW9/);
        if (settings.store.engine === 'postgres') expect(settings.store.password?.reveal()).toBe(secret);
      }),
    );
  });
});

describe('a warning', () => {
  it('names a variable that looks like a misspelling, and no value', () => {
    const settings = read({ DATABASE_URL: POSTGRES, DATABASE_URI: 'x', DB_POL_SIZE: '9', db_ehco: '1', DB_HOST: 'a' });
    expect(settings.warnings).toEqual([
      'DATABASE_URI is not read: did you mean DATABASE_URL?',
      'DB_POL_SIZE is not read: did you mean DB_POOL_SIZE?',
      'db_ehco is not read: did you mean DB_ECHO?',
    ]);
  });

  it('is given for root certificates that nothing is checked against', () => {
    const folder = mkdtempSync(join(tmpdir(), 'passbook-settings-'));
    const path = join(folder, 'root.pem');
    writeFileSync(path, makeAuthority('Authority').cert);
    const named = { DATABASE_URL: POSTGRES, DATABASE_SSLROOTCERT: path };
    expect(read(named).warnings).toEqual([expect.stringContaining('sslmode is prefer, which checks nothing')]);
    expect(read({ ...named, DATABASE_SSLMODE: 'verify-ca' }).warnings).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'abd', 1],
    ['abc', 'xabcy', 2],
    ['ca', 'abc', 3],
  ])('counts from %j to %j %d changes', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));
});

describe('a secret', () => {
  it('shows itself only when asked', () => {
    const secret = new Secret('hush');
    expect([`${String(secret)}`, JSON.stringify({ secret }), inspect({ secret }), Object.keys(secret)]).toEqual([
      '****',
      '{"secret":"****"}',
      '{ secret: **** }',
      [],
    ]);
    expect(secret.reveal()).toBe('hush');
  });
});
