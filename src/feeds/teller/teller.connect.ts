// What Teller Connect hands to a front end's onSuccess, read as it is: extra fields are nobody's business here.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { ValueInvalid } from '../../common/domain-error.js';
import { storableText } from '../../common/text.js';
import { type TellerSettings } from '../../config/feed-settings.js';
import { Secret } from '../../config/secret.js';
import { type FeedEnrollment, type FeedEnrollRequest } from '../port/feed.port.js';
import { ConsentSignatureInvalid, FeedEnvironmentMismatch } from '../port/feeds.errors.js';
import { type TellerNonces } from './teller-nonces.js';

const TOKEN = /^(test_)?token_[A-Za-z0-9_-]{1,200}$/;
const TEXT_LENGTH_MAX = 200;
/** One for each of Teller's signing keys, of which there are two while one replaces the other. */
const SIGNATURES_MAX = 10;

type Fields = Readonly<Record<string, unknown>>;

export class TellerConnect {
  private readonly signingKey: KeyObject | undefined;

  constructor(
    private readonly settings: Pick<TellerSettings, 'environment' | 'signingKey'>,
    private readonly nonces: TellerNonces,
  ) {
    this.signingKey = settings.signingKey === undefined ? undefined : publicKeyOf(settings.signingKey);
  }

  /**
   * `{ accessToken, user: { id }, enrollment: { id, institution: { name } }, signatures: […] }`; with a signing key also `nonce`, which the front
   * end adds: the one that it opened Teller Connect with.
   * Tried in this order: ValueInvalid, ConsentSignatureInvalid, FeedEnvironmentMismatch.
   */
  read({ consent, owner }: FeedEnrollRequest): FeedEnrollment {
    const accessToken = textAt(consent, ['accessToken']);
    if (!TOKEN.test(accessToken)) throw new ValueInvalid('holds an accessToken that is none of Teller');
    const given = {
      externalId: textAt(consent, ['enrollment', 'id']),
      environment: this.settings.environment,
      institution: { id: null, name: textAt(consent, ['enrollment', 'institution', 'name']) },
      // Who has the token and nothing else does not know the person. Signed, a consent names them.
      userExternalId:
        consent['user'] === undefined && this.signingKey === undefined ? null : textAt(consent, ['user', 'id']),
      accessToken: new Secret(accessToken),
    };
    if (this.signingKey !== undefined) this.checkSignature(this.signingKey, consent, given, owner);
    refuseOtherEnvironment(accessToken, this.settings.environment);
    return given;
  }

  private checkSignature(
    key: KeyObject,
    consent: Fields,
    given: FeedEnrollment,
    owner: FeedEnrollRequest['owner'],
  ): void {
    const { nonce } = consent;
    if (typeof nonce !== 'string' || !this.nonces.isGood(nonce, owner))
      throw new ConsentSignatureInvalid(
        'Its nonce is missing, expired, or not one that GET /v1/config/teller gave for this owner. Open Teller Connect with a new one.',
      );
    const { accessToken, userExternalId, externalId, environment } = given;
    const signed = Buffer.from([nonce, accessToken!.reveal(), userExternalId, externalId, environment].join('.'));
    const isSigned = signaturesOf(consent).some((signature) => verify(null, signed, key, signature));
    if (!isSigned)
      throw new ConsentSignatureInvalid('None of its signatures is by the signing key of this application.');
  }
}

/** What Teller's dashboard shows: the 32 bytes alone, in base64. */
function publicKeyOf(base64: string): KeyObject {
  const x = Buffer.from(base64, 'base64').toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
}

function signaturesOf({ signatures }: Fields): Buffer[] {
  const listed: unknown[] = Array.isArray(signatures) ? signatures.slice(0, SIGNATURES_MAX) : [];
  return listed.flatMap((one) => (typeof one === 'string' ? [Buffer.from(one, 'base64')] : []));
}

/** Asked with, such a token would only be called unknown. */
function refuseOtherEnvironment(token: string, environment: TellerSettings['environment']): void {
  const isOfSandbox = token.startsWith('test_');
  if (isOfSandbox === (environment === 'sandbox')) return;
  const kind = isOfSandbox ? "of Teller's sandbox" : 'of real banks';
  throw new FeedEnvironmentMismatch(
    `The access token is ${kind}, and TELLER_ENVIRONMENT is ${environment}: the page that opens Teller Connect and this service must name the same environment.`,
  );
}

/** @throws ValueInvalid, which names the field and shows nothing of it */
function textAt(consent: Fields, path: readonly string[]): string {
  const value = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), consent);
  if (typeof value === 'string' && value.trim() !== '' && value.length <= TEXT_LENGTH_MAX) return storableText(value);
  throw new ValueInvalid(`must hold ${path.join('.')}, a text of 1 to ${TEXT_LENGTH_MAX} characters`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
