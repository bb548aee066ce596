// The sandbox bank's answers as JSON text, as a bank would send them: money as strings, and a charge on a card positive.
import { formatAmount } from '../../common/amount.js';
import { type FeedAccount, type FeedBalance, type FeedLine } from '../port/feed.port.js';

type AccountFacts = Omit<FeedAccount, 'raw'>;
type BalanceFacts = Omit<FeedBalance, 'raw'>;
type LineFacts = Omit<FeedLine, 'raw'>;

/** @param bankSign -1n where the bank turns the sign: what a card owes or was charged is positive in its words. */
export interface Wording {
  readonly exponent: number;
  readonly bankSign: 1n | -1n;
}

export function rawAccount(account: AccountFacts, enrollmentExternalId: string): string {
  const self = `/accounts/${account.externalId}`;
  return JSON.stringify({
    id: account.externalId,
    enrollment_id: enrollmentExternalId,
    name: account.name,
    type: account.type,
    subtype: account.subtype,
    currency: account.currency,
    last_four: account.lastFour,
    status: account.status,
    institution: account.institution,
    links:
      account.status === 'closed'
        ? { self }
        : { self, balances: `${self}/balances`, transactions: `${self}/transactions` },
  });
}

export function rawBalance(accountExternalId: string, balance: BalanceFacts, wording: Wording): string {
  const { available, ledger } = balance;
  return JSON.stringify({
    account_id: accountExternalId,
    ledger: ledger === null ? null : formatAmount(ledger * wording.bankSign, wording.exponent),
    available: available === null ? null : formatAmount(available, wording.exponent),
    links: { self: `/accounts/${accountExternalId}/balances`, account: `/accounts/${accountExternalId}` },
  });
}

export function rawLine(accountExternalId: string, line: LineFacts, wording: Wording): string {
  const inBankWords = (money: bigint) => formatAmount(money * wording.bankSign, wording.exponent);
  return JSON.stringify({
    id: line.externalId,
    account_id: accountExternalId,
    date: line.date,
    amount: inBankWords(line.amount),
    description: line.description,
    status: line.status,
    type: line.type,
    running_balance: line.runningBalance === null ? null : inBankWords(line.runningBalance),
    details: {
      processing_status: line.status === 'pending' ? 'pending' : 'complete',
      category: line.category,
      counterparty: { name: line.counterparty, type: line.counterparty === null ? null : 'organization' },
    },
    links: {
      self: `/accounts/${accountExternalId}/transactions/${line.externalId}`,
      account: `/accounts/${accountExternalId}`,
    },
  });
}
