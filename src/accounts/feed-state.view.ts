// How a linked account is followed, as the API shows it: what its bank says of it, and what a person can do where that is nothing good.
import { type Account } from './account.entity.js';
import { type AccountWayOutView, type FeedStateView } from './accounts.dto.js';

/** What was recorded before there was a feed status has none. */
type Followed = Pick<Account, 'status' | 'institutionName'> & Partial<Pick<Account, 'feedStatus' | 'feedStatusReason'>>;

export function feedStateView(account: Followed): FeedStateView {
  const status = account.status === 'closed' ? 'closed' : (account.feedStatus ?? 'following');
  return {
    status,
    statusReason: account.feedStatusReason ?? null,
    wayOut: status === 'following' ? null : wayOutOf(status, account.institutionName ?? 'The bank'),
  };
}

function wayOutOf(status: Exclude<FeedStateView['status'], 'following'>, bank: string): AccountWayOutView {
  switch (status) {
    case 'closed':
      return {
        action: 'ask_bank',
        detail: `${bank} has closed the account. What was stored stays; should the bank open it again, that is noticed within a day.`,
      };
    case 'unknown':
      return {
        action: 'enroll_again',
        detail: `${bank} does not know the account by this consent any more. What was stored stays; once a consent is given that is for this account, too, it goes on where it was.`,
      };
    case 'unreadable':
      return {
        action: 'wait',
        detail: `What ${bank} says of the account cannot be taken. Nothing is to be done: the next sync asks again, and its status says what was wrong.`,
      };
  }
}
