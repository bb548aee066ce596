// What a request says of the money, made into legs between accounts: every rule that needs no balance.
import { AccountClosed, AccountNotBook } from '../accounts/accounts.errors.js';
import { type Account } from '../accounts/account.entity.js';
import { amountOf } from '../accounts/accounts.service.js';
import { type Amount, formatAmount, negated } from '../common/amount.js';
import { type Currencies, type Currency } from '../common/currency.js';
import { Refusal } from '../common/domain-error.js';
import { type AccountId } from '../common/ids.js';
import { type Scope } from '../database/scope.js';
import { CurrencyDiffers } from '../transactions/transactions.errors.js';
import { type Books, type Leg, type Standing } from './books.js';
import { AccountsMustDiffer, AmountNotPositive, LegsUnbalanced } from './transfers.errors.js';

export interface AskedLeg {
  /** An account's id or number. */
  readonly account: string;
  /** A decimal, signed. */
  readonly amount: string;
}

/** Money of one currency from one account to another, or any legs that sum to zero in each currency. */
export type AskedMoney =
  | { readonly from: string; readonly to: string; readonly amount: string; readonly currency: string | undefined }
  | { readonly legs: readonly AskedLeg[]; readonly currency: string | undefined };

export function accountsNamed(asked: AskedMoney): readonly string[] {
  return 'legs' in asked ? asked.legs.map(({ account }) => account) : [asked.from, asked.to];
}

/**
 * @param at where the request says it: pointers of faults begin so
 * Tried in this order: accounts_must_differ, account_not_found, account_closed, account_not_book, currency_differs, amount_invalid,
 * amount_not_positive, legs_unbalanced.
 */
export function legsOf(asked: AskedMoney, books: Books, leave: Scope, currencies: Currencies, at = ''): readonly Leg[] {
  const named = accountsNamed(asked);
  if (new Set(named).size === 1) throw new AccountsMustDiffer();
  const standings = named.map((name) => books.standing(name, leave));
  // By its id and by its number it is the same account.
  if (new Set(standings).size === 1) throw new AccountsMustDiffer();
  refuseUnusable(standings.map(({ account }) => account));
  refuseOtherCurrency(standings, asked);
  if (!('legs' in asked)) return pairOf(asked.amount, standings, currencies, at);
  const pointerOf = (index: number): string => `${at}/legs/${index}/amount`;
  const legs = standings.map((standing, index): Leg => {
    const exponent = exponentOf(standing, currencies);
    return { standing, amount: amountOf(asked.legs[index]!.amount, exponent, pointerOf(index)) };
  });
  const empty = legs.findIndex(({ amount }) => amount === 0n);
  if (empty !== -1) throw new AmountNotPositive(pointerOf(empty), 'must not be zero');
  refuseUnbalanced(legs, currencies);
  return legs;
}

/** The same without any rule, to tell whether what stands is what is asked for; undefined where it cannot be. */
export function plainLegsOf(
  asked: AskedMoney,
  books: Books,
  leave: Scope,
  currencies: Currencies,
): readonly (readonly [AccountId, string])[] | undefined {
  try {
    return (
      'legs' in asked
        ? asked.legs
        : [
            { account: asked.from, amount: `-${asked.amount}` },
            { account: asked.to, amount: asked.amount },
          ]
    ).map((leg) => {
      const standing = books.standing(leg.account, leave);
      return [standing.account.id, String(amountOf(leg.amount, exponentOf(standing, currencies), ''))] as const;
    });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** @throws AmountInvalid, AmountNotPositive */
export function positive(text: string, exponent: number, pointer: string): Amount {
  const amount = amountOf(text, exponent, pointer);
  if (amount <= 0n) throw new AmountNotPositive(pointer, 'must be more than zero');
  return amount;
}

/** @throws AccountClosed, AccountNotBook */
export function refuseUnusable(accounts: readonly Account[]): void {
  const closed = accounts.find(({ status }) => status === 'closed');
  if (closed !== undefined) throw new AccountClosed(closed.id);
  const other = accounts.find(({ kind }) => kind !== 'book');
  if (other !== undefined) throw new AccountNotBook(other.id, other.kind);
}

function pairOf(text: string, [from, to]: readonly Standing[], currencies: Currencies, at: string): readonly Leg[] {
  const amount = positive(text, exponentOf(from!, currencies), `${at}/amount`);
  return [
    { standing: from!, amount: negated(amount) },
    { standing: to!, amount },
  ];
}

function refuseOtherCurrency(standings: readonly Standing[], asked: AskedMoney): void {
  const expected = asked.currency ?? ('legs' in asked ? undefined : standings[0]!.account.currency);
  if (expected === undefined) return;
  const other = standings.find(({ account }) => account.currency !== expected);
  if (other !== undefined)
    throw new CurrencyDiffers(`The account ${other.account.id} is in ${other.account.currency}, not in ${expected}.`);
}

function refuseUnbalanced(legs: readonly Leg[], currencies: Currencies): void {
  const sums = new Map<Currency, bigint>();
  for (const { standing, amount } of legs) {
    const { currency } = standing.account;
    sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  }
  for (const [currency, sum] of sums)
    if (sum !== 0n) throw new LegsUnbalanced(currency, formatAmount(sum, currencies.exponentOf(currency)));
}

function exponentOf({ account }: Standing, currencies: Currencies): number {
  return currencies.exponentOf(account.currency);
}
