// `passbook tokens reseal` as an operator types it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXIT } from '../../src/common/exit-codes.js';
import { consentOf, startTellerApp } from '../feeds/teller/teller-app.js';
import { FakeTeller } from '../feeds/teller/fake-teller/server.js';
import { bodyOf } from '../support/builders.js';
import { eachStore } from '../support/each-store.js';
import { keepSecret } from '../support/run-log.js';
import { runHere } from './run-here.js';

const keys = { old: randomBytes(32).toString('base64'), new: randomBytes(32).toString('base64') };
keepSecret(keys.old, keys.new);
const named = (...names: readonly (keyof typeof keys)[]) => names.map((name) => `${name}:${keys[name]}`).join(',');

let teller: FakeTeller;
beforeAll(async () => {
  teller = await FakeTeller.start();
});
afterAll(() => teller.stop());

eachStore((store) => {
  const reseal = (encryptionKeys: string | undefined, ...args: string[]) =>
    runHere(['tokens', 'reseal', ...args], {
      ...store.environment,
      ...(encryptionKeys === undefined ? {} : { ENCRYPTION_KEYS: encryptionKeys }),
    });

  it('brings the tokens under the first key, says how many, and fails while one cannot be', async () => {
    const app = await startTellerApp(store, teller, { variables: { ENCRYPTION_KEYS: named('old') } });
    const banks = [1, 2, 3].map(() => teller.bank.enroll([teller.bank.open()]));
    for (const bank of banks) await bodyOf(app.post('/v1/enrollments', consentOf(bank)));
    const beside = await reseal(named('new', 'old'), '--dry-run');
    expect([beside.code, beside.stdout]).toEqual([
      EXIT.ok,
      '3 of 3 access tokens would be resealed under the key new; 0 were under it already.\n',
    ]);
    if (store.engine === 'sqlite') expect((await reseal(named('new', 'old'))).code).toBe(EXIT.inUse);
    await app.stop();

    const lost = await reseal(named('new'));
    expect(lost.code).toBe(EXIT.failed);
    expect(lost.stdout).toContain('0 of 3');
    expect(lost.stderr).toMatch(
      /^3 access tokens cannot be opened: .*\n( {2}The access token of enr_\w+ cannot be used\. .*the key old.*\n){3}$/,
    );

    const done = await reseal(named('new', 'old'), '--json');
    expect(done).toMatchObject({ code: EXIT.ok, stderr: '' });
    expect(JSON.parse(done.stdout)).toEqual({ key: 'new', tokens: 3, resealed: 3, unreadable: [] });
    const again = await reseal(named('new'));
    expect([again.code, again.stdout]).toEqual([
      EXIT.ok,
      '0 of 3 access tokens were resealed under the key new; 3 were under it already.\n',
    ]);
    for (const { stdout, stderr } of [beside, lost, done, again])
      for (const secret of [keys.old, keys.new, ...banks.map(({ token }) => token)])
        expect(stdout + stderr).not.toContain(secret);
  });

  it('says that there is no key', async () => {
    const { code, stderr } = await reseal(undefined);
    expect([code, stderr]).toEqual([EXIT.configuration, 'ENCRYPTION_KEYS names no key to seal under.\n']);
  });
});
