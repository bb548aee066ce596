import { type Instant } from '../common/clock.js';
import { type Owner } from '../common/owner.js';
import { DecimalField, InstantField, OwnerField } from '../http/fields.js';
import { PageQuery } from '../http/page.dto.js';

export class StateBalanceRequest {
  @DecimalField({ about: 'What may be spent.', optional: true })
  available?: string;

  @DecimalField({ about: "What the books say; a credit account's debt is negative.", optional: true })
  ledger?: string;

  @InstantField({ about: 'The moment of which it is said; now when left out. Not in the future.', optional: true })
  asOf?: Instant;
}

export class BalanceHistoryQuery extends PageQuery {
  @InstantField({ about: 'From this moment on.', optional: true })
  from?: Instant;

  @InstantField({ about: 'Up to and with this moment.', optional: true })
  to?: Instant;
}

export class LatestBalancesQuery extends PageQuery {
  @InstantField({ about: 'As it was known to be at this moment; the latest when left out.', optional: true })
  at?: Instant;

  @OwnerField({ about: "Only this owner's accounts.", optional: true })
  owner?: Owner;
}

export class BalanceAtQuery {
  @InstantField({ about: 'As it was known to be at this moment; the latest when left out.', optional: true })
  at?: Instant;
}

export class BalanceView {
  /** Null for a book account, whose balance is computed and not stated. @example bal_0192f0c1a2b37c4d8e9f00112233445566 */
  id!: string | null;
  /** @example acc_0192f0c1a2b37c4d8e9f00112233445566 */
  accountId!: string;
  /** What may be spent. @example "1234.56" */
  available!: string | null;
  /** What the books say; a credit account's debt is negative. @example "1250.00" */
  ledger!: string | null;
  /** Of book accounts: what holds set aside just now; null for others, and for the past. @example "0.00" */
  held!: string | null;
  /** @example USD */
  currency!: string;
  /** The moment of which it is said. @example 2026-11-21T08:39:31.123Z */
  asOf!: string;
}

export class BalanceList {
  data!: BalanceView[];
  nextCursor!: string | null;
}
