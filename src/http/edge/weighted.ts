// Headers in which a client says what it takes, and how gladly: `Accept`, `Accept-Encoding` (RFC 9110, 12.4.2).

/** Beyond what any browser sends; to read as much as a head may have would cost more than to answer. */
const LENGTH_MAX = 1_000;
const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const ELEMENT = new RegExp(`^(${TOKEN}(?:/${TOKEN})?)((?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[^"]*"))*)$`);
const WEIGHT = /;[ \t]*q=([^;\s]*)/i;
const WEIGHT_FORM = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** What is named, in lower case and without its other parameters, with its weight from 0 to 1; undefined for what cannot be read. */
export function readWeighted(header: string): ReadonlyMap<string, number> | undefined {
  if (header.length > LENGTH_MAX) return undefined;
  const weights = new Map<string, number>();
  for (const element of header.split(',')) {
    const text = element.trim();
    // A list may have empty places (RFC 9110, 5.6.1.2).
    if (text === '') continue;
    const [, name, parameters] = ELEMENT.exec(text) ?? [];
    if (name === undefined || parameters === undefined) return undefined;
    const weight = WEIGHT.exec(parameters)?.[1] ?? '1';
    if (!WEIGHT_FORM.test(weight)) return undefined;
    const known = weights.get(name.toLowerCase()) ?? 0;
    weights.set(name.toLowerCase(), Math.max(known, Number(weight)));
  }
  return weights;
}
