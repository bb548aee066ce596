// An enrollment with two accounts, of which one may go wrong: the other one must not mind.
import { expect } from 'vitest';
import { addDays, parseCivilDate } from '../../src/common/civil-date.js';
import { type FeedLine } from '../../src/feeds/port/feed.port.js';
import { type EnrollmentView } from '../../src/feeds/enrollments/enrollments.dto.js';
import { bodyOf } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { FakeFeed, fakeAccount, fakeLine } from './fake-feed.js';
import { accountRows, enroll, factsOf, isLive, lineRows, sync, trySync } from './linking.js';

const TODAY = parseCivilDate('2026-11-21');

export const linesOf = (account: string, count: number): FeedLine[] =>
  Array.from({ length: count }, (_, index) => fakeLine(`${account}${index}`, { date: addDays(TODAY, -index) }));

export class TwoAccounts {
  private owners = 0;

  constructor(
    private readonly app: TestApp,
    private readonly fake: FakeFeed,
  ) {}

  /** An enrollment with the accounts a and b, five lines on each, and whether they are synced already. */
  async linked(isSynced: boolean): Promise<EnrollmentView> {
    this.fake.before = () => undefined;
    this.fake.pageMax = 500;
    const [a, b] = [linesOf('a', 5), linesOf('b', 5)];
    this.fake.accountsListed = [fakeAccount('a', () => a), fakeAccount('b', () => b)];
    const enrollment = await enroll(this.app, { feed: 'fake', owner: this.newOwner() });
    if (isSynced) await sync(this.app, enrollment);
    return enrollment;
  }

  newOwner(): string {
    return `owner${(this.owners += 1)}`;
  }

  shown({ id }: EnrollmentView): Promise<EnrollmentView> {
    return bodyOf(this.app.get(`/v1/enrollments/${id}`));
  }

  /** That account a fails with this, b does not, and all is well once `mend` was called. */
  async expectOnlyAFails(enrollment: EnrollmentView, code: string, detail: string, mend: () => void): Promise<void> {
    const [a, b] = await accountRows(this.app, enrollment);
    const before = factsOf(await lineRows(this.app, a!));
    this.app.clock.advance(1_000);
    const { status, body } = await trySync(this.app, enrollment);
    expect(status).toBe(200);
    const of = (id: string) => body.accounts.find(({ accountId }: { accountId: string }) => accountId === id);
    expect(of(a!.id)).toMatchObject({ outcome: 'failed', problem: { code, detail: expect.stringContaining(detail) } });
    expect(of(b!.id)).toMatchObject({ outcome: 'synced' });
    expect(body.enrollment).toMatchObject({
      status: 'connected',
      lastError: { code, detail: expect.stringContaining(detail) },
    });
    expect(await this.shown(enrollment)).toEqual(body.enrollment);
    expect(factsOf(await lineRows(this.app, a!))).toEqual(before);
    mend();
    const mended = await sync(this.app, enrollment);
    expect(mended.enrollment.lastError).toBeNull();
    const [now] = await accountRows(this.app, enrollment);
    expect(factsOf((await lineRows(this.app, now!)).filter(isLive))).toEqual(
      factsOf(this.fake.accountsListed[0]!.lines()),
    );
  }
}
