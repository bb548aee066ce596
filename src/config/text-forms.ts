// The forms of texts that variables take, where a pattern alone cannot say them.
import { isIP } from 'node:net';
import { editDistance } from './edit-distance.js';

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
