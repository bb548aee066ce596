// Searches what a test run logged for every secret that was used in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOTHING } from './tally.mjs';

const SHOWN = 4;
const LEAKS_SHOWN_MAX = 50;
/** The index is asked for every byte; this answers nearly all of them without it. */
const FILTER_BITS = 20;
const FILTER_MASK = 2 ** FILTER_BITS - 1;
const SUFFIX = 4;
const NEWLINE = 10;

/** @typedef {{ lines: number, secrets: number, leaks: string[] }} Search `leaks` says where, and the beginning of what */

/**
 * @param {string} folder of `*.log`, and of `secrets-*.jsonl` with a JSON text a line
 * @returns {Search}
 */
export function searchLogs(folder) {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const secrets = new Set(
    files.filter((name) => /^secrets-.*\.jsonl$/.test(name)).flatMap((name) => secretsIn(join(folder, name))),
  );
  const index = new Spellings(secrets);
  /** @type {Search} */
  const search = { lines: 0, secrets: secrets.size, leaks: [] };
  for (const name of files.filter((file) => file.endsWith('.log'))) {
    const { lines, found } = index.searchIn(readFileSync(join(folder, name)));
    search.lines += lines;
    for (const { line, secret } of found) {
      search.leaks.push(`${name}:${line} holds "${secret.slice(0, SHOWN)}…" (${secret.length} characters)`);
    }
  }
  return search;
}

/**
 * The line that says what came of it. A whole run that logged nothing, or used no secret, has shown nothing.
 *
 * @param {string} folder @param {{ isWhole: boolean }} run @returns {import('./tally.mjs').Tally}
 */
export function judgeLogs(folder, { isWhole }) {
  const { lines, secrets, leaks } = searchLogs(folder);
  if (!isWhole && (lines === 0 || secrets === 0)) {
    console.log('– secrets in the log: these tests log nothing or use none');
    return NOTHING;
  }
  const isClean = leaks.length === 0 && lines > 0 && secrets > 0;
  console.log(
    `${isClean ? '✓' : '✗'} secrets in the log: ${leaks.length} found, of ${secrets} looked for in ${lines} lines`,
  );
  for (const leak of leaks.slice(0, LEAKS_SHOWN_MAX)) console.log(leak);
  return { ...NOTHING, [isClean ? 'passed' : 'failed']: 1 };
}

/** @param {string} path @returns {string[]} */
function secretsIn(path) {
  const texts = readFileSync(path, 'utf8').split('\n');
  return texts.filter((text) => text !== '').map((text) => JSON.parse(text));
}

/** Every way in which a secret may come to be written, found by its last bytes: keys begin alike. */
class Spellings {
  #filter = new Uint8Array(FILTER_MASK + 1);
  /** @type {Map<number, { bytes: Buffer, secret: string }[]>} */
  #bySuffix = new Map();

  /** @param {Iterable<string>} secrets */
  constructor(secrets) {
    for (const secret of secrets) for (const spelling of spellingsOf(secret)) this.#add(spelling, secret);
  }

  /** @param {Buffer} text @returns {{ lines: number, found: { line: number, secret: string }[] }} */
  searchIn(text) {
    const found = [];
    let [lines, word] = [0, 0];
    for (let at = 0; at < text.length; at++) {
      const byte = /** @type {number} */ (text[at]);
      word = (word << 8) | byte;
      if (byte === NEWLINE) lines += 1;
      if (this.#filter[placeOf(word)] === 0) continue;
      for (const { bytes, secret } of this.#bySuffix.get(word) ?? []) {
        const begin = at + 1 - bytes.length;
        if (begin >= 0 && text.compare(bytes, 0, bytes.length, begin, at + 1) === 0)
          found.push({ line: lines + 1, secret });
      }
    }
    return { lines, found };
  }

  /** @param {string} spelling @param {string} secret */
  #add(spelling, secret) {
    const bytes = Buffer.from(spelling);
    const word = bytes.readInt32BE(bytes.length - SUFFIX);
    this.#filter[placeOf(word)] = 1;
    this.#bySuffix.set(word, [...(this.#bySuffix.get(word) ?? []), { bytes, secret }]);
  }
}

/** @param {number} word */
function placeOf(word) {
  return (word ^ (word >>> (32 - FILTER_BITS))) & FILTER_MASK;
}

/** @param {string} secret @returns {Set<string>} */
function spellingsOf(secret) {
  const bytes = Buffer.from(secret);
  return new Set([
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    // What is written with it may change its padding.
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]);
}
