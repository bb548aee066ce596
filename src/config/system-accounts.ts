/** An account that the bank itself keeps: where money comes from, what players win, what was lost. */
export interface SystemAccount {
  /** `treasury`, `house` … One account for each role and currency. */
  readonly role: string;
  /** Whether it is known is asked where it is opened. */
  readonly currency: string;
  /** With which it begins, out of the treasury of its currency: a decimal. Undefined: with nothing. */
  readonly opening: string | undefined;
}

const PART = /^([a-z][a-z0-9_-]{0,31}):([A-Z][A-Z0-9]{2,7})(?::((?:0|[1-9]\d{0,15})(?:\.\d{1,6})?))?$/;

/** Of which money is made: it alone may owe what all others hold. */
export const TREASURY = 'treasury';

/** Reads `treasury:USD,house:USD:100000.00`; undefined when a part is something else, comes twice, or opens out of a treasury that is not among them. */
export function parseSystemAccounts(text: string): readonly SystemAccount[] | undefined {
  const accounts: SystemAccount[] = [];
  for (const part of text.split(',')) {
    const [, role, currency, opening] = PART.exec(part.trim()) ?? [];
    if (role === undefined || currency === undefined) return undefined;
    if (accounts.some((other) => other.role === role && other.currency === currency)) return undefined;
    accounts.push({ role, currency, opening });
  }
  const hasTreasury = (currency: string): boolean =>
    accounts.some((other) => other.role === TREASURY && other.currency === currency);
  const opensRightly = accounts.every(
    ({ role, currency, opening }) => opening === undefined || (role !== TREASURY && hasTreasury(currency)),
  );
  return opensRightly ? accounts : undefined;
}

export function isSystemAccountList(text: string): boolean {
  return parseSystemAccounts(text) !== undefined;
}
