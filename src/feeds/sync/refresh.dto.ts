import { AccountView } from '../../accounts/accounts.dto.js';
import { BalanceView } from '../../balances/balances.dto.js';
import { QueryNumberField } from '../../http/fields.js';
import { TransactionView } from '../../transactions/transactions.dto.js';

export const REFRESHED_LINES_DEFAULT = 10;
const REFRESHED_LINES_MAX = 100;

export class RefreshQuery {
  @QueryNumberField({
    about: `How many of the newest lines to answer with; ${REFRESHED_LINES_DEFAULT} when left out.`,
    min: 1,
    max: REFRESHED_LINES_MAX,
    optional: true,
  })
  limit?: number;
}

/** What the bank says of one account now, as it stands here from now on. */
export class RefreshView {
  account!: AccountView;
  /** The latest balance; null where the bank states none. */
  balance!: BalanceView | null;
  /** The newest lines, newest first. */
  transactions!: TransactionView[];
  /** Lines that are new. */
  inserted!: number;
  /** Lines that changed: posted, renamed, moved to another day … */
  updated!: number;
  /** Lines that the bank took back. */
  removed!: number;
}
