// Teller's words into this service's: pure, exact, and with the signs turned where Teller's say the opposite.
import { type Amount, amount, parseAmount } from '../../common/amount.js';
import { parseCivilDate } from '../../common/civil-date.js';
import { type Currency } from '../../common/currency.js';
import { ValueInvalid } from '../../common/domain-error.js';
import { type JsonElement } from '../../common/json-elements.js';
import {
  type AskedAccount,
  type FeedAccount,
  type FeedBalance,
  type FeedInstitution,
  type FeedLine,
} from '../port/feed.port.js';
import { FeedAnswerInvalid } from '../port/feeds.errors.js';
import { readAccount, readBalance, readInstitution, readTransaction, shown } from './teller.wire.js';

/** The account that was asked about, and how many decimals its currency has. */
export interface Asked extends AskedAccount {
  readonly exponent: number;
}

export function institutionOf(element: JsonElement): FeedInstitution {
  const { id, name } = readInstitution(element);
  return { id, name };
}

/** Types and currencies that are not known here pass: whoever checks the list refuses that account, and no other. */
export function accountOf(element: JsonElement): FeedAccount {
  const { id, name, type, subtype, currency, last_four: lastFour, status, institution } = readAccount(element);
  return {
    externalId: id,
    name: name === '' ? subtype : name,
    type: type as FeedAccount['type'],
    subtype,
    currency: currency as Currency,
    lastFour,
    // Whether an account of another status still answers, it tells itself when it is asked.
    status: status === 'closed' ? 'closed' : 'open',
    institution,
    raw: element.text,
  };
}

/** A credit account's `ledger` is what is owed, so it is turned; its `available` is what may still be spent, and stays. */
export function balanceOf(element: JsonElement, asked: Asked): FeedBalance {
  const { account_id: accountId, ledger, available } = readBalance(element);
  const what = 'the balance';
  mustBeOf(asked, accountId, what);
  return {
    ledger: ledger === null ? null : inOurSign(asked, moneyOf(asked, ledger, `${what}'s ledger`)),
    available: available === null ? null : moneyOf(asked, available, `${what}'s available`),
    raw: element.text,
  };
}

/** Of a status that is not known nothing final is said: such a line is pending. */
export function lineOf(element: JsonElement, asked: Asked): FeedLine {
  const line = readTransaction(element);
  const what = `the transaction ${shown(line.id)}`;
  mustBeOf(asked, line.account_id, what);
  const status = line.status === 'posted' ? 'posted' : 'pending';
  const runningBalance = status === 'posted' ? line.running_balance : null;
  return {
    externalId: line.id,
    date: sensible(`${what}'s date`, () => parseCivilDate(line.date)),
    amount: inOurSign(asked, moneyOf(asked, line.amount, `${what}'s amount`)),
    description: line.description,
    status,
    category: line.category,
    counterparty: line.counterparty,
    type: line.type,
    runningBalance:
      runningBalance === null ? null : inOurSign(asked, moneyOf(asked, runningBalance, `${what}'s running_balance`)),
    raw: element.text,
  };
}

/** On a credit account Teller counts what is owed: a charge is positive. */
function inOurSign({ type }: Asked, money: Amount): Amount {
  return type === 'credit' ? amount(0n - money) : money;
}

function moneyOf({ exponent }: Asked, text: string, what: string): Amount {
  return sensible(what, () => parseAmount(text, exponent));
}

/** One account's lines on another one would be worse than none. */
function mustBeOf({ externalId }: Asked, accountId: string, what: string): void {
  if (accountId !== externalId)
    throw new FeedAnswerInvalid(
      `Teller was asked about the account ${externalId}, and ${what} is of ${shown(accountId)}.`,
    );
}

function sensible<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ValueInvalid)) throw error;
    throw new FeedAnswerInvalid(`Teller said something that cannot be taken: ${what} ${error.message}.`, {
      cause: error,
    });
  }
}
