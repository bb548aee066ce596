// A key of this clone's own to keep banks' access tokens with, for development.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const FORM = /^[a-z0-9][a-z0-9_-]{0,31}:[A-Za-z0-9+/]{43}=$/;

/**
 * What ENCRYPTION_KEYS takes, kept in that file; made when there is none.
 * @param {string} path @returns {{ keys: string, isNew: boolean }}
 */
export function keptEncryptionKey(path) {
  const isNew = !existsSync(path);
  if (isNew) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `development:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  chmodSync(path, 0o600);
  const keys = readFileSync(path, 'utf8').trim();
  if (!FORM.test(keys))
    throw new Error(
      `${path} holds no key. Put it back: without it, the access tokens that were kept with it are lost.`,
    );
  return { keys, isNew };
}
