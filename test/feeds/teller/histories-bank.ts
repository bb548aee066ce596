// The bank's side of a history: its accounts, the people who consent to them, and what it would list at any moment.
import { addDays, type CivilDate, daysBetween, parseCivilDate } from '../../../src/common/civil-date.js';
import { MERCHANTS } from '../histories.js';
import { type BankAccount } from './fake-teller/account.js';
import { type BankEnrollment, type FakeBank } from './fake-teller/bank.js';
import { type BankLine } from './fake-teller/line.js';
import { type AccountDeed, type BankDeed, type History, picked, type Shown } from './histories.js';

/** What is posted stays as it is after so many days: nobody asks for older lines again and again. */
const SETTLED_DAYS = 7;

/** What the service must show of a line. */
interface LineTold {
  readonly externalId: string;
  readonly date: string;
  readonly amount: bigint;
  readonly description: string;
  readonly status: string;
}

/** One person's consents to the accounts, the newest last. */
export class Person {
  readonly consents: Consent[] = [];

  constructor(
    readonly owner: string,
    private readonly bank: FakeBank,
    private readonly accounts: readonly BankAccount[],
  ) {}

  get newest(): Consent | undefined {
    return this.consents.at(-1);
  }

  /** Whether what the person consented to last is known to be followed. */
  get isFollowed(): boolean {
    const { newest } = this;
    return newest?.enrollmentId !== undefined && !newest.atBank.isRevoked;
  }

  get isInTrouble(): boolean {
    return this.consents.some(({ atBank }) => atBank.trouble !== undefined);
  }

  consent(): Consent {
    const { newest } = this;
    const atBank = newest === undefined ? this.bank.enroll(this.accounts) : this.bank.reEnroll(newest.atBank);
    const consent: Consent = { atBank, enrollmentId: undefined };
    this.consents.push(consent);
    return consent;
  }
}

interface Consent {
  readonly atBank: BankEnrollment;
  /** Once the service has said that it took it. */
  enrollmentId: string | undefined;
}

export class HistoryBank {
  readonly accounts: readonly BankAccount[];
  readonly people: readonly [Person, Person];

  constructor(
    readonly bank: FakeBank,
    history: History,
    owners: readonly [string, string],
  ) {
    this.accounts = history.accounts.map(({ type, opening }) => {
      const account = bank.open({ type });
      for (const shown of opening) account.post(this.facts(shown));
      return account;
    });
    this.people = [new Person(owners[0], bank, this.accounts), new Person(owners[1], bank, this.accounts)];
  }

  get today(): CivilDate {
    return parseCivilDate(this.bank.today);
  }

  /** Answers which accounts are another than before. */
  do(deed: BankDeed): readonly BankAccount[] {
    if (deed.bank === 'disconnect' || deed.bank === 'repair') return this.treatConsents(deed);
    if ('account' in deed) return this.doOnAccount(deed, picked(this.accounts, deed.account)!);
    const found = picked(
      this.lines().filter(({ line }) => this.mayChange(line, deed.bank)),
      deed.line,
    );
    if (found === undefined) return [];
    const { account, line } = found;
    if (deed.bank === 'withdraw') account.withdraw(line);
    else if (deed.bank === 'change') account.change(line, this.factsOfLine(line, deed.as));
    else
      account.settle(line, {
        ...(deed.as === null ? {} : this.factsOfLine(line, deed.as)),
        newId: deed.newId,
        wire: {},
      });
    return [account];
  }

  private treatConsents(deed: BankDeed & { readonly bank: 'disconnect' | 'repair' }): [] {
    for (const person of this.people)
      for (const { atBank } of person.consents) {
        if (deed.bank === 'repair') atBank.repair();
        else atBank.disconnect(deed.reason, { stillListed: deed.stillListed });
      }
    return [];
  }

  private doOnAccount(deed: AccountDeed, account: BankAccount): readonly BankAccount[] {
    if (deed.bank === 'reopen') account.reopen();
    else if (account.status === 'closed') return [];
    else if (!('as' in deed)) account.close();
    else if (deed.bank === 'post') account.post(this.facts(deed.as));
    else account.hold({ ...this.facts(deed.as), wire: deed.odd === true ? { status: 'authorized' } : {} });
    return [account];
  }

  /** Lines in an order that does not depend on their ids. */
  private lines(): { readonly account: BankAccount; readonly line: BankLine }[] {
    return this.accounts
      .filter(({ status }) => status === 'open')
      .flatMap((account) => account.list().map((line) => ({ account, line })));
  }

  private mayChange(line: BankLine, deed: 'settle' | 'change' | 'withdraw'): boolean {
    if (line.status === 'pending') return true;
    return deed !== 'settle' && daysBetween(parseCivilDate(line.date), this.today) <= SETTLED_DAYS;
  }

  private facts({ amount, merchant, back }: Shown) {
    return { amount, description: MERCHANTS[merchant]!.pending, date: addDays(this.today, -back) as string };
  }

  /** It stays the same merchant's, whatever it is called now. */
  private factsOfLine({ description }: BankLine, { amount, back }: Shown) {
    const merchant = MERCHANTS.find(({ pending, posted }) => description === pending || description === posted)!;
    return { amount, description: merchant.posted, date: addDays(this.today, -back) as string };
  }
}

/** Every line, in the service's sign and words. */
export function toldOf(account: BankAccount): LineTold[] {
  return account
    .list()
    .map(({ id, date, amount, description, status }) => ({
      externalId: id,
      date,
      amount: inOurSign(account, cents(amount)),
      description,
      status,
    }))
    .sort(byId);
}

export function balancesTold(account: BankAccount): { readonly ledger: bigint; readonly available: bigint } {
  const { ledger, available } = account.balances();
  return { ledger: inOurSign(account, cents(ledger)), available: cents(available) };
}

export function byId(a: LineTold, b: LineTold): number {
  return a.externalId < b.externalId ? -1 : 1;
}

function cents(text: string): bigint {
  return BigInt(text.replace('.', ''));
}

function inOurSign({ type }: BankAccount, amount: bigint): bigint {
  return type === 'credit' ? -amount : amount;
}
