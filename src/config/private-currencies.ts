/** A currency of this installation's own, such as game credits. */
export interface PrivateCurrency {
  /** 3 to 8 capital letters and digits, a letter first. Whether ISO 4217 already has it is checked by the user of the list. */
  readonly code: string;
  /** How many decimals one unit has: 0 to 6. */
  readonly exponent: number;
}

/** Reads `XGC:0,NCR:2`; undefined when a part is not `CODE:exponent`, or a code comes twice. */
export function parsePrivateCurrencies(text: string): readonly PrivateCurrency[] | undefined {
  const currencies: PrivateCurrency[] = [];
  for (const part of text.split(',')) {
    const match = /^([A-Z][A-Z0-9]{2,7}):([0-6])$/.exec(part.trim());
    const [, code, exponent] = match ?? [];
    if (code === undefined || exponent === undefined) return undefined;
    if (currencies.some((currency) => currency.code === code)) return undefined;
    currencies.push({ code, exponent: Number(exponent) });
  }
  return currencies;
}
