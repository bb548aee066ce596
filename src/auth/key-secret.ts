// The key itself: `pbk_` and 256 random bits.
import { createHash, randomBytes } from 'node:crypto';

const FORM = /^pbk_[A-Za-z0-9_-]{43}$/;
const PREVIEW_LENGTH = 10;

export interface NewKey {
  /** To be shown once. */
  readonly key: string;
  readonly hash: string;
  readonly preview: string;
}

export function makeKey(): NewKey {
  const key = `pbk_${randomBytes(32).toString('base64url')}`;
  return { key, hash: hashOfKey(key), preview: key.slice(0, PREVIEW_LENGTH) };
}

export function isKey(text: string): boolean {
  return FORM.test(text);
}

/** SHA-256 in hexadecimal. Keys are looked up by it, so that comparing takes the same time whatever was sent. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
