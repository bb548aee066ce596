// The key itself: `pbk_` and 256 random bits.
import { hash, randomBytes } from 'node:crypto';

const FORM = /^pbk_[A-Za-z0-9_-]{43}$/;
const PREVIEW_LENGTH = 10;

interface MadeKey {
  /** To be shown once. */
  readonly key: string;
  readonly hash: string;
  readonly preview: string;
}

export function makeKey(): MadeKey {
  const key = `pbk_${randomBytes(32).toString('base64url')}`;
  return { key, hash: hashOfKey(key), preview: previewOf(key) };
}

/** The first characters, by which people tell keys apart. */
export function previewOf(key: string): string {
  return key.slice(0, PREVIEW_LENGTH);
}

export function isKey(text: string): boolean {
  return FORM.test(text);
}

/** SHA-256 in hexadecimal. Keys are looked up by it and never compared, so that how long that takes says nothing of any key. */
export function hashOfKey(key: string): string {
  return hash('sha256', key);
}
