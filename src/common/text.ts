// Text that both stores hold alike, and its folded form for search and case-blind comparison.
import { ValueInvalid } from './domain-error.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** @throws ValueInvalid for NUL or a lone surrogate, which PostgreSQL cannot hold. */
export function storableText(text: string): string {
  if (text.includes('\u0000')) throw new ValueInvalid('must not contain the character NUL');
  if (LONE_SURROGATE.test(text)) throw new ValueInvalid('must be well-formed Unicode (it has half of a surrogate pair)');
  return text;
}

/** Case, accents' spelling and width folded away: NFKC, then lower case by Unicode's default mapping. The same on every machine, unlike a database's lower(). */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}
