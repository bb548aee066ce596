// One sync under way: whose bank is asked, by which way, and under whose turn.
import { type Scope } from '../../database/scope.js';
import { type CheckedFeed } from '../port/checked-feed.js';
import { type Enrollment } from '../stored/enrollment.entity.js';
import { type FeedAccess } from '../port/feed.port.js';
import { EnrollmentDisconnected } from '../port/feeds.errors.js';
import { type HeldTurn } from '../turns/held-turn.js';

/** The questions of a sync. */
export type AskedFeed = Pick<CheckedFeed, 'accounts' | 'balance' | 'page'>;

export interface SyncRun {
  /** As it stood when its bank was asked. */
  readonly enrollment: Enrollment;
  readonly scope: Scope;
  readonly turn: HeldTurn;
  readonly feed: AskedFeed;
  readonly access: FeedAccess;
}

/** @throws EnrollmentDisconnected. What wants a login may be asked: so it is found out that it has been mended. */
export function refuseDisconnected({ id, status, statusReason }: Enrollment): void {
  if (status === 'disconnected')
    throw new EnrollmentDisconnected(`The enrollment ${id} is disconnected: enroll again.`, statusReason);
}

/** Nothing is asked once the turn is over. What was still answered is written, unless somebody else has the turn by then. */
export function askedWhile(turn: HeldTurn, feed: AskedFeed): AskedFeed {
  const ask = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    turn.check();
    const answer = await question();
    if (turn.isLost) turn.check();
    return answer;
  };
  return {
    accounts: (access) => ask(() => feed.accounts(access)),
    balance: (access, account) => ask(() => feed.balance(access, account)),
    page: (access, account, request) => ask(() => feed.page(access, account, request)),
  };
}
