// A feed as the service asks it. What an adapter answers is looked at before anything of it is stored: its faults are named, and are the feed's.
import { Logger } from '@nestjs/common';
import { AMOUNT_MAX } from '../../common/amount.js';
import { parseCivilDate } from '../../common/civil-date.js';
import { type Currencies } from '../../common/currency.js';
import { Refusal, ValueInvalid } from '../../common/domain-error.js';
import { storableText } from '../../common/text.js';
import {
  type AskedAccount,
  type Feed,
  type FeedAccess,
  type FeedAccount,
  type FeedBalance,
  type FeedEnrollment,
  type FeedEnrollRequest,
  type FeedInstitution,
  type FeedLine,
  type FeedPage,
  type FeedPageRequest,
} from './feed.port.js';
import { FeedTally } from './feed-tally.js';
import { FEED_REFUSALS, FeedAnswerInvalid } from './feeds.errors.js';

/** Ids stand in unique keys, and a store limits how much fits into one. */
const ID_LENGTH_MAX = 200;

/** What lies beyond stands for no day: programs write their zero so. */
const DAY_MIN = '1900-01-01';
const DAY_MAX = '2199-12-31';

/** What a bank lists for an enrollment. */
export interface ListedAccounts {
  readonly accounts: readonly FeedAccount[];
  /** Accounts that can't be taken as they are listed: why not, by their external id. */
  readonly refused: ReadonlyMap<string, FeedAnswerInvalid>;
}

/** Every method throws what Feed's does, and FeedAnswerInvalid for an answer that can't be taken. */
export class CheckedFeed {
  private readonly log = new Logger('Feeds');

  constructor(
    private readonly feed: Feed,
    private readonly currencies: Currencies,
    private readonly tally = new FeedTally(),
  ) {}

  get name(): string {
    return this.feed.name;
  }

  institutions(): Promise<readonly FeedInstitution[]> {
    return this.ask(
      'institutions',
      () => this.feed.institutions(),
      (listed) => listed,
    );
  }

  /** @throws ValueInvalid for a consent that can't be read: the caller's fault, not the feed's. */
  enroll(request: FeedEnrollRequest): Promise<FeedEnrollment> {
    const checked = (given: FeedEnrollment) => {
      this.check('the enrollment', () => checkEnrollment(given));
      return given;
    };
    return this.ask('enroll', () => this.feed.enroll(request), checked, [ValueInvalid]);
  }

  accounts(access: FeedAccess): Promise<ListedAccounts> {
    return this.ask(
      'accounts',
      () => this.feed.accounts(access),
      (listed) => this.sorted(listed),
    );
  }

  balance(access: FeedAccess, account: AskedAccount): Promise<FeedBalance> {
    const checked = (balance: FeedBalance) => {
      this.check('the balance', () => checkBalance(balance));
      return balance;
    };
    return this.ask('balance', () => this.feed.balance(access, account), checked);
  }

  page(access: FeedAccess, account: AskedAccount, request: FeedPageRequest): Promise<FeedPage> {
    const checked = (page: FeedPage) => {
      for (const line of page.lines) this.check(`the line ${shown(line.externalId)}`, () => checkLine(line));
      this.check('the page', () => checkPage(page));
      return page;
    };
    return this.ask('page', () => this.feed.page(access, account, request), checked);
  }

  disconnect(access: FeedAccess): Promise<void> {
    return this.ask(
      'disconnect',
      () => this.feed.disconnect(access),
      () => undefined,
    );
  }

  async close(): Promise<void> {
    await this.feed.close?.();
  }

  private ask<Answer, Checked>(
    name: string,
    question: () => Promise<Answer>,
    checked: (answer: Answer) => Checked,
    itsOwn: readonly RefusalType[] = [],
  ): Promise<Checked> {
    return this.tally.asking(this.name, name, () => this.answer(question, checked, itsOwn));
  }

  /** The adapter's answer, or its refusal. Whatever else it throws is a fault of its own, and no reason to give up on other accounts. */
  private async answer<Answer, Checked>(
    question: () => Promise<Answer>,
    checked: (answer: Answer) => Checked,
    itsOwn: readonly RefusalType[],
  ): Promise<Checked> {
    try {
      return checked(await question());
    } catch (error) {
      if ([...FEED_REFUSALS, ...itsOwn].some((known) => error instanceof known)) throw error;
      if (error instanceof Refusal) throw this.refusal('its answer', error.message);
      this.log.error({ err: error }, 'A fault of a feed.');
      throw this.refusal('its answer', 'was not understood', error);
    }
  }

