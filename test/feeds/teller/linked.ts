// A consent at the fake Teller that is synced through the whole service, and whether the store has what the bank lists.
import { expect } from 'vitest';
import { type Account } from '../../../src/accounts/account.entity.js';
import { type EnrollmentView } from '../../../src/feeds/enrollments/enrollments.dto.js';
import { type AccountTransaction } from '../../../src/transactions/account-transaction.entity.js';
import { bodyOf } from '../../support/builders.js';
import { type TestApp } from '../../support/test-app.js';
import { accountRows, isLive, lineRows, sync } from '../linking.js';
import { type BankAccount } from './fake-teller/account.js';
import { type AskedQuestion, type FakeTeller } from './fake-teller/server.js';
import { consentOf } from './teller-app.js';

let owners = 0;

export class Linked {
  private constructor(
    private readonly app: TestApp,
    private readonly teller: FakeTeller,
    readonly enrollment: EnrollmentView,
    readonly owner: string,
    readonly consent: ReturnType<FakeTeller['bank']['enroll']>,
  ) {}

  /** Enrolled, and not synced yet. */
  static async to(app: TestApp, teller: FakeTeller, accounts: readonly BankAccount[]): Promise<Linked> {
    const owner = `linked${(owners += 1)}`;
    const consent = teller.bank.enroll(accounts);
    const enrollment = await bodyOf(app.post('/v1/enrollments', consentOf(consent, { owner })));
    return new Linked(app, teller, enrollment, owner, consent);
  }

  /** A sync that comes through for every account. Answers what Teller was asked about lines, in this order. */
  async sync(): Promise<readonly AskedQuestion[]> {
    this.teller.asked.length = 0;
    await sync(this.app, this.enrollment);
    return this.teller.askedAbout('/transactions');
  }

  async account(of: BankAccount): Promise<Account> {
    return (await accountRows(this.app, this.enrollment)).find(({ externalId }) => externalId === of.id)!;
  }

  /** All rows of the account's lines, the removed ones too. */
  async rows(of: BankAccount): Promise<AccountTransaction[]> {
    return lineRows(this.app, await this.account(of));
  }

  async row(of: BankAccount, externalId: string): Promise<AccountTransaction> {
    return (await this.rows(of)).find((row) => row.externalId === externalId)!;
  }

  /** That the live lines are the bank's, one to one. */
  async expectAsTheBank(of: BankAccount): Promise<void> {
    const sign = of.type === 'credit' ? -1n : 1n;
    const looks = (await this.rows(of))
      .filter(isLive)
      .map((row) => `${row.externalId} ${row.status} ${row.date} ${sign * row.amount} ${row.description}`);
    const listed = of
      .list()
      .map((line) => `${line.id} ${line.status} ${line.date} ${cents(line.amount)} ${line.description}`);
    expect(looks.sort()).toEqual(listed.sort());
  }

  /** What the change feed has told of this owner's lines since a cursor, and the cursor behind it. */
  async changes(since?: string): Promise<{ told: readonly (readonly [string, string])[]; cursor: string }> {
    const url = `/v1/changes?object=transaction&owner=${this.owner}&limit=500`;
    const page = await bodyOf(this.app.get(since === undefined ? url : `${url}&cursor=${encodeURIComponent(since)}`));
    const told = page.data.map((one: { change: string; objectId: string }) => [one.change, one.objectId] as const);
    return { told, cursor: page.nextCursor };
  }
}

function cents(text: string): bigint {
  return BigInt(text.replace('.', ''));
}
