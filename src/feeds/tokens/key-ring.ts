// Texts sealed under named keys. The first key seals and all of them open, so that a key can be changed while servers run.
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { type NamedKey } from '../../config/feed-settings.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** `v1.<name of the key>.<nonce, ciphertext and tag in base64url>` */
const FORM = /^v1\.([a-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

export class KeyRing {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor(keys: readonly NamedKey[]) {
    this.keys = new Map(keys.map(({ name, key }) => [name, createSecretKey(key.reveal(), 'base64')]));
  }

  /** The name of the key that seals. @throws SealFailed when there is none */
  get current(): string {
    const [name] = this.keys.keys();
    if (name === undefined) throw new SealFailed('ENCRYPTION_KEYS names no key.');
    return name;
  }

  /** @param purpose what it is for: what was sealed for one thing does not open for another */
  seal(text: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keyNamed(this.current), nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.current}.${sealed.toString('base64url')}`;
  }

  /** @throws SealFailed, which names the key and shows nothing of the text */
  open(sealed: string, purpose: string): string {
    const [, name = '', body = ''] = FORM.exec(sealed) ?? [];
    if (name === '') throw new SealFailed('It is not of the form in which texts are sealed here.');
    const key = this.keyNamed(name);
    try {
      return unsealed(Buffer.from(body, 'base64url'), key, purpose);
    } catch {
      // What OpenSSL has to say is "unable to authenticate data", or nothing.
      throw new SealFailed(`It is not what was sealed here under the key ${name}, or ${name} is another key now.`);
    }
  }

  isCurrent(sealed: string): boolean {
    return sealed.startsWith(`v1.${this.current}.`);
  }

  /** A key of 32 bytes for something else, of each key in turn: what is made with the first must be known by all. */
  derived(purpose: string): Buffer[] {
    return [...this.keys.values()].map((key) => Buffer.from(hkdfSync('sha256', key, '', `passbook ${purpose}`, 32)));
  }

  private keyNamed(name: string): KeyObject {
    const key = this.keys.get(name);
    if (key === undefined)
      throw new SealFailed(`It was sealed under the key ${name}, which ENCRYPTION_KEYS does not name.`);
    return key;
  }
}

/** Why a text can't be sealed or opened, in a sentence; whoever knows what it is of says so. */
export class SealFailed extends Error {}

function unsealed(bytes: Buffer, key: KeyObject, purpose: string): string {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
