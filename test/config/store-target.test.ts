import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigurationInvalid, describeProblems } from '../../src/config/configuration-invalid.js';
import type { PostgresTarget, StoreUrlContext } from '../../src/config/postgres-target.js';
import { describeTarget, readStoreUrl, toMaskedUrl, type StoreTarget } from '../../src/config/store-target.js';
import { makeAuthority } from './certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'passbook-store-'));
const pem = join(folder, 'root.pem');
writeFileSync(pem, makeAuthority('Authority').cert);
afterAll(() => rmSync(folder, { recursive: true }));

function read(url: string, beside: Partial<StoreUrlContext> = {}): StoreTarget {
  return readStoreUrl(url, { variable: 'DATABASE_URL', cwd: '/srv/passbook', ...beside });
}

function postgres(url: string, beside: Partial<StoreUrlContext> = {}): PostgresTarget {
  const target = read(url, beside);
  if (target.engine !== 'postgres') throw new Error(`${url} was read as ${target.engine}`);
  return target;
}

function refusal(url: string, beside: Partial<StoreUrlContext> = {}): ConfigurationInvalid {
  try {
    read(url, beside);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(url)} was not refused`);
}

/** Names of users, passwords and databases: any characters but NUL, which the protocol can't carry. */
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 24 }).filter((text) => !text.includes('\0'));
/** A password that can't stand in a text by chance. */
const password = name.map((text) => `Qx7${text}zW9`);

describe('a PostgreSQL URL', () => {
  it.each(['postgres', 'postgresql', 'postgresql+psycopg', 'postgresql+psycopg2'])('is spelled %s', (scheme) => {
    const target = postgres(`${scheme}://ann:pw@db.example.com:6432/bank`);
    expect(target).toMatchObject({
      engine: 'postgres',
      host: 'db.example.com',
      port: 6432,
      user: 'ann',
      database: 'bank',
      socket: undefined,
      tls: { mode: 'prefer', rootCert: undefined },
      variable: 'DATABASE_URL',
      urlKind: scheme,
    });
    expect(target.password?.reveal()).toBe('pw');
  });

  it('gives back any percent-encoded user, password and database', () => {
    fc.assert(
      fc.property(name, password, name, (user, secret, database) => {
        const [u, p, d] = [user, secret, database].map(encodeURIComponent);
        const target = postgres(`postgresql://${u}:${p}@localhost/${d}`);
        expect([target.user, target.password?.reveal(), target.database]).toEqual([user, secret, database]);
        const inQuery = postgres(`postgresql://localhost?user=${u}&password=${p}&dbname=${d}`);
        expect([inQuery.user, inQuery.password?.reveal(), inQuery.database]).toEqual([user, secret, database]);
      }),
    );
  });

  it('never shows the password', () => {
    fc.assert(
      fc.property(name, password, (user, secret) => {
        const target = postgres(
          `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(secret)}@localhost/bank`,
        );
        const texts = [
          describeTarget(target),
          toMaskedUrl(target),
          JSON.stringify(target),
          inspect(target, { depth: 9 }),
        ];
        for (const text of [...texts, `${String(target.password)}`]) {
          expect(text).not.toContain(secret);
          expect(text).not.toContain(encodeURIComponent(secret));
          expect(text).not.toContain('Qx7');
        }
      }),
    );
  });

  it('never shows the password of a URL that it refuses, encoded or not', () => {
    const secret = fc.stringMatching(/^[a-z0-9:/?#@%&= +$]{0,12}$/).map((text) => `Qx7${text}zW9`);
    const wrong = fc.constantFrom(
      (p: string) => `postgrse://ann:${p}@localhost/bank`,
      (p: string) => `postgres:/ann:${p}@localhost/bank`,
      (p: string) => `postgres//ann:${p}@localhost/bank`,
      (p: string) => `postgres://ann:${p}@localhost`,
      (p: string) => `postgres://ann:${p}@localhost:port/bank`,
      (p: string) => `postgres://ann:${p.replaceAll('@', '')}localhost/bank`,
      (p: string) => `postgres://ann:${p}@localhost/bank?ssl_mode=require`,
      (p: string) => `postgres://ann:${p}@localhost/bank?sslmode=strict`,
      (p: string) => `postgres://localhost:port/bank?password=${p}`,
      (p: string) => `postgres://localhost/bank?password=${p}&nothing=1`,
      (p: string) => `host=localhost user=ann password=${p} dbname=bank`,
      (p: string) => `ann:${p}@localhost/bank`,
      (p: string) => `sqlite://ann:${p}@localhost/bank`,
      (p: string) => `mysql://ann:${p}@localhost/bank`,
      (p: string) => ` postgres://ann:${p}@localhost/bank\n`,
    );
    fc.assert(
      fc.property(secret, wrong, (p, urlWith) => {
        const error = refusal(urlWith(p));
        for (const text of [describeProblems(error), error.message, inspect(error), JSON.stringify(error.problems)]) {
          expect(text).not.toMatch(/Qx7|zW9/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes an IPv6 address in brackets', () => {
    expect(postgres('postgresql://ann@[2001:db8::1]:6432/bank')).toMatchObject({ host: '2001:db8::1', port: 6432 });
    expect(toMaskedUrl(postgres('postgresql://ann:pw@[::1]/bank'))).toBe(
      'postgresql://ann:****@[::1]:5432/bank?sslmode=prefer',
    );
  });

  it.each([
    'postgresql:///bank?host=/var/run/postgresql&port=6432&user=ann',
    'postgresql://ann@localhost/bank?host=/var/run/postgresql&port=6432',
    'postgresql://ann@localhost/bank?host=%2Fvar%2Frun%2Fpostgresql&port=6432',
    'postgresql://ann@%2Fvar%2Frun%2Fpostgresql:6432/bank',
    'postgresql+psycopg://ann@/bank?host=/var/run/postgresql&port=6432',
  ])('takes a unix socket, over which there is no TLS: %s', (url) => {
    const target = postgres(url, { sslMode: 'verify-full' });
    expect(target).toMatchObject({
      host: '/var/run/postgresql',
      socket: '/var/run/postgresql/.s.PGSQL.6432',
      user: 'ann',
      tls: { mode: 'disable' },
    });
    expect(toMaskedUrl(target)).toBe('postgresql://ann@/bank?host=/var/run/postgresql&port=6432');
  });

  it('fills in what libpq fills in', () => {
    const target = postgres('postgresql://localhost/bank');
    expect(target.port).toBe(5432);
    expect(target.user).not.toBe('');
    expect(target.password).toBeUndefined();
    expect(postgres('postgresql://ann:@localhost/bank').password).toBeUndefined();
  });

  it('takes the parameters it knows', () => {
    const { options } = postgres(
      'postgresql://localhost/bank?application_name=my%20app&connect_timeout=7&options=-c%20search_path%3Dx',
    );
    expect(options).toEqual({
      applicationName: 'my app',
      connectTimeoutSeconds: 7,
      serverOptions: '-c search_path=x',
    });
  });

  it.each([
    ['postgresql://localhost/bank?ssl_mode=require', 'not ssl_mode'],
    ['postgresql://localhost/bank?pgbouncer=true', 'not pgbouncer'],
    ['postgresql://localhost/bank?sslmode=require&sslmode=disable', 'sslmode once'],
    ['postgresql://localhost/bank?sslmode', 'name=value'],
    ['postgresql://localhost/bank?connect_timeout=soon', 'connect_timeout from 0'],
    ['postgresql://localhost/bank?application_name=%C3%A9', 'application_name of at most 63'],
    ['postgresql://localhost/bank?ssl=1', 'ssl=true'],
    ['postgresql://localhost/bank?sslmode=no-verify', 'verify-full'],
    ['postgresql://localhost', 'name of a database'],
    ['postgresql://localhost/', 'name of a database'],
    ['postgresql:///bank', 'a host before the database'],
    ['postgresql:/localhost/bank', 'two slashes'],
    ['postgresql:localhost/bank', 'two slashes'],
    ['postgresql://ann:p@ss@localhost/bank', 'percent-encoded'],
    ['postgresql://ann:p/ss@localhost/bank', 'percent-encoded'],
    ['postgresql://ann:p?ss@localhost/bank', 'percent-encoded'],
    ['postgresql://ann:p%ss@localhost/bank', 'two hexadecimal digits'],
    ['postgresql://ann:%ff@localhost/bank', 'UTF-8'],
    ['postgresql://ann:a%00b@localhost/bank', 'NUL'],
    ['postgresql://localhost:0/bank', 'a port from 1'],
    ['postgresql://localhost:65536/bank', 'a port from 1'],
    ['postgresql://localhost:/bank', 'a port from 1'],
    ['postgresql://one,two/bank', 'one host'],
    ['postgresql://::1/bank', 'IPv6 address in brackets'],
    ['postgresql://[::g]/bank', 'IPv6 address in brackets'],
    ['postgresql://$DB_HOST/bank', 'a host name'],
    ['postgresql://${HOST}/bank', 'a host name'],
    ['postgresql://local host/bank', 'white space'],
    ['postgresql://localhost/bank\n', 'white space'],
  ])('is refused when it is not wholly understood: %s', (url, takes) => {
    const [problem] = refusal(url).problems;
    expect(problem?.variable).toBe('DATABASE_URL');
    expect(problem?.takes).toContain(takes);
  });
});

describe('sslmode and root certificates', () => {
  const url = 'postgresql://localhost/bank';

  it('come from the variables beside the URL, which the URL overrules', () => {
    const beside = { sslMode: 'require', sslRootCert: pem };
    expect(postgres(url).tls).toEqual({ mode: 'prefer', rootCert: undefined });
    expect(postgres(url, beside).tls).toEqual({ mode: 'require', rootCert: pem });
    expect(postgres(`${url}?sslmode=verify-full`, beside).tls).toEqual({ mode: 'verify-full', rootCert: pem });
    expect(postgres(`${url}?sslmode=disable`, beside).tls).toEqual({ mode: 'disable', rootCert: undefined });
    expect(postgres(`${url}?sslrootcert=system&sslmode=verify-full`, beside).tls.rootCert).toBe('system');
    expect(postgres(`${url}?ssl=true`).tls.mode).toBe('require');
  });

  it('resolve a relative path from the working folder', () => {
    expect(postgres(url, { cwd: folder, sslRootCert: 'root.pem' }).tls.rootCert).toBe(pem);
  });

  it('verify fully with the authorities of the machine, and refuse less', () => {
    expect(postgres(url, { sslRootCert: 'system' }).tls.mode).toBe('verify-full');
    expect(refusal(url, { sslRootCert: 'system', sslMode: 'require' }).problems).toEqual([
      {
        variable: 'DATABASE_SSLMODE / DATABASE_SSLROOTCERT',
        got: 'sslmode "require" with root certificates "system"',
        takes: 'only verify-full with "system"',
      },
    ]);
    expect(refusal(`${url}?sslmode=require`, { sslRootCert: 'system' }).problems[0]?.variable).toBe(
      'DATABASE_URL / DATABASE_SSLROOTCERT',
    );
  });

  it('name a file that can not be read, under what named it', () => {
    const [problem] = refusal(url, { sslRootCert: 'absent.pem' }).problems;
    expect(problem).toMatchObject({ variable: 'DATABASE_SSLROOTCERT' });
    expect(problem?.got).toBe(`"absent.pem" (/srv/passbook/absent.pem: it can't be read (ENOENT))`);
    expect(refusal(`${url}?sslrootcert=absent.pem`).problems[0]?.variable).toBe('DATABASE_URL');
  });

  it('refuse a mode that is none, under what named it', () => {
    expect(refusal(url, { sslMode: 'strict' }).problems[0]?.variable).toBe('DATABASE_SSLMODE');
    expect(refusal(`${url}?sslmode=strict`, { sslMode: 'require' }).problems[0]?.variable).toBe('DATABASE_URL');
  });
});

describe('an SQLite URL', () => {
  it.each([
    ['sqlite:///bank.db', '/srv/passbook/bank.db', 'sqlite'],
    ['sqlite:///./data/bank.db', '/srv/passbook/data/bank.db', 'sqlite'],
    ['sqlite:///../bank.db', '/srv/bank.db', 'sqlite'],
    ['sqlite:////var/lib/bank.db', '/var/lib/bank.db', 'sqlite'],
    ['sqlite:////var/lib/100%25/a#b.db', '/var/lib/100%25/a#b.db', 'sqlite'],
    ['sqlite:////var/lib/my bank.db', '/var/lib/my bank.db', 'sqlite'],
    ['file:bank.db', '/srv/passbook/bank.db', 'file'],
    ['file:./data/bank.db', '/srv/passbook/data/bank.db', 'file'],
    ['file:/var/lib/bank.db', '/var/lib/bank.db', 'file'],
    ['file:///var/lib/bank.db', '/var/lib/bank.db', 'file'],
    ['file://localhost/var/lib/bank.db', '/var/lib/bank.db', 'file'],
    ['file:my%20bank%23.db', '/srv/passbook/my bank#.db', 'file'],
  ])('%s is %s', (url, path, urlKind) => {
    const target = read(url);
    expect(target).toEqual({ engine: 'sqlite', path, variable: 'DATABASE_URL', urlKind });
    expect(describeTarget(target)).toBe(`${path} (from DATABASE_URL)`);
    expect(read(toMaskedUrl(target))).toMatchObject({ path });
  });

  it.each([
    ['sqlite://', 'memory'],
    ['sqlite:', 'memory'],
    ['sqlite:///', 'memory'],
    ['sqlite:///:memory:', 'memory'],
    ['sqlite::memory:', 'memory'],
    [':memory:', 'memory'],
    ['file::memory:', 'memory'],
    ['file:bank?mode=memory', 'memory'],
    ['sqlite:/bank.db', 'three slashes'],
    ['sqlite:bank.db', 'three slashes'],
    ['sqlite://bank.db', 'three slashes'],
    ['sqlite:///bank.db?mode=ro', 'no parameters'],
    ['sqlite:///data/', 'not of a folder'],
    ['sqlite:////', 'not of a folder'],
    ['sqlite:///..', 'not of a folder'],
    ['sqlite:///~/bank.db', '"~"'],
    ['file:', 'not of a folder'],
    ['file://bank.db', "another machine's"],
    ['file://server/bank.db', "another machine's"],
    ['file:bank.db#1', '%23'],
    ['file:%ff.db', 'UTF-8'],
    ['file:a%00.db', 'NUL'],
    ['sqlite:///bank.db\n', 'white space'],
    ['sqlite:///bank.db ', 'white space'],
  ])('%s is refused', (url, takes) => {
    expect(refusal(url).problems[0]?.takes).toContain(takes);
  });
});

describe('anything else', () => {
  it.each([
    '',
    ' ',
    '\n',
    './data/bank.db',
    '/var/lib/bank.db',
    'bank.db',
    'postgrse://localhost/bank',
    'localhost/bank',
  ])('is refused and never becomes a file: %j', (url) => {
    const { problems } = refusal(url);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ variable: 'DATABASE_URL' });
    expect(problems[0]?.takes).toContain('postgresql://user:password@host:5432/database');
  });

  it('is never read as a store without a scheme that is ours', () => {
    const prefix = /^(postgres(ql(\+psycopg2?)?)?:\/\/|sqlite:\/\/\/|file:)/;
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl()).filter((text) => !prefix.test(text)),
        (text) => {
          expect(refusal(text).problems).toHaveLength(1);
        },
      ),
    );
  });
});
