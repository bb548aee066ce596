// Which currencies exist and how many decimals each has: ISO 4217 (list of 2024-06-25, funds and metals left out) and the private codes of this installation.
import { ValueInvalid } from './domain-error.js';

declare const currencyBrand: unique symbol;

/** An ISO 4217 code, or a private code of this installation. */
export type Currency = string & { readonly [currencyBrand]: true };

/** A private currency: its code and its number of decimals. */
export interface PrivateCurrency {
  readonly code: string;
  readonly exponent: number;
}

const TWO_DECIMALS =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP ' +
  'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK ' +
  'LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD ' +
  'RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG ' +
  'YER ZAR ZMW ZWG';
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF';
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND';
const FOUR_DECIMALS = 'CLF UYW';

const ISO_4217: ReadonlyMap<string, number> = new Map(
  [NO_DECIMALS, '', TWO_DECIMALS, THREE_DECIMALS, FOUR_DECIMALS].flatMap((codes, exponent) =>
    codes
      .split(' ')
      .filter((code) => code !== '')
      .map((code): [string, number] => [code, exponent]),
  ),
);

/** The currencies that this installation knows. One per process, made from the configuration. */
export class Currencies {
  private readonly exponents: ReadonlyMap<string, number>;

  /** @throws ValueInvalid when a private code hides an ISO 4217 code. */
  constructor(privateCurrencies: readonly PrivateCurrency[] = []) {
    for (const { code } of privateCurrencies) {
      if (ISO_4217.has(code))
        throw new ValueInvalid(`the private currency ${code} hides the ISO 4217 code of that name`);
    }
    this.exponents = new Map([
      ...ISO_4217,
      ...privateCurrencies.map(({ code, exponent }): [string, number] => [code, exponent]),
    ]);
  }

  /** @throws ValueInvalid for a code that is not known here. */
  parse(code: string): Currency {
    if (!this.exponents.has(code))
      throw new ValueInvalid('must be an ISO 4217 code (like "USD") or a private code of this installation');
    return code as Currency;
  }

  /** How many decimals the currency has: JPY 0, USD 2, KWD 3. */
  exponentOf(currency: Currency): number {
    const exponent = this.exponents.get(currency);
    if (exponent === undefined)
      throw new Error(`The store holds the currency ${currency}, which this installation does not know.`);
    return exponent;
  }
}
