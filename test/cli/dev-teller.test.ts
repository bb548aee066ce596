// `passbook dev` with a token of Teller's sandbox and nothing else: it enrolls, syncs, and says so; and serves also where it cannot.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptEncryptionKey } from '../../scripts/lib/dev-encryption-key.mjs';
import { linkTeller } from '../../src/cli/link-teller.js';
import { Secret } from '../../src/config/secret.js';
import { Settings } from '../../src/config/settings.js';
import { type BankEnrollment } from '../feeds/teller/fake-teller/bank.js';
import { FakeTeller } from '../feeds/teller/fake-teller/server.js';
import { startTellerApp } from '../feeds/teller/teller-app.js';
import { startNode } from '../migrations/processes.js';
import { bodyOf } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type TestApp } from '../support/test-app.js';

const READY = 'Ctrl-C ends it';
const START_MS_MAX = 60_000;

let folder: string;
let teller: FakeTeller;
beforeAll(async () => {
  folder = mkdtempSync(join(temporaryFolder(), 'passbook-dev-teller-'));
  teller = await FakeTeller.start();
});
afterAll(async () => {
  await teller.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  startNode(`dist/src/${script}`, args, { LOG_LEVEL: 'warn', PORT: '0', ...env }, folder);

/** What `dev` says once it is up, and how it ended when it was asked to. */
async function greeting(env: Readonly<Record<string, string>>): Promise<string> {
  const { child, ended } = run('cli/passbook.js', ['dev'], env);
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const until = performance.now() + START_MS_MAX;
  while (!text.includes(READY) && child.exitCode === null && performance.now() < until) await sleep(50);
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return text;
}

describe('the key of a clone', () => {
  it('is made once, for its owner alone, and is what ENCRYPTION_KEYS takes', () => {
    const path = join(folder, 'data', 'key');
    const made = keptEncryptionKey(path);
    expect(made).toEqual({ keys: expect.stringMatching(/^development:[A-Za-z0-9+/]{43}=$/), isNew: true });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe(`${made.keys}\n`);
    expect(keptEncryptionKey(path)).toEqual({ keys: made.keys, isNew: false });
    writeFileSync(path, 'nonsense');
    expect(() => keptEncryptionKey(path)).toThrow(`${path} holds no key`);
  });
});

it('enrolls with the token at the first start and syncs; later starts leave it alone', async () => {
  const account = teller.bank.open();
  for (const date of ['2026-11-01', '2026-11-02', '2026-11-03']) account.post({ date, amount: '-1.00' });
  const bank = teller.bank.enroll([account, teller.bank.open({ type: 'credit' })]);
  const env = {
    ...teller.variables(),
    ENCRYPTION_KEYS: keptEncryptionKey(join(folder, 'data', 'dev-encryption-key')).keys,
    TELLER_ACCESS_TOKEN: bank.token,
    SYNC_SCHEDULE: 'false',
  };
  expect((await run('migrate.js', ['up'], env).ended).code).toBe(0);
  const text = await greeting(env);
  expect(text).toContain('Teller       linked Security Credit Union: 2 accounts, 3 lines');
  expect(text).not.toContain(bank.token);
  const asked = teller.asked.length;
  expect(await greeting(env)).not.toContain('Teller  ');
  expect(teller.asked.length).toBe(asked);
});

describe('where it cannot enroll', () => {
  let store: TestStore;
  let app: TestApp;
  beforeAll(async () => {
    store = await makeStore('sqlite');
    app = await startTellerApp(store, teller);
  });
  afterAll(async () => {
    await app.stop();
    await store.dispose();
  });
  const link = (bank: BankEnrollment) => linkTeller(app.app, app.app.get(Settings).teller!, new Secret(bank.token));

  it.each([
    ['a token that was revoked', () => teller.bank.enroll([teller.bank.open()]), /^not linked: .*access token/],
    ['a token without accounts', () => teller.bank.enroll([]), /^the token reaches no accounts$/],
    [
      'a token of another environment',
      () => teller.bank.enroll([teller.bank.open()], { environment: 'production' }),
      /^not linked: .*TELLER_ENVIRONMENT is sandbox/,
    ],
  ])('it says so: %s', async (what, enroll, said) => {
    const bank = enroll();
    if (what.endsWith('revoked')) bank.revoke();
    expect(await link(bank)).toMatch(said);
    expect((await bodyOf(app.get('/v1/enrollments'))).data).toEqual([]);
  });
});
