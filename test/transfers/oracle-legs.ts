// The oracle's rules of legs: what may be moved, in the order of refusals, and what it comes to.
import { type Account, minor, No, type State, type Transfer } from './oracle-state.js';

export interface Asked {
  readonly id?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly currency?: string | undefined;
  readonly memo?: string | undefined;
}

export interface AskedLegs {
  readonly id?: string | undefined;
  readonly legs: readonly { readonly account: string; readonly amount: string }[];
}

export type Post = { readonly account: Account; readonly amount: bigint }[];

export const LIMIT = 10n ** 15n;

function seen(state: State, named: string, by: string | undefined): Account {
  const account = [...state.accounts.values()].find(({ name, number }) => name === named || number === named);
  if (account === undefined || (by !== undefined && account.owner !== by)) throw new No('account_not_found');
  return account;
}

function askedLegs(asked: Asked | AskedLegs): readonly { account: string; amount: string }[] {
  if ('legs' in asked) return asked.legs;
  return [asked.from, asked.to].map((account) => ({ account, amount: asked.amount }));
}

export function legsOf(state: State, asked: Asked | AskedLegs, by: string | undefined): Post {
  const given = askedLegs(asked);
  const isPair = !('legs' in asked);
  if (new Set(given.map(({ account }) => account)).size === 1) throw new No('accounts_must_differ');
  const accounts = given.map(({ account }) => seen(state, account, by));
  if (new Set(accounts).size === 1) throw new No('accounts_must_differ');
  if (accounts.some(({ isClosed }) => isClosed)) throw new No('account_closed');
  if (accounts.some(({ isBook }) => !isBook)) throw new No('account_not_book');
  const currency = isPair ? (asked.currency ?? accounts[0]!.currency) : undefined;
  if (currency !== undefined && accounts.some((one) => one.currency !== currency)) throw new No('currency_differs');
  const amounts = given.map(({ amount }, index) => minor(amount, accounts[index]!.currency));
  if (amounts.some((amount) => (isPair ? amount <= 0n : amount === 0n))) throw new No('amount_not_positive');
  const legs = accounts.map((account, index) => ({
    account,
    amount: isPair && index === 0 ? -amounts[0]! : amounts[index]!,
  }));
  for (const of of new Set(accounts.map((one) => one.currency))) {
    const sum = legs.reduce((total, { account, amount }) => (account.currency === of ? total + amount : total), 0n);
    if (sum !== 0n) throw new No('legs_unbalanced');
  }
  return legs;
}

/** What would be posted if no rule were asked: to compare with what stands. */
export function plainLegs(state: State, asked: Asked | AskedLegs, by: string | undefined): string | undefined {
  try {
    const isPair = !('legs' in asked);
    return askedLegs(asked)
      .map(({ account, amount }, index) => {
        const one = seen(state, account, by);
        const value = minor(amount, one.currency);
        if (isPair && value <= 0n) throw new No('amount_not_positive');
        return `${one.name} ${isPair && index === 0 ? -value : value}`;
      })
      .join();
  } catch {
    return undefined;
  }
}

export function refuseOverdrawn({ isSystem, ledger, held, limit }: Account): void {
  if (!isSystem && ledger - held < -limit) throw new No('insufficient_funds');
}

export function post(
  state: State,
  legs: Post,
  about: Pick<Transfer, 'name' | 'kind' | 'memo'> & Partial<Transfer>,
): Transfer {
  const before = new Map(legs.map(({ account }) => [account, account.ledger]));
  const lines = legs.map(({ account, amount }) => {
    account.ledger += amount;
    return { account: account.name, amount, balance: account.ledger };
  });
  for (const [account, ledger] of before) if (account.ledger < ledger) refuseOverdrawn(account);
  if (lines.some(({ balance }) => balance > LIMIT || balance < -LIMIT)) throw new No('limit_exceeded');
  state.seq += 1;
  const text = lines.map(({ account, amount }) => `${account} ${amount}`).join();
  const made: Transfer = { reverses: null, hold: null, ...about, seq: state.seq, lines, legs: text };
  state.transfers.push(made);
  return made;
}
