// JSON that is kept as it came: beside what an element means, the exact text that it was written with.
import { ValueInvalid } from './domain-error.js';

export interface JsonElement {
  /** As JSON.parse gives it. Of fields that stand twice the last one counts, here as wherever the text is parsed again. */
  readonly value: unknown;
  /** The element's own characters, without what stands around it. */
  readonly text: string;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The text of some bytes; a byte order mark is not part of it. @throws ValueInvalid for bytes that are no UTF-8. */
export function decodedUtf8(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new ValueInvalid('must be UTF-8');
  }
}

/** Once the parser has taken it, there is nothing around an element but JSON's own whitespace. @throws ValueInvalid for what is no JSON. */
export function jsonElement(text: string): JsonElement {
  return { value: parsed(text), text: text.trim() };
}

/** The elements of a list, in linear time and at any depth. @throws ValueInvalid for what is no JSON, or no list. */
export function jsonElements(text: string): JsonElement[] {
  const values = parsed(text);
  if (!Array.isArray(values)) throw new ValueInvalid('must be a list');
  const texts = textsIn(text);
  return values.map((value: unknown, index) => ({ value, text: texts[index]! }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the text, which may hold anything.
    throw new ValueInvalid('must be JSON');
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [BRACKET_OPEN, BRACKET_CLOSE, BRACE_OPEN, BRACE_CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The texts between the commas of the outermost list; of an empty one, what stands between its brackets. The syntax has been checked: only strings and depth need to be followed. */
function textsIn(list: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  const end = (at: number) => {
    texts.push(list.slice(start, at).trim());
    start = at + 1;
  };
  for (let at = 0; at < list.length; at += 1) {
    const character = list.charCodeAt(at);
    if (character === QUOTE) at = endOfString(list, at);
    else if (character === BRACKET_OPEN || character === BRACE_OPEN) {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (character === BRACKET_CLOSE || character === BRACE_CLOSE) {
      depth -= 1;
      if (depth === 0) end(at);
    } else if (character === COMMA && depth === 1) end(at);
  }
  return texts;
}

/** Where the string that begins at `quote` has its closing quote. */
function endOfString(list: string, quote: number): number {
  let at = quote + 1;
  while (list.charCodeAt(at) !== QUOTE) at += list.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
