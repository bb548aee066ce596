// One account at the sandbox bank, as the port says it.
import { amount } from '../../common/amount.js';
import { type CivilDate } from '../../common/civil-date.js';
import { civilDateOf, instantOf } from '../../common/clock.js';
import { Currencies } from '../../common/currency.js';
import {
  type FeedAccount,
  type FeedBalance,
  type FeedLine,
  type FeedPage,
  type FeedPageRequest,
} from '../port/feed.port.js';
import { FeedAccountClosed, FeedCursorGone } from '../port/feeds.errors.js';
import { type Books, CardBooks, type Entry } from './books.js';
import { Dice, fingerprint } from './dice.js';
import { type SandboxAccountOffer, type SandboxInstitution } from './institutions.js';
import { type Month, monthOf, monthOfDay } from './months.js';
import { type Wording, rawAccount, rawBalance, rawLine } from './sandbox.raw.js';

/** The most lines the bank gives in one page. */
export const SANDBOX_PAGE_MAX = 500;

const currencies = new Currencies();

export class SandboxAccount {
  readonly externalId: string;
  private readonly facts: Omit<FeedAccount, 'raw'>;
  private readonly wording: Wording;
  /** Short, so that a line's id tells its account, its month and its number: the place of a cursor is found without a list. */
  private readonly lineKey: string;

  constructor(
    key: string,
    institution: SandboxInstitution,
    offer: SandboxAccountOffer,
    private readonly books: Books,
  ) {
    const isCard = offer.kind === 'credit_card';
    const currency = currencies.parse(institution.market.currency);
    this.externalId = `acc_${fingerprint(key, 12)}`;
    this.lineKey = `txn_${fingerprint(`${key} lines`, 8)}`;
    this.wording = { exponent: currencies.exponentOf(currency), bankSign: isCard ? -1n : 1n };
    this.facts = {
      externalId: this.externalId,
      name: offer.name,
      type: isCard ? 'credit' : 'depository',
      subtype: offer.kind,
      currency,
      lastFour: `${new Dice(`${key} number`).int(1_000, 9_999)}`,
      status: offer.closed === true ? 'closed' : 'open',
      institution: { id: institution.id, name: institution.name },
    };
  }

  account(enrollmentExternalId: string): FeedAccount {
    return { ...this.facts, raw: rawAccount(this.facts, enrollmentExternalId) };
  }

  /** @throws FeedAccountClosed */
  balance(now: number): FeedBalance {
    this.mustBeOpen();
    const { ledger, held } = this.books.standing(now);
    const available = this.books instanceof CardBooks ? this.books.limit + ledger + held : ledger + held;
    const facts = {
      // A savings account has nothing that could be held: this bank states only what stands in its ledger.
      available: this.facts.subtype === 'savings' ? null : amount(available),
      ledger: amount(ledger),
    };
    return { ...facts, raw: rawBalance(this.externalId, facts, this.wording) };
  }

  /**
   * @param since the first month whose lines the bank gives.
   * @throws FeedAccountClosed, FeedCursorGone
   */
  page(request: FeedPageRequest, since: Month, now: number): FeedPage {
    this.mustBeOpen();
    const count = Math.min(Math.max(request.count, 1), SANDBOX_PAGE_MAX);
    const lines: FeedLine[] = [];
    for (const entry of this.newestFirst(request, since, now)) {
      if (lines.length === count) return { lines, next: lines[count - 1]!.externalId };
      lines.push(this.line(entry));
    }
    return { lines };
  }

  private *newestFirst({ from, before }: FeedPageRequest, since: Month, now: number): Generator<Entry> {
    const first = from === undefined ? since : Math.max(since, monthOfDay(from));
    const start = before === undefined ? { month: monthOf(now), skip: 0 } : this.placeAfter(before, now);
    for (let month = start.month; month >= first; month -= 1) {
      for (const entry of this.books.entries(month, now).slice(month === start.month ? start.skip : 0)) {
        if (from !== undefined && dateOf(entry) < from) return;
        yield entry;
      }
    }
  }

  /** A line stands in the month in which it happened, or, when it posted later, in the next one. */
  private placeAfter(externalId: string, now: number): { readonly month: Month; readonly skip: number } {
    const month = externalId.startsWith(this.lineKey)
      ? Number.parseInt(externalId.slice(this.lineKey.length, this.lineKey.length + MONTH_DIGITS), 36)
      : Number.NaN;
    for (const candidate of Number.isNaN(month) ? [] : [month, month + 1]) {
      const at = this.books.entries(candidate, now).findIndex((entry) => this.externalIdOf(entry) === externalId);
      if (at >= 0) return { month: candidate, skip: at + 1 };
    }
    throw new FeedCursorGone(`the sandbox bank does not list the line ${externalId} on this account now`);
  }

  private line(entry: Entry): FeedLine {
    const { deed, status, runningBalance } = entry;
    const facts = {
      externalId: this.externalIdOf(entry),
      date: dateOf(entry),
      amount: amount(entry.amount),
      description: status === 'posted' && deed.isReissued ? deed.postedDescription : deed.description,
      status,
      category: deed.category,
      counterparty: deed.counterparty,
      type: deed.type,
      runningBalance: runningBalance === null ? null : amount(runningBalance),
    };
    return { ...facts, raw: rawLine(this.externalId, facts, this.wording) };
  }

  private externalIdOf({ deed, status }: Entry): string {
    const month = deed.month.toString(36).padStart(MONTH_DIGITS, '0');
    const index = deed.index.toString(36).padStart(2, '0');
    return `${this.lineKey}${month}${index}${deed.isReissued && status === 'posted' ? 'r' : ''}`;
  }

  private mustBeOpen(): void {
    if (this.facts.status === 'closed') throw new FeedAccountClosed(`the account ${this.externalId} is closed`);
  }
}

const MONTH_DIGITS = 4;

function dateOf(entry: Entry): CivilDate {
  return civilDateOf(instantOf(entry.at));
}
