// Text that both stores hold alike, and its folded form for search and case-blind comparison.
import { ValueInvalid } from './domain-error.js';

const LONE_SURROGATE = /\p{Surrogate}/u;
const ASCII = /^[\0-\x7f]*$/;

/** @throws ValueInvalid for NUL or a lone surrogate, which PostgreSQL cannot hold. */
export function storableText(text: string): string {
  if (text.includes('\u0000')) throw new ValueInvalid('must not contain the character NUL');
  if (LONE_SURROGATE.test(text))
    throw new ValueInvalid('must be well-formed Unicode (it has half of a surrogate pair)');
  return text;
}

/**
 * Case, accents' spelling and width folded away by Unicode's default mappings: `STRASSE` is `straße`, and every sigma is σ. The same on every machine, unlike a database's lower().
 * By way of upper case, because some small letters (ß, ς, ı) have none of their own in common with their capitals.
 */
export function foldText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}
