// What Teller Connect hands over is taken as it is, and where a signing key is set it is taken only with a signature over a nonce of ours.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_OWNER, type Owner } from '../../../src/common/owner.js';
import { type TellerSettings } from '../../../src/config/feed-settings.js';
import { Secret } from '../../../src/config/secret.js';
import { KeyRing } from '../../../src/feeds/tokens/key-ring.js';
import { TellerConnect } from '../../../src/feeds/teller/teller.connect.js';
import { TellerNonces } from '../../../src/feeds/teller/teller-nonces.js';
import { HeldClock } from '../../support/test-app.js';
import { FakeTeller } from './fake-teller/server.js';

const MINUTE_MS = 60_000;
const ADA = 'ada' as Owner;
const namedKey = (name: string) => ({ name, key: new Secret(randomBytes(32).toString('base64')) });
const [oldKey, newKey] = [namedKey('old'), namedKey('new')];
const signing = generateKeyPairSync('ed25519');
const foreign = generateKeyPairSync('ed25519');
/** As Teller's dashboard shows it. */
const SIGNING_KEY = Buffer.from(signing.publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');

let teller: FakeTeller;
beforeAll(async () => {
  teller = await FakeTeller.start();
});
afterAll(() => teller.stop());

const clock = new HeldClock();
const nonces = new TellerNonces(new KeyRing([oldKey]), clock);
const connectOf = (over: Partial<TellerSettings> = {}) =>
  new TellerConnect({ environment: 'sandbox', signingKey: undefined, ...over }, nonces);
const read = (consent: Readonly<Record<string, unknown>>, connect = connectOf(), owner: Owner = DEFAULT_OWNER) =>
  connect.read({ owner, institutionId: null, consent });
const enrolled = (environment: TellerSettings['environment'] = 'sandbox') =>
  teller.bank.enroll([teller.bank.open()], { environment });

describe('a consent', () => {
  it('is read as it is, whatever else stands in it', () => {
    const enrollment = enrolled();
    const given = read({ ...enrollment.onSuccess(), products: ['balance'], user: { id: enrollment.userId, age: 7 } });
    expect(given).toMatchObject({
      externalId: enrollment.id,
      environment: 'sandbox',
      institution: { id: null, name: 'Security Credit Union' },
      userExternalId: enrollment.userId,
    });
    expect(given.accessToken!.reveal()).toBe(enrollment.token);
  });

  it.each([
    ['accessToken', { accessToken: undefined }],
    ['accessToken', { accessToken: 7 }],
    ['accessToken', { accessToken: 'token with spaces' }],
    ['accessToken', { accessToken: 'pbk_abc' }],
    ['accessToken', { accessToken: `token_${'a'.repeat(300)}` }],
    ['user.id', { user: 'usr_1' }],
    ['user.id', { user: null }],
    ['user.id', { user: { id: ' ' } }],
    ['enrollment.id', { enrollment: { institution: { name: 'Bank' } } }],
    ['enrollment.institution.name', { enrollment: { id: 'enr_1' } }],
    ['enrollment.institution.name', { enrollment: { id: 'enr_1', institution: { name: 'a'.repeat(201) } } }],
    ['NUL', { user: { id: 'usr\u0000' } }],
  ])('is refused by the name of %s, without its text', (named, over) => {
    const { token, ...enrollment } = enrolled();
    expect(enrollment).toBeDefined();
    const consent = {
      accessToken: token,
      user: { id: 'u' },
      enrollment: { id: 'e', institution: { name: 'B' } },
      ...over,
    };
    expect(() => read(consent)).toThrow(named);
    expect(() => read(consent)).not.toThrow(/spaces|pbk_|aaa/);
  });

  it.each([
    ['sandbox', 'production'],
    ['sandbox', 'development'],
    ['production', 'sandbox'],
    ['development', 'sandbox'],
  ] as const)('of a token of %s is not taken in %s', (of, environment) => {
    const { token, ...enrollment } = enrolled(of);
    const consent = {
      accessToken: token,
      user: { id: enrollment.userId },
      enrollment: { id: 'e', institution: { name: 'B' } },
    };
    const taking = () => read(consent, connectOf({ environment }));
    expect(taking).toThrow(expect.objectContaining({ code: 'feed_environment_mismatch' }));
    expect(taking).not.toThrow(token);
    expect(taking).toThrow(`TELLER_ENVIRONMENT is ${environment}`);
  });
});

describe('where a signing key is set, a consent', () => {
  const strict = connectOf({ signingKey: SIGNING_KEY });
  const refused = (consent: Readonly<Record<string, unknown>>, owner?: Owner) =>
    expect(() => read(consent, strict, owner)).toThrow(expect.objectContaining({ code: 'consent_signature_invalid' }));
  const signedBy = (
    keys: readonly (typeof signing)[],
    nonce = nonces.give(DEFAULT_OWNER),
  ): Readonly<Record<string, unknown>> => ({
    ...enrolled().onSuccess({ nonce, keys: keys.map(({ privateKey }) => privateKey) }),
    nonce,
  });

  it('is taken when one of its signatures is by that key', () => {
    for (const keys of [[signing], [foreign, signing], [signing, foreign]])
      expect(read(signedBy(keys), strict).accessToken).not.toBeNull();
  });

  it('is refused with another signature, none, or one of something else', () => {
    const good = signedBy([signing]);
    const other = signedBy([signing]);
    refused(signedBy([foreign]));
    refused({ ...good, signatures: [] });
    refused({ ...good, signatures: undefined });
    refused({ ...good, signatures: 'x' });
    refused({ ...good, signatures: [null, 7, 'not base64', ''] });
    refused({ ...good, signatures: other['signatures'] });
    refused({ ...good, user: { id: 'usr_other' } });
    refused({ ...good, enrollment: other['enrollment'] });
    refused({ ...good, accessToken: other['accessToken'] });
    refused({ ...good, nonce: other['nonce'] });
    expect(read(good, strict).accessToken).not.toBeNull();
  });

  it('is refused with a nonce of nobody, of another owner, or one that is over', () => {
    refused(signedBy([signing], 'made-up'));
    refused({ ...signedBy([signing]), nonce: undefined });
    refused(signedBy([signing], ''));
    refused(signedBy([signing], nonces.give(ADA)));
    refused(signedBy([signing], `${nonces.give(DEFAULT_OWNER)}=`));
    expect(read(signedBy([signing], nonces.give(ADA)), strict, ADA).accessToken).not.toBeNull();
    const nonce = nonces.give(DEFAULT_OWNER);
    clock.advance(60 * MINUTE_MS - 1_000);
    expect(read(signedBy([signing], nonce), strict).accessToken).not.toBeNull();
    clock.advance(1_000);
    refused(signedBy([signing], nonce));
  });
});

describe('a nonce', () => {
  it('is another one each time, and good in every process that knows its key', () => {
    expect(nonces.give(ADA)).not.toBe(nonces.give(ADA));
    const both = [
      new TellerNonces(new KeyRing([newKey, oldKey]), clock),
      new TellerNonces(new KeyRing([oldKey, newKey]), clock),
    ];
    for (const giver of both) for (const reader of both) expect(reader.isGood(giver.give(ADA), ADA)).toBe(true);
    expect(new TellerNonces(new KeyRing([newKey]), clock).isGood(nonces.give(ADA), ADA)).toBe(false);
    expect(new TellerNonces(new KeyRing([]), clock).isGood(nonces.give(ADA), ADA)).toBe(false);
  });

  it('is good with every one of its bits only', () => {
    const nonce = nonces.give(ADA);
    const bytes = Buffer.from(nonce, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(nonces.isGood(changed.toString('base64url'), ADA)).toBe(false);
    }
    expect(nonces.isGood(nonce, ADA)).toBe(true);
  });
});
