import { describe, expect, it } from 'vitest';
import { readSettings, type Settings } from '../../src/config/settings.js';
import { describeTarget } from '../../src/config/store-target.js';
import { containing, POSTGRES, problemsOf, read, variablesAtFault } from './reading.js';

describe('the store', () => {
  const urls = {
    DATABASE_INTERNAL_URL: 'postgres://internal/bank',
    DATABASE_URL_PROD: 'postgres://prod/bank',
    DATABASE_URL: 'postgres://plain/bank',
  };
  const host = (settings: Settings): string => (settings.store.engine === 'postgres' ? settings.store.host : '');

  it('is the internal one, then in production that of production, then the plain one', () => {
    const { DATABASE_INTERNAL_URL: _, ...withoutInternal } = urls;
    expect(host(read(urls))).toBe('internal');
    expect(host(read({ ...urls, NODE_ENV: 'production' }))).toBe('internal');
    expect(host(read(withoutInternal))).toBe('plain');
    expect(host(read({ ...withoutInternal, NODE_ENV: 'production' }))).toBe('prod');
    expect(host(read({ NODE_ENV: 'production', DATABASE_URL: urls.DATABASE_URL }))).toBe('plain');
  });

  it('is described with the variable that won', () => {
    expect(describeTarget(read({ DATABASE_URL: POSTGRES }).store)).toBe(
      'postgresql://ann:****@db:5432/bank?sslmode=prefer (from DATABASE_URL)',
    );
    expect(describeTarget(read().store)).toBe(
      '/srv/passbook/data/passbook.db (the default: no variable names a store)',
    );
  });

  it('starts at the working folder of the process when none is given', () => {
    expect(readSettings({}).store).toMatchObject({ path: `${process.cwd()}/data/passbook.db` });
  });

  it.each(['', ' ', 'postgrse://plain/bank', 'bank.db'])(
    'is never passed over for the next when it holds %j',
    (text) => {
      expect(variablesAtFault({ ...urls, DATABASE_INTERNAL_URL: text })).toEqual(['DATABASE_INTERNAL_URL']);
      expect(variablesAtFault({ DATABASE_URL: text })).toEqual(['DATABASE_URL']);
    },
  );

  it('names no variable that does not take part', () => {
    expect(
      read({ DATABASE_INTERNAL_URL: urls.DATABASE_INTERNAL_URL, DATABASE_URL: 'postgrse://' }).store.variable,
    ).toBe('DATABASE_INTERNAL_URL');
    expect(read({ DATABASE_URL_PROD: 'postgrse://' }).store.variable).toBe('default');
  });

  it.each([
    { NODE_ENV: 'production' },
    { ENV: 'production' },
    { ENV: 'PROD' },
    { NODE_ENV: 'test', ENV: 'production' },
  ])('is no SQLite file in production (%j)', (production) => {
    const sqlite = { ...production, DATABASE_URL: 'sqlite:///bank.db' };
    expect(problemsOf(sqlite)).toEqual([
      {
        variable: 'DATABASE_URL',
        got: '"sqlite:///bank.db" (/srv/passbook/bank.db)',
        takes: containing('ALLOW_SQLITE_IN_PRODUCTION=true'),
      },
    ]);
    expect(read({ ...sqlite, ALLOW_SQLITE_IN_PRODUCTION: 'true' }).store).toMatchObject({ engine: 'sqlite' });
    expect(problemsOf(production)).toEqual([
      {
        variable: 'DATABASE_INTERNAL_URL / DATABASE_URL_PROD / DATABASE_URL',
        got: 'nothing',
        takes: containing('in production the URL of a PostgreSQL database'),
      },
    ]);
    expect(read({ ...production, ALLOW_SQLITE_IN_PRODUCTION: 'true' }).store.variable).toBe('default');
  });

  it('is not the default file when the name of its variable is misspelled', () => {
    const problems = problemsOf({ DATABSE_URL: POSTGRES });
    expect(problems).toEqual([
      {
        variable: 'DATABSE_URL',
        got: '"postgresql://ann:****@db/bank"',
        takes: 'the name DATABASE_URL: this one is not read, and no other names a store',
      },
    ]);
  });

  it('is in production by no other word of ENV, which may be a path for a shell; a misspelling is refused', () => {
    for (const text of ['/root/.shrc', 'dev', 'staging', 'qa']) expect(read({ ENV: text }).isProduction).toBe(false);
    for (const text of ['prodution', 'Productoin', 'prd']) expect(variablesAtFault({ ENV: text })).toEqual(['ENV']);
  });

  it('takes the mode and root certificates of its variables', () => {
    const { store } = read({ DATABASE_URL: POSTGRES, DATABASE_SSLMODE: 'require' });
    expect(store).toMatchObject({ tls: { mode: 'require' } });
    expect(variablesAtFault({ DATABASE_URL: POSTGRES, DATABASE_SSLROOTCERT: 'absent.pem' })).toEqual([
      'DATABASE_SSLROOTCERT',
    ]);
  });
});
