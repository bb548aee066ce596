// The key that a request brings: "Authorization: Bearer pbk_…" or "X-API-Key: pbk_…".
import { type IncomingMessage } from 'node:http';
import { KeyAmbiguous, KeyMissing } from './auth.errors.js';

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * The same key in both places is one key. Of an Authorization header that was sent twice Node would keep the first alone, and a proxy
 * in front may have looked at the other.
 * @throws KeyMissing
 * @throws KeyAmbiguous
 */
export function presentedKey({ headers, rawHeaders }: IncomingMessage): string {
  if (isTwice(rawHeaders, 'authorization') || isTwice(rawHeaders, 'x-api-key')) throw new KeyAmbiguous();
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
  const plain = headers['x-api-key'];
  if (bearer !== undefined && plain !== undefined && bearer !== plain) throw new KeyAmbiguous();
  const key = bearer ?? plain;
  if (typeof key !== 'string' || key === '') throw new KeyMissing();
  return key;
}

function isTwice(rawHeaders: readonly string[], name: string): boolean {
  let times = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index]!;
    if (header.length === name.length && header.toLowerCase() === name) times++;
  }
  return times > 1;
}
