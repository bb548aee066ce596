// The forms of texts that variables take, where a pattern alone cannot say them.
import { isIP } from 'node:net';
import { editDistance } from './edit-distance.js';

const KEY_PART = /^[a-z0-9][a-z0-9_-]{0,31}:[A-Za-z0-9+/]{43}=$/;

/** `ENV` is also read by shells (a start file's path), so any other text passes; only a near miss is worth refusing. */
export function isNotAlmostProduction(text: string): boolean {
  if (isProductionWord(text)) return true;
  const word = text.toLowerCase();
  return editDistance(word, 'production') > 2 && editDistance(word, 'prod') > 1;
}

export function isProductionWord(text: string): boolean {
  return /^prod(uction)?$/i.test(text);
}

export function isProxyList(text: string): boolean {
  return /^\d{1,2}$/.test(text) || text.split(',').every((part) => isNetwork(part.trim()));
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

export function isOriginList(text: string): boolean {
  return text.split(',').every((part) => {
    const origin = part.trim();
    return /^https?:\/\//.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
  });
}

export function isHost(text: string): boolean {
  return isIP(text) !== 0 || (/^[a-z0-9]([a-z0-9-.]{0,251}[a-z0-9])?$/i.test(text) && !/^[\d.]+$/.test(text));
}

export function isBaseUrl(text: string): boolean {
  return isOriginList(text) && !text.includes(',');
}

/** With a path, where it has one. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text);
}

/** `name=value` parts joined by commas, values percent-encoded. */
export function isHeaderList(text: string): boolean {
  return text.split(',').every((part) => {
    const value = /^\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+\s*=(.*)$/.exec(part)?.[1];
    if (value === undefined) return false;
    try {
      return /^[\t\x20-\x7e]*$/.test(decodeURIComponent(value));
    } catch {
      return false;
    }
  });
}

/** Like `https://key@host/7`, maybe with a path before the number of the project. */
export function isDsn(text: string): boolean {
  return /^https?:\/\/[^@/\s]+@[^@/\s]+(\/[^@\s]*)?\/\d+$/.test(text) && URL.canParse(text);
}

export function isPath(text: string): boolean {
  return text.length > 0 && !text.includes('\0');
}

/** Names are shown and keys are not, so that a key can be spoken of. */
export function isKeyList(text: string): boolean {
  const parts = text.split(',').map((part) => part.trim());
  const names = parts.map((part) => part.split(':')[0]);
  return parts.every((part) => KEY_PART.test(part)) && new Set(names).size === names.length;
}

export function isSecretList(text: string): boolean {
  return text.split(',').every((part) => /^[\x21-\x7e]{16,200}$/.test(part.trim()));
}

/** A variable often cannot hold new lines: `\n` is written for them. */
export function isPem(label: string): (text: string) => boolean {
  const form = new RegExp(`-----BEGIN ([A-Z]+ )?${label}-----\n[\\s\\S]+\n-----END ([A-Z]+ )?${label}-----`);
  return (text) => form.test(unescapedPem(text));
}

export function unescapedPem(text: string): string {
  return text.replaceAll('\\r', '').replaceAll('\\n', '\n').replaceAll('\r\n', '\n');
}
