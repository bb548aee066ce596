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
import { startTellerApp, withTeller } from '../feeds/teller/teller-app.js';
import { startNode } from '../migrations/processes.js';
import { bodyOf } from '../support/builders.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type TestApp } from '../support/test-app.js';

const READY = 'Ctrl-C ends it';
const START_MS_MAX = 180_000;

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

/** What `dev` says once it is up, and how it ended when it was asked to. */
async function greeting(env: Readonly<Record<string, string>>): Promise<string> {
  const quiet = { LOG_LEVEL: 'warn', PORT: '0', ...env };
  const { child, ended } = startNode('dist/src/cli/passbook.js', ['dev'], quiet, folder);
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

it('enrolls with the token at the first start, syncs, and says so', { timeout: START_MS_MAX }, async () => {
  const store = await makeStore('sqlite');
  const account = teller.bank.open();
  for (const date of ['2026-11-01', '2026-11-02', '2026-11-03']) account.post({ date, amount: '-1.00' });
  const bank = teller.bank.enroll([account, teller.bank.open({ type: 'credit' })]);
  const text = await greeting({
    ...withTeller(store, teller).environment,
    TELLER_ACCESS_TOKEN: bank.token,
    SYNC_SCHEDULE: 'false',
    NODE_ENV: 'development',
  });
  await store.dispose();
  expect(text).toContain('Teller       linked Security Credit Union: 2 accounts, 3 lines');
  expect(text).not.toContain(bank.token);
});

describe('with a token', () => {
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
  ])('says what is wrong with %s, and enrolls nothing', async (what, enroll, said) => {
    const bank = enroll();
    if (what.endsWith('revoked')) bank.revoke();
    expect(await link(bank)).toMatch(said);
    expect((await bodyOf(app.get('/v1/enrollments'))).data).toEqual([]);
  });

  it('enrolls once, and leaves alone what is connected', async () => {
    const bank = teller.bank.enroll([teller.bank.open()]);
    expect(await link(bank)).toBe('linked Security Credit Union: 1 accounts, 0 lines');
    const asked = teller.asked.length;
    expect(await link(bank)).toBeUndefined();
    expect(teller.asked.length).toBe(asked);
  });
});