  /** One account's faults do not hide the others. */
  private sorted(listed: readonly FeedAccount[]): ListedAccounts {
    const refused = new Map<string, FeedAnswerInvalid>();
    const seen = new Set<string>();
    for (const account of listed) {
      const { externalId } = account;
      const fault = seen.has(externalId) ? 'is listed twice' : faultOf(() => this.checkAccount(account));
      seen.add(externalId);
      if (fault !== undefined) refused.set(externalId, this.refusal(`the account ${shown(externalId)}`, fault));
    }
    return { accounts: listed.filter(({ externalId }) => !refused.has(externalId)), refused };
  }

  private check(what: string, check: () => void): void {
    const fault = faultOf(check);
    if (fault !== undefined) throw this.refusal(what, fault);
  }

  private refusal(what: string, fault: string, cause?: unknown): FeedAnswerInvalid {
    return new FeedAnswerInvalid(`The feed ${this.name} said something that cannot be taken: ${what} ${fault}.`, {
      cause,
    });
  }

  private checkAccount(account: FeedAccount): void {
    id('externalId', account.externalId);
    for (const name of ['name', 'subtype'] as const) text(name, account[name]);
    oneOf('type', account.type, ['depository', 'credit']);
    oneOf('status', account.status, ['open', 'closed']);
    named('currency', () => this.currencies.parse(account.currency));
    text('lastFour', account.lastFour ?? '');
    institution(account.institution);
    json('raw', account.raw);
  }
}

type RefusalType = abstract new (...args: never[]) => Refusal;

function checkEnrollment(given: FeedEnrollment): void {
  id('externalId', given.externalId);
  id('environment', given.environment);
  text('userExternalId', given.userExternalId ?? '');
  institution({ ...given.institution, id: given.institution.id ?? given.institution.name });
}

function checkBalance(balance: FeedBalance): void {
  amount('available', balance.available ?? 0n);
  amount('ledger', balance.ledger ?? 0n);
  json('raw', balance.raw);
}

function checkPage({ lines, next }: FeedPage): void {
  text('next', next ?? '');
  if (new Set(lines.map((line) => line.externalId)).size < lines.length) throw new ValueInvalid('lists a line twice');
}

function checkLine(line: FeedLine): void {
  id('externalId', line.externalId);
  day('date', line.date);
  amount('amount', line.amount);
  amount('runningBalance', line.runningBalance ?? 0n);
  oneOf('status', line.status, ['pending', 'posted']);
  text('description', line.description);
  for (const name of ['category', 'counterparty', 'type'] as const) text(name, line[name] ?? '');
  json('raw', line.raw);
}

function institution(given: FeedInstitution): void {
  id('institution.id', given.id);
  text('institution.name', given.name);
}

function id(name: string, value: string): void {
  text(name, value);
  if (value.length < 1 || value.length > ID_LENGTH_MAX)
    throw new ValueInvalid(`${name} must have 1 to ${ID_LENGTH_MAX} characters`);
}

function text(name: string, value: unknown): void {
  if (typeof value !== 'string') throw new ValueInvalid(`${name} must be text`);
  named(name, () => storableText(value));
}

function json(name: string, value: string): void {
  text(name, value);
  try {
    JSON.parse(value);
  } catch {
    throw new ValueInvalid(`${name} must be JSON`);
  }
}

function amount(name: string, value: unknown): void {
  if (typeof value !== 'bigint') throw new ValueInvalid(`${name} must be whole minor units`);
  if (value > AMOUNT_MAX || value < -AMOUNT_MAX)
    throw new ValueInvalid(`${name} must lie within ±${AMOUNT_MAX} minor units`);
}

function oneOf(name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) throw new ValueInvalid(`${name} must be one of ${choices.join(', ')}`);
}

function day(name: string, value: string): void {
  named(name, () => parseCivilDate(value));
  if (value < DAY_MIN || value > DAY_MAX) throw new ValueInvalid(`${name} must lie between ${DAY_MIN} and ${DAY_MAX}`);
}

/** Puts the name of a value before what is wrong with it. */
function named(name: string, check: () => void): void {
  const fault = faultOf(check);
  if (fault !== undefined) throw new ValueInvalid(`${name} ${fault}`);
}

function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ValueInvalid) return error.message;
    throw error;
  }
}

/** Any text as one that a store and a terminal can hold. */
function shown(value: unknown): string {
  return JSON.stringify(value ?? null).slice(0, ID_LENGTH_MAX);
}
