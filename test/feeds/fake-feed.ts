// A bank in a test's own hands: it lists what it is told to list, and anything may happen before any question.
import { type Amount } from '../../src/common/amount.js';
import { parseCivilDate } from '../../src/common/civil-date.js';
import { type Currency } from '../../src/common/currency.js';
import {
  type AskedAccount,
  type Feed,
  type FeedAccess,
  type FeedAccount,
  type FeedBalance,
  type FeedEnrollment,
  type FeedEnrollRequest,
  type FeedLine,
  type FeedPage,
  type FeedPageRequest,
} from '../../src/feeds/port/feed.port.js';
import { FeedAccountUnknown, FeedCursorGone } from '../../src/feeds/port/feeds.errors.js';

export interface Question {
  readonly method: 'enroll' | 'accounts' | 'balance' | 'page' | 'disconnect';
  readonly accountId?: string;
  readonly request?: FeedPageRequest;
  /** Counted from 1 since `asked` was last emptied. */
  readonly number: number;
}

export interface FakeAccount {
  facts: FeedAccount;
  balance: FeedBalance;
  /** Newest first, as it would be listed now. */
  lines: () => readonly FeedLine[];
}

const INSTITUTION = { id: 'test_bank', name: 'Test Bank' };

export function fakeLine(externalId: string, over: Partial<FeedLine> = {}): FeedLine {
  return {
    externalId,
    date: parseCivilDate('2026-11-20'),
    amount: -100n as Amount,
    description: 'COFFEE',
    status: 'posted',
    category: null,
    counterparty: null,
    type: 'card_payment',
    runningBalance: null,
    raw: `{"id":${JSON.stringify(externalId)}}`,
    ...over,
  };
}

export function fakeAccount(
  externalId: string,
  lines: FakeAccount['lines'] = () => [],
  over: Partial<FeedAccount> = {},
): FakeAccount {
  const facts: FeedAccount = {
    externalId,
    name: `Account ${externalId}`,
    type: 'depository',
    subtype: 'checking',
    currency: 'USD' as Currency,
    lastFour: '1234',
    status: 'open',
    institution: INSTITUTION,
    raw: `{"id":"${externalId}"}`,
    ...over,
  };
  return { facts, balance: { available: 1_000n as Amount, ledger: 1_100n as Amount, raw: '{}' }, lines };
}

export class FakeFeed implements Feed {
  readonly name = 'fake';
  accountsListed: FakeAccount[] = [];
  pageMax = 500;
  readonly asked: Question[] = [];
  /** What happens before a question is answered; what it throws is the answer. */
  before: (question: Question) => void | Promise<void> = () => undefined;

  async institutions() {
    return [INSTITUTION];
  }

  async enroll({ consent }: FeedEnrollRequest): Promise<FeedEnrollment> {
    await this.ask('enroll');
    const user = String(consent['user'] ?? 'demo');
    return {
      externalId: `enr_${user}`,
      environment: 'test',
      institution: INSTITUTION,
      userExternalId: user,
      accessToken: null,
    };
  }

  async accounts(_access: FeedAccess): Promise<readonly FeedAccount[]> {
    await this.ask('accounts');
    return this.accountsListed.map(({ facts }) => facts);
  }

  async balance(_access: FeedAccess, { externalId: accountId }: AskedAccount): Promise<FeedBalance> {
    await this.ask('balance', accountId);
    return this.account(accountId).balance;
  }

  async page(
    _access: FeedAccess,
    { externalId: accountId }: AskedAccount,
    request: FeedPageRequest,
  ): Promise<FeedPage> {
    await this.ask('page', accountId, request);
    const all = this.account(accountId).lines();
    const at = request.before === undefined ? 0 : all.findIndex((line) => line.externalId === request.before) + 1;
    if (request.before !== undefined && at === 0) throw new FeedCursorGone('the line is gone');
    const older = all.slice(at).filter((line) => request.from === undefined || line.date >= request.from);
    const lines = older.slice(0, Math.min(request.count, this.pageMax));
    return lines.length < older.length ? { lines, next: lines.at(-1)!.externalId } : { lines };
  }

  async disconnect(_access: FeedAccess): Promise<void> {
    await this.ask('disconnect');
  }

  private async ask(method: Question['method'], accountId?: string, request?: FeedPageRequest): Promise<void> {
    const question = { method, accountId, request, number: this.asked.length + 1 };
    this.asked.push(question);
    await this.before(question);
  }

  private account(externalId: string): FakeAccount {
    const account = this.accountsListed.find(({ facts }) => facts.externalId === externalId);
    if (account === undefined) throw new FeedAccountUnknown(`no account ${externalId}`);
    return account;
  }
}
