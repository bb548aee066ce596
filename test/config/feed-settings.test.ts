// How banks are asked: what turns the feed on, what it takes then, and that nothing secret is shown of what is wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationInvalid, describeProblems } from '../../src/config/configuration-invalid.js';
import { keepSecret } from '../support/run-log.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Certified, makeAuthority, makeServer } from './certificates.js';
import { problemsOf, read, variablesAtFault } from './reading.js';

const KEY = Buffer.alloc(32, 9).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const SANDBOX = { TELLER_ENVIRONMENT: 'sandbox', ENCRYPTION_KEYS: `one:${KEY}` };
const PAIR = 'TELLER_CERTIFICATE / TELLER_PRIVATE_KEY';

let folder: string;
let own: Certified;
let foreign: Certified;
let files: { certificate: string; key: string };
beforeAll(() => {
  folder = mkdtempSync(join(temporaryFolder(), 'passbook-feed-settings-'));
  const authority = makeAuthority('Teller');
  [own, foreign] = [makeServer('passbook', 'Teller', authority), makeServer('other', 'Teller', authority)];
  keepSecret(KEY, OTHER_KEY, own.key, foreign.key);
  files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.certificate, own.cert);
  writeFileSync(files.key, own.key);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As it must be written where a value cannot hold new lines. */
const escaped = (pem: string): string => pem.replaceAll('\n', '\\n');
const production = (more: Readonly<Record<string, string>>) => ({
  ...SANDBOX,
  TELLER_ENVIRONMENT: 'production',
  ...more,
});

describe('Teller', () => {
  it('is off until its environment is named', () => {
    expect(read().teller).toBeUndefined();
    expect(read({ TELLER_APPLICATION_ID: 'app_1', TELLER_SIGNING_KEY: KEY }).teller).toBeUndefined();
  });

  it('takes a key to keep tokens with, and in the sandbox nothing else', () => {
    expect(read(SANDBOX).teller).toMatchObject({
      environment: 'sandbox',
      applicationId: undefined,
      certificate: undefined,
      signingKey: undefined,
      webhookSecrets: [],
      accessToken: undefined,
      apiUrl: 'https://api.teller.io',
      authorities: undefined,
    });
    expect(variablesAtFault({ TELLER_ENVIRONMENT: 'sandbox' })).toEqual(['ENCRYPTION_KEYS']);
    expect(variablesAtFault({ ...SANDBOX, TELLER_ENVIRONMENT: 'live' })).toEqual(['TELLER_ENVIRONMENT']);
  });

  it.each([
    ['as they are', (pem: string) => pem],
    ['with \\n for each new line', escaped],
    ['with the new lines of another system', (pem: string) => pem.replaceAll('\n', '\r\n')],
  ])('takes certificate and key in the environment, %s', (_, written) => {
    const variables = production({ TELLER_CERTIFICATE: written(own.cert), TELLER_PRIVATE_KEY: written(own.key) });
    const { certificate } = read(variables).teller!;
    expect([certificate!.certificate.trim(), certificate!.privateKey.reveal().trim()]).toEqual([
      own.cert.trim(),
      own.key.trim(),
    ]);
    expect(JSON.stringify(read(variables))).not.toContain(own.key.slice(40, 80));
  });

  it('takes them from files, too, and one of each', () => {
    const fromFiles = { TELLER_CERTIFICATE_FILE: files.certificate, TELLER_PRIVATE_KEY_FILE: files.key };
    expect(read(production(fromFiles)).teller!.certificate!.certificate).toBe(own.cert);
    const mixed = { TELLER_CERTIFICATE_FILE: files.certificate, TELLER_PRIVATE_KEY: own.key };
    expect(read(production(mixed)).teller!.certificate!.privateKey.reveal()).toBe(own.key);
    expect(read({ ...SANDBOX, ...fromFiles }).teller!.certificate).toBeDefined();
  });

  it.each([
    ['neither of them', {}, ['TELLER_CERTIFICATE']],
    ['no key', { TELLER_CERTIFICATE: 'own' }, ['TELLER_PRIVATE_KEY']],
    ['no certificate', { TELLER_PRIVATE_KEY: 'own' }, ['TELLER_CERTIFICATE']],
    ['another’s key', { TELLER_CERTIFICATE: 'own', TELLER_PRIVATE_KEY: 'foreign' }, [PAIR]],
    [
      'a file that is not there',
      { TELLER_CERTIFICATE_FILE: '/nowhere.pem', TELLER_PRIVATE_KEY: 'own' },
      ['TELLER_CERTIFICATE_FILE'],
    ],
    ['no PEM', { TELLER_CERTIFICATE: 'text', TELLER_PRIVATE_KEY: 'own' }, ['TELLER_CERTIFICATE']],
    [
      'both a text and a file',
      { TELLER_CERTIFICATE: 'own', TELLER_CERTIFICATE_FILE: 'file', TELLER_PRIVATE_KEY: 'own' },
      ['TELLER_CERTIFICATE / TELLER_CERTIFICATE_FILE'],
    ],
  ])('refuses %s in production, and shows nothing of them', (_, given, atFault) => {
    const word = (name: string, text: string): string => {
      if (text === 'file') return files.certificate;
      if (text !== 'own' && text !== 'foreign') return text;
      const { cert, key } = text === 'own' ? own : foreign;
      return name.includes('CERTIFICATE') ? cert : key;
    };
    const variables = production(
      Object.fromEntries(Object.entries(given).map(([name, text]) => [name, word(name, text)])),
    );
    expect(variablesAtFault(variables)).toEqual(atFault);
    const said = describeProblems(new ConfigurationInvalid(problemsOf(variables)));
    for (const { key } of [own, foreign]) expect(said).not.toContain(key.split('\n')[1]);
  });

  it('reads the other settings, and keeps the secret ones to itself', () => {
    const token = 'test_token_abcdefghijkl';
    keepSecret(token, 'a-secret-of-sixteen', 'another-secret-here');
    const settings = read({
      ...SANDBOX,
      TELLER_APPLICATION_ID: 'app_o123',
      TELLER_SIGNING_KEY: OTHER_KEY,
      TELLER_WEBHOOK_SECRETS: 'a-secret-of-sixteen, another-secret-here',
      TELLER_ACCESS_TOKEN: token,
      TELLER_API_URL: 'https://localhost:8443',
      TELLER_CA_FILE: files.certificate,
      TELLER_TIMEOUT_MS: '5000',
      TELLER_CONCURRENCY: '4',
    });
    expect(settings.teller).toMatchObject({
      applicationId: 'app_o123',
      signingKey: OTHER_KEY,
      apiUrl: 'https://localhost:8443',
      authorities: own.cert,
      timeoutMs: 5_000,
      concurrency: 4,
    });
    expect(settings.teller!.webhookSecrets.map((secret) => secret.reveal())).toEqual([
      'a-secret-of-sixteen',
      'another-secret-here',
    ]);
    expect(settings.teller!.accessToken!.reveal()).toBe(token);
    expect(JSON.stringify(settings)).not.toMatch(/test_token_|a-secret|another-secret/);
  });

  it.each([
    ['TELLER_APPLICATION_ID', 'application'],
    ['TELLER_SIGNING_KEY', KEY.slice(4)],
    ['TELLER_WEBHOOK_SECRETS', 'short'],
    ['TELLER_ACCESS_TOKEN', 'pbk_none'],
    ['TELLER_API_URL', 'api.teller.io'],
    ['TELLER_CA_FILE', '/nowhere.pem'],
    ['TELLER_TIMEOUT_MS', '0'],
    ['TELLER_CONCURRENCY', '0'],
  ])('refuses a %s of another form', (name, text) => {
    expect(variablesAtFault({ ...SANDBOX, [name]: text })).toEqual([name]);
  });
});

describe('encryption keys', () => {
  it('are named, in their order, and none is shown', () => {
    const settings = read({ ENCRYPTION_KEYS: `2026-b:${KEY}, 2025:${OTHER_KEY}` });
    expect(settings.encryptionKeys.map(({ name, key }) => [name, key.reveal()])).toEqual([
      ['2026-b', KEY],
      ['2025', OTHER_KEY],
    ]);
    expect(JSON.stringify(settings)).not.toContain(KEY);
    expect(read().encryptionKeys).toEqual([]);
  });

  it.each([
    ['a key without a name', KEY],
    ['a key that is too short', 'one:c2hvcnQ='],
    ['a name twice', `one:${KEY},one:${OTHER_KEY}`],
    ['a name that sealed texts cannot hold', `One.Two:${KEY}`],
    ['an end without a key', `one:${KEY},`],
  ])('may not be %s', (_, text) => {
    expect(problemsOf({ ENCRYPTION_KEYS: text })).toMatchObject([
      { variable: 'ENCRYPTION_KEYS', got: expect.not.stringContaining(KEY) },
    ]);
  });
});

describe('syncing', () => {
  it('is this process’s by itself, unless it is told not to', () => {
    expect(read().sync).toEqual({ schedule: true, intervalHours: 12, concurrency: 4 });
    expect(read({ SYNC_SCHEDULE: 'false', SYNC_INTERVAL_HOURS: '24', SYNC_CONCURRENCY: '1' }).sync).toEqual({
      schedule: false,
      intervalHours: 24,
      concurrency: 1,
    });
    expect(variablesAtFault({ SYNC_SCHEDULE: 'maybe', SYNC_INTERVAL_HOURS: '25', SYNC_CONCURRENCY: '0' })).toEqual([
      'SYNC_SCHEDULE',
      'SYNC_INTERVAL_HOURS',
      'SYNC_CONCURRENCY',
    ]);
  });
});
